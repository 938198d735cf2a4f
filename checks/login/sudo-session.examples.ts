/** Hosts for login.sudo-session. */
import type { Example } from '../check.ts';
import type { Node } from '../host-memory.ts';

const host = (sudoers: string, version = '1.9.13p3', files: Readonly<Record<string, Node>> = {}) => ({
  files: {
    '/usr/bin/sudo': { text: `\x7fELF\0sudo_plugin\0${version}\0`, mode: 0o4755 },
    '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
    '/proc/sys/kernel/hostname': 'web1\n',
    '/etc/sudoers': { text: sudoers, mode: 0o440 },
    ...files,
  },
});

const RULE = '%sudo ALL=(ALL:ALL) ALL\n';
const GOOD = `Defaults use_pty, logfile="/var/log/sudo.log"\n`;
const redHat: Readonly<Record<string, Node>> = { '/etc/os-release': 'ID="rocky"\nID_LIKE="rhel fedora"\n' };

export const examples: readonly Example[] = [
  {
    name: 'use_pty and a log file',
    outcome: 'pass',
    tree: host(`${GOOD}${RULE}`),
    says: ['use_pty on', '/var/log/sudo.log', 'timestamp_timeout 15 minutes'],
  },
  {
    name: 'use_pty is the default since 1.9.14; asks every time',
    outcome: 'pass',
    tree: host(`Defaults logfile=/var/log/sudo.log\nDefaults timestamp_timeout=0\n${RULE}`, '1.9.16p2'),
  },
  {
    name: 'recording needs a terminal and is a log',
    outcome: 'pass',
    tree: host(`Defaults log_output\n${RULE}`),
    says: ['log_output on'],
  },
  {
    name: 'log servers, a time for one group that is shorter, another host that does not matter',
    outcome: 'pass',
    tree: host(
      `Defaults use_pty, log_servers = "log.example.org:30344(tls)"\nDefaults:%sudo timestamp_timeout=5\nDefaults@db1 !use_pty\n${RULE}`,
    ),
  },
  {
    name: 'set in a file of sudoers.d, after which the main file no longer counts',
    outcome: 'pass',
    tree: host(`Defaults timestamp_timeout=60\n${RULE}@includedir /etc/sudoers.d\n`, '1.9.5p2', {
      '/etc/sudoers.d/session': `${GOOD}Defaults timestamp_timeout=10\n`,
    }),
    says: ['/etc/sudoers.d/session'],
  },
  {
    name: 'syslog alone, where that is allowed',
    outcome: 'pass',
    params: { log: 'any' },
    tree: host(`Defaults use_pty\n${RULE}`),
    says: ['syslog only'],
  },
  {
    name: 'a short limit, met by what Red Hat builds in',
    outcome: 'pass',
    params: { timestampTimeout: 5 },
    tree: host(`${GOOD}${RULE}`, '1.9.5p2', redHat),
  },
  {
    name: 'a short limit, not met by what Debian builds in',
    outcome: 'fail',
    params: { timestampTimeout: 5 },
    tree: host(`${GOOD}${RULE}`),
  },
  {
    name: 'stock Debian 12: syslog only',
    outcome: 'fail',
    tree: host(`Defaults env_reset\nDefaults use_pty\n${RULE}`),
    says: ['syslog only'],
  },
  {
    name: 'stock Debian 11: no terminal of its own',
    outcome: 'fail',
    tree: host(`Defaults env_reset\nDefaults logfile=/var/log/sudo.log\n${RULE}`, '1.9.5p2'),
    says: ['use_pty off'],
  },
  {
    name: 'never asks again',
    outcome: 'fail',
    tree: host(`${GOOD}Defaults timestamp_timeout = -1\n${RULE}`),
    says: ['never ends', '"line":2'],
  },
  {
    name: 'an hour',
    outcome: 'fail',
    tree: host(`${GOOD}Defaults timestamp_timeout=60\n${RULE}`),
    says: ['timestamp_timeout 60 minutes'],
  },
  {
    name: 'never asks one user again',
    outcome: 'fail',
    tree: host(`${GOOD}Defaults:alice timestamp_timeout=-1\n${RULE}`),
    says: ['Defaults:alice'],
  },
  {
    name: 'a terminal only for one group',
    outcome: 'fail',
    tree: host(`Defaults logfile=/var/log/sudo.log\nDefaults:%sudo use_pty\n${RULE}`),
  },
  {
    name: 'turned off again further down',
    outcome: 'fail',
    tree: host(`${GOOD}Defaults !use_pty\n${RULE}`),
    says: ['"line":2'],
  },
  {
    name: 'no terminal for one command',
    outcome: 'fail',
    tree: host(`Defaults!/usr/bin/vim !use_pty\n${GOOD}${RULE}`),
    says: ['Defaults!/usr/bin/vim'],
  },
  {
    name: 'a log file that allowed commands do not reach',
    outcome: 'fail',
    tree: host(`${GOOD}Defaults !log_allowed\n${RULE}`),
    says: ['log_allowed off'],
  },
  {
    name: 'no log at all, even where syslog would do',
    outcome: 'fail',
    params: { log: 'any' },
    tree: host(`Defaults use_pty, !syslog\n${RULE}`),
    says: ['no log at all'],
  },
  {
    name: 'a rule left out of the recording that all rests on',
    outcome: 'fail',
    tree: host(`Defaults log_output\nalice ALL=(ALL) NOLOG_OUTPUT: ALL\n`),
    says: ['not recorded', '"line":2'],
  },
  {
    name: 'a line that sudo can not parse',
    outcome: 'unknown',
    tree: host(`${GOOD}Defaults timestamp_timeout 60\n${RULE}`),
    says: ['"line":2'],
  },
  {
    name: 'not readable without root',
    outcome: 'unknown',
    tree: host('', '1.9.13p3', { '/etc/sudoers': { unreadable: 'EACCES' } }),
  },
  { name: 'no sudo', outcome: 'not-applicable', tree: { files: { '/etc/os-release': 'ID=debian\n' } } },
];
