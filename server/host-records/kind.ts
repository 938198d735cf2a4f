/** What hosts may record about themselves: one kind for each type of statement. Types only: app.ts brings the kinds in. */
import type { NachweisRecord } from '../../shared/record.ts';
import type { Receipt } from '../../shared/report.ts';
import type { Trx } from '../db/database.ts';
import type { Database } from '../db/schema.ts';

/** What other features do inside the transaction that accepts a record. */
export interface RecordSteps {
  /** The record of the tenant, with its leaf of the log. */
  addRecord(
    trx: Trx,
    add: {
      tenantId: string;
      record: Omit<NachweisRecord, 'format' | 'id' | 'time' | 'tenant'>;
      now: Date;
    },
  ): Promise<NachweisRecord>;
  findLeaf(trx: Trx, index: number): Promise<Receipt['log'] | undefined>;
}

export interface Accepting {
  readonly host: Database['hosts'];
  /** Canonical JSON of the envelope, and its SHA-256. */
  readonly envelope: string;
  readonly digest: string;
  readonly now: Date;
}

export interface HostRecordKind<Said = unknown> {
  readonly predicateType: string;
  /** What the host says, from what it signed. @throws CodedError `STATEMENT_INVALID`, `TENANT_MISMATCH`, `DIGEST_MISMATCH` */
  read(payload: string, hostId: string): Said;
  /** When it happened, by the host's clock. */
  at(said: Said): string;
  /** The record that these very bytes became before, if they did. */
  find(trx: Trx, digest: string): Promise<string | undefined>;
  /** Writes it all and gives the record's id. */
  accept(trx: Trx, said: Said, about: Accepting): Promise<string>;
}
