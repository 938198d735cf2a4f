/** patch.index-fresh: what the package manager does not know about, it can not install. */
import { z } from 'zod';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { freshness } from '../facts/index-freshness.ts';
import { packageIndexes, packageManager } from '../facts/patch-state.ts';
import { freshnessEvidence, whyUnclear } from './freshness.ts';

const SOURCES = {
  apt: '/etc/apt/sources.list',
  dnf: '/etc/yum.repos.d',
  zypper: '/etc/zypp/repos.d',
} as const;

export const indexFresh = defineCheck({
  id: 'patch.index-fresh',
  title: {
    en: 'The package indexes are fresh',
    de: 'Die Paketindizes sind aktuell',
  },
  why: {
    en: 'A system that has not asked its package sources for days reports no pending update, whatever has been published since.',
    de: 'Ein System, das seine Paketquellen seit Tagen nicht gefragt hat, meldet keine ausstehenden Updates, ganz gleich, was inzwischen veröffentlicht wurde.',
  },
  remedy: {
    en: 'Run apt-get update and look at its warnings: it ends with status 0 even when a source can not be reached. Switch on apt-daily.timer; correct or switch off sources that no longer answer. With dnf: dnf --refresh makecache and dnf-makecache.timer; with zypper: zypper refresh.',
    de: 'apt-get update ausführen und die Warnungen beachten: Es endet auch dann mit Status 0, wenn eine Quelle nicht erreichbar ist. apt-daily.timer aktivieren; Quellen, die nicht mehr antworten, berichtigen oder abschalten. Mit dnf: dnf --refresh makecache und dnf-makecache.timer; mit zypper: zypper refresh.',
  },
  severity: 'high',
  params: z.strictObject({ maxAgeDays: z.number().positive().max(365).default(2) }),
  needs: { manager: packageManager, indexes: packageIndexes },
  appliesTo: always,
  evaluate: ({ manager, indexes }, { maxAgeDays }, now) => {
    const judged = valueIn(indexes).map((index) => ({ index, state: freshness(index, maxAgeDays, now) }));
    if (judged.length === 0) {
      return fail([
        evidence({
          source: manager.state === 'known' ? SOURCES[manager.value.id] : '',
          found: { en: 'no package source is switched on', de: 'keine Paketquelle ist eingeschaltet' },
          wanted: { en: 'the sources of the distribution', de: 'die Quellen der Distribution' },
        }),
      ]);
    }
    const show = (wanted: readonly string[]) =>
      judged
        .filter(({ state }) => wanted.includes(state))
        .map(({ index, state }) => freshnessEvidence(index, state, maxAgeDays));
    const stale = show(['never', 'expired', 'stale']);
    if (stale.length > 0) return fail(stale);
    const unclear = judged.find(({ state }) => state === 'unsure' || state === 'future');
    if (unclear) return unknown(whyUnclear(unclear.index, unclear.state), show(['unsure', 'future']));
    return pass(show(['fresh']));
  },
  references: [
    'CIS Debian 12: 1.2.1.2, 1.2.2.1',
    'BSI IT-Grundschutz: OPS.1.1.3.A15, SYS.1.1.A3',
    'ISO/IEC 27001:2022 A.8.8',
    'apt-get(8), apt.conf(5)',
  ],
  examples: async () => [
    ...(await import('./apt-examples.ts')).indexFreshExamples,
    ...(await import('./rpm-examples.ts')).rpmIndexExamples,
  ],
});
