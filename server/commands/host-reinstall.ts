/** `nachweis-collector host reinstall`: prints the line for `nachweis enrol` on a host that was reinstalled. */
import type { Command } from 'commander';
import { configSchema } from '../config.ts';
import { createEnrolment } from '../enrol/enrolment-line.ts';
import { hostToReinstall } from '../enrol/reinstall.ts';
import { openKeys } from '../serve.ts';
import { rememberedUrls } from '../urls.ts';
import { authorOption } from './policy.ts';
import { dataOption, origins, print, tenantId, wholeNumber, withStore } from './store.ts';

interface Options {
  data: string;
  tenant?: string;
  hours: number;
  collector?: string;
  author: string;
}

export function addReinstall(command: Command): void {
  command
    .command('reinstall <host>')
    .description(
      'print the line for: nachweis enrol, on a host that was reinstalled: a new key, the same host',
    )
    .addOption(dataOption())
    .option('--tenant <name>', 'the tenant of the host, where another one has one of the same name')
    .option('--hours <number>', 'how long the line holds', wholeNumber(1, 24 * 30), 24)
    .option(
      '--collector <url>',
      'addresses that the host reaches the collector by, separated by commas',
      origins,
    )
    .addOption(authorOption())
    .action(reinstall);
}

function reinstall(named: string, { data, tenant, hours, collector, author }: Options): Promise<void> {
  return withStore(data, async (db, directory) => {
    const now = new Date();
    const host = await hostToReinstall(db, named, tenant && (await tenantId(db, tenant)));
    const { fingerprint } = await openKeys(db, directory, now);
    const url = collector ?? (await rememberedUrls(db, configSchema.parse({}))).agents;
    const terms = { tenantId: host.tenantId, hostId: host.id, uses: 1, hours, author };
    print((await createEnrolment(db, { ...terms, collector: url, fingerprint }, now)).line);
  });
}
