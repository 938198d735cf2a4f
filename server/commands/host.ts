/** `nachweis-collector host list|retire|release` */
import { Command } from 'commander';
import { retireHost } from '../enrol/contract-places.ts';
import { releaseHost } from '../ingest/quarantine.ts';
import { dataOption, print, withStore } from './store.ts';

export function hostCommand(): Command {
  const command = new Command('host').description('enrolled hosts');
  command
    .command('list')
    .description('id, tenant, name, state and last report, separated by tabs')
    .addOption(dataOption())
    .action(({ data }: { data: string }) =>
      withStore(data, async (db) => {
        const hosts = await db
          .selectFrom('hosts')
          .innerJoin('tenants', 'tenants.id', 'hosts.tenant_id')
          .select([
            'hosts.id',
            'tenants.name as tenant',
            'hosts.name',
            'retired_at',
            'quarantined_at',
            'last_received_at',
          ])
          .orderBy('tenants.name')
          .orderBy('hosts.name')
          .execute();
        for (const { id, tenant, name, retired_at, quarantined_at, last_received_at } of hosts) {
          const state = retired_at ? 'retired' : quarantined_at ? 'quarantined' : 'enrolled';
          print([id, tenant, name, state, last_received_at ?? 'never'].join('\t'));
        }
      }),
    );
  command
    .command('retire <id>')
    .description('take a host out of service: its reports are refused, what it proved stays')
    .addOption(dataOption())
    .action((id: string, { data }: { data: string }) =>
      withStore(data, async (db) => {
        await retireHost(db, id, new Date());
        print(`${id} retired.`);
      }),
    );
  command
    .command('release <id>')
    .description('end the quarantine of a host, once its clone has enrolled under a key of its own')
    .addOption(dataOption())
    .action((id: string, { data }: { data: string }) =>
      withStore(data, async (db) => {
        await db.transaction().execute((trx) => releaseHost(trx, id));
        print(`${id} released.`);
      }),
    );
  return command;
}
