/** `nachweis-collector catalogue check FILE` */
import { Command } from 'commander';
import { checkCatalogue, formatReport } from '../catalogue/check.ts';

export function catalogueCommand(): Command {
  const command = new Command('catalogue').description('annexes as data');
  command
    .command('check <file>')
    .description('is it a catalogue, and what will its clauses rest on in this version?')
    .action(async (file: string) => {
      process.stdout.write(formatReport(await checkCatalogue(file)));
    });
  return command;
}
