/** patch.broken-packages: packages that dpkg did not finish (dpkg --audit), and what an interrupted run of rpm left behind. */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown, type Verdict } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn } from '../fact.ts';
import { type DpkgPackage, dpkgStatus } from '../facts/dpkg-status.ts';
import { dpkgTouched } from '../facts/dpkg-touched.ts';
import { osRelease } from '../facts/os-release.ts';
import { leftOver, rpmPackages } from '../facts/rpm-installed.ts';
import { unfinishedTransaction } from '../facts/unfinished-transaction.ts';
import type { InstalledPackage } from '../facts/zypper-answer.ts';
import { needsApt, usesRpm } from './package-manager.ts';

const MINUTE_MS = 60_000;
/** An upgrade to the next release may take as long. */
const HOUR_MS = 60 * MINUTE_MS;

const ENDED: Text = { en: 'every transaction ended', de: 'jede Transaktion abgeschlossen' };

const STATES: Readonly<Record<string, Text>> = {
  'half-installed': { en: 'only half installed', de: 'nur halb installiert' },
  unpacked: { en: 'unpacked, not configured', de: 'entpackt, nicht konfiguriert' },
  'half-configured': { en: 'only half configured', de: 'nur halb konfiguriert' },
  'triggers-awaited': {
    en: 'waits for triggers of another package',
    de: 'wartet auf Trigger eines anderen Pakets',
  },
  'triggers-pending': { en: 'has triggers to process', de: 'hat offene Trigger' },
};

function problemOf({ flag, state }: DpkgPackage): Text | undefined {
  if (flag === 'reinstreq') return { en: 'has to be installed again', de: 'muss erneut installiert werden' };
  return Object.hasOwn(STATES, state) ? STATES[state] : undefined;
}

/** rpm registers the new version before it removes the old one: both are there where it was interrupted between. */
function judgeRpm(packages: readonly InstalledPackage[], unfinished: Fact<string>, now: Date): Verdict {
  const source = 'rpm -qa';
  const wanted = { en: 'one version each', de: 'je eine Version' };
  const twice = leftOver(packages);
  if (twice.length === 0 && unfinished.state === 'known') {
    const began = unfinished.value;
    const found = {
      en: `the transaction that began ${began} has no end`,
      de: `die Transaktion, die ${began} begann, hat kein Ende`,
    };
    const bad = [evidence({ source: 'dnf history', found, wanted: ENDED })];
    return Date.parse(began) > now.getTime() - HOUR_MS ? unknown(atWork('dnf'), bad) : fail(bad);
  }
  if (twice.length === 0 && unfinished.state === 'unreadable') return unknown(unfinished.reason);
  if (twice.length === 0) {
    const found = { en: 'no package in two versions', de: 'kein Paket in zwei Versionen' };
    return pass([evidence({ source, found, wanted })]);
  }
  const bad = twice.map((group) => {
    const versions = group.map(({ evr }) => evr).join(', ');
    const name = group[0]?.name ?? '';
    return evidence({
      source,
      found: {
        en: `${name} in several versions: ${versions}`,
        de: `${name} in mehreren Versionen: ${versions}`,
      },
      wanted,
    });
  });
  const lately = twice.flat().some(({ installed }) => Date.parse(installed) > now.getTime() - 15 * MINUTE_MS);
  return lately ? unknown(atWork('rpm'), bad) : fail(bad);
}

export const brokenPackages = defineCheck({
  id: 'patch.broken-packages',
  title: { en: 'No package is half installed', de: 'Kein Paket ist nur halb installiert' },
  why: {
    en: 'As long as one installation hangs, nothing else gets installed reliably: every later security update waits behind it.',
    de: 'Solange eine Installation hängt, wird nichts weiter verlässlich installiert: Jedes spätere Sicherheitsupdate wartet dahinter.',
  },
  remedy: {
    en: 'dpkg --configure -a finishes what was interrupted, apt-get -f install repairs dependencies; dpkg --audit says what is left. With dnf: dnf remove --duplicates, then dnf check; dnf history redo last repeats a transaction that was cut off.',
    de: 'dpkg --configure -a schließt Unterbrochenes ab, apt-get -f install repariert Abhängigkeiten; dpkg --audit zeigt, was übrig ist. Mit dnf: dnf remove --duplicates, danach dnf check; dnf history redo last wiederholt eine abgebrochene Transaktion.',
  },
  severity: 'medium',
  params: z.strictObject({}),
  needs: {
    os: osRelease,
    dpkg: dpkgStatus,
    touched: dpkgTouched,
    rpm: rpmPackages,
    unfinished: unfinishedTransaction,
  },
  appliesTo: always,
  evaluate: ({ os, dpkg, touched, rpm, unfinished }, _params, now) => {
    if (usesRpm(os)) return judgeRpm(valueIn(rpm), unfinished, now);
    needsApt(dpkg);
    const { packages, interrupted } = valueIn(dpkg);
    const wanted = { en: 'installed whole', de: 'vollständig installiert' };
    const bad = packages.flatMap((each) => {
      const found = problemOf(each);
      if (!found) return [];
      const text = {
        en: `${each.name} ${each.version}: ${found.en}`,
        de: `${each.name} ${each.version}: ${found.de}`,
      };
      return [evidence({ source: '/var/lib/dpkg/status', found: text, wanted })];
    });
    if (interrupted) {
      const found = { en: 'dpkg was interrupted', de: 'dpkg wurde unterbrochen' };
      bad.unshift(evidence({ source: '/var/lib/dpkg/updates', found, wanted }));
    }
    if (bad.length === 0) {
      const found = { en: 'nothing half done', de: 'nichts halb Fertiges' };
      return pass([evidence({ source: '/var/lib/dpkg/status', found, wanted })]);
    }
    const lately = touched.state === 'known' && Date.parse(touched.value) > now.getTime() - 15 * MINUTE_MS;
    // An upgrade that is just going on looks the same.
    if (lately) return unknown(atWork('dpkg'), bad);
    return fail(bad);
  },
  references: ['BSI IT-Grundschutz: OPS.1.1.3.A15', 'ISO/IEC 27001:2022 A.8.8', 'dpkg(1), rpm(8)'],
  examples: async () => (await import('./broken-packages.examples.ts')).brokenPackagesExamples,
});

const atWork = (program: string): Text => ({
  en: `${program} was at work minutes ago; an upgrade may still be going on`,
  de: `${program} war vor wenigen Minuten tätig; vielleicht läuft noch eine Aktualisierung`,
});
