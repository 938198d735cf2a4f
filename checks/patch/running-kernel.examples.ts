/** Hosts for patch.running-kernel. */
import type { Example } from '../check.ts';
import type { Tree } from '../host-memory.ts';

const image = (release: string, version: string): string =>
  `Package: linux-image-${release}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`;

const debian = (running: string, more: Tree['files'] = {}): Tree => ({
  files: {
    '/proc/sys/kernel/osrelease': `${running}\n`,
    '/var/lib/dpkg/status': image('6.1.0-9-amd64', '6.1.27-1') + image('6.1.0-42-amd64', '6.1.159-1'),
    '/boot/vmlinuz-6.1.0-9-amd64': '',
    '/boot/vmlinuz-6.1.0-42-amd64': '',
    ...more,
  },
});
const rpm = (running: string, ...installed: string[]): Tree => ({
  files: {
    '/etc/os-release': 'ID=almalinux\n',
    '/proc/sys/kernel/osrelease': `${running}\n`,
    '/boot/vmlinuz-0-rescue-0123456789abcdef': '',
    ...Object.fromEntries(installed.map((release) => [`/boot/vmlinuz-${release}`, ''])),
  },
});
const patch: Tree['files'] = {
  '/sys/kernel/livepatch/kpatch_demo/enabled': '1\n',
  '/sys/kernel/livepatch/kpatch_demo/transition': '0\n',
};

export const runningKernelExamples: readonly Example[] = [
  { name: 'the newest runs, 42 being more than 9', outcome: 'pass', tree: debian('6.1.0-42-amd64') },
  {
    name: 'an older one runs',
    outcome: 'fail',
    tree: debian('6.1.0-9-amd64'),
    says: ['6.1.0-9-amd64', '6.1.0-42-amd64'],
  },
  {
    name: 'an older build of the same release runs',
    outcome: 'fail',
    tree: debian('6.1.0-42-amd64', {
      '/proc/version': 'Linux version 6.1.0-42-amd64 (x@example.org) #1 SMP Debian 6.1.158-1 (2025-11-30)\n',
    }),
    says: ['6.1.158-1'],
  },
  {
    name: 'an older one runs with a live patch',
    outcome: 'pass',
    tree: debian('6.1.0-9-amd64', patch),
    says: ['kpatch_demo'],
  },
  {
    name: 'a live patch that was decided not to count',
    outcome: 'fail',
    params: { livePatch: 'noted' },
    tree: debian('6.1.0-9-amd64', patch),
  },
  {
    name: 'a live patch that is still being applied',
    outcome: 'fail',
    tree: debian('6.1.0-9-amd64', { ...patch, '/sys/kernel/livepatch/kpatch_demo/transition': '1\n' }),
  },
  {
    name: 'RHEL family: the newest runs',
    outcome: 'pass',
    tree: rpm('5.14.0-503.40.1.el9_5.x86_64', '5.14.0-503.9.1.el9_5.x86_64', '5.14.0-503.40.1.el9_5.x86_64'),
  },
  {
    name: 'RHEL family: an older one runs',
    outcome: 'fail',
    tree: rpm('5.14.0-503.9.1.el9_5.x86_64', '5.14.0-503.9.1.el9_5.x86_64', '5.14.0-503.40.1.el9_5.x86_64'),
  },
  {
    name: 'a container',
    outcome: 'not-applicable',
    tree: debian('6.18.1', { '/run/systemd/container': 'lxc\n' }),
  },
  { name: 'a kernel that the hypervisor brings', outcome: 'unknown', tree: rpm('6.18.44') },
  { name: 'unpacked system', outcome: 'unknown', tree: { ...debian('6.1.0-42-amd64'), live: false } },
];
