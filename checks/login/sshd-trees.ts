/** Small hosts with an SSH server, for the examples of login.sshd-*. */
import type { Node, Tree } from '../host-memory.ts';

export const PASSWD = [
  'root:x:0:0:root:/root:/bin/bash',
  'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
  'anna:x:1000:1000::/home/anna:/bin/bash',
  'backup:x:34:34:backup:/var/backups:/usr/sbin/nologin',
].join('\n');
const GROUP = ['root:x:0:', 'daemon:x:1:', 'anna:x:1000:', 'backup:x:34:', 'sftp:x:900:backup'].join('\n');

/** An unpacked system with OpenSSH `version` and this configuration. */
export function unpacked(config: string, more: Readonly<Record<string, Node>> = {}, version = '9.2'): Tree {
  return {
    live: false,
    files: {
      '/usr/sbin/sshd': {
        text: `\u007fELF\0OpenSSH_${version}p1 Debian-2\0kex-strict-s-v00@openssh.com\0`,
        mode: 0o755,
      },
      '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
      '/etc/passwd': PASSWD,
      '/etc/group': GROUP,
      '/etc/ssh/sshd_config': config,
      ...more,
    },
  };
}

type Answers = Readonly<Record<string, string | { status: number; stderr: string }>>;

/** A live system where sshd answers so, by user and address (`root`, `anna 192.0.2.0`). */
export function live(config: string, answers: Answers, more: Readonly<Record<string, Node>> = {}): Tree {
  const commands = Object.entries(answers).map(([who, answer]) => {
    const [user, addr = '203.0.113.10'] = who.split(' ');
    return [`/usr/sbin/sshd -T -C user=${user},host=client.example.net,addr=${addr}`, answer] as const;
  });
  return { ...unpacked(config, more), live: true, commands: Object.fromEntries(commands) };
}

/** A listening sshd as process 812, started at 2026-06-01T00:00:00Z, and its PID file. */
export const RUNNING: Readonly<Record<string, Node>> = {
  '/proc/812/cmdline': 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups\0\0\0',
  '/proc/812/stat': '812 (sshd) S 1 812 812 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 0 0 0',
  '/proc/stat': 'cpu 1 2 3\nbtime 1780272000\n',
  '/run/sshd.pid': { text: '812\n', modified: '2026-06-01T00:00:01.000Z' },
};

export const OLD = '2026-05-01T00:00:00.000Z';
export const at = (text: string, modified: string): Node => ({ text, modified });

export const unreadable: Tree = unpacked('', {
  '/etc/ssh/sshd_config': { text: '', unreadable: 'permission denied' },
});
export const none: Tree = { live: false, files: { '/etc/passwd': PASSWD } };
export const noKeys = { status: 1, stderr: 'sshd: no hostkeys available -- exiting.\n' };
