/** Hosts for patch.latency. */
import { gzip, latin1Bytes, latin1Text } from '../../shared/bytes-node.ts';
import type { Example } from '../check.ts';
import type { Tree } from '../host-memory.ts';
import { rpmLatencyExamples } from './rpm-examples.ts';

export const packed = (text: string): string => latin1Text(gzip(latin1Bytes(text)));

const entry = (version: string, distribution: string, date: string): string =>
  `openssl (${version}) ${distribution}; urgency=medium\n\n  * A change.\n\n -- Maintainer <maintainer@example.org>  ${date}\n\n`;

const CHANGELOG =
  entry('3.0.4', 'bookworm', 'Sat, 30 May 2026 10:00:00 +0000') +
  entry('3.0.3', 'bookworm-security', 'Mon, 25 May 2026 12:00:00 +0200') +
  entry('3.0.2', 'bookworm-security', 'Fri, 01 May 2026 10:00:00 +0000') +
  entry('3.0.1', 'unstable', 'Thu, 01 Jan 2026 10:00:00 +0000');

const tree = (log: string, more: Tree['files'] = {}): Tree => ({
  files: {
    '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
    '/var/lib/dpkg/status': '',
    '/var/log/dpkg.log': log,
    '/usr/share/doc/openssl/changelog.Debian.gz': packed(CHANGELOG),
    ...more,
  },
});

const upgrade = (when: string, from: string, to: string): string =>
  `${when} startup archives unpack\n${when} upgrade openssl:amd64 ${from} ${to}\n${when} status installed openssl:amd64 ${to}\n`;

export const latencyExamples: readonly Example[] = [
  {
    name: 'installed on the day after each',
    outcome: 'pass',
    tree: tree(
      upgrade('2026-05-02 10:00:00', '3.0.1', '3.0.2') + upgrade('2026-05-26 10:00:00', '3.0.2', '3.0.3'),
    ),
    says: ['updates=2 unexplained=0 median=1.0 worst=1.0 within=2 limit=7 window=90 since=2026-03-17'],
  },
  {
    name: 'the logs were rotated and packed',
    outcome: 'pass',
    tree: tree('', { '/var/log/dpkg.log.2.gz': packed(upgrade('2026-05-02 10:00:00', '3.0.1', '3.0.2')) }),
    says: ['updates=1'],
  },
  {
    name: 'an ordinary update that took its time is none',
    outcome: 'pass',
    tree: tree(
      upgrade('2026-05-26 10:00:00', '3.0.2', '3.0.3') + upgrade('2026-06-14 10:00:00', '3.0.3', '3.0.4'),
    ),
    says: ['updates=1'],
  },
  {
    name: 'installed from an old medium: it waits from the installation on',
    outcome: 'pass',
    tree: tree(
      `2026-06-10 09:00:00 install openssl:amd64 <none> 3.0.1\n${upgrade('2026-06-10 21:00:00', '3.0.1', '3.0.3')}`,
    ),
    says: ['worst=0.5'],
  },
  {
    name: 'a copy of a template: it waits from the first start of this system on',
    outcome: 'pass',
    tree: tree(upgrade('2026-05-26 10:00:00', '3.0.1', '3.0.3'), {
      '/etc/machine-id': { text: '0123456789abcdef0123456789abcdef\n', modified: '2026-05-26T08:00:00.000Z' },
    }),
    says: ['worst=0.1'],
  },
  {
    name: 'before the window',
    outcome: 'unknown',
    now: '2026-12-01T12:00:00.000Z',
    tree: tree(upgrade('2026-05-02 10:00:00', '3.0.1', '3.0.2')),
    says: ['nothing to measure'],
  },
  {
    name: 'one waited for three weeks',
    outcome: 'fail',
    tree: tree(upgrade('2026-05-22 10:00:00', '3.0.1', '3.0.2')),
    says: ['openssl 3.0.2', '21 days', 'worst=21.0'],
  },
  {
    name: 'two at once: the older of them counts',
    outcome: 'fail',
    tree: tree(upgrade('2026-05-26 10:00:00', '3.0.1', '3.0.3')),
    says: ['25 days'],
  },
  {
    name: 'a smaller share is enough, as agreed',
    outcome: 'pass',
    params: { minShare: 0.5 },
    tree: tree(
      upgrade('2026-05-22 10:00:00', '3.0.1', '3.0.2') + upgrade('2026-05-26 10:00:00', '3.0.2', '3.0.3'),
    ),
    says: ['openssl 3.0.2'],
  },
  {
    name: 'a tighter limit',
    outcome: 'fail',
    params: { limitDays: 0.5 },
    tree: tree(upgrade('2026-05-02 10:00:00', '3.0.1', '3.0.2')),
  },
  {
    name: 'an image without changelogs',
    outcome: 'unknown',
    tree: tree('2026-05-22 10:00:00 upgrade curl:amd64 7.1 7.2\n'),
    says: ['changelog'],
  },
  {
    name: 'no log',
    outcome: 'unknown',
    tree: { files: { '/etc/os-release': 'ID=debian\n', '/var/lib/dpkg/status': '' } },
    says: ['/var/log/dpkg.log is missing'],
  },
  {
    name: 'another package manager',
    outcome: 'unknown',
    tree: { files: { '/etc/os-release': 'ID=fedora\n' } },
  },
  ...rpmLatencyExamples,
];
