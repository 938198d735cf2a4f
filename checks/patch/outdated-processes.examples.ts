/** Hosts for patch.outdated-processes. */
import type { Example } from '../check.ts';
import type { Node, Tree } from '../host-memory.ts';

const map = (perms: string, path: string): string =>
  `7f1c8a000000-7f1c8a100000 ${perms} 00000000 fe:01 1234   ${path}\n`;
const CURRENT = map('r-xp', '/usr/sbin/demod') + map('r-xp', '/usr/lib/x86_64-linux-gnu/libc.so.6');
const OLD = '/usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)';

const one = (maps: Node, cgroup = '0::/system.slice/demo.service\n'): Tree => ({
  files: {
    '/proc/self/status': 'NSpid:\t1\n',
    '/proc/7/cmdline': '/usr/sbin/demod\0--token\0cAnArY\0',
    '/proc/7/status': 'NSpid:\t7\n',
    '/proc/7/comm': 'demod\n',
    '/proc/7/cgroup': cgroup,
    '/proc/7/maps': maps,
  },
});

export const outdatedProcessesExamples: readonly Example[] = [
  { name: 'everything as installed', outcome: 'pass', tree: one(CURRENT) },
  {
    name: 'shared memory, temporary files and what a compiler made at run time are no libraries',
    outcome: 'pass',
    tree: one(
      CURRENT +
        [
          '/memfd:jit (deleted)',
          '/tmp/ffi1234 (deleted)',
          '/var/tmp/x (deleted)',
          '/dev/shm/pulse (deleted)',
          '/dev/zero (deleted)',
          '/SYSV00000000 (deleted)',
          '/[aio] (deleted)',
          '/run/x (deleted)',
          '/home/app/x.so (deleted)',
        ]
          .map((path) => map('rwxs', path))
          .join(''),
    ),
  },
  {
    name: 'a data file that was replaced is not code',
    outcome: 'pass',
    tree: one(CURRENT + map('r--p', '/usr/lib/locale/locale-archive (deleted)')),
  },
  {
    name: 'a library was replaced',
    outcome: 'fail',
    tree: one(CURRENT + map('r-xp', OLD)),
    says: ['demo.service (demod)', 'libssl.so.3'],
  },
  {
    name: 'the program itself was replaced by rpm, under control groups of the first version',
    outcome: 'fail',
    tree: one(
      map('r-xp', '/usr/sbin/demod;6650d1a2 (deleted)'),
      '12:pids:/x\n1:name=systemd:/system.slice/demo.service\n',
    ),
    says: ['demo.service', '/usr/sbin/demod"'],
  },
  {
    name: 'in the session of a user',
    outcome: 'fail',
    tree: one(map('r-xp', OLD), '0::/user.slice/user-1000.slice/session-3.scope\n'),
    says: ['session-3.scope'],
  },
  {
    name: 'without systemd it is named by program',
    outcome: 'fail',
    tree: one(map('r-xp', OLD), '0::/\n'),
    says: ['demod (demod)'],
  },
  {
    name: 'a unit that waits for its maintenance window',
    outcome: 'pass',
    params: { allowed: ['demo.service'] },
    tree: one(map('r-xp', OLD)),
  },
  {
    name: 'the process is that of a container, another system',
    outcome: 'pass',
    tree: {
      files: { ...one(map('r-xp', OLD)).files, '/proc/7/status': 'NSpid:\t7\t1\n' },
    },
  },
  { name: 'not as root', outcome: 'unknown', tree: one({ unreadable: 'EACCES' }), says: ['EACCES'] },
  { name: 'unpacked system', outcome: 'unknown', tree: { files: {}, live: false } },
];
