/** Hosts for patch.reboot-pending. */
import type { Example } from '../check.ts';
import { rpmInstalled, rpmVerify } from '../commands.ts';
import type { Tree } from '../host-memory.ts';
import { asked } from './apt-examples.ts';

const installed = (release: string, version: string): string =>
  `Package: linux-image-${release}\nStatus: install ok installed\nVersion: ${version}\n\n`;

function tree(running: string, kernels: Readonly<Record<string, string>>, more: Tree['files'] = {}): Tree {
  return {
    files: {
      '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
      '/var/lib/dpkg/status': Object.entries(kernels)
        .map(([release, version]) => installed(release, version))
        .join(''),
      ...Object.fromEntries(Object.keys(kernels).map((release) => [`/boot/vmlinuz-${release}`, ''])),
      '/proc/sys/kernel/osrelease': `${running}\n`,
      ...more,
    },
  };
}

const debian = { '6.1.0-9-amd64': '6.1.27-1', '6.1.0-42-amd64': '6.1.159-1' };
const version = (build: string): Tree['files'] => ({
  '/proc/version': `Linux version 6.1.0-42-amd64 (builder@example.org) (gcc-12) #1 SMP PREEMPT_DYNAMIC Debian ${build} (2025-12-30)\n`,
});
const flag = (since: string): Tree['files'] => ({
  '/run/reboot-required': { text: '*** System restart required ***\n', modified: since },
  '/run/reboot-required.pkgs': 'libc6\nlibc6\n',
});
const livePatch: Tree['files'] = {
  '/sys/kernel/livepatch/lkp_demo/enabled': '1\n',
  '/sys/kernel/livepatch/lkp_demo/transition': '0\n',
};

const BOOTED = Date.parse('2026-06-01T06:00:00Z') / 1000;
const DAY = 86_400;

/** RHEL 9 and the like, booted on 1 June, with what was installed and when; the kernel is in order. */
function rpm(packages: Readonly<Record<string, number>>, more: Tree['files'] = {}): Tree {
  const lines = Object.entries(packages).map(([name, at]) => `${name}\t0\t1.0\t1.el9\tx86_64\t${at}\n`);
  return {
    files: {
      '/etc/os-release': 'ID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.6"\n',
      '/var/lib/rpm/rpmdb.sqlite': '',
      '/proc/stat': `cpu 1 2 3\nbtime ${BOOTED}\n`,
      '/proc/sys/kernel/osrelease': '5.14.0-570.12.1.el9_6.x86_64\n',
      '/boot/vmlinuz-5.14.0-570.12.1.el9_6.x86_64': '',
      ...more,
    },
    commands: { [asked(rpmVerify)]: 'ok\n', [asked(rpmInstalled)]: lines.join('') },
  };
}

/** MicroOS and the like: the snapshot that runs, and those after it by number. */
function micro(newer: Readonly<Record<number, string>>, more: Tree['files'] = {}): Tree {
  const release = '6.4.0-150600.21-default';
  const base = rpm({ glibc: BOOTED - DAY });
  return {
    ...base,
    files: {
      ...base.files,
      '/etc/os-release': 'ID="sl-micro"\nID_LIKE="suse"\nVERSION_ID="6.1"\n',
      '/usr/sbin/transactional-update': '',
      '/proc/self/mountinfo':
        '30 1 0:26 /@/.snapshots/5/snapshot / ro,relatime - btrfs /dev/vda3 ro,subvolid=270\n',
      '/proc/sys/kernel/osrelease': `${release}\n`,
      [`/usr/lib/modules/${release}/vmlinuz`]: '',
      '/.snapshots/5/info.xml': snapshotInfo('2026-05-01 03:00:00', 5),
      ...Object.fromEntries(
        Object.entries(newer).map(([number, text]) => [`/.snapshots/${number}/info.xml`, text]),
      ),
      ...more,
    },
  };
}
const snapshotInfo = (made: string, number: number, userdata = ''): string =>
  `<?xml version="1.0"?>\n<snapshot>\n  <type>single</type>\n  <num>${number}</num>\n  <date>${made}</date>\n  <description>Snapshot Update of #${number - 1}</description>\n  <cleanup>number</cleanup>\n${userdata}</snapshot>\n`;
