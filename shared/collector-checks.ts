/** The checks about the collector itself: computed here, in the same shape as a host's. */

import type { CollectorResult } from './clause-basis.ts';
import { type StatusHost, standingOf } from './clause-status.ts';
import { freshness } from './freshness.ts';
import { type Evidence, MAX_EVIDENCE, type Outcome, type Severity, type Text } from './outcome.ts';

export interface CollectorCheck {
  readonly id: string;
  readonly title: Text;
  readonly why: Text;
  readonly remedy: Text;
  readonly severity: Severity;
}

/** Those that exist in this version. */
export const collectorChecks: readonly CollectorCheck[] = [
  {
    id: 'collector.coverage',
    title: {
      de: 'Jedes System im Leistungsumfang berichtet',
      en: 'Every contracted host reports',
    },
    why: {
      de: 'Ein System ohne Agenten fällt niemandem auf: Es meldet weder Gutes noch Schlechtes.',
      en: 'A host without an agent goes unnoticed: it reports neither good nor bad.',
    },
    remedy: {
      de: 'Den Agenten auf den genannten Systemen installieren und anmelden oder den Leistungsumfang berichtigen.',
      en: 'Install and enrol the agent on the hosts named, or correct the contract.',
    },
    severity: 'high',
  },
  {
    id: 'collector.freshness',
    title: {
      de: 'Die Berichte aller Systeme sind aktuell',
      en: 'The reports of all hosts are recent',
    },
    why: {
      de: 'Ein alter Bericht sagt nichts darüber, wie es heute um ein System steht.',
      en: 'An old report says nothing about how a host is today.',
    },
    remedy: {
      de: 'Auf den genannten Systemen den Agenten und die Verbindung zum Kollektor prüfen (nachweis status).',
      en: 'Look at the agent on the hosts named and at its way to the collector (nachweis status).',
    },
    severity: 'high',
  },
];

/** How long a host may be in the contract without having reported before that counts against the provider. */
export const COVERAGE_GRACE_HOURS = 24;

/** One result per collector check that exists, about the tenant whose hosts these are. */
export function collectorResults(hosts: readonly StatusHost[], now: string): CollectorResult[] {
  const owed = hosts.filter((host) => standingOf(host, now) === 'owed');
  return [coverage(owed, now), freshReports(owed, now)];
}

interface Finding {
  readonly outcome: Exclude<Outcome, 'not-applicable'>;
  readonly evidence: Evidence;
}

/** Every contracted host has an agent that reported at least once; within the first 24 h an absence is unknown. */
function coverage(owed: readonly StatusHost[], now: string): CollectorResult {
  const findings = owed.flatMap((host): Finding[] => {
    if (!host.contract) return [];
    const { agent } = host;
    const reporting = agent !== null && agent.retiredAt === null && agent.receivedAt !== null;
    const waited = Date.parse(now) - Date.parse(host.contract.since);
    const outcome = reporting ? 'pass' : waited < COVERAGE_GRACE_HOURS * 3_600_000 ? 'unknown' : 'fail';
    return [
      {
        outcome,
        evidence: {
          source: host.name,
          found: reporting
            ? { de: 'berichtet', en: 'reports' }
            : agent === null || agent.retiredAt !== null
              ? { de: 'kein Agent', en: 'no agent' }
              : { de: 'hat nie berichtet', en: 'never reported' },
          wanted: { de: 'ein Agent, der berichtet', en: 'an agent that reports' },
        },
      },
    ];
  });
  return judged('collector.coverage', findings, now, {
    none: { de: 'Kein System steht im Leistungsumfang.', en: 'No host is in the contract.' },
    unknown: (count, total) => ({
      de: `${count} von ${total} Systemen haben noch nicht berichtet; die ersten ${COVERAGE_GRACE_HOURS} Stunden laufen.`,
      en: `${count} of ${total} hosts have not reported yet; their first ${COVERAGE_GRACE_HOURS} hours are running.`,
    }),
    fail: (count, total) => ({
      de: `${count} von ${total} Systemen im Leistungsumfang berichten nicht.`,
      en: `${count} of ${total} contracted hosts do not report.`,
    }),
    pass: (total) => ({
      de: `Alle ${total} Systeme im Leistungsumfang berichten.`,
      en: `All ${total} contracted hosts report.`,
    }),
  });
}

/** Of the hosts that ever reported, none has fallen silent for so long that its results count no more. */
function freshReports(owed: readonly StatusHost[], now: string): CollectorResult {
  const findings = owed.flatMap(({ name, agent }): Finding[] => {
    if (!agent?.receivedAt || agent.retiredAt !== null) return [];
    const age = freshness(agent.receivedAt, agent.intervalSeconds, now);
    return [
      {
        outcome: age === 'fresh' ? 'pass' : age === 'ahead' ? 'unknown' : 'fail',
        evidence: {
          source: name,
          found: agent.receivedAt,
          wanted: { de: 'ein Bericht, der noch zählt', en: 'a report that still counts' },
        },
      },
    ];
  });
  return judged('collector.freshness', findings, now, {
    none: { de: 'Noch kein System hat berichtet.', en: 'No host has reported yet.' },
    unknown: (count, total) => ({
      de: `Bei ${count} von ${total} Systemen liegt die Empfangszeit in der Zukunft.`,
      en: `${count} of ${total} hosts were heard of in the future.`,
    }),
    fail: (count, total) => ({
      de: `Die Berichte von ${count} der ${total} Systeme sind veraltet.`,
      en: `The reports of ${count} of ${total} hosts are stale.`,
    }),
    pass: (total) => ({
      de: `Die Berichte aller ${total} Systeme sind aktuell.`,
      en: `The reports of all ${total} hosts are recent.`,
    }),
  });
}

interface Sentences {
  readonly none: Text;
  readonly unknown: (count: number, total: number) => Text;
  readonly fail: (count: number, total: number) => Text;
  readonly pass: (total: number) => Text;
}

function judged(check: string, findings: readonly Finding[], now: string, say: Sentences): CollectorResult {
  const total = findings.length;
  const of = (wanted: Outcome) => findings.filter(({ outcome }) => outcome === wanted);
  const worst = (['fail', 'unknown', 'pass'] as const).find((outcome) => of(outcome).length > 0);
  const result = (outcome: Outcome, reason: Text): CollectorResult => ({
    check,
    hostId: null,
    outcome,
    reason,
    since: now,
    evidence: (worst ? of(worst) : []).slice(0, MAX_EVIDENCE).map(({ evidence }) => evidence),
  });
  if (worst === undefined) return result('not-applicable', say.none);
  return worst === 'pass'
    ? result('pass', say.pass(total))
    : result(worst, say[worst](of(worst).length, total));
}
