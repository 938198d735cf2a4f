/** access.file-modes on real files with real owners, modes, links and ACLs, read by the real host. */

import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { fileModes } from '../../../checks/access/file-modes.ts';
import { judge } from '../../support/judge.ts';
import { openDirectory } from '../../support/mount-namespace.ts';
import { describeAsRoot } from '../../support/programs.ts';

const made: { remove: () => void }[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.remove();
});

/** A root directory as CIS wants it. */
function system(): { root: string; at: (path: string) => string } {
  const directory = openDirectory();
  made.push(directory);
  const at = (path: string) => join(directory.path, path);
  for (const path of ['etc/pam.d', 'etc/ssh', 'etc/sudoers.d', 'etc/cron.d', 'etc/security'])
    mkdirSync(at(path), { recursive: true });
  const write = (path: string, mode: number, gid = 0, text = '') => {
    writeFileSync(at(path), text);
    chownSync(at(path), 0, gid);
    chmodSync(at(path), mode);
  };
  write('etc/os-release', 0o644, 0, 'ID=debian\nVERSION_ID="12"\n');
  write('etc/passwd', 0o644, 0, 'root:x:0:0::/root:/bin/sh\n');
  write('etc/group', 0o644, 0, 'root:x:0:\nshadow:x:4242:\nstaff:x:50:\n');
  write('etc/shadow', 0o640, 4242);
  write('etc/gshadow', 0o640, 4242);
  write('etc/sudoers', 0o440);
  write('etc/ssh/sshd_config', 0o600);
  write('etc/ssh/ssh_host_rsa_key', 0o600);
  write('etc/pam.d/login', 0o644);
  chmodSync(at('etc/cron.d'), 0o700);
  return { root: directory.path, at };
}

const outcome = async (root: string) => judge(fileModes, linuxHost({ root }));

describeAsRoot(['setfacl'], 'on real files', () => {
  it('passes as CIS wants it', async () => {
    const { root } = system();
    expect(await outcome(root)).toMatchObject({ outcome: 'pass' });
  });

  it.each<[string, (at: (path: string) => string) => void, string]>([
    ['mode', (at) => chmodSync(at('etc/shadow'), 0o644), '0644 root:shadow'],
    ['owner', (at) => chownSync(at('etc/sudoers'), 4711, 0), '0440 4711:root'],
    ['group', (at) => chownSync(at('etc/shadow'), 0, 50), '0640 root:staff'],
    ['setgid', (at) => chmodSync(at('etc/pam.d/login'), 0o2644), '2644'],
    ['writable directory', (at) => chmodSync(at('etc/pam.d'), 0o777), '0777'],
    [
      'target of a link',
      (at) => {
        writeFileSync(at('etc/elsewhere'), '');
        chmodSync(at('etc/elsewhere'), 0o666);
        rmSync(at('etc/gshadow'));
        symlinkSync('/etc/elsewhere', at('etc/gshadow'));
      },
      '-> /etc/elsewhere',
    ],
    [
      'ACL',
      (at) => void spawnSync('/usr/bin/setfacl', ['-m', 'u:4711:r', at('etc/shadow')]),
      'ACL user:4711:r--',
    ],
  ])('fails for the wrong %s', async (_what, change, found) => {
    const { root, at } = system();
    change(at);
    const result = await outcome(root);
    expect(result.outcome).toBe('fail');
    expect(JSON.stringify(result.evidence)).toContain(found);
  });

  it('an ACL for root, or one that the mask takes away, is none', async () => {
    const { root, at } = system();
    spawnSync('/usr/bin/setfacl', ['-m', 'u:0:rw', at('etc/gshadow')]);
    spawnSync('/usr/bin/setfacl', ['-m', 'u:4711:r,m::---', at('etc/shadow')]);
    chmodSync(at('etc/gshadow'), 0o640);
    expect(await outcome(root)).toMatchObject({ outcome: 'pass' });
  });
});
