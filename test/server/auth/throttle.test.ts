/** Who has to wait after wrong passwords, and who must not. */
import { expect, it } from 'vitest';
import { network, SignInThrottle } from '../../../server/auth/throttle.ts';

const START = Date.parse('2026-06-15T12:00:00.000Z');

function world() {
  const throttle = new SignInThrottle();
  let now = START;
  const attempt = (account: string, ip: string, right: boolean) =>
    throttle
      .run(
        account,
        ip,
        () => new Date(now),
        async () => right,
      )
      .then(
        (result) => (result ? 'in' : 'wrong'),
        (error: { code: string; details: { seconds: number } }) => {
          expect(error.code).toBe('TOO_MANY_REQUESTS');
          expect(error.details.seconds).toBeGreaterThan(0);
          return 'wait';
        },
      );
  return {
    attempt,
    pass: (seconds: number) => {
      now += seconds * 1000;
    },
  };
}

it('a guesser is held after five wrong passwords, and longer with each further one', async () => {
  const { attempt, pass } = world();
  for (let n = 0; n < 5; n++) expect(await attempt('anna', '192.0.2.1', false)).toBe('wrong');
  expect(await attempt('anna', '192.0.2.1', true)).toBe('wait');
  pass(3);
  expect(await attempt('anna', '192.0.2.1', false)).toBe('wrong');
  pass(3);
  expect(await attempt('anna', '192.0.2.1', true)).toBe('wait');
  pass(2);
  expect(await attempt('anna', '192.0.2.1', true)).toBe('in');
  // Right once, it starts from the beginning.
  for (let n = 0; n < 4; n++) expect(await attempt('anna', '192.0.2.1', false)).toBe('wrong');
  expect(await attempt('anna', '192.0.2.1', true)).toBe('in');
});

it('the wait never grows past a quarter of an hour', async () => {
  const { attempt, pass } = world();
  for (let n = 0; n < 40; n++) {
    expect(await attempt('anna', '192.0.2.1', false)).toBe('wrong');
    pass(15 * 60 + 1);
  }
  expect(await attempt('anna', '192.0.2.1', true)).toBe('in');
});

it("failing in somebody else's name locks nobody out", async () => {
  const { attempt } = world();
  for (let n = 0; n < 8; n++) await attempt('anna', '192.0.2.66', false);
  expect(await attempt('anna', '192.0.2.66', true)).toBe('wait');
  expect(await attempt('anna', '192.0.2.1', true)).toBe('in');
  expect(await attempt('berta', '192.0.2.2', true)).toBe('in');
});

it('many addresses against one account are slowed down, but not where that person signed in before', async () => {
  const { attempt } = world();
  expect(await attempt('anna', '192.0.2.1', true)).toBe('in');
  for (let n = 0; n < 60; n++) await attempt('anna', `198.51.100.${n}`, false);
  expect(await attempt('anna', '203.0.113.9', true)).toBe('wait');
  expect(await attempt('anna', '192.0.2.1', true)).toBe('in');
  expect(await attempt('berta', '203.0.113.9', true)).toBe('in');
});

it('one address against many accounts is held, without those who signed in from there before', async () => {
  const { attempt } = world();
  expect(await attempt('anna', '192.0.2.1', true)).toBe('in');
  for (let n = 0; n < 31; n++) await attempt(`user${n}`, '192.0.2.1', false);
  expect(await attempt('berta', '192.0.2.1', true)).toBe('wait');
  expect(await attempt('anna', '192.0.2.1', true)).toBe('in');
});

it('attempts from one address run one after the other, and only a few wait', async () => {
  const throttle = new SignInThrottle();
  let running = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  const slow = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running -= 1;
    return true;
  };
  const now = () => new Date(START);
  const attempts = Array.from({ length: 8 }, (_, n) =>
    throttle.run(`user${n}`, '192.0.2.1', now, slow).then(
      () => 'in',
      () => 'wait',
    ),
  );
  const settled = Promise.all(attempts);
  for (let n = 0; n < 5; n++) {
    while (ends.length <= n) await new Promise((resolve) => setImmediate(resolve));
    ends[n]?.();
  }
  expect((await settled).filter((result) => result === 'wait')).toHaveLength(3);
  expect(most).toBe(1);
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s counts as %s', (ip, expected) => {
  expect(network(ip)).toBe(expected);
});
