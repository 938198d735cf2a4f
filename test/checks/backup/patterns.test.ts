/** Which files restic and borg take after patterns, against the programs themselves on generated trees and patterns. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BorgRule, borgExclude, borgKeeps, borgLine } from '../../../checks/facts/borg-pattern.ts';
import { compileGlob, globMatches } from '../../../checks/facts/path-glob.ts';
import { resticKeeps, resticPattern } from '../../../checks/facts/restic-filter.ts';
import { describeWith } from '../../support/programs.ts';

const SEED = 20261124;
/** Opening a repository costs most: each run has several copies of the tree, each with patterns of its own beside those for all. */
const RUNS = 28;
const COPIES = ['one', 'two', 'three', 'four'] as const;

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
const slashed = fc.tuple(relative, fc.constantFrom('', '', '/')).map(([path, end]) => path + end);

let base: string;
const files = (): string[] => COPIES.flatMap((copy) => FILES.map((file) => join(base, copy, file))).sort();
const roots = (): string[] =>
  COPIES.flatMap((copy) => ['etc', 'var/lib', 'var/spool'].map((each) => join(base, copy, each)));
/** With the directories. */
const all = (): string[] => {
  const paths = new Set<string>();
  for (const copy of COPIES) {
    for (const file of FILES)
      for (let at = file; at !== '.'; at = dirname(at)) paths.add(join(base, copy, at));
  }
  return [...paths].sort();
};
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'nachweis-patterns-'));
  for (const file of files()) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'x');
  }
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Where a pattern begins: at the root of one copy, or anywhere. */
const place = fc.constantFrom(undefined, ...COPIES, ...COPIES);
const rooted = (pattern: string, copy: string | undefined): string =>
  copy === undefined ? pattern : `${join(base, copy)}/${pattern}`;

describeWith(['restic'], 'restic', () => {
  let repository: string;
  const env = { PATH: '/usr/bin:/bin', HOME: '/nonexistent', RESTIC_PASSWORD: 'x' };
  beforeAll(() => {
    repository = mkdtempSync(join(tmpdir(), 'nachweis-restic-'));
    spawnSync('restic', ['--no-cache', '-r', repository, 'init'], { env });
  }, 30_000);
  afterAll(() => rmSync(repository, { recursive: true, force: true }));

  it(`takes what is computed, for ${RUNS * COPIES.length} sets of patterns`, { timeout: 120_000 }, () => {
    const pattern = fc
      .tuple(slashed, place, fc.constantFrom('', '', '!'))
      .map(([text, copy, negated]) => negated + rooted(text, copy));
    const sets = fc.sample(fc.array(pattern, { minLength: 3, maxLength: 9 }), { numRuns: RUNS, seed: SEED });
    let left = 0;
    for (const patterns of sets) {
      const { stdout, stderr, status } = spawnSync(
        'restic',
        [
          '--no-cache',
          '--no-lock',
          '-r',
          repository,
          'backup',
          '--dry-run',
          '-vv',
          '--json',
          '--force',
          ...patterns.flatMap((each) => ['--exclude', each]),
          ...roots(),
        ],
        { env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
      );
      const compiled = patterns.map(resticPattern);
      if (/invalid pattern/i.test(stderr)) {
        expect(compiled, patterns.join('\n')).toContain(undefined);
        continue;
      }
      expect(status, `${stderr}\n${patterns.join('\n')}`).toBe(0);
      const taken = stdout
        .split('\n')
        .filter((line) => line.includes('verbose_status'))
        .map((line) => JSON.parse(line) as { action: string; item: string })
        .filter(({ action }) => action === 'new')
        .map(({ item }) => item)
        .filter((item) => !item.endsWith('/'))
        .sort();
      const rules = compiled.filter((each) => each !== undefined);
      const kept = files().filter((path) => roots().some((root) => resticKeeps(rules, path, root)));
      left += files().length - kept.length;
      expect(kept, patterns.join('\n')).toEqual(taken);
    }
    expect(left, 'patterns that leave something out').toBeGreaterThan(100);
  });
});

describeWith(['borg'], 'borg', () => {
  let repository: string;
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: '/nonexistent',
    BORG_BASE_DIR: '',
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
    BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
  };
  beforeAll(() => {
    repository = mkdtempSync(join(tmpdir(), 'nachweis-borg-'));
    env.BORG_BASE_DIR = join(repository, 'base');
    spawnSync('borg', ['init', '-e', 'none', join(repository, 'repo')], { env });
  }, 30_000);
  afterAll(() => rmSync(repository, { recursive: true, force: true }));

  it(`takes what is computed, for ${RUNS * COPIES.length} sets of patterns`, { timeout: 120_000 }, () => {
    const style = fc.constantFrom('', '', 'sh:', 'fm:', 'pp:', 'pf:', 're:');
    const expression = fc.constantFrom(
      '\\.pem$',
      '^etc',
      'ss[hl]',
      'a.b',
      'passwd$|status',
      'etc/.*d',
      'cr.+b',
    );
    const pattern = fc
      .tuple(style, slashed, place, fc.constantFrom('-', '+', '!', 'e', 'e'), expression)
      .map(([kind, text, copy, command, regular]) => {
        const body = kind + (kind === 're:' ? regular : rooted(text, copy));
        return command === 'e' ? ['--exclude', body] : ['--pattern', `${command} ${body}`];
      });
    const sets = fc.sample(fc.array(pattern, { minLength: 3, maxLength: 10 }), { numRuns: RUNS, seed: SEED });
    let left = 0;
    for (const patterns of sets) {
      const { stderr, status } = spawnSync(
        'borg',
        ['create', '--dry-run', '--list', ...patterns.flat(), `${join(repository, 'repo')}::x`, ...roots()],
        { env, encoding: 'utf8' },
      );
      const rules = patterns.map(([option, text = '']): BorgRule | undefined => {
        if (option === '--exclude') return borgExclude(text);
        const line = borgLine(text, 'sh');
        return line?.kind === 'rule' ? line.rule : undefined;
      });
      const shown = patterns.map((each) => each.join(' ')).join('\n');
      expect(status, `${stderr}\n${shown}`).toBe(0);
      expect(rules, shown).not.toContain(undefined);
      const taken = stderr
        .split('\n')
        .filter((line) => line.startsWith('- '))
        .map((line) => line.slice(2))
        .sort();
      const known = rules.filter((rule) => rule !== undefined);
      const kept = all().filter((path) => roots().some((root) => borgKeeps(known, path, root)));
      left += all().length - kept.length;
      expect(kept, shown).toEqual(taken);
    }
    expect(left, 'patterns that leave something out').toBeGreaterThan(100);
  });
});

it('takes no long time for a hostile pattern', () => {
  for (const dialect of ['go', 'fnmatch', 'shell'] as const) {
    const glob = compileGlob(`${'*a'.repeat(200)}b`, dialect);
    expect(glob && globMatches(glob, 'a'.repeat(4000))).toBe(false);
  }
  expect(resticPattern(`${'**/'.repeat(40)}x`)).toBeUndefined();
  expect(borgExclude('re:(a+)+$')).toBeUndefined();
});

it('never throws', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (pattern, path) => {
      const restic = resticPattern(pattern);
      if (restic) resticKeeps([restic], `/${path}`, '/');
      const line = borgLine(pattern, 'sh');
      if (line?.kind === 'rule') borgKeeps([line.rule], `/${path}`, '/');
      const rule = borgExclude(pattern);
      if (rule) borgKeeps([rule], `/${path}`, '/');
    }),
    { seed: SEED, numRuns: 2000 },
  );
});
