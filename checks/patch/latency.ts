/** patch.latency: how long security updates waited here, over the last 90 days. */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import type { UpdateLatency } from '../facts/dpkg-history.ts';
import { dpkgStatus } from '../facts/dpkg-status.ts';
import { osRelease } from '../facts/os-release.ts';
import { WINDOW_DAYS } from '../facts/own-history.ts';
import { packageManager } from '../facts/patch-state.ts';
import type { SecurityUpgrade } from '../facts/pending-updates.ts';
import { updateLatency } from '../facts/update-latency.ts';
import { needsApt, usesRpm } from './package-manager.ts';

/** The middle one; of an even number the mean of the two in the middle. */
function median(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : Math.round(((sorted[half - 1] ?? 0) + upper) * 5) / 10;
}

/**
 * The figures for the dashboard, one line of `name=value`, always first and always from this source:
 * updates, unexplained (numbers), median, worst (days, one decimal), within (number), limit, window (days), since (day).
 */
function figures({ upgrades, unexplained, since }: UpdateLatency, within: number, limitDays: number): string {
  const days = upgrades.map(({ waited }) => waited).sort((a, b) => a - b);
  const values = {
    updates: upgrades.length,
    unexplained,
    median: median(days).toFixed(1),
    worst: (days.at(-1) ?? 0).toFixed(1),
    within,
    limit: limitDays,
    window: WINDOW_DAYS,
    since,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function upgradeEvidence(
  { name, version, available, installed, waited }: SecurityUpgrade,
  limitDays: number,
  source: string,
): Evidence {
  const what = `${name} ${version}`.trim();
  return evidence({
    source,
    found: {
      en: `${what}: available ${available}, installed ${installed}, ${waited} days`,
      de: `${what}: verfügbar ${available}, installiert ${installed}, ${waited} Tage`,
    },
    wanted: { en: `installed within ${limitDays} days`, de: `innerhalb von ${limitDays} Tagen installiert` },
  });
}

/** Updates that still wait are patch.security-updates' business: here is only what was installed in the end. */
export const latency = defineCheck({
  id: 'patch.latency',
  title: {
    en: 'Security updates are installed in time',
    de: 'Sicherheitsupdates werden rechtzeitig installiert',
  },
  why: {
    en: 'That nothing is pending today says little about the weeks before. The history shows how long known holes really stayed open.',
    de: 'Dass heute nichts aussteht, sagt wenig über die Wochen davor. Der Verlauf zeigt, wie lange bekannte Lücken wirklich offen standen.',
  },
  remedy: {
    en: 'Let updates be installed daily (unattended-upgrades, dnf-automatic, zypper patch from a timer), and plan maintenance windows at least weekly for what needs a restart.',
    de: 'Updates täglich installieren lassen (unattended-upgrades, dnf-automatic, zypper patch aus einem Timer) und für Neustarts mindestens wöchentlich ein Wartungsfenster vorsehen.',
  },
  severity: 'medium',
  params: z.strictObject({
    limitDays: z.number().positive().max(365).default(7),
    /** Part of the updates that must have been installed within the limit. */
    minShare: z.number().min(0).max(1).default(0.9),
  }),
  needs: { os: osRelease, dpkg: dpkgStatus, manager: packageManager, history: updateLatency },
  appliesTo: always,
  evaluate: ({ os, dpkg, manager, history }, { limitDays, minShare }) => {
    const rpm = usesRpm(os);
    if (!rpm) needsApt(dpkg);
    const source = manager.state === 'known' ? manager.value.history : '/var/log/dpkg.log';
    const all = valueIn(history);
    const { upgrades, unexplained } = all;
    const within = upgrades.filter(({ waited }) => waited <= limitDays).length;
    const share = `${Math.round(minShare * 100)} %`;
    const summary = evidence({
      source: 'patch.latency',
      found: figures(all, within, limitDays),
      wanted: {
        en: `${share} within ${limitDays} days`,
        de: `${share} innerhalb von ${limitDays} Tagen`,
      },
    });
    const slow = upgrades
      .filter(({ waited }) => waited > limitDays)
      .sort((a, b) => b.waited - a.waited || (a.name < b.name ? -1 : 1))
      .slice(0, 20)
      .map((each) => upgradeEvidence(each, limitDays, source));
    if (upgrades.length > 0 && within < minShare * upgrades.length) return fail([summary, ...slow]);
    if (unexplained > upgrades.length) {
      return unknown(rpm ? undated(unexplained) : unnamed(unexplained), [summary]);
    }
    if (upgrades.length === 0) {
      return unknown(
        {
          en: `no security update was installed in the last ${WINDOW_DAYS} days: there is nothing to measure`,
          de: `in den letzten ${WINDOW_DAYS} Tagen wurde kein Sicherheitsupdate installiert: es gibt nichts zu messen`,
        },
        [summary],
      );
    }
    return pass([summary, ...slow]);
  },
  references: [
    'BSI IT-Grundschutz: OPS.1.1.3.A15',
    'ISO/IEC 27001:2022 A.8.8',
    'deb-changelog(5), dnf(8), zypper(8)',
  ],
  examples: async () => (await import('./latency.examples.ts')).latencyExamples,
});

const unnamed = (count: number): Text => ({
  en: `of ${count} upgrades the changelog is not there: what they were for can not be seen`,
  de: `zu ${count} Aktualisierungen fehlt das Änderungsprotokoll: wofür sie waren, ist nicht zu sehen`,
});
const undated = (count: number): Text => ({
  en: `of ${count} security updates it is not known since when they had been there: their day of issue can not be read, or they came past the package manager`,
  de: `von ${count} Sicherheitsupdates ist nicht bekannt, seit wann es sie gab: Ihr Ausgabetag ist nicht zu lesen, oder sie kamen an der Paketverwaltung vorbei`,
});
