/** patch.automatic-updates: do security updates come by themselves, from every source that is in use? */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown, type Verdict } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, missing, valueIn } from '../fact.ts';
import type { AptSetting } from '../facts/apt-conf-file.ts';
import { aptList, aptSettings, aptValue } from '../facts/apt-config.ts';
import { type AptIndex, aptIndexes } from '../facts/apt-index.ts';
import { isSecurityIndex } from '../facts/apt-security.ts';
import {
  type OtherUpdater,
  otherUpdaters,
  type Unattended,
  type UpdateTimer,
  unattendedUpgrades,
} from '../facts/automatic-updates.ts';
import { MANAGED_UPDATES, managedUpdates } from '../facts/managed-updates.ts';
import { distributionManager, type OsRelease, osRelease } from '../facts/os-release.ts';
import { allowedOrigins, type Distro, isAllowed, type UpgradeOrigin } from '../facts/upgrade-origins.ts';
import { fromFuture, lastRun, notYet } from './last-run.ts';

const DAY_MS = 86_400_000;

const WANTED: Text = {
  en: 'installed by itself, in the last days too',
  de: 'selbsttätig installiert, auch in den letzten Tagen',
};

/** apt's own periods: days, or a number with s, m, h or d; `always` is each time. Zero and what is none: never. */
function periodDays(value: string | undefined): number {
  if (value === 'always') return 0;
  const [, count, unit = 'd'] = /^(\d{1,9})([smhd]?)$/.exec(value ?? '') ?? [];
  const each = { s: 1 / 86_400, m: 1 / 1440, h: 1 / 24, d: 1 }[unit || 'd'] ?? 1;
  const days = Number(count ?? 0) * each;
  return days > 0 ? days : Number.POSITIVE_INFINITY;
}

const timerProblem = ({ source, problem }: UpdateTimer): Evidence[] =>
  problem ? [evidence({ source, found: problem, wanted: WANTED })] : [];

const SETTINGS = 'apt-config dump';

function periodProblems(settings: readonly AptSetting[], maxDays: number): Evidence[] {
  const enabled = aptValue(settings, 'APT::Periodic::Enable') ?? '1';
  if (enabled === '0') {
    const found = 'APT::Periodic::Enable 0';
    return [evidence({ source: SETTINGS, found, wanted: '1' })];
  }
  return ['APT::Periodic::Update-Package-Lists', 'APT::Periodic::Unattended-Upgrade'].flatMap((name) => {
    const value = aptValue(settings, name);
    if (periodDays(value) <= maxDays) return [];
    const found = {
      en: value === undefined ? `${name} is not set` : `${name} ${value}`,
      de: value === undefined ? `${name} ist nicht gesetzt` : `${name} ${value}`,
    };
    const wanted = { en: `every ${maxDays} days or more often`, de: `alle ${maxDays} Tage oder öfter` };
    return [evidence({ source: SETTINGS, found, wanted })];
  });
}

/** What its name in the Release file makes the distribution's own; everybody else is a vendor. */
const isOwn = (origin: string): boolean =>
  /^(?:Debian(?: Backports| Ports)?|Ubuntu(?:ESM(?:Apps)?)?)$/.test(origin);

function originsOf({ source, release, components }: AptIndex): UpgradeOrigin[] {
  if (!release) return [];
  const { origin, label, suite: archive, codename } = release;
  const site = /^[a-z0-9+.-]+:\/\/(?:\[([^\]]*)\]|([^/:]*))/i.exec(source.uri);
  const common = { origin, label, archive, codename, site: site?.[1] ?? site?.[2] ?? '' };
  const flat = source.suite.endsWith('/');
  return (flat ? [''] : components).map((component) => ({ ...common, component }));
}

/** Sources whose updates must come by themselves and do not. */
function leftOut(
  indexes: readonly AptIndex[],
  patterns: readonly (string | undefined)[],
  distro: Distro,
  exempt: readonly string[],
): Evidence[] {
  const wanted = { en: 'updated by itself', de: 'selbsttätig aktualisiert' };
  return indexes.flatMap((index) => {
    const { source, release } = index;
    const security = isSecurityIndex(index);
    if (!release || (!security && isOwn(release.origin))) return [];
    const place = `${source.uri} ${source.suite}`;
    return originsOf(index).flatMap((origin) => {
      if (!security && [origin.origin, origin.site].some((name) => name !== '' && exempt.includes(name)))
        return [];
      const allowed = isAllowed(patterns, origin, distro);
      if (allowed === true) return [];
      const name = `origin=${origin.origin},codename=${origin.codename},label=${origin.label},component=${origin.component}`;
      const found =
        allowed === undefined
          ? {
              en: `${place}: a pattern that is not valid ends unattended-upgrades before it gets here`,
              de: `${place}: ein ungültiges Muster beendet unattended-upgrades, bevor es hierher kommt`,
            }
          : {
              en: `${place} (${name}): matched by no pattern`,
              de: `${place} (${name}): von keinem Muster erfasst`,
            };
      return [evidence({ source: source.file, line: source.line, found, wanted })];
    });
  });
}

