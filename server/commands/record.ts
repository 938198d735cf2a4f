/** `nachweis-collector record add|list|end`: what people attest, approve and instruct. */
import { Command, Option } from 'commander';
import { canonicalJson } from '../../shared/canonical.ts';
import { recordTypes } from '../../shared/catalogue.ts';
import { normalSerial } from '../../shared/disks.ts';
import { CodedError } from '../../shared/errors.ts';
import { loadCatalogue } from '../catalogue/load.ts';
import { knownChecks, tenantMedia } from '../catalogue/tenant-status.ts';
import type { Db } from '../db/database.ts';
import { appendLeaf } from '../log/append.ts';
import { scopeText } from '../policy/diff.ts';
import { expectMedia } from '../records/media-check.ts';
import { readRecordFile } from '../records/record-file.ts';
import { addRecord, findRecord, listRecords, type NewRecord, type StoredRecord } from '../records/store.ts';
import { obligationText, touchedBy } from './obligation-text.ts';
import { authorOption } from './policy.ts';
import { dataOption, language, print, tenantId, withStore } from './store.ts';

export function recordCommand(): Command {
  const command = new Command('record').description('attestations, waivers, instructions and other records');
  command
    .command('add <file>')
    .description('store a record that a YAML file describes; files it names are kept as digests')
    .addOption(dataOption())
    .option('--catalogue <file>', 'the annex whose clauses ask for records')
    .action((file: string, { data, catalogue }: { data: string; catalogue?: string }) =>
      withStore(data, async (db) => {
        const now = new Date();
        const { tenant, record, begins } = readRecordFile(file, now);
        const id = await tenantId(db, tenant);
        await expectMedia(db, { tenantId: id, record, path: file, now });
        await expectSubject(file, record, catalogue);
        const before = await same(db, id, { record, begins, now });
        if (before) {
          print(
            `${before.id} says the same since ${before.time}; nothing was stored. A renewal names another beginning (from).`,
          );
          return;
        }
        const stored = await db
          .transaction()
          .execute((trx) => addRecord(trx, appendLeaf, { tenantId: id, record, now }));
        print(`${stored.id} stored for ${tenant}.`);
        await sayMedia(db, id, record, now.toISOString());
      }),
    );
  command
    .command('list')
    .description('id, type, subject, scope, beginning, end and author, separated by tabs')
    .addOption(dataOption())
    .requiredOption('--tenant <name>', 'the tenant that they are about')
    .addOption(new Option('--type <type>', 'of one type').choices([...recordTypes]))
    .action(({ data, tenant, type }: { data: string; tenant: string; type?: (typeof recordTypes)[number] }) =>
      withStore(data, async (db) => {
        for (const record of await listRecords(db, await tenantId(db, tenant), type))
          print(
            [
              record.id,
              record.type,
              record.subject,
              scopeText(record.scope),
              record.from,
              record.endedAt ?? record.until ?? 'open',
              record.author,
            ].join('\t'),
          );
      }),
    );
  command
    .command('end <id>')
    .description('end a record; grants end through their policy file')
    .addOption(dataOption())
    .requiredOption('--reason <text>', 'why')
    .addOption(authorOption())
    .action((id: string, { data, reason, author }: { data: string; reason: string; author: string }) =>
      withStore(data, async (db) => {
        const found = await findRecord(db, id);
        if (!found) throw new CodedError('NOT_FOUND');
        const { type, scope, subject, from, until, terms } = found.record;
        if (type === 'grant')
          throw new CodedError('USAGE', {
            problem: 'A grant ends by taking it out of its file: nachweis-collector policy apply.',
          });
        const record: NewRecord = {
          ...{ type, scope, subject, from, until, author, ...(terms ? { terms } : {}) },
          ...{ approver: null, attachments: [], text: reason, ends: id, holds: false },
        };
        await db
          .transaction()
          .execute((trx) =>
            addRecord(trx, appendLeaf, { tenantId: found.tenantId, record, now: new Date() }),
          );
        print(`${id} ended.`);
      }),
    );
  return command;
}

/** What the record does for the disks that it names: whoever enters it sees at once whether it counts. */
async function sayMedia(db: Db, id: string, { type, terms }: NewRecord, now: string): Promise<void> {
  if (type !== 'erasure' && type !== 'disposal') return;
  const disks = Array.isArray(terms?.disks) ? (terms.disks as { serial: string }[]) : [];
  const serials = new Set(disks.map(({ serial }) => normalSerial(serial)));
  const { owed } = await tenantMedia(db, id, now);
  const touched = touchedBy(owed, serials, terms?.host);
  for (const one of touched) print(`  ${obligationText(one, now, language())}`);
  if (touched.length === 0) print('  Nothing that it names has to be recorded as of now.');
}

/** A misspelt subject would prove nothing and nobody would notice. */
async function expectSubject(path: string, { type, subject }: NewRecord, catalogue: string | undefined) {
  if (type === 'waiver') {
    if (!knownChecks.has(subject))
      throw new CodedError('RECORD_INVALID', { path, problem: `subject: there is no check ${subject}` });
    return;
  }
  // These are found by serial number or host; the subject is for people.
  if (type === 'erasure' || type === 'disposal' || type === 'spot-check') return;
  const { clauses } = await loadCatalogue(catalogue);
  const asked = clauses.flatMap(({ decides }) =>
    decides.flatMap((item) => ('record' in item && item.record === type ? [item.subject] : [])),
  );
  if (!asked.includes(subject)) {
    const others = [...new Set(asked)].sort().join(', ');
    print(`No clause asks for the ${type} ${subject}${others ? `; some ask for: ${others}` : ''}.`);
  }
}

/** A record that still holds and says the very same: a file that is added twice. */
async function same(
  db: Db,
  id: string,
  { record, begins, now }: { record: NewRecord; begins: boolean; now: Date },
): Promise<StoredRecord | undefined> {
  const told = ({ from, ...rest }: NewRecord) => canonicalJson({ ...rest, ...(begins ? { from } : {}) });
  const open = await listRecords(db, id, record.type);
  return open.find(
    ({ format: _f, id: _i, time: _t, tenant: _n, endedAt, logIndex: _l, ...rest }) =>
      endedAt === null &&
      (rest.until === null || now.getTime() < Date.parse(rest.until)) &&
      told(rest) === told(record),
  );
}
