/** How this agent stands: one look at its state, and what somebody should do about it. */
import { errorCatalogue } from '../shared/errors.ts';
import type { Language, Text } from '../shared/outcome.ts';
import type { Policy } from '../shared/policy.ts';
import { type Receipt, receiptSchema } from '../shared/report.ts';
import type { Sending } from './back-off.ts';
import { type Confinement, readConfinement } from './confinement.ts';
import { isPlanned } from './decommission.ts';
import { listState, readState } from './durable.ts';
import { describePolicy } from './policy.ts';
import { RecordSpool } from './record-spool.ts';
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
  /** Reports that wait to be sent. */
  readonly waiting: number;
  /** What else this host recorded about itself and waits to be sent: restore drills. */
  readonly recordsWaiting: number;
  /** What a decommissioning that was begun still lacks: its last report waits, or the key is not retired yet. */
  readonly decommissioning: 'report-waits' | 'key-not-retired' | null;
  /** Set aside since the last accepted report: the next one names them. */
  readonly gap: readonly { readonly sequence: number; readonly code: string }[];
  readonly sending: Sending;
  /** The policy held, in words; null: none. */
  readonly policy: string | null;
  readonly policyValidUntil: string | null;
  /** Whether the kernel keeps the report unit to the collector; null: nothing was sent from that unit yet. */
  readonly confinement: Confinement | null;
  /** What is wrong and what to do, most urgent first; empty when all is in order. */
  readonly problems: readonly Problem[];
}

export interface Problem {
  readonly message: string;
  readonly next: string;
}

/** Clocks further ahead than this get their reports refused (shared/errors.ts, CLOCK_AHEAD). */
const CLOCK_LIMIT_S = 300;

export async function readStatus(
  state: State,
  enrolment: Enrolment,
  spool: Spool,
  round: RoundSummary | null,
  policy: Policy | undefined,
  now: Date,
  language: Language,
): Promise<Status> {
  const receipts = listState(state.file(`${enrolment.host}/receipts`));
  const newest = receipts.at(-1);
  const lastReceipt = newest
    ? (readState(state.file(`${enrolment.host}/receipts/${newest}`), receiptSchema) ?? null)
    : null;
  const { collector, host, name, tenant, enrolledAt } = enrolment;
  const waiting = spool.waiting();
  const status = {
    collector,
    host,
    name,
    tenant,
    enrolledAt,
    lastRound: round,
    lastReceipt,
    waiting: waiting.length,
    recordsWaiting: new RecordSpool(state, host).waiting().length,
    decommissioning: await unfinished(state, spool, waiting.at(-1)),
    gap: spool.chain().gap,
    sending: readSending(state),
    policy: policy ? describePolicy(policy, language) : null,
    policyValidUntil: policy?.validUntil ?? null,
    confinement: readConfinement(state) ?? null,
  };
  return { ...status, problems: problemsOf(status, now, language) };
}

/** A round of the timer may have come behind the last report: then it is none, and the command makes another. */
async function unfinished(
  state: State,
  spool: Spool,
  newest: number | undefined,
): Promise<Status['decommissioning']> {
  if (isPlanned(state)) return 'key-not-retired';
  const entry = newest === undefined ? undefined : await spool.read(newest);
  return entry?.statement.predicate.last ? 'report-waits' : null;
}

/** Pure. */
export function problemsOf(status: Omit<Status, 'problems'>, now: Date, language: Language): Problem[] {
  const { sending, lastRound, lastReceipt, waiting, recordsWaiting, decommissioning, gap } = status;
  const problems: Problem[] = [];
  const add = (message: Text, next: Text): void => {
    problems.push({ message: message[language], next: next[language] });
  };
  if (sending.problem && (waiting > 0 || recordsWaiting > 0 || gap.length > 0)) {
    problems.push({
      message: `${sending.problem.code}: ${sending.problem.message}`,
      next: sending.problem.next,
    });
  }
  if (decommissioning !== null) {
    add(
      decommissioning === 'report-waits'
        ? {
            en: 'The decommissioning is not finished: its last report waits here.',
            de: 'Die Außerbetriebnahme ist nicht abgeschlossen: Der letzte Bericht wartet hier.',
          }
        : {
            en: 'The decommissioning is not finished: the key of this host still counts.',
            de: 'Die Außerbetriebnahme ist nicht abgeschlossen: Der Schlüssel dieses Systems gilt noch.',
          },
      {
        en: 'Run nachweis decommission --confirm again.',
        de: 'nachweis decommission --confirm noch einmal ausführen.',
      },
    );
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
