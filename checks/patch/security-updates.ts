/** patch.security-updates: is there a security update that this system has not installed? */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown, type Verdict } from '../check.ts';
import { evidence } from '../evidence.ts';
import { CouldNotLook, type Fact, valueIn } from '../fact.ts';
import { type AptIndex, aptIndexes } from '../facts/apt-index.ts';
import { type AptPending, aptPending, type Install } from '../facts/apt-pending.ts';
import { isSecurityArchive, isSecurityIndex, parseArchive } from '../facts/apt-security.ts';
import { type DpkgStatus, dpkgStatus } from '../facts/dpkg-status.ts';
import { type OsRelease, osRelease } from '../facts/os-release.ts';
import { securityUpdatesExamples } from './apt-examples.ts';
import { freshness, freshnessEvidence, whyUnclear } from './freshness.ts';
import { needsApt } from './package-manager.ts';

const NONE_PENDING = { en: 'no security update pending', de: 'kein ausstehendes Sicherheitsupdate' };

const isSecurity = ({ archives }: Install): boolean =>
  archives.some((each) => isSecurityArchive(parseArchive(each)));

/** What becomes of a pending update when the system is upgraded as it is configured. */
function fate(name: string, pending: AptPending, dpkg: Fact<DpkgStatus>): Text {
  const bare = name.replace(/:.*$/, '');
  const held =
    dpkg.state === 'known' &&
    dpkg.value.packages.some((each) => each.name === bare && each.wanted === 'hold');
  if (held) return { en: 'on hold (apt-mark)', de: 'zurückgehalten (apt-mark hold)' };
  if (pending.configured.state !== 'known') return { en: 'pending', de: 'ausstehend' };
  const { installs, keptBack, phased } = pending.configured.value;
  if (installs.some((each) => each.name === name))
    return { en: 'installable now', de: 'jetzt installierbar' };
  if (phased.includes(name)) return { en: 'deferred by phasing', de: 'durch Phasing aufgeschoben' };
  if (keptBack.includes(name)) return { en: 'kept back by apt', de: 'von apt zurückgehalten' };
  return {
    en: 'hidden by a pin or APT::Default-Release',
    de: 'durch Pinning oder APT::Default-Release verdeckt',
  };
}

function packageEvidence(
  name: string,
  installed: string,
  candidate: string,
  archive: string,
  what: Text,
): Evidence {
  return evidence({
    source: 'apt-get -s dist-upgrade',
    found: {
      en: `${name} ${installed}, available ${candidate} from ${archive}: ${what.en}`,
      de: `${name} ${installed}, verfügbar ${candidate} aus ${archive}: ${what.de}`,
    },
    wanted: NONE_PENDING,
  });
}

/** Every security update that waits, from whichever of apt's answers was understood. */
function waiting(pending: AptPending, security: readonly AptIndex[], dpkg: Fact<DpkgStatus>): Evidence[] {
  const answers = [pending.security, pending.configured].flatMap((fact) =>
    fact.state === 'known' ? [fact.value] : [],
  );
  const seen = new Map<string, Evidence>();
  for (const install of answers.flatMap(({ installs }) => installs)) {
    const { name, installed, candidate, archives } = install;
    if (installed === undefined || seen.has(name) || !isSecurity(install)) continue;
    seen.set(
      name,
      packageEvidence(name, installed, candidate, archives.join(', '), fate(name, pending, dpkg)),
    );
  }
  const suites = security.map(({ source }) => `${source.suite}/`);
  for (const { name, installed, candidate, suites: places } of pending.stuck.state === 'known'
    ? pending.stuck.value
    : []) {
    const archive = places.find((place) => suites.some((suite) => place.startsWith(suite)));
    if (archive) {
      const what = { en: 'its dependencies can not be met', de: 'Abhängigkeiten nicht erfüllbar' };
      seen.set(name, packageEvidence(name, installed, candidate, archive, what));
    }
  }
  return [...seen.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, piece]) => piece);
}

/** Why "nothing pending" can't be believed, if so. */
function doubt(
  os: Fact<OsRelease>,
  indexes: readonly AptIndex[],
  maxAgeDays: number,
  now: Date,
): Verdict | undefined {
  const security = indexes.filter(isSecurityIndex);
  const own = security.filter((index) => index.release === undefined || isOwn(os, index));
  if (own.length === 0) {
    return unknown({
      en: 'no source of security updates for this release is configured',
      de: 'für diese Version ist keine Quelle für Sicherheitsupdates eingerichtet',
    });
  }
  for (const index of security) {
    const state = freshness(index, maxAgeDays, now);
    const found = [freshnessEvidence(index, state, maxAgeDays)];
    if (state === 'unsure' || state === 'future') return unknown(whyUnclear(index, state), found);
    if (state !== 'fresh') return unknown(outdated(index), found);
    if (index.components.length === 0) return unknown(outdated(index), found);
  }
  const covered = new Set(own.flatMap(({ source }) => source.components));
  const gap = indexes
    .filter((index) => isOwn(os, index) && !isSecurityIndex(index))
    .flatMap(({ source }) => source.components)
    .find((component) => !covered.has(component));
  if (gap === undefined) return undefined;
  return unknown({
    en: `the source of security updates does not cover the component ${gap}, which is in use`,
    de: `die Quelle für Sicherheitsupdates deckt den verwendeten Bereich ${gap} nicht ab`,
  });
}

