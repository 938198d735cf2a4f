import type { CollectorResult } from '../clause-basis.ts';
import type { StatusHost } from '../clause-status.ts';
import { freshness } from '../freshness.ts';
import { standingOf } from '../host-standing.ts';
import { type CollectorCheck, type Finding, judged } from './check.ts';

export const freshnessCheck: CollectorCheck = {
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
  evaluate: ({ hosts, now }) => [freshReports(owedOf(hosts, now), now)],
};

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

const owedOf = (hosts: readonly StatusHost[], now: string) =>
  hosts.filter((host) => standingOf(host, now) === 'owed');
