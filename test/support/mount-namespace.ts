/**
 * Runs a script with some directories of this machine replaced by others, in a mount namespace of its own: real
 * programs then read test data from /etc and leave the machine alone. Needs root.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'vitest';
import { missingPrograms, type Program } from './programs.ts';

/** Whether namespaces can be made here; containers without CAP_SYS_ADMIN can't. */
export const canUnshare = (): boolean =>
  process.getuid?.() === 0 && spawnSync('/usr/bin/unshare', ['-m', '/bin/true']).status === 0;

/**
 * A `describe` for tests in a namespace. Where one can't be had, or a program is missing, `define` is not even called:
 * it may copy files that only root can read.
 */
export function describeInNamespace(names: readonly Program[], title: string, define: () => void): void {
  const missing = [...(canUnshare() ? [] : ['root and mount namespaces']), ...missingPrograms(names)];
  if (missing.length === 0) describe(title, define);
  else it.skip(`${title} [needs ${missing.join(', ')}]`, () => undefined);
}

export interface Replacement {
  /** What to show there: a directory. */
  readonly from: string;
  /** A directory of the machine, which need not exist. */
  readonly over: string;
}

/** Standard output of `script` (sh); throws with what it wrote to standard error when it fails. */
export function inNamespace(replacements: readonly Replacement[], script: string, input = ''): string {
  const mounts = replacements.map(({ from, over }) => `mount --bind '${from}' '${over}'`);
  const bases = new Set(
    replacements
      .map(({ over }) => over)
      .filter((over) => !existsSync(over))
      .map(nearest),
  );
  // What does not exist on this machine is made on a tmpfs over the nearest directory that does, in the namespace only.
  const prelude = [...bases].map((base) => `mount -t tmpfs none '${base}'`);
  prelude.push(...replacements.map(({ over }) => `mkdir -p '${over}'`));
  const run = spawnSync(
    '/usr/bin/unshare',
    ['-m', '/bin/sh', '-c', ['set -e', ...prelude, ...mounts, script].join('\n')],
    {
      input,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      timeout: 120_000,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    },
  );
  if (run.status !== 0) throw new Error(`${run.status} ${run.error ?? ''} ${run.stderr}`);
  return run.stdout;
}

const nearest = (path: string): string => (existsSync(path) ? path : nearest(dirname(path)));

/** A directory for one test that other users may enter, and its removal. */
export function openDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'nachweis-'));
  chmodSync(path, 0o755);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A copy of what account and PAM programs need of /etc. */
export function copyOfEtc(into: string): string {
  const etc = join(into, 'etc');
  mkdirSync(etc);
  const wanted = [
    'passwd',
    'group',
    'shadow',
    'gshadow',
    'nsswitch.conf',
    'login.defs',
    'pam.d',
    'pam.conf',
    'security',
    'ld.so.cache',
    'ld.so.conf',
    'ld.so.conf.d',
    'default',
    'shells',
    'alternatives',
  ];
  for (const name of wanted)
    if (existsSync(`/etc/${name}`))
      cpSync(`/etc/${name}`, join(etc, name), { recursive: true, verbatimSymlinks: true });
  return etc;
}
