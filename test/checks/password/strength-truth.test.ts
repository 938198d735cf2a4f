/**
 * The model of password policies against libpam: for generated policies, the weakest password that the model finds is
 * stored by a real change, those one step weaker are not, and others end as the model says.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parsePam } from '../../../checks/facts/pam-line.ts';
import { classesOf, qualityAccepts } from '../../../checks/facts/password-judge.ts';
import { type PasswordWay, passwordWays } from '../../../checks/facts/password-policy.ts';
import { takes, type Weakest, weakest } from '../../../checks/facts/password-weakest.ts';
import { parsePwqualityConf, pwqualityOptions, type QualityConf } from '../../../checks/facts/pwquality.ts';
import { describeInDebian, ROOT_TIMEOUT_MS } from '../../support/debian-root.ts';
import { type Change, changePasswords, passwordRoot, scorePasswords } from '../../support/password-root.ts';
import { confs, type Policy, policies } from './policy-generate.ts';

const POLICIES = 110;

/** Passes all of them. */
const STRONG = 'Vq7%Zk#9wXtR3!mBy5&KpD';

/** In the order of the fact `pwqualityConf`. */
const confOf = (files: Policy['files']): QualityConf[] =>
  Object.keys(files)
    .filter((name) => name.endsWith('.conf'))
    .sort((a, b) => Number(a === 'pwquality.conf') - Number(b === 'pwquality.conf') || (a < b ? -1 : 1))
    .flatMap((name) => parsePwqualityConf(files[name] ?? '', `/etc/security/${name}`));

function wayOf({ stack, files }: Policy, who: PasswordWay['who'] = 'account'): PasswordWay {
  const configuration = {
    directories: true,
    files: new Map([['nachweis', parsePam(stack, '/etc/pam.d/nachweis')]]),
  };
  const way = passwordWays(configuration, {
    quality: confOf(files),
    passwdqc: new Map(),
    debian: true,
    installed: undefined,
  }).find((one) => one.who === who);
  if (!way) throw new Error(`no way: ${stack}`);
  return way;
}

/** One letter less at either end; one class less, as another letter of a class that stays. */
function stepsBelow({ sample, classes }: Weakest): string[] {
  const shorter = [sample.slice(0, -1), sample.slice(1)];
  const fewer = [/[a-z]/g, /[A-Z]/g, /\d/g, /[^a-zA-Z\d]/g].flatMap((letters) => {
    const stays = sample.replaceAll(letters, '');
    if (stays === '' || stays === sample) return [];
    // Of the class that is left with the fewest combinations.
    const fill = /\d/.test(stays)
      ? '5816274'
      : /[a-z]/.test(stays)
        ? 'ywsluo'
        : /[A-Z]/.test(stays)
          ? 'YWSLUO'
          : '%;?!&*';
    let at = 0;
    return [sample.replaceAll(letters, () => fill[at++ % fill.length] ?? '')];
  });
  return [...shorter, ...fewer].filter(
    (one) => one !== '' && one.length + classesOf(one) < sample.length + classes,
  );
}

/** What policies tell apart, and nobody would take for a word. */
const PROBES = [
  'xqv7',
  'xqvkzm',
  'xqvkzmwg',
  'xqvkzmwgpjtb',
  '7294836150',
  'Xqvkzm7wg',
  'Xq7%kzmw',
  'XQ77vvkk%%mm',
  'abcdefghxq',
  'hgfedcba9876',
  'aaaaaaa1',
  'abababab',
  'xqvkkvqx',
  'Xq7%Xq7%Xq7%Xq7%',
  'nothing-of-this-1',
  'xqvkzmwgpjtbhdrfncls',
];

describeInDebian('libpam judges new passwords as the model does', () => {
  it.each([11, 12, 13] as const)(
    `Debian %s, ${POLICIES} policies`,
    { timeout: ROOT_TIMEOUT_MS },
    async (release) => {
      const cases = fc.sample(policies(release === 11), { numRuns: POLICIES, seed: release });
      const asked: { readonly change: Change; readonly expected: boolean; readonly what: string }[] = [];
      let found = 0;
      for (const [index, policy] of cases.entries()) {
        const way = wayOf(policy);
        const least = weakest(way);
        const ask = (what: string, password: string, expected: boolean) =>
          asked.push({ change: { ...policy, typed: [password] }, expected, what: `${what} ${password}` });
        if (least) {
          found += 1;
          ask('weakest', least.sample, true);
          for (const weaker of stepsBelow(least)) ask('weaker', weaker, false);
        }
        for (const at of [0, 1]) {
          const probe = PROBES[(index * 2 + at) % PROBES.length] ?? '';
          // What pam_passwdqc takes for words and rows of the alphabet is no matter of the model.
          if (policy.stack.includes('passwdqc') && /abc|cba|nothing/.test(probe)) continue;
          ask('probe', probe, takes(way, probe));
          if (at > 0) continue;
          const as = index % 2 === 0 ? 'root' : 'forced';
          const expected = takes(as === 'root' ? wayOf(policy, 'root') : way, probe);
          asked.push({ change: { ...policy, typed: [probe], as }, expected, what: `${as} ${probe}` });
        }
      }
      expect(found).toBeGreaterThan(POLICIES * 0.7);
      // Where several modules ask, or ask again, what is typed first may be another one.
      const tries = asked.flatMap((one, index) =>
        [one.change.typed, [STRONG, ...one.change.typed]]
          .slice(0, /passwdqc|pwhistory|(pwq|crack)[\s\S]*pwq/.test(one.change.stack) ? 2 : 1)
          .map((typed) => ({ index, change: { ...one.change, typed } })),
      );
      const stored = changePasswords(
        (await passwordRoot(release)).path,
        tries.map(({ change }) => change),
      );
      const real = new Set(tries.flatMap(({ index }, at) => (stored[at] ? [index] : [])));
      const wrong = asked.flatMap(({ change, expected, what }, index) =>
        real.has(index) === expected ? [] : [{ what, expected, stack: change.stack, files: change.files }],
      );
      expect(wrong).toEqual([]);
    },
  );

  it.each([11, 12, 13] as const)(
    'pwscore of Debian %s agrees on single ones',
    { timeout: ROOT_TIMEOUT_MS },
    async (release) => {
      const [line] = parsePam('password required pam_pwquality.so\n', '/etc/pam.d/passwd');
      if (line?.kind !== 'module') throw new Error('no line');
      const asked = fc
        .sample(confs, { numRuns: 25, seed: release })
        .flatMap((conf) => PROBES.map((password) => ({ conf, password })));
      const expected = asked.map(({ conf, password }) =>
        qualityAccepts(pwqualityOptions(line, parsePwqualityConf(conf, 'pwquality.conf')), password),
      );
      expect(new Set(expected).size).toBe(2);
      const real = scorePasswords((await passwordRoot(release)).path, asked);
      expect(asked.filter((_, index) => real[index] !== expected[index])).toEqual([]);
      expect(real.length).toBe(asked.length);
    },
  );
});
