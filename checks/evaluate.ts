/** A round: collect what the checks need, once each, and let every check judge. No check can harm another. */
import type { AccessMatrix } from '../shared/access-matrix.ts';
import { type Evidence, MAX_EVIDENCE, type ParamValue, type Result, type Text } from '../shared/outcome.ts';
import type { UpdateList } from '../shared/update-list.ts';
import { type Check, notApplicable, type System, unknown, type Verdict } from './check.ts';
import { evidence, redact, redactText } from './evidence.ts';
import { CouldNotLook, type Fact, type FactDefinition, type GetFact, unreadable } from './fact.ts';
import type { Host } from './host.ts';
import { lookOnce } from './host-once.ts';
import type { Memory } from './memory.ts';

export interface Round {
  readonly host: Host;
  readonly system: System;
  readonly checks: readonly Check[];
  /** `{check-id: {name: value}}`; a check whose parameters do not fit its schema becomes `unknown`. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The one instant of the round. */
  readonly now: Date;
  /** Milliseconds from any origin, for durations only. */
  readonly monotonic: () => number;
  /** How long one fact may take; default 90 s. A fact past it is unreadable, and the round goes on. */
  readonly factTimeoutMs?: number;
  /** Whether the access matrix is wanted too. */
  readonly access?: boolean;
  /** Whether the list of pending updates, and what the next round should remember, are wanted too. */
  readonly remember?: boolean;
}

export interface RoundOutcome {
  /** Sorted by check id, by code unit. */
  readonly results: readonly Result[];
  /** Milliseconds per check: its facts' first collection and its judging. */
  readonly durations: Readonly<Record<string, number>>;
  readonly access?: AccessMatrix;
  readonly updates?: UpdateList;
  /** For `Host.memory` of the next round; none where there is nothing to remember. */
  readonly memory?: Memory;
}

/**
 * One getter per round: every fact is collected once, whoever asks, and sees what the others see. A collector that throws
 * is unreadable.
 */
export function factGetter(host: Host, now: Date, timeoutMs = 90_000): GetFact {
  const collected = new Map<FactDefinition<unknown>, Promise<Fact<unknown>>>();
  const seen = lookOnce(host);
  const get: GetFact = <T>(definition: FactDefinition<T>) => {
    const before = collected.get(definition as FactDefinition<unknown>);
    if (before) return before as Promise<Fact<T>>;
    const fact = withTimeout(definition.id, timeoutMs, async () => definition.collect(seen, get, now));
    collected.set(definition as FactDefinition<unknown>, fact);
    return fact;
  };
  return get;
}

async function withTimeout<T>(id: string, ms: number, collect: () => Promise<Fact<T>>): Promise<Fact<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Fact<T>>((resolve) => {
    timer = setTimeout(() => resolve(unreadable(id, timedOut(ms))), ms);
  });
  try {
    return await Promise.race([collect().catch((error: unknown) => couldNot<T>(id, error)), late]);
  } finally {
    clearTimeout(timer);
  }
}

const timedOut = (ms: number): Text => ({
  en: `not read within ${Math.round(ms / 1000)} s`,
  de: `nicht innerhalb von ${Math.round(ms / 1000)} s gelesen`,
});

function couldNot<T>(id: string, error: unknown): Fact<T> {
  return error instanceof CouldNotLook
    ? unreadable(error.source, error.reason)
    : unreadable(id, thrown(error));
}

function thrown(error: unknown): Text {
  const message = redact(error instanceof Error ? error.message : String(error));
  return { en: `internal error while looking: ${message}`, de: `interner Fehler beim Nachsehen: ${message}` };
}

/** Runs every check of the round. Never throws for what a host holds. */
export async function evaluateRound(round: Round): Promise<RoundOutcome> {
  const get = factGetter(round.host, round.now, round.factTimeoutMs);
  const durations: Record<string, number> = {};
  const results = await Promise.all(
    round.checks.map(async (check) => {
      const started = round.monotonic();
      const result = await evaluateCheck(check, round, get);
      durations[check.id] = round.monotonic() - started;
      return result;
    }),
  );
  results.sort((a, b) => (a.check < b.check ? -1 : a.check > b.check ? 1 : 0));
  return { results, durations, ...(await besides(round, get)) };
}

/** What a report holds besides results. Loaded only where it is wanted: `check` on a family need not pay for it. */
async function besides(
  { access: wantsAccess, remember, now, params }: Round,
  get: GetFact,
): Promise<Pick<RoundOutcome, 'access' | 'memory' | 'updates'>> {
  const access = wantsAccess
    ? { access: await (await import('./access/matrix.ts')).collectMatrix(get, now) }
    : {};
  if (!remember) return access;
  const { collectUpdates, memoryOf } = await import('./patch/update-list.ts');
  const memory = await memoryOf(get);
  const updates = await collectUpdates(get, params, now);
  return { ...access, ...(memory ? { memory } : {}), ...(updates ? { updates } : {}) };
}

async function evaluateCheck(check: Check, round: Round, get: GetFact): Promise<Result> {
  const params = check.params.safeParse(round.params[check.id] ?? {});
  if (!params.success) {
    const problem = redact(
      params.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
    );
    return toResult(
      check,
      {},
      unknown({ en: `parameters not valid: ${problem}`, de: `Parameter nicht gültig: ${problem}` }),
    );
  }
  return toResult(check, params.data, await judge(check, params.data, round, get));
}

async function judge(
  check: Check,
  params: Record<string, unknown>,
  round: Round,
  get: GetFact,
): Promise<Verdict> {
  try {
    const applies = check.appliesTo(round.system);
    if (applies !== true) return notApplicable(applies);
    const facts = Object.fromEntries(
      await Promise.all(
        Object.entries(check.needs).map(async ([name, fact]) => [name, await get(fact)] as const),
      ),
    );
    return check.evaluate(facts, params, round.now);
  } catch (error) {
    return unknown(error instanceof CouldNotLook ? error.reason : thrown(error));
  }
}

function toResult(check: Check, params: Record<string, unknown>, verdict: Verdict): Result {
  return {
    check: check.id,
    outcome: verdict.outcome,
    severity: check.severity,
    ...(verdict.reason ? { reason: redactText(verdict.reason) } : {}),
    ...(Object.keys(params).length > 0 ? { params: params as Record<string, ParamValue> } : {}),
    evidence: bounded(verdict.evidence),
  };
}

function bounded(all: readonly Evidence[]): Evidence[] {
  if (all.length <= MAX_EVIDENCE) return [...all];
  const more = all.length - MAX_EVIDENCE;
  return [
    ...all.slice(0, MAX_EVIDENCE),
    evidence({
      source: '…',
      found: { en: `${more} more of the same kind`, de: `${more} weitere dieser Art` },
      wanted: { en: 'see above', de: 'siehe oben' },
    }),
  ];
}
