/** Ways to root as they are really made, in a container: found live, each under the right account and privilege. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { type WayToRoot, waysToRoot } from '../../../checks/access/ways-to-root.ts';
import { factGetter } from '../../../checks/evaluate.ts';
import { absent } from '../../../checks/fact.ts';
import { shellCommands } from '../../../checks/facts/backup-shell.ts';
import { group } from '../../../checks/facts/group.ts';
import { loginDefs } from '../../../checks/facts/login-defs.ts';
import { pam } from '../../../checks/facts/pam.ts';
import { passwd } from '../../../checks/facts/passwd.ts';
import { polkitRules } from '../../../checks/facts/polkit-rules.ts';
import { parseCapabilities } from '../../../checks/facts/powerful-shells.ts';
import { rootFiles } from '../../../checks/facts/root-files.ts';
import { programsOf } from '../../../checks/facts/root-programs.ts';
import { shadow } from '../../../checks/facts/shadow.ts';
import { bootContainer, type Container } from '../../support/container.ts';
import { debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../../support/debian-root.ts';
import { copyRoot, type RootCopy } from '../../support/root-copy.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Ways of an unpacked root; shells and sudo, which only a live one tells, are left out. */
async function waysIn(root: string): Promise<readonly WayToRoot[]> {
  const get = factGetter(linuxHost({ root }), new Date());
  return waysToRoot(
    {
      passwd: await get(passwd),
      group: await get(group),
      defs: await get(loginDefs),
      files: await get(rootFiles),
      pam: await get(pam),
      shadow: await get(shadow),
      polkit: await get(polkitRules),
      sudo: absent('sudo'),
    },
    new Date(),
  );
}

describeInDebian('ways to root', () => {
  describe.each([11, 12, 13] as const)('on Debian %i', (release) => {
    let copy: RootCopy;
    beforeAll(async () => {
      copy = copyRoot(await debianRoot(release));
    }, ROOT_TIMEOUT_MS);
    afterAll(() => copy?.remove());

    it('are none as delivered', async () => {
      expect(await waysIn(copy.path)).toEqual([]);
    });
  });

  describe('by su, where the real one agrees', () => {
    let copy: RootCopy;
    let container: Container;
    beforeAll(async () => {
      copy = copyRoot(await debianRoot(12));
      await copy.run(['sh', '-ec', 'groupadd ops; useradd -m -s /bin/sh -G ops otto']);
      container = await bootContainer(copy.path);
    }, ROOT_TIMEOUT_MS);
    afterAll(async () => {
      await container?.stop();
      copy?.remove();
    });

    it.each([
      ['', [], []],
      ['auth sufficient pam_wheel.so trust group=ops', ['otto'], []],
      ['auth sufficient pam_wheel.so trust use_uid group=none', [], []],
      ['auth sufficient pam_wheel.so trust deny use_uid group=ops', ['anna'], []],
      ['auth required pam_wheel.so use_uid group=ops', [], ['otto']],
      ['auth required pam_deny.so\nauth sufficient pam_wheel.so trust group=ops', [], []],
      ['auth [success=done default=ignore] pam_wheel.so trust use_uid group=ops', ['otto'], []],
    ])('%j', async (line, withoutProof, mayTry) => {
      const file = join(copy.path, 'etc/pam.d/su');
      writeFileSync(
        file,
        `auth sufficient pam_rootok.so\n${line}\n@include common-auth\n@include common-account\n`,
      );
      const entered: string[] = [];
      for (const user of ['anna', 'otto']) {
        const { stdout } = await container.exec(['su', '-c', 'id -u'], { user, timeoutMs: 10_000 });
        if (stdout.trim() === '0') entered.push(user);
      }
      expect(entered).toEqual(withoutProof);
      const ways = (await waysIn(copy.path)).filter(({ privilege }) => privilege === 'su');
      const trusted = ways.filter(({ what }) => what.en.includes('without a proof'));
      // `*`: everybody who is not in the group.
      expect(trusted.map(({ account }) => (account === '*' ? 'anna' : account))).toEqual(withoutProof);
      expect(ways.filter((way) => !trusted.includes(way)).map(({ account }) => account)).toEqual(mayTry);
      expect(ways.every(({ certain }) => certain)).toBe(true);
    });

    it('capabilities are read as getcap prints them', async () => {
      const make = [
        ['python3.11', 'cap_setuid,cap_net_raw+ep', 'cap_setuid'],
        ['perl', 'cap_dac_override=p', 'cap_dac_override'],
        ['ruby', 'all=ep', 'all capabilities'],
        ['node', 'cap_net_bind_service=ep', undefined],
        ['php', 'cap_setuid=i', undefined],
      ] as const;
      for (const [name, capabilities] of make)
        await container.run([
          'sh',
          '-ec',
          `cp /bin/true /usr/local/bin/${name}; setcap ${capabilities} /usr/local/bin/${name}`,
        ]);
      const said = await container.run(['getcap', ...make.map(([name]) => `/usr/local/bin/${name}`)]);
      const told = parseCapabilities(said);
      for (const [name, , expected] of make)
        expect([name, told.get(`/usr/local/bin/${name}`)]).toEqual([name, expected]);
    });
  });
});

describe('capabilities', () => {
  it('as getcap prints them, old and new', () => {
    const said = [
      '/usr/bin/perl = cap_setuid+ep',
      '/usr/bin/gdb cap_sys_ptrace=ep',
      '/usr/bin/ruby =ep',
      '/usr/bin/ping cap_net_raw=ep',
      '/usr/bin/tar = cap_chown,cap_net_raw+eip',
    ].join('\n');
    expect([...parseCapabilities(said)]).toEqual([
      ['/usr/bin/perl', 'cap_setuid'],
      ['/usr/bin/gdb', 'cap_sys_ptrace'],
      ['/usr/bin/ruby', 'all capabilities'],
      ['/usr/bin/tar', 'cap_chown'],
    ]);
  });
});

describe('the programs of a command', () => {
  it.each([
    ['/opt/a --x /srv/data', ['/opt/a']],
    ['cd /srv/app && ./run.sh', ['/srv/app/run.sh']],
    ['[ -x /opt/a ] && /opt/b; test -f /x || /opt/c', ['/opt/b', '/opt/c']],
    ['A=1 nice -n 19 ionice -c3 /opt/a', ['/opt/a']],
    ['flock -n /run/lock/x /opt/a /run/y', ['/opt/a']],
    ['timeout 30s /opt/a', ['/opt/a']],
    ["/bin/sh -c 'if true; then /opt/a; fi'", ['/bin/sh', '/opt/a']],
    ['python3 /opt/a.py /etc/x', ['/opt/a.py']],
    ['/usr/bin/env python3 -u /opt/a.py', ['/usr/bin/env', '/opt/a.py']],
    ['sudo -u anna /home/anna/x; su anna -c /home/anna/y', []],
    ['$HOME/x %h/y /opt/*.sh', []],
    ['. /opt/settings; echo /opt/b', ['/opt/settings']],
    ['', []],
  ])('%s', (command, expected) => {
    expect(programsOf(shellCommands(command))).toEqual(expected);
  });
});
