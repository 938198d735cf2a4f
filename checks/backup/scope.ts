/** backup.scope: the jobs copy the system's configuration, after all that they leave out. */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { backupJobs } from '../facts/backup-jobs.ts';
import {
  type BackupScope,
  backupScope,
  type Entry,
  hiddenBy,
  isCopied,
  PACKAGE_LISTS,
  SCOPE_TREES,
} from '../facts/backup-scope.ts';
import { compileGlob, globMatches, stepsTo } from '../facts/path-glob.ts';
import { jobEvidence } from './job-evidence.ts';
import { workingJobs } from './no-job.ts';

/** What nobody needs to put a system back: made again from the rest, or left over by editors and package managers. */
const MAY_MISS = [
  '*~',
  '*.swp',
  '*.tmp',
  '*.bak',
  '*.old',
  '*.orig',
  '*.dpkg-*',
  '*.ucf-*',
  '*.rpmnew',
  '*.rpmsave',
  '*.rpmorig',
  '*.pyc',
  '__pycache__',
  '.cache',
  'lost+found',
  '/etc/mtab',
  '/etc/ld.so.cache',
  '/etc/udev/hwdb.bin',
  '/etc/.updated',
  '/etc/.pwd.lock',
  // Links that update-ca-certificates(8) and update-alternatives(1) make again from packages, /usr/local/share/ca-certificates
  // and /var/lib/dpkg/alternatives. Who keeps files of their own there names them in `wanted`.
  '/etc/ssl/certs/*',
  '/etc/alternatives/*',
];
const WANTED: Text = { en: 'contained in a backup', de: 'in einer Sicherung enthalten' };

const absolute = z
  .string()
  .max(300)
  .regex(/^\/[^\0\n]*$/);
const params = z.strictObject({
  /** Paths that must be copied with all that is in them. */
  wanted: z
    .array(absolute)
    .max(100)
    .default([...SCOPE_TREES]),
  /** One of these that is there must be copied. A file to which a job writes the list counts when it is named here. */
  packages: z
    .array(absolute)
    .max(50)
    .default([...PACKAGE_LISTS]),
  /** Globs of names, or of paths, that may be left out. */
  mayMiss: z.array(z.string().min(1).max(200)).max(200).default(MAY_MISS),
});

function mayMissOf(globs: readonly string[]): (path: string) => boolean {
  const compiled = globs.flatMap((text) => {
    const glob = compileGlob(text, 'shell');
    return glob ? [{ glob, whole: text.includes('/') }] : [];
  });
  const known = new Map<string, boolean>();
  const isLeft = (step: string): boolean => {
    const before = known.get(step);
    if (before !== undefined) return before;
    const name = step.slice(step.lastIndexOf('/') + 1);
    const left = compiled.some(({ glob, whole }) => globMatches(glob, whole ? step : name));
    known.set(step, left);
    return left;
  };
  return (path) => stepsTo(path, '/').slice(1).some(isLeft);
}

/** What nobody needs to put a system back, by the defaults of this check. */
export const mayBeMissed = mayMissOf(MAY_MISS);

interface Missing {
  readonly path: string;
  readonly found: Text;
}

const NOT_COPIED: Text = { en: 'in no backup', de: 'in keiner Sicherung' };

/** A job may name a path and its unit may keep it from seeing that. */
function notCopied(scope: BackupScope, path: string): Text {
  const by = scope.jobs.map((job) => hiddenBy(job, path)).find((each) => each !== undefined);
  if (by === undefined) return NOT_COPIED;
  return {
    en: `in no backup: the service can not see it (${by})`,
    de: `in keiner Sicherung: Der Dienst sieht es nicht (${by})`,
  };
}

