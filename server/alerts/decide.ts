/**
 * When an alert opens and when it is resolved: pure, so that every case stands in a table.
 * The rule behind all of them: only better evidence resolves an alert. Not knowing any more is not better.
 */

import * as texts from '../../shared/alert-texts.ts';
import type { Outcome, Text } from '../../shared/outcome.ts';

export interface Decision {
  /** `settle`: looks fine but changed too often to be believed yet. `unsettle`: is back while settling. */
  readonly action: 'open' | 'resolve' | 'settle' | 'unsettle' | 'nothing';
  readonly reason: Text;
}

/** An open alert, as far as decisions need it. */
export interface OpenAlert {
  readonly flapping: boolean;
  /** Looks fine since; null: does not. */
  readonly quietSince: string | null;
}

/** An alert opened for the third time within six hours flaps; it has settled after six quiet hours. */
export const FLAPPING_OPENINGS = 3;
export const FLAPPING_WINDOW_MS = 6 * 3_600_000;

/** @param recentOpenings alerts of the same key that were opened within the window before this one */
export function isFlapping(recentOpenings: number): boolean {
  return recentOpenings + 1 >= FLAPPING_OPENINGS;
}

export interface CheckSituation {
  readonly to: Outcome | null;
  readonly open: OpenAlert | null;
  /** An open summary alert of the host counts this check. */
  readonly covered: boolean;
}

/** What a changed outcome does to the check's own alert. */
export function decideCheck({ to, open, covered }: CheckSituation): Decision {
  if (to === 'fail') {
    if (open)
      return open.quietSince ? { action: 'unsettle', reason: texts.failsAgain } : nothing(texts.alreadyOpen);
    return covered ? nothing(texts.inSummary) : { action: 'open', reason: texts.startedToFail };
  }
  if (!open) return nothing(texts.noAlert);
  if (to === null || to === 'unknown') return nothing(texts.notKnown);
  return over(open, to === 'pass' ? texts.passes : texts.notApplicable);
}

const nothing = (reason: Text): Decision => ({ action: 'nothing', reason });

/** What is over is resolved, or watched for a while if it came and went before. */
export function over(open: OpenAlert, reason: Text): Decision {
  if (!open.flapping) return { action: 'resolve', reason };
  return open.quietSince ? nothing(texts.settling) : { action: 'settle', reason: texts.settling };
}

export interface SummaryCheck {
  readonly check: string;
  readonly cleared: boolean;
}

/** What changed outcomes do to a host's summary: which of its checks no longer fail, and whether any is left. */
export function decideSummary(
  checks: readonly SummaryCheck[],
  changes: readonly { readonly checkId: string; readonly to: Outcome | null }[],
): { readonly cleared: readonly string[]; readonly resolved: boolean } {
  const fine = new Set(
    changes.filter(({ to }) => to === 'pass' || to === 'not-applicable').map(({ checkId }) => checkId),
  );
  const cleared = checks.filter((one) => !one.cleared && fine.has(one.check)).map(({ check }) => check);
  const left = checks.filter((one) => !one.cleared && !fine.has(one.check));
  return { cleared, resolved: cleared.length > 0 && left.length === 0 };
}

export interface SilenceSituation {
  readonly now: string;
  /** Receipt of the last report, else the enrolment. */
  readonly lastSignAt: string;
  readonly intervalSeconds: number;
  /** Since when the collector itself listens without a longer break: while it is down nobody can be heard. */
  readonly listeningSince: string;
  /** Why nobody expects a report: retired, in quarantine, contract over. */
  readonly excused: Text | null;
  readonly open: OpenAlert | null;
}

/** After a break of the collector's own, so long is waited for agents that are trying again. */
const LISTENING_GRACE_MS = 3_600_000;

/** A host is silent when nothing came for longer than twice its interval. */
export function decideSilence(situation: SilenceSituation): Decision {
  const { now, lastSignAt, intervalSeconds, listeningSince, excused, open } = situation;
  if (excused) return open ? { action: 'resolve', reason: excused } : nothing(excused);
  const allowed = 2 * intervalSeconds * 1000;
  const silentFor = Date.parse(now) - Date.parse(lastSignAt);
  if (silentFor <= allowed) return open ? over(open, texts.heardAgain) : nothing(texts.notSilent);
  if (open)
    return open.quietSince ? { action: 'unsettle', reason: texts.silentAgain } : nothing(texts.alreadyOpen);
  const listened = Date.parse(now) - Date.parse(listeningSince);
  if (listened <= Math.min(allowed, LISTENING_GRACE_MS)) return nothing(texts.wasDown);
  return { action: 'open', reason: texts.silentSince(lastSignAt, intervalSeconds) };
}

export interface BareSituation {
  readonly now: string;
  readonly since: string;
  readonly until: string | null;
  /** An agent that is not retired is enrolled for it. */
  readonly enrolled: boolean;
  readonly open: OpenAlert | null;
}

/** After so long in the contract without an agent a host is an alert; the same as in collector.coverage. */
export const BARE_GRACE_MS = 24 * 3_600_000;

/** A host in the contract for which no agent is enrolled. */
export function decideBare({ now, since, until, enrolled, open }: BareSituation): Decision {
  if (enrolled) return open ? { action: 'resolve', reason: texts.enrolledNow } : nothing(texts.enrolledNow);
  if (until !== null && until <= now)
    return open ? { action: 'resolve', reason: texts.contractOver } : nothing(texts.contractOver);
  if (open) return nothing(texts.alreadyOpen);
  return Date.parse(now) - Date.parse(since) < BARE_GRACE_MS
    ? nothing(texts.notOwedYet)
    : { action: 'open', reason: texts.noAgentSince(since) };
}

/** Rollbacks and gaps are events: over when they have not happened again for a day. */
export const EVENT_QUIET_MS = 24 * 3_600_000;

export function decideEvent({ now, lastAt }: { now: string; lastAt: string }): Decision {
  return Date.parse(now) - Date.parse(lastAt) >= EVENT_QUIET_MS
    ? { action: 'resolve', reason: texts.notAgain }
    : nothing(texts.alreadyOpen);
}

/** A flapping alert that has been quiet for long enough. */
export function decideSettled({ now, open }: { now: string; open: OpenAlert }): Decision {
  if (!open.quietSince) return nothing(texts.alreadyOpen);
  return Date.parse(now) - Date.parse(open.quietSince) >= FLAPPING_WINDOW_MS
    ? { action: 'resolve', reason: texts.settled }
    : nothing(texts.settling);
}

/** From so many hosts that fell silent within two hours on, it is one outage and told as one. */
export const MASS_SILENCE_HOSTS = 5;
export const MASS_SILENCE_WINDOW_MS = 2 * 3_600_000;

/** @param recent hosts that are silent and fell silent within the window */
export function decideMassSilence({ recent, open }: { recent: number; open: boolean }): Decision {
  if (recent >= MASS_SILENCE_HOSTS)
    return open ? nothing(texts.alreadyOpen) : { action: 'open', reason: texts.manySilent };
  return open ? { action: 'resolve', reason: texts.noMoreSilent } : nothing(texts.noAlert);
}