const outdated = ({ source }: AptIndex): Text => ({
  en: `the index of ${source.uri} ${source.suite} is not up to date, so nothing can be said about pending updates`,
  de: `der Index von ${source.uri} ${source.suite} ist nicht aktuell; über ausstehende Updates ist keine Aussage möglich`,
});

/** Whether an index is the distribution's, for the release that runs. Derivatives use their parent's: any counts. */
function isOwn(os: Fact<OsRelease>, { release }: AptIndex): boolean {
  if (!release || os.state !== 'known') return false;
  const { id, codename } = os.value;
  if (id !== 'debian' && id !== 'ubuntu') return true;
  const origin = release.origin.toLowerCase();
  const codenames = release.codename.split(/[-/]/)[0] ?? '';
  return origin.startsWith(id) && (codename === '' || codenames === '' || codenames === codename);
}

/** Archives that bring no security updates of their own: their updates are shown by patch.index-fresh only. */
export const securityUpdates = defineCheck({
  id: 'patch.security-updates',
  title: {
    en: 'No security update is pending',
    de: 'Es steht kein Sicherheitsupdate aus',
  },
  why: {
    en: 'A published security update tells everybody where the hole is; each day it waits, the hole is open and known.',
    de: 'Ein veröffentlichtes Sicherheitsupdate zeigt allen, wo die Lücke ist; jeden Tag, den es aussteht, ist sie offen und bekannt.',
  },
  remedy: {
    en: 'Run apt-get update and apt-get dist-upgrade. Release holds (apt-mark unhold) and pins (/etc/apt/preferences.d) that keep security updates out. Switch on unattended-upgrades.',
    de: 'apt-get update und apt-get dist-upgrade ausführen. Sperren (apt-mark unhold) und Pinning (/etc/apt/preferences.d) aufheben, die Sicherheitsupdates verhindern. unattended-upgrades einrichten.',
  },
  severity: 'high',
  params: z.strictObject({ maxAgeDays: z.number().positive().max(365).default(2) }),
  needs: { os: osRelease, indexes: aptIndexes, pending: aptPending, dpkg: dpkgStatus },
  appliesTo: always,
  evaluate: ({ os, indexes, pending, dpkg }, { maxAgeDays }, now) => {
    needsApt(os, indexes);
    const answers = valueIn(pending);
    const known = indexes.state === 'known' ? indexes.value : [];
    const security = known.filter(isSecurityIndex);
    const found = waiting(answers, security, dpkg);
    // An update that is known to wait does so however old the index is.
    if (found.length > 0) return fail(found);
    const why = doubt(os, valueIn(indexes), maxAgeDays, now);
    if (why) return why;
    for (const fact of [answers.security, answers.configured, answers.stuck]) valueIn<unknown>(fact);
    const { interrupted, halfDone } = valueIn(dpkg);
    if (interrupted || halfDone.length > 0) throw new CouldNotLook('/var/lib/dpkg/status', halfWay(halfDone));
    return pass(
      security.map((index) => ({
        ...freshnessEvidence(index, 'fresh', maxAgeDays),
        wanted: NONE_PENDING,
      })),
      { en: 'apt knows of no pending security update', de: 'apt kennt kein ausstehendes Sicherheitsupdate' },
    );
  },
  references: [
    'CIS Debian 12: 1.2.2.1',
    'CIS RHEL 9: 1.2.2.1',
    'BSI IT-Grundschutz: OPS.1.1.3.A15, SYS.1.3.A4',
    'ISO/IEC 27001:2022 A.8.8',
    'apt-get(8), apt_preferences(5)',
  ],
  examples: securityUpdatesExamples,
});

const halfWay = (names: readonly string[]): Text => {
  const which = names.slice(0, 5).join(', ');
  return {
    en: `dpkg was interrupted${which ? ` (${which})` : ''}; dpkg --configure -a finishes it`,
    de: `dpkg wurde unterbrochen${which ? ` (${which})` : ''}; dpkg --configure -a schließt den Vorgang ab`,
  };
};
