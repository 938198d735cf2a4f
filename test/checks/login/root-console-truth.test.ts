/** login.root-console against pam_securetty: where it lets root in with the right password. */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { rootConsole } from '../../../checks/login/root-console.ts';
import { judge } from '../../support/judge.ts';
import { copyOfEtc, describeInNamespace, inNamespace, openDirectory } from '../../support/mount-namespace.ts';

const PASSWORD = 'lauter gute Vorsaetze';
const UNIX = 'auth required pam_unix.so nodelay\n';
const ACCOUNT = 'account required pam_permit.so\n';
const stacks = [
  `auth requisite pam_securetty.so noconsole\n${UNIX}`,
  `auth required pam_securetty.so noconsole\n${UNIX}`,
  `auth [success=ok new_authtok_reqd=ok ignore=ignore user_unknown=bad default=die] pam_securetty.so noconsole\n${UNIX}`,
  `auth optional pam_securetty.so noconsole\n${UNIX}`,
  `${UNIX}auth required pam_securetty.so noconsole\n`,
  `auth sufficient pam_unix.so nodelay\nauth required pam_securetty.so noconsole\n`,
  UNIX,
];
const lists = ['tty1\n', '', '# tty9\n', 'tty9\n', undefined];

describeInNamespace(['pamtester', 'openssl'], 'libpam agrees on where root logs in', () => {
  const directory = openDirectory();
  afterAll(directory.remove);
  const etc = copyOfEtc(directory.path);
  const hash = spawnSync('/usr/bin/openssl', ['passwd', '-6', '-stdin'], {
    input: `${PASSWORD}\n`,
    encoding: 'utf8',
  });
  const accounts = {
    '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
    '/etc/shadow': `root:${hash.stdout.trim()}:20000:0:99999:7:::\n`,
  };
  writeFileSync(join(etc, 'passwd'), accounts['/etc/passwd']);
  writeFileSync(join(etc, 'shadow'), accounts['/etc/shadow'], { mode: 0o600 });

  it.each(stacks.flatMap((stack) => lists.map((list) => [stack, list] as const)))(
    '%j, list %j',
    async (stack, list) => {
      writeFileSync(join(etc, 'pam.d/login'), stack + ACCOUNT);
      rmSync(join(etc, 'securetty'), { force: true });
      if (list !== undefined) writeFileSync(join(etc, 'securetty'), list, { mode: 0o644 });
      // tty9 is none of those that may be listed.
      const real = inNamespace(
        [{ from: etc, over: '/etc' }],
        'for tty in tty9 ttyS0; do pamtester -I tty=$tty login root authenticate >/dev/null 2>&1 </etc/pw && echo in || echo out; done',
      );
      const files = {
        ...accounts,
        '/etc/pam.d/login': stack + ACCOUNT,
        ...(list === undefined ? {} : { '/etc/securetty': list }),
      };
      const { outcome } = await judge(rootConsole, { files });
      expect(outcome).toBe(real.includes('in') ? 'fail' : 'pass');
    },
  );
  writeFileSync(join(etc, 'pw'), `${PASSWORD}\n`);
});
