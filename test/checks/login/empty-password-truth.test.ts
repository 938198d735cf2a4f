/** login.empty-password against libpam: does an account without a password really get in, for each way to write the line. */
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { emptyPassword } from '../../../checks/login/empty-password.ts';
import { judge } from '../../support/judge.ts';
import { copyOfEtc, describeInNamespace, inNamespace, openDirectory } from '../../support/mount-namespace.ts';

const stacks: readonly string[] = [
  'auth required pam_unix.so',
  'auth required pam_unix.so nullok',
  'auth required pam_unix.so nullok_secure',
  'auth required pam_unix.so nullokay',
  'auth required pam_unix.so NULLOK',
  'auth required pam_unix.so # nullok',
  'auth required pam_unix.so nullok\\\ndebug',
  'auth required \\\n pam_unix.so \\\n  nullok',
  'auth required pam_unix.so [nullok]',
  '-auth [success=done default=die] pam_unix.so\tnullok',
  'account required pam_unix.so nullok\nauth required pam_unix.so',
  'auth substack inner\nauth required pam_permit.so',
  'auth include inner',
  '@include inner',
  'auth required pam_unix.so nullok\r',
  'AUTH REQUIRED pam_unix.so nullok',
];

/** Accounts by how their password field is written: name -> passwd field, shadow line (or none). */
const accounts: readonly { name: string; passwd: string; shadow?: string }[] = [
  { name: 'empty', passwd: 'x', shadow: 'empty::20000:0:99999:7:::' },
  { name: 'inpasswd', passwd: '', shadow: 'inpasswd:*:20000:0:99999:7:::' },
  { name: 'locked', passwd: 'x', shadow: 'locked:!:20000:0:99999:7:::' },
  { name: 'starred', passwd: 'x', shadow: 'starred:*:20000:0:99999:7:::' },
  { name: 'blank', passwd: 'x', shadow: 'blank: :20000:0:99999:7:::' },
  { name: 'oldform', passwd: 'x', shadow: 'oldform::20000:0:99999:' },
  { name: 'noshadow', passwd: 'x' },
  { name: 'starpasswd', passwd: '*', shadow: 'starpasswd::20000:0:99999:7:::' },
];

const passwdLine = ({ name, passwd }: (typeof accounts)[number], index: number) =>
  `${name}:${passwd}:${6000 + index}:6000::/:/usr/sbin/nologin\n`;

describeInNamespace(['pamtester'], 'libpam agrees on who gets in without a password', () => {
  const directory = openDirectory();
  afterAll(directory.remove);
  const etc = copyOfEtc(directory.path);
  rmSync(join(etc, 'pam.d'), { recursive: true });
  mkdirSync(join(etc, 'pam.d'));
  writeFileSync(join(etc, 'pam.d/inner'), 'auth required pam_unix.so nullok\n');
  for (const [index, stack] of stacks.entries()) writeFileSync(join(etc, `pam.d/s${index}`), `${stack}\n`);
  appendFileSync(join(etc, 'passwd'), accounts.map(passwdLine).join(''));
  appendFileSync(
    join(etc, 'shadow'),
    accounts.flatMap(({ shadow }) => (shadow ? [`${shadow}\n`] : [])).join(''),
  );

  it('for every stack and account', { timeout: 60_000 }, async () => {
    const real = inNamespace(
      [{ from: etc, over: '/etc' }],
      `for s in ${stacks.map((_, index) => index).join(' ')}; do for u in ${accounts.map(({ name }) => name).join(' ')}; do
           pamtester s$s $u authenticate >/dev/null 2>&1 </dev/null && echo "$s $u"; done; done; true`,
    );
    const inside = new Set(real.split('\n').filter(Boolean));
    expect(inside.size).toBeGreaterThan(10);
    for (const [index, stack] of stacks.entries())
      for (const account of accounts) {
        const files = {
          '/etc/nsswitch.conf': 'passwd: files\nshadow: files\n',
          '/etc/passwd': passwdLine(account, 0),
          '/etc/shadow': `root:*:20000:0:99999:7:::\n${account.shadow ?? ''}\n`,
          [`/etc/pam.d/s${index}`]: `${stack}\n`,
          ...(stack.includes('inner') ? { '/etc/pam.d/inner': 'auth required pam_unix.so nullok\n' } : {}),
        };
        const { outcome } = await judge(emptyPassword, { files });
        expect([stack, account.name, outcome]).toEqual([
          stack,
          account.name,
          inside.has(`${index} ${account.name}`) ? 'fail' : 'pass',
        ]);
      }
  });
});
