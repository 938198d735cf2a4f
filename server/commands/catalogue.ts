/** `nachweis-collector catalogue check FILE` */
import { Command } from 'commander';
import { CodedError } from '../../shared/errors.ts';
import { checkCatalogue, formatReport } from '../catalogue/check.ts';

export function catalogueCommand(): Command {
  const command = new Command('catalogue').description('annexes as data');
  command
    .command('check <file>')
    .description('is it a catalogue, and what will its clauses rest on in this version?')
    .action(async (file: string) => {
      const report = await checkCatalogue(file);
      process.stdout.write(formatReport(report));
      // A floor that can't work makes a clause unproven for ever: say so where scripts see it.
      if (report.floorProblems.length > 0)
        throw new CodedError('CATALOGUE_INVALID', { path: file, problem: report.floorProblems.join('; ') });
    });
  return command;
}
