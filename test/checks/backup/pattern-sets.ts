/** Generated trees and patterns on which the readers of patterns are compared with the programs themselves. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';

export const SEED = 20261124;
/** Starting a program costs most: each run has several copies of the tree, each with patterns of its own beside those for all. */
export const COPIES = ['one', 'two', 'three', 'four'] as const;

const FILES = [
  'etc/passwd',
  'etc/shadow',
  'etc/ssh/sshd_config',
  'etc/ssh/ssh_host_key',
  'etc/ssl/private/key.pem',
  'etc/ssl/certs/ca.pem',
  'etc/network/interfaces',
  'etc/network/if-up.d/one',
  'etc/cache/etc/passwd',
  'etc/a b/c[1]',
  'var/lib/dpkg/status',
  'var/lib/dpkg/info/a.list',
  'var/cache/x.tmp',
  'var/spool/cron/crontabs/root',
];

const name = fc.constantFrom(
  'etc',
  'ssh',
  'ssl',
  'var',
  'lib',
  'cache',
  'passwd',
  'network',
  'status',
  'spool',
  '*',
  '**',
  '?tc',
  's*',
  '*.pem',
  '[se]*',
  '[!s]*',
  '[^s]*',
  '[a-e]tc',
  '*_*',
  'a b',
  'c\\[1\\]',
  'c[[]1]',
  'd*g',
  '.',
  '*s*',
  'cr*b?',
  '**s',
);
const relative = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
/** One to four parts, perhaps with a slash at the end. */
export const slashed = fc.tuple(relative, fc.constantFrom('', '', '/')).map(([path, end]) => path + end);
/** Where a pattern begins: at the root of one copy, or anywhere. */
export const place = fc.constantFrom(undefined, ...COPIES, ...COPIES);

export interface PatternTree {
  readonly base: string;
  /** All files, sorted. */
  readonly files: readonly string[];
  /** With the directories. */
  readonly all: readonly string[];
  readonly roots: readonly string[];
  readonly rooted: (pattern: string, copy: string | undefined) => string;
}

/** Makes the tree in a directory of its own. */
export function patternTree(): PatternTree {
  const base = mkdtempSync(join(tmpdir(), 'nachweis-patterns-'));
  const files = COPIES.flatMap((copy) => FILES.map((file) => join(base, copy, file))).sort();
  const paths = new Set<string>();
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'x');
    for (let at = file; at !== base; at = dirname(at)) if (at !== dirname(base)) paths.add(at);
  }
  for (const copy of COPIES) paths.delete(join(base, copy));
  return {
    base,
    files,
    all: [...paths].sort(),
    roots: COPIES.flatMap((copy) => ['etc', 'var/lib', 'var/spool'].map((each) => join(base, copy, each))),
    rooted: (pattern, copy) => (copy === undefined ? pattern : `${join(base, copy)}/${pattern}`),
  };
}
