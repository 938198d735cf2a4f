/** Order of versions against dpkg's own. */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { compareVersions } from '../../../checks/facts/dpkg-version.ts';
import { compareKernels } from '../../../checks/facts/kernel-release.ts';
import { describeWith } from '../../support/programs.ts';

/** A small generator with a fixed seed: the same cases in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describeWith(['dpkg-deb'], 'compareVersions', () => {
  const pick = random(20261123);
  const parts = [
    '0',
    '1',
    '9',
    '10',
    '009',
    '~',
    '+',
    '.',
    'a',
    'Z',
    '~~',
    'rc1',
    '-1',
    '-0ubuntu1',
    'deb12u3',
    '.0',
  ];
  const version = (): string =>
    `${pick(6) === 0 ? `${pick(3)}:` : ''}${pick(20)}${Array.from({ length: pick(5) }, () => parts[pick(parts.length)]).join('')}`;
  const cases: [string, string][] = Array.from({ length: 250 }, () => [version(), version()]);
  cases.push(
    ['1.0', '1.0-0'],
    ['1.0~rc1', '1.0'],
    ['6.1.0-9', '6.1.0-42'],
    ['1:1', '2'],
    ['0:1', '1'],
    ['1.a', '1+'],
  );

  it('agrees with dpkg --compare-versions', () => {
    for (const [a, b] of cases) {
      const script = ['lt', 'eq', 'gt']
        .map((op) => `dpkg --compare-versions "$1" ${op} "$2" 2>/dev/null; echo $?`)
        .join(';');
      const said = spawnSync('sh', ['-c', script, 'sh', a, b], { encoding: 'utf8' })
        .stdout.trim()
        .split('\n');
      expect(Math.sign(compareVersions(a, b)), `${a} <=> ${b}`).toBe(said.indexOf('0') - 1);
    }
  });
});

it('orders kernels by version and not by flavour', () => {
  expect(compareKernels('6.1.0-9-amd64', '6.1.0-42-cloud-amd64')).toBeLessThan(0);
  expect(compareKernels('6.1.0-42-rt-amd64', '6.1.0-42-amd64')).toBe(0);
  expect(compareKernels('5.15.0-91-generic', '5.15.0-100-lowlatency')).toBeLessThan(0);
  expect(compareKernels('6.12.57+deb13-amd64', '6.12.57+deb13+1-amd64')).toBeLessThan(0);
  // A flavour that is not known is part of the version: rpi7 is not rpi8.
  expect(compareKernels('6.1.0-rpi7-rpi-v8', '6.1.0-rpi8-rpi-v8')).toBeLessThan(0);
});
