/** What stands in place of a PAM file: a pipe, a loop, far too much, or no text at all. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { pamAccount } from '../../../checks/login/pam-account.ts';
import { pamAuthentication } from '../../../checks/login/pam-authentication.ts';
import { judge } from '../../support/judge.ts';
import { openDirectory } from '../../support/mount-namespace.ts';

const directory = openDirectory();
afterAll(directory.remove);
const root = join(directory.path, 'root');
const sshd = join(root, 'etc/pam.d/sshd');

beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, 'etc/pam.d'), { recursive: true });
  for (const [name, text] of [
    ['passwd', 'root:x:0:0::/root:/bin/sh\n'],
    ['group', 'root:x:0:\n'],
    ['shadow', 'root:*:20000:0:99999:7:::\n'],
    ['nsswitch.conf', 'passwd: files\ngroup: files\n'],
    ['pam.d/other', 'auth required pam_deny.so\naccount required pam_deny.so\n'],
    ['pam.d/sshd', 'auth required pam_unix.so\naccount required pam_unix.so\n'],
  ] as const)
    writeFileSync(join(root, 'etc', name), text);
});

async function outcomes() {
  const host = linuxHost({ root });
  const results = [await judge(pamAuthentication, host), await judge(pamAccount, host)];
  for (const { outcome, reason } of results) if (outcome === 'unknown') expect(reason?.de).toMatch(/pam\.d/);
  return results.map(({ outcome }) => outcome);
}

it('passes as it is', async () => {
  expect(await outcomes()).toEqual(['pass', 'pass']);
});

it.each<[string, () => void]>([
  ['a pipe', () => expect(spawnSync('/usr/bin/mkfifo', [sshd]).status).toBe(0)],
  ['a link to itself', () => symlinkSync('sshd', sshd)],
  ['10 MB', () => writeFileSync(sshd, 'auth required pam_unix.so\n'.repeat(400_000))],
  ['includes in a circle', () => writeFileSync(sshd, 'auth include sshd\naccount include sshd\n')],
  [
    'includes that unfold without end',
    () => {
      for (let n = 0; n < 14; n += 1)
        writeFileSync(
          join(root, 'etc/pam.d', n === 0 ? 'sshd' : `part${n}`),
          `auth include part${n + 1}\naccount include part${n + 1}\n`.repeat(9),
        );
      writeFileSync(
        join(root, 'etc/pam.d/part14'),
        'auth required pam_unix.so\naccount required pam_unix.so\n',
      );
    },
  ],
])('%s is unknown, with the reason', async (_name, make) => {
  rmSync(sshd);
  make();
  expect(await outcomes()).toEqual(['unknown', 'unknown']);
});

it('bytes that are no text are read as libpam reads them', async () => {
  const text = (line: string) => Buffer.concat([Buffer.from('# \xff\xfe\n', 'latin1'), Buffer.from(line)]);
  writeFileSync(sshd, text('auth required pam_unix.so\naccount required pam_unix.so\n'));
  expect(await outcomes()).toEqual(['pass', 'pass']);
  writeFileSync(sshd, text('auth sufficient pam_permit.so\naccount sufficient pam_permit.so\n'));
  expect(await outcomes()).toEqual(['fail', 'fail']);
});

it('a link to nothing leaves the service to `other`', async () => {
  rmSync(sshd);
  symlinkSync('/nowhere', sshd);
  expect(await outcomes()).toEqual(['pass', 'pass']);
  writeFileSync(
    join(root, 'etc/pam.d/other'),
    'auth required pam_permit.so\naccount required pam_permit.so\n',
  );
  expect(await outcomes()).toEqual(['fail', 'fail']);
});
