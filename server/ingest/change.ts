/** What other features do inside the transaction that accepts a report. Types only: app.ts brings them in. */
import type { AccessMatrix } from '../../shared/access-matrix.ts';
import type { LeafType } from '../../shared/merkle.ts';
import type { Outcome, Result, Severity } from '../../shared/outcome.ts';
import type { Machine, Receipt, Statement } from '../../shared/report.ts';
import type { UpdateList } from '../../shared/update-list.ts';
import type { Trx } from '../db/database.ts';

interface Reporting {
  readonly hostId: string;
  readonly tenantId: string;
  readonly hostName: string;
  readonly receivedAt: string;
}

/** One check whose outcome is not what it was. `from` null: seen for the first time; `to` null: not in the report any more. */
export interface OutcomeChange {
  readonly checkId: string;
  readonly from: Outcome | null;
  readonly to: Outcome | null;
  readonly severity: Severity;
}

/** A report is being accepted. */
export interface ReportChange extends Reporting {
  readonly sequence: number;
  /** The agent's claim of when it looked. */
  readonly roundAt: string;
  /** Nothing was ever accepted from this host before. */
  readonly firstReport: boolean;
  readonly transitions: readonly OutcomeChange[];
  /** Reports that were refused for good and set aside before this one. */
  readonly gap: Statement['predicate']['gap'];
  readonly rollback: Statement['predicate']['rollback'];
}

/** Two machines alternate under one key: the host was put into quarantine, and the report was not accepted. */
export interface CloneChange extends Reporting {}

/** Results of one document, to become the current ones. */
export interface NewResults {
  readonly hostId: string;
  readonly sequence: number;
  readonly roundAt: string;
  readonly receivedAt: string;
  readonly results: readonly Result[];
}

/** The machine facts of one document, beside those of the one before. */
export interface NewMachine {
  readonly hostId: string;
  readonly machine: Machine;
  readonly before: { readonly machine: string; readonly at: string; readonly enrolledAt: string };
  readonly receivedAt: string;
}

/**
 * Each runs inside the transaction; what it writes is committed or undone with the report, and when it throws the
 * report is not accepted.
 */
export interface IngestSteps {
  appendLeaf(
    trx: Trx,
    leaf: { type: LeafType; content: Uint8Array; contentRef: string; at: string },
  ): Promise<Receipt['log']>;
  findLeaf(trx: Trx, index: number): Promise<Receipt['log'] | undefined>;
  applyResults(trx: Trx, results: NewResults): Promise<OutcomeChange[]>;
  /** `matrix` undefined: the document has none. */
  applyAccess(trx: Trx, hostId: string, matrix: AccessMatrix | undefined): Promise<void>;
  /** `list` undefined: the document has none. */
  applyUpdates(trx: Trx, hostId: string, list: UpdateList | undefined): Promise<void>;
  /** Which disks came and went. */
  applyDisks(trx: Trx, machine: NewMachine): Promise<void>;
  /** After everything else of the report was written. */
  afterReport(trx: Trx, change: ReportChange): Promise<void>;
  /** After the host was put into quarantine. */
  afterClone(trx: Trx, change: CloneChange): Promise<void>;
}
