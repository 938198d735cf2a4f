/** Which keys open an account: what the reader says of generated configurations against real logins with real keys. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { factGetter } from '../../../checks/evaluate.ts';
import { valueIn } from '../../../checks/fact.ts';
import { sshKeys } from '../../../checks/facts/ssh-keys.ts';
import { bootContainer, type Container } from '../../support/container.ts';
import { debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../../support/debian-root.ts';
import { copyRoot, type RootCopy } from '../../support/root-copy.ts';

vi.setConfig({ testTimeout: 60_000 });

const accounts = ['root', 'anna', 'otto', 'job'] as const;

/** What decides on keys, in many combinations; all logins come from 127.0.0.1. */
const configurations: readonly string[] = [
  '',
  'PubkeyAuthentication no',
  'PermitRootLogin no',
  'PermitRootLogin forced-commands-only',
  'AllowUsers anna',
  'AllowUsers a* ott?',
  'AllowUsers anna@127.0.0.1 otto@192.0.2.*',
  'AllowUsers !root anna',
  'DenyUsers otto root',
  'DenyUsers o*@127.0.0.0/8',
  'AllowGroups ops',
  'AllowGroups *',
  'DenyGroups op*',
  'DenyGroups ops\nAllowUsers anna otto',
  'AllowUsers anna otto\nAllowGroups ops root',
  'AuthenticationMethods password',
  'AuthenticationMethods publickey',
  'AuthenticationMethods keyboard-interactive publickey',
  'AuthenticationMethods publickey,password publickey\nPasswordAuthentication no',
  'Match User anna\nPubkeyAuthentication no',
  'Match Group ops\nAuthenticationMethods keyboard-interactive',
  'DenyUsers *\nMatch User otto\nDenyUsers nobody',
  'AllowUsers anna\nMatch Address 127.0.0.1\nAllowUsers otto',
  'AllowUsers anna\nMatch Address 192.0.2.1\nAllowUsers otto',
];

/** Refused from here alone, taken from elsewhere: the reader counts them, the login can't show it. */
const elsewhere = new Set([
  'AllowUsers anna@127.0.0.1 otto@192.0.2.*: otto',
  'DenyUsers o*@127.0.0.0/8: otto',
  'AllowUsers anna\nMatch Address 127.0.0.1\nAllowUsers otto: anna',
  'AllowUsers anna\nMatch Address 192.0.2.1\nAllowUsers otto: otto',
]);

const PREPARE = `set -e
groupadd -g 900 ops
useradd -m -s /bin/sh -G ops otto
useradd -m -s /bin/sh job
ssh-keygen -q -t ed25519 -N '' -f /root/id
for home in /root /home/anna /home/otto /home/job; do
  mkdir -p $home/.ssh
  cp /root/id.pub $home/.ssh/authorized_keys
  chown -R $(stat -c %u:%g $home) $home/.ssh
done
sed -i 's/^/command="true" /' /home/job/.ssh/authorized_keys`;

/** Every account at once; prints those that got in. */
const LOGINS = `mkdir -p /run/sshd
/usr/sbin/sshd -f /etc/ssh/sshd_config -p 2222 -o PidFile=/run/test.pid
for tries in 1 2 3 4 5 6 7 8 9 10; do [ -s /run/test.pid ] && break; sleep 0.1; done
for name in ${accounts.join(' ')}; do
  { ssh -F none -p 2222 -i /root/id -o IdentitiesOnly=yes -o BatchMode=yes -o PreferredAuthentications=publickey \\
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR $name@127.0.0.1 true 2>/dev/null \\
    && echo $name; } &
  pids="$pids $!"
done
wait $pids
kill $(cat /run/test.pid)
rm -f /run/test.pid`;

describeInDebian('accounts that a key opens', () => {
  let copy: RootCopy;
  let container: Container;
  beforeAll(async () => {
    copy = copyRoot(await debianRoot(12));
    await copy.run(['sh', '-ec', PREPARE]);
    container = await bootContainer(copy.path);
  }, ROOT_TIMEOUT_MS);
  afterAll(async () => {
    await container?.stop();
    copy?.remove();
  });

  it.each(configurations)('%j', async (text) => {
    const file = join(copy.path, 'etc/ssh/sshd_config');
    writeFileSync(file, `UsePAM yes\n${text}\n`);
    const entered = (await container.run(['sh', '-c', LOGINS], { timeoutMs: 30_000 })).split('\n');
    const host = linuxHost({ root: copy.path });
    const { accounts: found } = valueIn(await factGetter(host, new Date())(sshKeys));
    for (const name of accounts) {
      const keys = found.find(({ account }) => account === name)?.files.flatMap((one) => one.content.keys);
      const opens = (keys?.length ?? 0) > 0;
      const expected = entered.includes(name) || elsewhere.has(`${text}: ${name}`);
      expect([name, opens], readFileSync(file, 'utf8')).toEqual([name, expected]);
    }
  });
});