/** Packages that stay out by a list. Python's regular expressions are shown, not evaluated. */
function exclusions(settings: readonly AptSetting[], allowed: readonly string[]): Evidence[] {
  const wanted = { en: 'no package excluded', de: 'kein Paket ausgenommen' };
  const excluded = aptList(settings, 'Unattended-Upgrade::Package-Blacklist')
    .filter((name) => !allowed.includes(name))
    .map((name) => ({ en: `excluded: ${name}`, de: `ausgenommen: ${name}` }));
  const only = aptList(settings, 'Unattended-Upgrade::Package-Whitelist').map((name) => ({
    en: `only: ${name}`,
    de: `nur: ${name}`,
  }));
  return [...excluded, ...only].map((found) => evidence({ source: SETTINGS, found, wanted }));
}

function judgeApt(
  unattended: Unattended,
  settings: readonly AptSetting[],
  indexes: Fact<readonly AptIndex[]>,
  os: OsRelease,
  params: { maxDays: number; exempt: readonly string[]; exclude: readonly string[] },
  now: Date,
): Verdict {
  if (!unattended.installed) {
    const found = { en: 'not installed', de: 'nicht installiert' };
    return fail([evidence({ source: 'unattended-upgrades', found, wanted: WANTED })]);
  }
  const distro = { id: os.id.charAt(0).toUpperCase() + os.id.slice(1), codename: os.codename };
  const patterns = allowedOrigins(settings, distro);
  const bad = [
    ...periodProblems(settings, params.maxDays),
    ...unattended.timers.flatMap(timerProblem),
    ...(indexes.state === 'known' ? leftOut(indexes.value, patterns, distro, params.exempt) : []),
    ...exclusions(settings, params.exclude),
  ];
  const run = lastRun(unattended.success, unattended.since, params.maxDays, now);
  if (bad.length > 0 || run.late) return fail([...bad, run.evidence]);
  const known = valueIn(indexes);
  const unfetched = known.find((index) => index.release === undefined);
  if (unfetched) {
    const place = `${unfetched.source.uri} ${unfetched.source.suite}`;
    return unknown({
      en: `${place} was never fetched, so that its origin is not known`,
      de: `${place} wurde nie abgerufen, die Herkunft ist daher nicht bekannt`,
    });
  }
  if (!known.some(isSecurityIndex)) {
    return unknown({
      en: 'no source of security updates is configured',
      de: 'keine Quelle für Sicherheitsupdates ist eingerichtet',
    });
  }
  const covered = known.filter((index) => isSecurityIndex(index) || !isOwn(index.release?.origin ?? ''));
  const seen = [
    run.evidence,
    ...covered.map(({ source }) =>
      evidence({
        source: source.file,
        line: source.line,
        found: {
          en: `${source.uri} ${source.suite}: updated by itself`,
          de: `${source.uri} ${source.suite}: selbsttätig aktualisiert`,
        },
        wanted: WANTED,
      }),
    ),
  ];
  return run.fresh ? pass(seen) : unknown(run.future ? fromFuture : notYet, seen);
}

function judgeOther(
  updaters: readonly OtherUpdater[],
  { maxDays, exempt }: { maxDays: number; exempt: readonly string[] },
  now: Date,
): Verdict {
  const problems = updaters.map(({ timer, problem, silent = [] }) => [
    ...silent
      .filter(({ id }) => !exempt.includes(id))
      .map(({ source, line, found }) => evidence({ source, line, found, wanted: WANTED })),
    ...timerProblem(timer),
    ...(problem ? [evidence({ ...problem, wanted: WANTED })] : []),
  ]);
  const good = updaters.filter((_, index) => problems[index]?.length === 0);
  if (good.length === 0) {
    const found = { en: 'nothing installs updates', de: 'nichts installiert Updates' };
    const all = problems.flat();
    return fail(
      all.length > 0 ? all : [evidence({ source: '/usr/lib/systemd/system', found, wanted: WANTED })],
    );
  }
  const success = good.flatMap(({ name, runs }) =>
    'success' in runs && runs.success ? [{ source: `journalctl -u ${name}`, at: runs.success }] : [],
  );
  const last = success.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
  const run = lastRun(last, undefined, maxDays, now);
  if (run.fresh) return pass([run.evidence]);
  if (run.future) return unknown(fromFuture, [run.evidence]);
  const failed = good.find(({ runs }) => 'failure' in runs && runs.failure);
  const idle = good.every(
    ({ started }) => started && Date.parse(started.at) < now.getTime() - maxDays * DAY_MS,
  );
  // The timer's own stamp outlives the journal.
  if (failed || idle || last) {
    const { name = '', started, runs = {} } = failed ?? good[0] ?? {};
    const ended = 'failure' in runs && runs.failure ? [failedAt(name, runs.failure)] : [];
    return fail([
      ...ended,
      last || !started ? run.evidence : lastRun(started, undefined, maxDays, now).evidence,
    ]);
  }
  const [first] = good;
  const why = first && 'unseen' in first.runs ? first.runs.unseen : undefined;
  return unknown(notSeen(first?.name ?? '', why));
}