/** The topmost paths that no job copies. */
function missingOf(scope: BackupScope, { wanted, mayMiss }: z.output<typeof params>): Missing[] {
  const isLeft = mayMissOf(mayMiss);
  const isKept = (path: string): boolean => scope.jobs.some((job) => isCopied(scope, job, path));
  const isOutside = (path: string): boolean => !wanted.some((tree) => stepsTo(path, tree).length > 0);
  const missing: Missing[] = [];
  const inMissing = new Set<string>();
  const judge = ({ path, type, target }: Entry): void => {
    if (type === 'other') return;
    if (isKept(path)) {
      if (target === undefined || !isOutside(target) || isKept(target) || isLeft(path)) return;
      const found = {
        en: `a link to ${target}, which is in no backup`,
        de: `ein Verweis auf ${target}, das in keiner Sicherung ist`,
      };
      missing.push({ path, found });
      return;
    }
    const isNamed = inMissing.has(path.slice(0, path.lastIndexOf('/')));
    if (isLeft(path)) return;
    if (type === 'file' && scope.mounts.some(({ point }) => point === path)) return;
    if (type === 'directory' && !isNamed && hasKeptChild(path)) return;
    inMissing.add(path);
    if (!isNamed) missing.push({ path, found: notCopied(scope, path) });
  };
  /** A directory may be left out by name while what is in it is copied. */
  const hasKeptChild = (path: string): boolean => {
    for (const other of scope.entries.keys()) if (other.startsWith(`${path}/`) && isKept(other)) return true;
    return false;
  };
  for (const tree of wanted) {
    const inTree = [...scope.entries.values()].filter(({ path }) => stepsTo(path, tree).length > 0);
    inTree.sort((a, b) => (a.path < b.path ? -1 : 1));
    if (inTree.length === 0 && !SCOPE_TREES.some((known) => stepsTo(tree, known).length > 0) && !isKept(tree))
      missing.push({ path: tree, found: notCopied(scope, tree) });
    for (const entry of inTree) judge(entry);
  }
  return missing;
}

/** What is wrong with the list of packages; undefined where one of those wanted is copied. */
function packageProblem(scope: BackupScope, packages: readonly string[]): Missing | undefined | 'none' {
  const there = packages.flatMap((path) => {
    const isKnown = PACKAGE_LISTS.some((each) => each === path);
    const real = isKnown ? scope.packages.get(path) : path;
    return real === undefined ? [] : [{ path, real }];
  });
  const [first] = there;
  if (!first) return 'none';
  if (there.some(({ real }) => scope.jobs.some((job) => isCopied(scope, job, real)))) return undefined;
  return {
    path: first.path,
    found: {
      en: 'in no backup, and so is every other list of the packages',
      de: 'in keiner Sicherung, ebenso wenig eine andere Liste der Pakete',
    },
  };
}

export const scope = defineCheck({
  id: 'backup.scope',
  title: {
    en: 'The backup contains the configuration of the system',
    de: 'Die Sicherung enthält die Konfiguration des Systems',
  },
  why: {
    en: 'What a job does not copy can not be brought back. Patterns, file systems that are not entered and links leave out more than people think.',
    de: 'Was ein Auftrag nicht sichert, lässt sich nicht wiederherstellen. Muster, nicht betretene Dateisysteme und Verweise lassen mehr aus, als man denkt.',
  },
  remedy: {
    en: 'Have the job copy /etc, /var/spool/cron and the list of packages (/var/lib/dpkg/status or the database of rpm), without leaving out what is named here. Files that nobody needs go into the parameter mayMiss.',
    de: 'Den Auftrag /etc, /var/spool/cron und die Liste der Pakete (/var/lib/dpkg/status oder die Datenbank von rpm) sichern lassen, ohne das hier Genannte auszuschließen. Entbehrliche Dateien in den Parameter mayMiss aufnehmen.',
  },
  severity: 'high',
  params,
  needs: { jobs: backupJobs, scope: backupScope },
  appliesTo: always,
  evaluate: ({ jobs, scope: fact }, parameters) => {
    const working = workingJobs(jobs);
    if ('verdict' in working) return working.verdict;
    const seen = valueIn(fact);
    const missing = missingOf(seen, parameters);
    const packages = packageProblem(seen, parameters.packages);
    if (packages && packages !== 'none') missing.push(packages);
    const shown: Evidence[] = missing.map(({ path, found }) =>
      evidence({ source: path, found, wanted: WANTED }),
    );
    const [unread] = seen.jobs.flatMap(({ selection }) => selection.mayAdd);
    const [dropped] = seen.jobs.flatMap(({ selection }) => selection.mayDrop);
    if (shown.length > 0) return unread ? unknown(unread, shown) : fail(shown);
    if (dropped) return unknown(dropped);
    if (seen.gaps[0]) return unknown(seen.gaps[0]);
    if (packages === 'none') {
      return unknown({
        en: 'no list of packages was found (parameter packages)',
        de: 'keine Liste der Pakete wurde gefunden (Parameter packages)',
      });
    }
    return pass(seen.jobs.map(({ job }) => jobEvidence(job, WANTED)));
  },
  references: [
    'BSI IT-Grundschutz: CON.3.A4, CON.3.A5, CON.3.A9',
    'ISO/IEC 27001:2022 A.8.13',
    'restic(1) backup, borg-patterns(1), borg-create(1)',
  ],
  examples: async () => [
    ...(await import('./scope-examples.ts')).scopeExamples,
    ...(await import('./tool-examples.ts')).toolExamples('backup.scope'),
  ],
});
