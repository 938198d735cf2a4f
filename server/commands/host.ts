/** `nachweis-collector host list|owed|form|close|missing|retire|reinstall|release` */
import { Command, Option } from 'commander';
import { CodedError } from '../../shared/errors.ts';
import { tenantMedia } from '../catalogue/tenant-status.ts';
import type { Db } from '../db/database.ts';
import { closeHost, markMissing, retireHost } from '../endings/end-host.ts';
import { hostForm } from '../endings/host-form.ts';
import { findSubject } from '../endings/store.ts';
import { freePlace } from '../enrol/contract-places.ts';
import { releaseHost } from '../ingest/quarantine.ts';
import { appendLeaf } from '../log/append.ts';
import { expectMedia } from '../records/media-check.ts';
import { readRecordFile } from '../records/record-file.ts';
import { addRecord } from '../records/store.ts';
import { addReinstall } from './host-reinstall.ts';
import { obligationText } from './obligation-text.ts';
import { authorOption } from './policy.ts';
import { dataOption, language, print, tenantId, withStore } from './store.ts';

export function hostCommand(): Command {
  const command = new Command('host').description('enrolled hosts, and how they end');
  command
    .command('list')
    .description('id, tenant, name, state and last report, separated by tabs')
    .addOption(dataOption())
    .action(({ data }: { data: string }) => withStore(data, list));
  command
    .command('owed')
    .description('disks and volumes whose erasure or disposal has to be recorded, and what is recorded')
    .addOption(dataOption())
    .requiredOption('--tenant <name>', 'the tenant whose hosts they were in')
    .action(({ data, tenant }: { data: string; tenant: string }) =>
      withStore(data, async (db) => {
        const now = new Date().toISOString();
        const { owed } = await tenantMedia(db, await tenantId(db, tenant), now);
        for (const one of owed) print(obligationText(one, now, language()));
      }),
    );
  command
    .command('form <id>')
    .description('a record of erasure or disposal to fill in, with what is known of the disks')
    .addOption(dataOption())
    .addOption(new Option('--type <type>').choices(['erasure', 'disposal']).default('erasure'))
    .action((id: string, { data, type }: { data: string; type: 'erasure' | 'disposal' }) =>
      withStore(data, async (db) => {
        const { tenantId: of, tenant } = await findSubject(db, id);
        const { hosts, owed } = await tenantMedia(db, of, new Date().toISOString());
        const host = hosts.find((one) => one.id === id);
        if (!host) throw new CodedError('NOT_FOUND');
        process.stdout.write(hostForm({ tenant, host, owed, type }, language()));
      }),
    );
  command
    .command('close <id>')
    .description('end what is owed for a host; the erasure of all its disks or volumes must be recorded')
    .addOption(dataOption())
    .option('--record <file>', 'the record of erasure, stored with the closing')
    .option('--reason <text>', 'why', '')
    .addOption(authorOption())
    .action(close);
  command
    .command('missing <id>')
    .description('nobody knows where the host is: its key is retired, and it stays owed')
    .addOption(dataOption())
    .requiredOption('--reason <text>', 'what is known')
    .addOption(authorOption())
    .action((id: string, { data, ...said }: { data: string; reason: string; author: string }) =>
      withStore(data, async (db) => {
        const { name } = await markMissing(db, { appendLeaf }, { hostId: id, ...said, now: new Date() });
        print(`${name} is marked as missing; it stays owed, and its erasure has to be recorded.`);
      }),
    );
  command
    .command('retire <id>')
    .description('take a key out of service, of a host that is enrolled anew; its disks stay owed')
    .addOption(dataOption())
    .option('--reason <text>', 'why', '')
    .addOption(authorOption())
    .action((id: string, { data, ...said }: { data: string; reason: string; author: string }) =>
      withStore(data, async (db) => {
        await retireHost(db, { appendLeaf, freePlace }, { hostId: id, ...said, now: new Date() });
        print(`${id} retired.`);
      }),
    );
  addReinstall(command);
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

async function list(db: Db): Promise<void> {
  const [hosts, endings] = await Promise.all([
    db
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
      .execute(),
    db.selectFrom('host_endings').select(['subject_id', 'state']).orderBy('log_index').execute(),
  ]);
  // The last word counts.
  const ended = new Map(endings.map(({ subject_id, state }) => [subject_id, state]));
  for (const { id, tenant, name, retired_at, quarantined_at, last_received_at } of hosts) {
    const state = ended.get(id) ?? (retired_at ? 'retired' : quarantined_at ? 'quarantined' : 'enrolled');
    print([id, tenant, name, state, last_received_at ?? 'never'].join('\t'));
  }
}

interface CloseOptions {
  data: string;
  record?: string;
  reason: string;
  author: string;
}

function close(id: string, { data, record: file, reason, author }: CloseOptions): Promise<void> {
  return withStore(data, async (db) => {
    const now = new Date();
    const subject = await findSubject(db, id);
    const given = file === undefined ? undefined : readRecordFile(file, now);
    if (given && given.tenant !== subject.tenant)
      throw new CodedError('RECORD_INVALID', {
        path: file ?? '',
        problem: {
          de: `tenant: das System gehört zu ${subject.tenant}`,
          en: `tenant: the host belongs to ${subject.tenant}`,
        },
      });
    const owed = await closeHost(
      db,
      {
        appendLeaf,
        obligationsOf: async (trx, tenant, at) => (await tenantMedia(trx, tenant, at)).owed,
      },
      {
        ...{ hostId: id, author, reason, now },
        ...(given
          ? {
              addRecord: async (trx, tenant) => {
                const { record } = given;
                await expectMedia(trx, { tenantId: tenant, record, path: file ?? '', now });
                return addRecord(trx, appendLeaf, { tenantId: tenant, record, now });
              },
            }
          : {}),
      },
    );
    print(`${subject.name} closed.`);
    for (const one of owed) print(`  ${obligationText(one, now.toISOString(), language())}`);
  });
}
