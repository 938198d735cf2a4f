/** What other features learn about a report, inside the transaction that accepts it. Types only. */
import type { Outcome, Result, Severity } from '../../shared/outcome.ts';
import type { Statement } from '../../shared/report.ts';
import type { Trx } from '../db/database.ts';

export interface ReportingHost {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly intervalSeconds: number;
}

/** One check whose outcome is not what it was. `from` null: seen for the first time; `to` null: not in the report any more. */
export interface OutcomeChange {
  readonly checkId: string;
  readonly from: Outcome | null;
  readonly to: Outcome | null;
  readonly severity: Severity;
}

/** A report is being accepted. */
export interface ReportChange {
  readonly kind: 'report';
  readonly host: ReportingHost;
  readonly sequence: number;
  /** The agent's claim, and the collector's clock. */
  readonly roundAt: string;
  readonly receivedAt: string;
  /** Nothing was ever accepted from this host before. */
  readonly first: boolean;
  /** All results of this report, sorted by check id; also when the document is the one of the report before. */
  readonly results: readonly Result[];
  readonly changes: readonly OutcomeChange[];
  /** Reports that were refused for good and set aside before this one. */
  readonly gap: NonNullable<Statement['predicate']['gap']>;
  readonly rollback: Statement['predicate']['rollback'];
}

/** Two machines alternate under one key: the host was put into quarantine, and the report was not accepted. */
export interface CloneChange {
  readonly kind: 'cloned';
  readonly host: ReportingHost;
  readonly receivedAt: string;
}

/**
 * Runs inside the transaction, after everything of the report was written; what it writes is committed or undone
 * with it. When it throws, the report is not accepted.
 */
export type AfterReport = (trx: Trx, change: ReportChange | CloneChange) => Promise<void>;
