import type { CollectorResult } from '../clause-basis.ts';
import type { StatusHost } from '../clause-status.ts';
import { standingOf } from '../host-standing.ts';
import { type CollectorCheck, type Finding, judged } from './check.ts';

export const coverageCheck: CollectorCheck = {
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
  evaluate: ({ hosts, now }) => [coverage(owedOf(hosts, now), now)],
};

/** How long a host may be in the contract without having reported before that counts against the provider. */
export const COVERAGE_GRACE_HOURS = 24;

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

const owedOf = (hosts: readonly StatusHost[], now: string) =>
  hosts.filter((host) => standingOf(host, now) === 'owed');
