/** `nachweis-collector token create`: prints the one line to paste into `nachweis enrol`, and nothing else. */
import { Command } from 'commander';
import { configSchema } from '../config.ts';
import { createEnrolment } from '../enrol/enrolment-line.ts';
import { openKeys } from '../serve.ts';
import { rememberedUrls } from '../urls.ts';
import { dataOption, origins, print, tenantId, wholeNumber, withStore } from './store.ts';

interface Options {
  data: string;
  tenant: string;
  uses: number;
  hours: number;
  collector?: string;
}

export function tokenCommand(): Command {
  const command = new Command('token').description('what a host needs to enrol');
  command
    .command('create')
    .description('make a token and print the line for: nachweis enrol')
    .addOption(dataOption())
    .requiredOption('--tenant <name>', 'the tenant that hosts with this token belong to')
    .option('--uses <number>', 'how many hosts may enrol with it', wholeNumber(1, 10_000), 1)
    .option('--hours <number>', 'how long it lives', wholeNumber(1, 24 * 30), 24)
    .option(
      '--collector <url>',
      'addresses that the host reaches the collector by, separated by commas',
      origins,
    )
    .action(create);
  return command;
}

function create({ data, tenant, collector, ...terms }: Options): Promise<void> {
  return withStore(data, async (db, directory) => {
    const now = new Date();
    const id = await tenantId(db, tenant);
    const { fingerprint } = await openKeys(db, directory, now);
    const url = collector ?? (await rememberedUrls(db, configSchema.parse({}))).agents;
    print((await createEnrolment(db, { ...terms, tenantId: id, collector: url, fingerprint }, now)).line);
  });
}
