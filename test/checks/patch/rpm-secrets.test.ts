/** Secrets planted in what the patch checks read of dnf and zypper appear in no result. */
import { describe, expect, it } from 'vitest';
import { dnfQuery, rpmInstalled, rpmVerify, zypperPatches, zypperUpdates } from '../../../checks/commands.ts';
import type { Node } from '../../../checks/host-memory.ts';
import { asked } from '../../../checks/patch/apt-examples.ts';
import { patchChecks } from '../../../checks/patch/index.ts';
import { judge } from '../../support/judge.ts';

const SECRET = 'cAnArYcAnArYcAnArYcAnA';
/** In every place of an address where credentials stand, as they are written and as they are written wrongly. */
const addresses = [
  `https://user:${SECRET}@mirrors.example.org/a`,
  `https://user:x@${SECRET}@mirrors.example.org/a`,
  `https://user:x/${SECRET}@mirrors.example.org/a`,
  `https://${SECRET}@mirrors.example.org/a`,
  `https://mirrors.example.org/a?${SECRET}`,
  `https://mirrors.example.org/a?token=${SECRET}&ssl_verify=no`,
  `https://user:x?${SECRET}@mirrors.example.org/a`,
  `https://user:${SECRET},x@mirrors.example.org/a`,
  `https://mirrors.example.org/a?mail=x@${SECRET}`,
  `https://mirrors.example.org/a#${SECRET}`,
  `user:${SECRET}@mirrors.example.org/a`,
];
const repos = (more: string): string =>
  addresses
    .map((address, index) => `[r${index}]\nname=${SECRET}\nenabled=1\nbaseurl=${address}\n${more}`)
    .join('') +
  `[metalink]\nenabled=1\nmetalink=${addresses[0]}\n${more}[mirrors]\nenabled=1\nmirrorlist=${addresses[1]}\n${more}`;
const installed = `bash\t0\t1\t1\tx86_64\t1780000000\n${SECRET}\n`;

const systems: Readonly<Record<string, { files: Record<string, Node>; commands: Record<string, string> }>> = {
  dnf: {
    files: {
      '/etc/os-release': `ID=rhel\nVERSION_ID="9.6"\nTOKEN=${SECRET}\n`,
      '/etc/dnf/dnf.conf': `[main]\nproxy=http://user:${SECRET}@proxy.example.org\nproxy_password=${SECRET}\nexclude=demo\n  password=${SECRET}\n`,
      '/etc/dnf/vars/token': `${SECRET}\n`,
      '/etc/yum.repos.d/demo.repo': repos(`gpgcheck=0\nusername=user\npassword=${SECRET}\n`),
      '/var/cache/dnf/r0-0123456789abcdef/repodata/repomd.xml': SECRET,
      '/var/lib/rpm/rpmdb.sqlite': '',
    },
    commands: { [asked(rpmVerify)]: 'ok\n', [asked(dnfQuery)]: SECRET, [asked(rpmInstalled)]: installed },
  },
  zypper: {
    files: {
      '/etc/os-release': `ID=sles\nVERSION_ID="15.7"\nTOKEN=${SECRET}\n`,
      '/etc/zypp/zypp.conf': `[main]\nx=${SECRET}\n`,
      '/etc/zypp/credentials.d/SCCcredentials': `username=user\npassword=${SECRET}\n`,
      '/etc/zypp/repos.d/demo.repo': repos('gpgcheck=0\n'),
      '/var/cache/zypp/raw/r0/repodata/repomd.xml': SECRET,
      '/var/lib/rpm/rpmdb.sqlite': '',
    },
    commands: {
      [asked(zypperPatches)]: SECRET,
      [asked(zypperUpdates)]: SECRET,
      [asked(rpmVerify)]: 'ok\n',
      [asked(rpmInstalled)]: installed,
    },
  },
};

describe.each(Object.entries(systems))('%s', (_name, { files, commands }) => {
  it.each(patchChecks.map((check) => [check.id, check] as const))('%s', async (_id, check) => {
    expect(JSON.stringify(await judge(check, { files, commands }))).not.toContain(SECRET);
    expect(JSON.stringify(await judge(check, { files, live: false }))).not.toContain(SECRET);
  });
});
