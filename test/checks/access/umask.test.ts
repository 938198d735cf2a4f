/** What start files make of the umask, compared with what the real shell does with them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inForce, parseMask, umaskStatements } from '../../../checks/facts/umask.ts';

const directory = mkdtempSync(join(tmpdir(), 'nachweis-umask-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The umask after a shell that started with 022 has read the file. */
function real(text: string): number {
  const file = join(directory, 'profile');
  writeFileSync(file, text);
  const run = spawnSync('/bin/sh', ['-c', `umask 022; . '${file}' >/dev/null 2>&1; umask`], {
    encoding: 'utf8',
  });
  return Number.parseInt(run.stdout.trim(), 8);
}

const possible = (text: string) =>
  inForce({ bases: [{ source: '', mask: 0o022, always: true }], statements: umaskStatements(text, 'x') }).map(
    ({ mask }) => mask,
  );

/** A generator with a fixed seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

const pieces = (mask: string): readonly string[] => [
  `umask ${mask}`,
  `  umask ${mask} # why`,
  `# umask ${mask}`,
  `if true; then\n  umask ${mask}\nfi`,
  `if false; then\n  umask ${mask}\nelse\n  :\nfi`,
  `if false; then umask ${mask}; fi`,
  `false && umask ${mask}`,
  `true || umask ${mask}`,
  `false &&\n  umask ${mask}`,
  `f() {\n  umask ${mask}\n}`,
  `case x in\n  y) umask ${mask} ;;\nesac`,
  `case x in\n  x) umask ${mask};;\nesac`,
  `for i in; do\n  umask ${mask}\ndone`,
  `echo "a; umask ${mask}"`,
  `echo "\numask ${mask}\n"`,
  `cat <<END\numask ${mask}\nEND`,
  `[ -n "$NEVER" ] || return 0`,
  `(umask ${mask})`,
  `umask -S`,
  `:; umask ${mask}`,
  `umask u=rwx,g=rx,o=`,
  `unmask=${mask}`,
];

describe('start files', () => {
  it('the real shell never ends with a umask that was not thought possible', () => {
    const random = randomFrom(20260615);
    const masks = ['000', '002', '022', '027', '0077', '077'];
    let certain = 0;
    for (let round = 0; round < 300; round += 1) {
      const text = Array.from({ length: 1 + random(4) }, () => {
        const all = pieces(masks[random(masks.length)] ?? '');
        return all[random(all.length)] ?? '';
      }).join('\n');
      const seen = possible(`${text}\n`);
      expect(seen, text).toContain(real(`${text}\n`));
      if (seen.length === 1) certain += 1;
    }
    // It is no use to think everything possible.
    expect(certain).toBeGreaterThan(40);
  });

  it('values as the shell takes them', () => {
    for (const value of ['0', '27', '027', '0027', '777', 'u=rwx,g=rx,o=', 'a=rx', 'ug=rwx,o=x'])
      expect([value, parseMask(value)]).toEqual([value, real(`umask ${value}\n`)]);
    for (const value of ['', '8', '$X', 'g-w', 'o=', '-S'])
      expect([value, parseMask(value)]).toEqual([value, undefined]);
  });
});
