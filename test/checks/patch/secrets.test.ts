/** Secrets planted in every file that the patch checks read appear in no result. */
import { expect, it } from 'vitest';
import { aptConfig } from '../../../checks/commands.ts';
import type { Node } from '../../../checks/host-memory.ts';
import { asked, inRelease } from '../../../checks/patch/apt-examples.ts';
import { patchChecks } from '../../../checks/patch/index.ts';
import { packed } from '../../../checks/patch/latency.examples.ts';
import { judge } from '../../support/judge.ts';

const SECRET = 'cAnArYcAnArYcAnArYcAnA';
const STEM = '/var/lib/apt/lists/deb.example.org_debian_dists_bookworm';

const files: Readonly<Record<string, Node>> = {
  '/etc/os-release': `ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nTOKEN=${SECRET}\n`,
  '/usr/bin/apt-get': '',
  '/etc/apt/sources.list': `deb [trusted=yes] https://user:${SECRET}@deb.example.org/debian bookworm main # ${SECRET}\ndeb https://${SECRET}@deb.example.org/other bookworm main\n${SECRET}\n`,
  '/etc/apt/sources.list.d/vendor.sources': `Types: deb\nURIs: https://user:${SECRET}@vendor.example.com/apt\nSuites: stable\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n ${SECRET}\n -----END PGP PUBLIC KEY BLOCK-----\n`,
  '/etc/apt/auth.conf': `machine deb.example.org login user password ${SECRET}\n`,
  '/etc/apt/auth.conf.d/vendor.conf': `machine vendor.example.com login user password ${SECRET}\n`,
  '/etc/apt/apt.conf.d/80proxy': `Acquire::http::Proxy "http://user:${SECRET}@proxy.example.org/";\n`,
  [`${STEM}_InRelease`]: `${inRelease({ suite: 'stable', codename: 'bookworm' })}\n${SECRET}\n`,
  [`${STEM}_main_binary-amd64_Packages`]: `Package: x\nDescription: ${SECRET}\n`,
  '/etc/apt/trusted.gpg': SECRET,
  '/var/lib/dpkg/status': `Package: openssl\nStatus: hold ok half-configured\nVersion: 1\nDescription: ${SECRET}\n\nPackage: unattended-upgrades\nStatus: install ok installed\nVersion: 1\n`,
  '/etc/dnf/automatic.conf': `[commands]\napply_updates = no\n[email]\npassword = ${SECRET}\n`,
  '/etc/zypp/locks': `# ${SECRET}\n`,
  '/var/log/dpkg.log': `2026-05-22 10:00:00 upgrade openssl:amd64 0 1\n${SECRET}\n`,
  '/usr/share/doc/openssl/changelog.Debian.gz': packed(
    `openssl (1) bookworm-security; urgency=medium\n\n  * ${SECRET}\n\n -- ${SECRET} <${SECRET}@example.org>  Fri, 01 May 2026 10:00:00 +0000\n`,
  ),
  '/proc/sys/kernel/osrelease': '6.1.0-9-amd64\n',
  '/proc/cmdline': `token=${SECRET}\n`,
  '/proc/self/status': 'NSpid:\t1\n',
  '/proc/7/cmdline': `/usr/sbin/demod\0--password\0${SECRET}\0`,
  '/proc/7/environ': `TOKEN=${SECRET}\0`,
  '/proc/7/status': 'NSpid:\t7\n',
  '/proc/7/comm': 'demod\n',
  '/proc/7/cgroup': '0::/system.slice/demo.service\n',
  '/proc/7/maps': '7f00-7f01 r-xp 00000000 fe:01 1   /usr/lib/libssl.so.3 (deleted)\n',
};
const commands = {
  [asked(aptConfig)]:
    `Dir "/";\nDir::State "var/lib/apt";\nDir::State::lists "lists/";\nAcquire::http::Proxy "http://user:${SECRET}@proxy.example.org/";\nAcquire::https::Proxy::deb.example.org "http://${SECRET}@proxy.example.org/";\n`,
};

it.each(patchChecks.map((check) => [check.id, check] as const))('%s', async (_id, check) => {
  expect(JSON.stringify(await judge(check, { files, commands }))).not.toContain(SECRET);
  expect(JSON.stringify(await judge(check, { files, live: false }))).not.toContain(SECRET);
  // The same host where nothing can be read: reasons of unknown must be clean too.
  const unreadable = Object.fromEntries(
    Object.keys(files).map((path) => [path, { unreadable: `password=${SECRET}` }]),
  );
  expect(JSON.stringify(await judge(check, { files: unreadable }))).not.toContain(SECRET);
});