const failedAt = (name: string, at: string): Evidence =>
  evidence({
    source: `journalctl -u ${name}`,
    found: { en: `${name} failed ${at}`, de: `${name} fehlgeschlagen ${at}` },
    wanted: WANTED,
  });
const notSeen = (name: string, why: Text | undefined): Text => ({
  en: `${name} is set up; whether it last ended well can not be seen${why ? `: ${why.en}` : ' in the journal'}`,
  de: `${name} ist eingerichtet; ob es zuletzt erfolgreich endete, ist ${why ? `nicht zu sehen: ${why.de}` : 'im Journal nicht zu sehen'}`,
});

export const automaticUpdates = defineCheck({
  id: 'patch.automatic-updates',
  title: {
    en: 'Security updates are installed automatically',
    de: 'Sicherheitsupdates werden automatisch installiert',
  },
  why: {
    en: 'What has to be remembered is forgotten during holidays and illness. And an automatism that leaves out a source leaves that one open, unnoticed.',
    de: 'Woran jemand denken muss, das bleibt im Urlaub und bei Krankheit liegen. Und ein Automatismus, der eine Quelle auslässt, lässt sie unbemerkt offen.',
  },
  remedy: {
    en: 'Install unattended-upgrades, set APT::Periodic::Update-Package-Lists and APT::Periodic::Unattended-Upgrade to 1, leave apt-daily.timer and apt-daily-upgrade.timer enabled, and add a line to Unattended-Upgrade::Origins-Pattern for every vendor source. With dnf: dnf-automatic with apply_updates = yes, and upgrade_type = default where a source has no advisories. With transactional-update leave its timer enabled and let rebootmgr or REBOOT_METHOD reboot. Where another system installs the updates, let it touch /var/lib/nachweis/managed-updates after each run that went well, and set managedBy.',
    de: 'unattended-upgrades installieren, APT::Periodic::Update-Package-Lists und APT::Periodic::Unattended-Upgrade auf 1 setzen, apt-daily.timer und apt-daily-upgrade.timer aktiviert lassen und für jede Quelle eines Herstellers eine Zeile in Unattended-Upgrade::Origins-Pattern ergänzen. Mit dnf: dnf-automatic mit apply_updates = yes, und upgrade_type = default, wo eine Quelle keine Advisories hat. Mit transactional-update dessen Timer aktiviert lassen und rebootmgr oder REBOOT_METHOD neu starten lassen. Installiert ein anderes System die Updates, soll es nach jedem erfolgreichen Lauf /var/lib/nachweis/managed-updates erneuern (touch); dazu managedBy setzen.',
  },
  severity: 'medium',
  params: z.strictObject({
    maxDays: z.number().positive().max(90).default(7),
    /** Who installs updates instead; its proof is the time of /var/lib/nachweis/managed-updates. */
    managedBy: z
      .enum(['nobody', 'ansible', 'landscape', 'satellite', 'uyuni', 'puppet', 'chef', 'salt', 'other'])
      .default('nobody'),
    /** Origins (as in the Release file) or host names of vendors whose updates are installed by hand. */
    exempt: z.array(z.string().max(200)).max(100).default([]),
    /** Entries of Package-Blacklist that are agreed on. */
    exclude: z.array(z.string().max(200)).max(100).default([]),
  }),
  needs: {
    os: osRelease,
    settings: aptSettings,
    indexes: aptIndexes,
    unattended: unattendedUpgrades,
    others: otherUpdaters,
    managed: managedUpdates,
  },
  appliesTo: always,
  evaluate: ({ os, settings, indexes, unattended, others, managed }, params, now) => {
    if (params.managedBy !== 'nobody') {
      const proof = managed.state === 'absent' ? undefined : valueIn(managed);
      const run = lastRun(proof, undefined, params.maxDays, now);
      const found = { ...run.evidence, source: MANAGED_UPDATES };
      if (run.future) return unknown(fromFuture, [found]);
      return run.fresh ? pass([found]) : fail([found]);
    }
    const system = valueIn(os);
    if (distributionManager(system) !== 'apt') return judgeOther(valueIn(others), params, now);
    if (unattended.state === 'absent') return unknown(missing(unattended.source));
    return judgeApt(valueIn(unattended), valueIn(settings), indexes, system, params, now);
  },
  references: [
    'CIS Debian 12: 1.2.2.1',
    'BSI IT-Grundschutz: OPS.1.1.3.A15, SYS.1.3.A4',
    'ISO/IEC 27001:2022 A.8.8',
    'unattended-upgrade(8), dnf-automatic(8), transactional-update.conf(5)',
  ],
  examples: async () => (await import('./automatic-updates.examples.ts')).automaticUpdatesExamples,
});
