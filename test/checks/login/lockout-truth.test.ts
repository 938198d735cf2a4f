/** login.lockout against libpam and pam_faillock: after two wrong passwords, does the right one still open the account? */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { lockout } from '../../../checks/login/lockout.ts';
import { judge } from '../../support/judge.ts';
import { copyOfEtc, describeInNamespace, inNamespace, openDirectory } from '../../support/mount-namespace.ts';
import { programs } from '../../support/programs.ts';

const CONF = 'deny = 2\nunlock_time = 900\neven_deny_root\nnodelay\n';
const PASSWORD = 'lauter-gute-vorsaetze';

/** Building blocks of a stack around pam_unix. */
const before = [
  '',
  'auth required pam_faillock.so preauth',
  'auth requisite pam_faillock.so silent preauth',
  'auth optional pam_faillock.so preauth',
  'auth sufficient pam_faillock.so preauth',
  'auth [default=die success=ignore] pam_faillock.so preauth',
  'auth required pam_env.so\nauth required pam_faillock.so preauth',
  'auth [success=1 default=ignore] pam_permit.so\nauth required pam_faillock.so preauth',
];
const unix = [
  'auth required pam_unix.so nodelay',
  'auth requisite pam_unix.so nodelay',
  'auth sufficient pam_unix.so nodelay',
  'auth [success=1 default=bad] pam_unix.so nodelay',
  'auth [success=1 default=ignore] pam_unix.so nodelay',
  'auth [success=2 default=ignore] pam_unix.so nodelay',
  'auth substack inner',
  'auth include inner',
];
const after = [
  '',
  'auth [default=die] pam_faillock.so authfail\nauth required pam_deny.so',
  'auth [default=die] pam_faillock.so authfail\nauth required pam_faillock.so authsucc',
  'auth required pam_faillock.so authfail\nauth required pam_deny.so',
  'auth [default=die] pam_faillock.so authfail deny=9\nauth optional pam_permit.so',
  'auth requisite pam_deny.so\nauth required pam_permit.so',
  'auth [default=die] pam_faillock.so authfail\nauth requisite pam_deny.so\nauth required pam_permit.so',
  'auth sufficient pam_faillock.so authsucc',
];
const all = before.flatMap((first) =>
  unix.flatMap((middle) =>
    after.map((last) => [first, middle, last].filter((part) => part !== '').join('\n')),
  ),
);
/** Every third of them, so that the test ends soon; 3 and 8 have no common divisor. */
const stacks = all.filter((_, index) => index % 3 === 0);
const INNER = 'auth sufficient pam_unix.so nodelay\nauth required pam_deny.so\n';

describeInNamespace(['pamtester', 'openssl'], 'libpam agrees on which stacks lock an account', () => {
  const directory = openDirectory();
  afterAll(directory.remove);
  const etc = copyOfEtc(directory.path);
  rmSync(join(etc, 'pam.d'), { recursive: true });
  for (const path of ['pam.d', 'security']) mkdirSync(join(etc, path), { recursive: true });
  const tallies = join(directory.path, 'tallies');
  mkdirSync(tallies);
  writeFileSync(join(etc, 'pam.d/inner'), INNER);
  writeFileSync(join(etc, 'security/faillock.conf'), CONF);
  for (const [index, stack] of stacks.entries()) writeFileSync(join(etc, `pam.d/s${index}`), `${stack}\n`);
  const hash = spawnSync(programs.openssl.path, ['passwd', '-6', '-salt', 'nachweis', PASSWORD], {
    encoding: 'utf8',
  }).stdout.trim();
  appendFileSync(join(etc, 'passwd'), 'gast:x:6000:6000::/:/bin/sh\n');
  appendFileSync(join(etc, 'shadow'), `gast:${hash}:20000:0:99999:7:::\n`);

  it(`for ${stacks.length} stacks`, { timeout: 300_000 }, async () => {
    const real = inNamespace(
      [
        { from: etc, over: '/etc' },
        { from: tallies, over: '/run/faillock' },
      ],
      `try() { echo "$2" | pamtester s$1 gast authenticate >/dev/null 2>&1 && echo yes || echo no; }
       for s in $(seq 0 ${stacks.length - 1}); do rm -f /run/faillock/*
         fresh=$(try $s ${PASSWORD}); rm -f /run/faillock/*
         first=$(try $s falsch); second=$(try $s falsch)
         echo "$s $fresh $first $second $(try $s ${PASSWORD})"; done`,
    );
    let locking = 0;
    let judged = 0;
    for (const row of real.trim().split('\n')) {
      const [index = '', fresh, first, second, then] = row.split(' ');
      // Stacks that let nobody in, or everybody, say nothing about locks.
      if (fresh !== 'yes' || first !== 'no' || second !== 'no') continue;
      judged += 1;
      const locks = then === 'no';
      if (locks) locking += 1;
      const stack = stacks[Number(index)] ?? '';
      const files = {
        '/etc/pam.d/login': `${stack}\n`,
        '/etc/pam.d/inner': INNER,
        '/etc/security/faillock.conf': CONF,
      };
      const { outcome } = await judge(lockout, { files });
      expect([stack, outcome]).toEqual([stack, locks ? 'pass' : 'fail']);
    }
    expect(judged).toBeGreaterThan(50);
    expect(locking).toBeGreaterThan(20);
    expect(judged - locking).toBeGreaterThan(20);
  });

  it('root_unlock_time alone does not lock root, whatever the man page says', {
    timeout: 60_000,
  }, async () => {
    const locked = (options: string) =>
      inNamespace(
        [
          { from: etc, over: '/etc' },
          { from: tallies, over: '/run/faillock' },
        ],
        `rm -f /run/faillock/*; printf '%b' '${options}' >/etc/security/faillock.conf
         printf 'auth required pam_faillock.so preauth\\nauth [default=die] pam_faillock.so authfail\\n' >/etc/pam.d/r
         for i in 1 2 3; do pamtester r root authenticate </dev/null >/dev/null 2>&1 || true; done
         printf 'auth required pam_faillock.so preauth\\nauth required pam_permit.so\\n' >/etc/pam.d/r
         pamtester r root authenticate </dev/null >/dev/null 2>&1 && echo open || echo locked`,
      ).trim();
    const names = ['deny = 2', 'deny = 2\\neven_deny_root', 'deny = 2\\nroot_unlock_time = 900'];
    expect(names.map((options) => [options, locked(`nodelay\\n${options}\\n`)])).toEqual([
      ['deny = 2', 'open'],
      ['deny = 2\\neven_deny_root', 'locked'],
      ['deny = 2\\nroot_unlock_time = 900', 'open'],
    ]);
  });
});
