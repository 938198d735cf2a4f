/** How this agent stands: one look at its state, and what somebody should do about it. */
import { errorCatalogue } from '../shared/errors.ts';
import type { Language, Text } from '../shared/outcome.ts';
import type { Policy } from '../shared/policy.ts';
import { type Receipt, receiptSchema } from '../shared/report.ts';
import type { Sending } from './back-off.ts';
import { listState, readState } from './durable.ts';
import { describePolicy } from './policy.ts';
import type { RoundSummary } from './run.ts';
import { readSending } from './send.ts';
import type { Spool } from './spool.ts';
import type { Enrolment, State } from './state.ts';

export interface Status {
  readonly collector: string;
  readonly host: string;
  readonly name: string;
  readonly tenant: string;
  readonly enrolledAt: string;
  readonly lastRound: RoundSummary | null;
  readonly lastReceipt: Receipt | null;
  readonly waiting: number;
  /** Set aside since the last accepted report: the next one names them. */
  readonly gap: readonly { readonly sequence: number; readonly code: string }[];
  readonly sending: Sending;
  /** The policy held, in words; null: none. */
  readonly policy: string | null;
  readonly policyValidUntil: string | null;
  /** What is wrong and what to do, most urgent first; empty when all is in order. */
  readonly problems: readonly Problem[];
}

export interface Problem {
  readonly message: string;
  readonly next: string;
}

/** Clocks further ahead than this get their reports refused (shared/errors.ts, CLOCK_AHEAD). */
const CLOCK_LIMIT_S = 300;

export function readStatus(
  state: State,
  enrolment: Enrolment,
  spool: Spool,
  round: RoundSummary | null,
  policy: Policy | undefined,
  now: Date,
  language: Language,
): Status {
  const receipts = listState(state.file(`${enrolment.host}/receipts`));
  const newest = receipts.at(-1);
  const lastReceipt = newest
    ? (readState(state.file(`${enrolment.host}/receipts/${newest}`), receiptSchema) ?? null)
    : null;
  const { collector, host, name, tenant, enrolledAt } = enrolment;
  const status = {
    collector,
    host,
    name,
    tenant,
    enrolledAt,
    lastRound: round,
    lastReceipt,
    waiting: spool.waiting().length,
    gap: spool.chain().gap,
    sending: readSending(state),
    policy: policy ? describePolicy(policy, language) : null,
    policyValidUntil: policy?.validUntil ?? null,
  };
  return { ...status, problems: problemsOf(status, now, language) };
}

/** Pure. */
export function problemsOf(status: Omit<Status, 'problems'>, now: Date, language: Language): Problem[] {
  const { sending, lastRound, lastReceipt, waiting, gap } = status;
  const problems: Problem[] = [];
  const add = (message: Text, next: Text): void => {
    problems.push({ message: message[language], next: next[language] });
  };
  if (sending.problem && (waiting > 0 || gap.length > 0)) {
    problems.push({
      message: `${sending.problem.code}: ${sending.problem.message}`,
      next: sending.problem.next,
    });
  }
  const ahead = sending.clockAheadSeconds ?? 0;
  if (Math.abs(ahead) > CLOCK_LIMIT_S) {
    add(
      {
        en: `The clock is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} the collector's.`,
        de: `Die Uhr geht gegenüber dem Kollektor ${Math.abs(ahead)} s ${ahead > 0 ? 'vor' : 'nach'}.`,
      },
      errorCatalogue.CLOCK_AHEAD.next,
    );
  }
  const interval = (lastRound?.intervalSeconds ?? 3600) * 1000;
  if (!lastRound) {
    add(
      { en: 'No round has been made yet.', de: 'Es gab noch keine Runde.' },
      { en: 'Run nachweis once.', de: 'nachweis once ausführen.' },
    );
  } else if (now.getTime() - Date.parse(lastRound.round) > 3 * interval) {
    add(
      {
        en: 'The last round is more than three intervals ago.',
        de: 'Die letzte Runde liegt mehr als drei Intervalle zurück.',
      },
      {
        en: 'See that nachweis run is running, or its timer active.',
        de: 'Prüfen, ob nachweis run läuft oder der Timer aktiv ist.',
      },
    );
  }
  if (status.policyValidUntil !== null && Date.parse(status.policyValidUntil) <= now.getTime()) {
    add(
      {
        en: 'The policy has run out; grants are unknown until a new one comes.',
        de: 'Die Vorgaben sind abgelaufen; Freigaben sind nicht ermittelbar, bis neue kommen.',
      },
      {
        en: 'Run nachweis once; the collector renews it with each report.',
        de: 'nachweis once ausführen; der Kollektor erneuert sie mit jedem Bericht.',
      },
    );
  }
  const accepted = lastReceipt ? Date.parse(lastReceipt.receivedAt) : Date.parse(status.enrolledAt);
  if (waiting > 0 && now.getTime() - accepted > 3 * interval && problems.length === 0) {
    add(
      {
        en: 'Reports have been waiting for more than three intervals.',
        de: 'Berichte warten seit mehr als drei Intervallen.',
      },
      { en: 'Run nachweis send --now.', de: 'nachweis send --now ausführen.' },
    );
  }
  return problems;
}