const UNFINISHED =
  '  <userdata>\n    <key>transactional-update-in-progress</key>\n    <value>yes</value>\n  </userdata>\n';

export const rebootPendingExamples: readonly Example[] = [
  {
    name: 'asked for at a time that has not come yet',
    outcome: 'unknown',
    tree: tree('6.1.0-42-amd64', debian, { ...version('6.1.159-1'), ...flag('2027-06-01T06:00:00.000Z') }),
    says: ['clock'],
  },
  { name: 'transactional-update: the newest snapshot runs', outcome: 'pass', tree: micro({}) },
  {
    name: 'transactional-update: a snapshot with updates has waited for two weeks',
    outcome: 'fail',
    tree: micro({ 6: snapshotInfo('2026-06-01 03:00:00', 6) }),
    says: ['/.snapshots/6/info.xml', '2026-06-01T03:00:00.000Z', 'snapshot 6 (5 runs)'],
  },
  {
    name: 'transactional-update: a snapshot of yesterday',
    outcome: 'pass',
    tree: micro({ 6: snapshotInfo('2026-06-14 03:00:00', 6) }),
    says: ['snapshot 6'],
  },
  {
    name: 'transactional-update: a snapshot of yesterday with a newer kernel',
    outcome: 'fail',
    tree: micro(
      { 6: snapshotInfo('2026-06-14 03:00:00', 6) },
      { '/.snapshots/6/snapshot/usr/lib/modules/6.4.0-150600.23-default/vmlinuz': '' },
    ),
    says: ['6.4.0-150600.23-default'],
  },
  {
    name: 'transactional-update: one that was never finished, and one of somebody else',
    outcome: 'pass',
    tree: micro({
      6: snapshotInfo('2026-06-01 03:00:00', 6, UNFINISHED),
      7: snapshotInfo('2026-06-01 03:00:00', 7).replace('Snapshot Update of #6', 'before the tests'),
    }),
  },
  {
    name: 'transactional-update: what a snapshot is can not be read',
    outcome: 'unknown',
    tree: micro({}, { '/.snapshots/6/info.xml': { unreadable: 'EACCES' } }),
  },
  {
    name: 'the newest kernel runs, 42 being more than 9',
    outcome: 'pass',
    tree: tree('6.1.0-42-amd64', debian, version('6.1.159-1')),
  },
  {
    name: 'an older kernel runs',
    outcome: 'fail',
    tree: tree('6.1.0-9-amd64', debian),
    says: ['6.1.0-42-amd64'],
  },
  {
    name: 'the same release of an older build runs',
    outcome: 'fail',
    tree: tree('6.1.0-42-amd64', debian, version('6.1.158-1')),
    says: ['6.1.158-1', '6.1.159-1'],
  },
  {
    name: 'Ubuntu: an older build of the same release runs',
    outcome: 'fail',
    tree: tree(
      '5.15.0-91-generic',
      { '5.15.0-91-generic': '5.15.0-91.101' },
      { '/proc/version_signature': 'Ubuntu 5.15.0-91.100-generic 5.15.131\n' },
    ),
  },
  {
    name: 'two flavours of one version are equally new',
    outcome: 'pass',
    tree: tree('6.1.0-42-cloud-amd64', {
      '6.1.0-42-cloud-amd64': '6.1.159-1',
      '6.1.0-42-amd64': '6.1.159-1',
    }),
  },
  {
    name: 'a removed kernel that left its configuration behind does not count',
    outcome: 'pass',
    tree: tree(
      '6.1.0-9-amd64',
      { '6.1.0-9-amd64': '6.1.27-1' },
      {
        '/var/lib/dpkg/status': `${installed('6.1.0-9-amd64', '6.1.27-1')}Package: linux-image-6.1.0-42-amd64\nStatus: deinstall ok config-files\nVersion: 6.1.159-1\n`,
      },
    ),
  },
  {
    name: 'a reboot was asked for yesterday',
    outcome: 'pass',
    tree: tree('6.1.0-42-amd64', debian, flag('2026-06-14T06:00:00.000Z')),
    says: ['libc6'],
  },
  {
    name: 'a reboot has been asked for for ten days',
    outcome: 'fail',
    tree: tree('6.1.0-42-amd64', debian, flag('2026-06-05T06:00:00.000Z')),
    says: ['2026-06-05T06:00:00.000Z', 'libc6'],
  },
  {
    name: 'an older kernel with a live patch',
    outcome: 'unknown',
    tree: tree('6.1.0-9-amd64', debian, livePatch),
    says: ['lkp_demo'],
  },
  {
    name: 'an older kernel with a live patch, where that was decided to count',
    outcome: 'pass',
    params: { livePatch: 'counts' },
    tree: tree('6.1.0-9-amd64', debian, livePatch),
  },
  { name: 'no kernel of its own', outcome: 'unknown', tree: tree('6.18.44', {}), says: ['from outside'] },
  { name: 'unpacked system', outcome: 'unknown', tree: { ...tree('6.1.0-9-amd64', debian), live: false } },
  {
    name: 'RHEL family: the C library is as old as the boot',
    outcome: 'pass',
    tree: rpm({ glibc: BOOTED - DAY, demo: BOOTED + DAY }),
  },
  {
    name: 'RHEL family: the C library was updated a week and more ago',
    outcome: 'fail',
    tree: rpm({ glibc: BOOTED + DAY, systemd: BOOTED + 10 * DAY }),
    says: ['2026-06-02T06:00:00.000Z', 'glibc 1.0-1.el9', 'systemd'],
  },
  {
    name: 'RHEL family: the C library was updated this week',
    outcome: 'pass',
    tree: rpm({ glibc: BOOTED + 10 * DAY }),
    says: ['glibc'],
  },
  {
    name: 'RHEL family: a package that the administrator named',
    outcome: 'fail',
    tree: rpm({ demo: BOOTED + DAY }, { '/etc/dnf/plugins/needs-restarting.d/own.conf': '# ours\ndemo\n' }),
    says: ['demo'],
  },
  {
    name: 'RHEL family: an older kernel runs',
    outcome: 'fail',
    tree: rpm({ glibc: BOOTED - DAY }, { '/boot/vmlinuz-5.14.0-570.30.1.el9_6.x86_64': '' }),
    says: ['5.14.0-570.30.1'],
  },
  {
    name: 'SUSE: the flag of libzypp has stood for ten days',
    outcome: 'fail',
    tree: rpm(
      { glibc: BOOTED - DAY },
      {
        '/etc/os-release': 'ID="sles"\nID_LIKE="suse"\nVERSION_ID="15.7"\n',
        '/run/reboot-needed': { text: '', modified: '2026-06-05T06:00:00.000Z' },
      },
    ),
    says: ['/run/reboot-needed'],
  },
  {
    name: 'SUSE: the flag was renewed yesterday, for what is due since long before',
    outcome: 'fail',
    tree: rpm(
      { glibc: BOOTED + DAY },
      {
        '/etc/os-release': 'ID="sles"\nID_LIKE="suse"\nVERSION_ID="15.7"\n',
        '/run/reboot-needed': { text: '', modified: '2026-06-14T06:00:00.000Z' },
      },
    ),
    says: ['2026-06-02T06:00:00.000Z'],
  },
  {
    name: 'RHEL family with dpkg beside: rpm counts',
    outcome: 'fail',
    tree: rpm({ glibc: BOOTED + DAY }, { '/var/lib/dpkg/status': '' }),
  },
  {
    name: 'RHEL family: rpm gives no answer',
    outcome: 'unknown',
    tree: { ...rpm({}), commands: { [asked(rpmInstalled)]: { status: 1 } } },
    says: ['rpm'],
  },
  {
    name: 'another distribution without anything that is known',
    outcome: 'unknown',
    tree: { files: { '/etc/os-release': 'ID=fedora\n' } },
  },
];
