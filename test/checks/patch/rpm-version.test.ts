/** The order of RPM versions against rpm's own. */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { compareEvr, compareRpm } from '../../../checks/facts/rpm-version.ts';
import { describeWith } from '../../support/programs.ts';

/** A small generator with a fixed seed: the same cases in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** rpm's answers, through its own Lua function. */
function vercmp(pairs: readonly (readonly [string, string])[]): number[] {
  const calls = pairs.map(([a, b]) => `print(rpm.vercmp("${a}","${b}") .. ";")`).join(' ');
  const { stdout } = spawnSync('/usr/bin/rpm', ['--eval', `%{lua:${calls}}`], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  });
  return stdout
    .trim()
    .split(';')
    .slice(0, -1)
    .map((each) => Number(each.trim()));
}

describeWith(['rpmbuild'], 'the order of RPM versions', () => {
  const parts = [
    '0',
    '1',
    '9',
    '10',
    '009',
    '~',
    '^',
    '~~',
    '+',
    '.',
    '_',
    'a',
    'Z',
    'rc1',
    'el9',
    '.el9_4',
    '00',
  ];
  const pick = random(20261124);
  const version = (): string => Array.from({ length: 1 + pick(5) }, () => parts[pick(parts.length)]).join('');
  // Half of them begin alike: otherwise the first character would settle nearly all.
  const pairs = Array.from({ length: 3000 }, (): [string, string] => {
    const [a, b] = [version(), version()];
    return pick(2) === 0 ? [a, b] : [a, `${a.slice(0, 1 + pick(a.length))}${b}`];
  });

  it('agrees with rpm.vercmp', () => {
    const said =
      pairs.length > 0 ? [0, 1000, 2000].flatMap((from) => vercmp(pairs.slice(from, from + 1000))) : [];
    expect(said).toHaveLength(pairs.length);
    expect(new Set(said)).toEqual(new Set([-1, 0, 1]));
    const wrong = pairs.flatMap(([a, b], index) => {
      const own = Math.sign(compareRpm(a, b));
      return own === said[index] ? [] : [`${a} <=> ${b}: ${own}, rpm says ${said[index]}`];
    });
    expect(wrong).toEqual([]);
  });

  it('epoch counts first, then version, then release', () => {
    expect(compareEvr('1:1-1', '2-1')).toBeGreaterThan(0);
    expect(compareEvr('0:2-1', '2-1')).toBe(0);
    expect(compareEvr('2-9', '2-10')).toBeLessThan(0);
    expect(compareEvr('2', '2-10')).toBe(0);
  });
});
