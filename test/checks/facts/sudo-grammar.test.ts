/** The reader of sudoers against the real one: generated files, trees compared whole, errors line by line. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseSudoVersion, type SudoVersion } from '../../../checks/facts/sudo-version.ts';
import { type Entry, parseSudoers } from '../../../checks/facts/sudoers-parse.ts';
import { describeWith } from '../../support/programs.ts';
import { generateSudoers } from './sudo-generate.ts';
import { parseCvtsudoers, shapeOfEntries, shapeOfJson } from './sudo-json.ts';

const CASES = 600;
const SEED = 20_261_123;
const CURRENT: SudoVersion = { major: 1, minor: 9, patch: 13 };

const REGEX_REFUSED =
  /: (?:Invalid (?:range|regular|preceding|content|back|character|collation)|Unmatched|Trailing backslash|Regular expression)/;

/** One shell for all files. */
const SCRIPT = `
cd "$1"
for file in case*; do
  cvtsudoers -f json "$file" >"out-$file" 2>"err-$file"
  echo $? >"status-$file"
done`;

describeWith(['cvtsudoers', 'visudo'], 'the reader agrees with the real cvtsudoers', () => {
  let directory: string;
  const version = parseSudoVersion(readFileSync('/usr/bin/sudo', 'latin1')) ?? CURRENT;
  const files = Array.from({ length: CASES }, (_, number) => generateSudoers(SEED + number));

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'sudoers-'));
    for (const [number, text] of files.entries())
      writeFileSync(join(directory, `case${number}`), text, 'latin1');
    const run = spawnSync('/bin/sh', ['-c', SCRIPT, 'sh', directory], {
      encoding: 'utf8',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    });
    if (run.status !== 0) throw new Error(run.stderr);
  }, 300_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it(`${CASES} generated files`, () => {
    const seen = { read: 0, refused: 0, rules: 0, aliases: 0, defaults: 0 };
    const differences: string[] = [];
    for (const [number, text] of files.entries()) {
      const of = (kind: string) => readFileSync(join(directory, `${kind}-case${number}`), 'latin1');
      const entries = parseSudoers(text, version);
      const where = `seed ${SEED + number}`;
      const wrong = errorLines(entries);
      // cvtsudoers and visudo compile regular expressions, sudo does so only when it matches one.
      if (REGEX_REFUSED.test(of('err'))) continue;
      if (wrong.length > 0 || of('status').trim() !== '0') {
        seen.refused += 1;
        const real = [...new Set([...of('err').matchAll(/^case\d+:(\d+):\d+: /gm)].map((m) => Number(m[1])))];
        if (JSON.stringify(real) !== JSON.stringify(wrong))
          differences.push(`${where}: lines ${wrong}, cvtsudoers ${real}: ${of('err')}`);
        continue;
      }
      seen.read += 1;
      const real = shapeOfJson(parseCvtsudoers(of('out')));
      const ours = shapeOfEntries(entries);
      seen.rules += ours.specs.length;
      seen.aliases += Object.keys(ours.aliases).length;
      seen.defaults += ours.defaults.length;
      for (const part of ['aliases', 'defaults', 'specs'] as const)
        if (sorted(real[part]) !== sorted(ours[part]))
          differences.push(`${where}: ${part}\n${sorted(ours[part])}\ncvtsudoers\n${sorted(real[part])}`);
    }
    expect(differences.slice(0, 3)).toEqual([]);
    // The cases must be worth something.
    expect(seen.read).toBeGreaterThan(300);
    expect(seen.refused).toBeGreaterThan(150);
    expect(seen.rules).toBeGreaterThan(2_000);
    expect(seen.aliases).toBeGreaterThan(300);
    expect(seen.defaults).toBeGreaterThan(300);
  });

  it('visudo refuses what has an error for the reader, and nothing else', () => {
    for (const number of Array.from({ length: 60 }, (_, index) => index)) {
      const run = spawnSync('/usr/sbin/visudo', ['-c', '-q', '-f', join(directory, `case${number}`)]);
      if (REGEX_REFUSED.test(readFileSync(join(directory, `err-case${number}`), 'latin1'))) continue;
      const wrong = errorLines(parseSudoers(files[number] ?? '', version)).length > 0;
      expect(run.status !== 0, `seed ${SEED + number}`).toBe(wrong);
    }
  });
});

/** Lines with errors; an alias that is defined twice is found only when all files are put together. */
function errorLines(entries: readonly Entry[]): number[] {
  const lines: number[] = [];
  const names = new Set<string>();
  let broken = -1;
  for (const entry of entries) {
    if (entry.kind === 'error') lines.push(entry.line);
    if (entry.kind !== 'alias' || entry.statement === broken) continue;
    if (names.has(`${entry.of} ${entry.name}`)) {
      lines.push(entry.line);
      broken = entry.statement;
    }
    names.add(`${entry.of} ${entry.name}`);
  }
  return [...new Set(lines)];
}

const sorted = (part: readonly string[] | Record<string, string[]>): string =>
  Array.isArray(part)
    ? part.join('\n')
    : Object.entries(part)
        .map(([name, members]) => `${name}: ${(members as string[]).join(',')}`)
        .sort()
        .join('\n');
