/** lastlog2, wtmpdb and the journal as Debian 13 writes them after real logins, and as their own tools read them. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { journalLogins } from '../../../checks/commands.ts';
import { factGetter } from '../../../checks/evaluate.ts';
import { valueIn } from '../../../checks/fact.ts';
import { parseJournal } from '../../../checks/facts/journal-logins.ts';
import { loginRecords } from '../../../checks/facts/last-login.ts';
import { bootContainer, type Container } from '../../support/container.ts';
import { debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../../support/debian-root.ts';
import { copyRoot, type RootCopy } from '../../support/root-copy.ts';

vi.setConfig({ testTimeout: 60_000 });

const PREPARE = `set -e
apt-get -q update >/dev/null
DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends \\
  lastlog2 libpam-lastlog2 wtmpdb libpam-wtmpdb >/dev/null 2>&1
useradd -m -s /bin/sh otto
useradd -m -s /bin/sh never
mkdir -p /home/anna/.ssh /home/otto/.ssh
ssh-keygen -q -t ed25519 -N '' -f /root/id
for name in anna otto; do
  cp /root/id.pub /home/$name/.ssh/authorized_keys
  chown -R $name /home/$name/.ssh
done`;

/** anna with a terminal, otto without: wtmpdb knows the first alone. */
const LOGINS = `systemctl start ssh
for tries in 1 2 3 4 5 6 7 8 9 10; do ss -Hltn | grep -q ':22 ' && break; sleep 0.1; done
log_in() { ssh -F none -i /root/id -o BatchMode=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR "$@"; }
log_in -tt anna@127.0.0.1 true
sleep 1.1
log_in -tt anna@127.0.0.1 true
log_in -T otto@127.0.0.1 true
logger -t sshd 'Accepted publickey for never from 192.0.2.1 port 1 ssh2'
journalctl --sync`;

describeInDebian('records of logins on Debian 13', () => {
  let copy: RootCopy;
  let container: Container;
  let before = 0;
  beforeAll(async () => {
    copy = copyRoot(await debianRoot(13));
    copyFileSync('/etc/resolv.conf', join(copy.path, 'etc/resolv.conf'));
    const { http_proxy, https_proxy } = process.env;
    await copy.run(['sh', '-ec', PREPARE], {
      timeoutMs: 120_000,
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL: 'C.UTF-8',
        ...(http_proxy ? { http_proxy } : {}),
        ...(https_proxy ? { https_proxy } : {}),
      },
    });
    container = await bootContainer(copy.path);
    before = Math.floor(Date.now() / 1000);
    await container.run(['sh', '-c', LOGINS], { timeoutMs: 60_000 });
  }, ROOT_TIMEOUT_MS);
  afterAll(async () => {
    await container?.stop();
    copy?.remove();
  });

  const near = (at: number | undefined) => at !== undefined && at >= before - 1 && at <= before + 120;

  it('are read as lastlog2 and wtmpdb read them', async () => {
    const records = valueIn(await factGetter(linuxHost({ root: copy.path }), new Date())(loginRecords));
    expect(records.unread).toEqual([]);
    expect([...records.byName.keys()].sort()).toEqual(['anna', 'otto']);
    expect(records.byName.get('otto')?.source).toBe('/var/lib/lastlog/lastlog2.db');
    for (const name of ['anna', 'otto']) expect(near(records.byName.get(name)?.at)).toBe(true);
    expect(near(records.wtmpdb?.until)).toBe(true);
    const table = await container.run(['lastlog2', '--user', 'otto']);
    const shown = /\w{3} \w{3} +\d+ [\d:]{8} \+0000 \d{4}/.exec(table)?.[0] ?? '';
    expect(Date.parse(shown) / 1000).toBe(records.byName.get('otto')?.at);
    const last = await container.run(['wtmpdb', 'last', '-F', '--time-format', 'iso', 'anna']);
    const [newest] = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*/.exec(last) ?? [];
    expect(Date.parse(newest ?? '') / 1000).toBe(records.byName.get('anna')?.at);
  });

  it('stand in the journal too, and what another program writes there does not count', async () => {
    const [program = ''] = journalLogins.programs;
    const said = await container.run([program, ...journalLogins.argv]);
    const { logins, entries } = parseJournal(said);
    expect(entries).toBe(3);
    expect([...logins.keys()].sort()).toEqual(['anna', 'otto']);
    for (const { at } of logins.values()) expect(near(at)).toBe(true);
  });
});
