/** Which files restic and borg take after patterns, against the programs themselves on generated trees and patterns. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BorgRule, borgExclude, borgKeeps, borgLine } from '../../../checks/facts/borg-pattern.ts';
import { compileGlob, globMatches } from '../../../checks/facts/path-glob.ts';
import { resticKeeps, resticPattern } from '../../../checks/facts/restic-filter.ts';
import { describeWith } from '../../support/programs.ts';
import { COPIES, type PatternTree, patternTree, place, SEED, slashed } from './pattern-sets.ts';

const RUNS = 28;

let tree: PatternTree;
const files = (): string[] => [...tree.files];
const roots = (): string[] => [...tree.roots];
const all = (): string[] => [...tree.all];
const rooted = (pattern: string, copy: string | undefined): string => tree.rooted(pattern, copy);
beforeAll(() => {
  tree = patternTree();
});
afterAll(() => rmSync(tree.base, { recursive: true, force: true }));

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
