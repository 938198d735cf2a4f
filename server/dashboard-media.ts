/** The parts of the dashboard that record erasure and end hosts: features wired together, as the commands do it. */
import { CodedError } from '../shared/errors.ts';
import { tenantMedia } from './catalogue/tenant-status.ts';
import type { DashboardParts } from './dashboard/parts.ts';
import type { Deps } from './deps.ts';
import { closeHost, markMissing } from './endings/end-host.ts';
import { hostForm } from './endings/host-form.ts';
import { appendLeaf } from './log/append.ts';
import { expectMedia } from './records/media-check.ts';
import { type RecordFile, readRecordText } from './records/record-file.ts';
import { addRecord } from './records/store.ts';

type MediaParts = Pick<
  DashboardParts,
  'tenantMedia' | 'recordForm' | 'recordMedia' | 'closeHost' | 'markMissing'
>;

export function mediaParts({ db, clock }: Pick<Deps, 'db' | 'clock'>): MediaParts {
  /** Whoever is signed in is the author, whatever the text says. */
  const recordOf = (
    text: string,
    attachments: Parameters<typeof readRecordText>[1],
    tenant: string,
    author: string,
  ): RecordFile['record'] => {
    const given = readRecordText(withAuthor(text, author), attachments, clock());
    const invalid = (de: string, en: string) =>
      new CodedError('RECORD_INVALID', { path: 'record', problem: { de, en } });
    if (given.tenant !== tenant)
      throw invalid(`tenant: das System gehört zu ${tenant}`, `tenant: the host belongs to ${tenant}`);
    if (given.record.type !== 'erasure' && given.record.type !== 'disposal')
      throw invalid('type: hier erasure oder disposal', 'type: erasure or disposal is wanted here');
    return { ...given.record, author };
  };
  return {
    tenantMedia: (tenantId, now) => tenantMedia(db, tenantId, now),
    async recordForm({ host: id, tenant, type, language }) {
      const { hosts, owed } = await tenantMedia(db, tenant.id, clock().toISOString());
      const host = hosts.find((one) => one.id === id);
      if (!host) throw new CodedError('NOT_FOUND');
      return hostForm({ tenant: tenant.name, host, owed, type }, language);
    },
    async recordMedia({ tenant, record: text, attachments, author }) {
      const now = clock();
      const record = recordOf(text, attachments, tenant.name, author);
      return db.transaction().execute(async (trx) => {
        await expectMedia(trx, { tenantId: tenant.id, record, path: 'record', now });
        return (await addRecord(trx, appendLeaf, { tenantId: tenant.id, record, now })).id;
      });
    },
    async closeHost({ host, tenant, record: text, attachments, reason, author }) {
      const now = clock();
      const record = text?.trim() ? recordOf(text, attachments, tenant.name, author) : undefined;
      await closeHost(
        db,
        { appendLeaf, obligationsOf: async (trx, id, at) => (await tenantMedia(trx, id, at)).owed },
        {
          ...{ hostId: host, author, reason, now },
          ...(record
            ? {
                addRecord: async (trx, tenantId) => {
                  await expectMedia(trx, { tenantId, record, path: 'record', now });
                  return addRecord(trx, appendLeaf, { tenantId, record, now });
                },
              }
            : {}),
        },
      );
    },
    async markMissing({ host, reason, author }) {
      await markMissing(db, { appendLeaf }, { hostId: host, reason, author, now: clock() });
    },
  };
}

/** The form has an empty author, which the schema refuses. */
const withAuthor = (text: string, author: string) =>
  text.replace(/^author:.*$/m, () => `author: ${JSON.stringify(author)}`);
