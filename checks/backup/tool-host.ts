/** The host of the examples of single tools; judged at 2026-06-15T12:00:00Z. */
import type { Tree } from '../host-memory.ts';

export type Files = Tree['files'];

const base: Files = {
  '/etc/os-release': 'ID=debian\nVERSION_ID=12\n',
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
  '/etc/shadow': { text: 'root:!:::::::\n', mode: 0o640 },
  '/etc/ssl/private/site.key': { text: 'canary-key', mode: 0o600 },
  '/etc/hosts': '127.0.0.1 localhost\n127.0.1.1 web1\n',
  '/etc/localtime': { link: '/usr/share/zoneinfo/Europe/Berlin' },
  '/var/spool/cron/crontabs/root': { text: '@daily true\n', mode: 0o600 },
  '/var/lib/dpkg/status': 'Package: base-files\nStatus: install ok installed\n',
  '/proc/sys/kernel/hostname': 'web1\n',
  '/proc/net/fib_trie': 'Local:\n     |-- 192.0.2.7\n        /32 host LOCAL\n',
  '/proc/self/mountinfo':
    '21 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 21 0:50 / /mnt/nas rw - nfs4 vault.example.org:/export rw\n',
  '/usr/bin/restic': { text: '', mode: 0o755 },
  '/usr/bin/duplicity': { text: '', mode: 0o755 },
  '/usr/bin/rsnapshot': { text: '', mode: 0o755 },
  '/usr/bin/rsync': { text: '', mode: 0o755 },
  '/usr/bin/dsmc': { text: '', mode: 0o755 },
  '/usr/bin/proxmox-backup-client': { text: '', mode: 0o755 },
  '/usr/lib/systemd/systemd': { text: '', mode: 0o755 },
  '/usr/sbin/cron': { text: '', mode: 0o755 },
  '/etc/systemd/system/multi-user.target.wants/cron.service': {
    link: '/usr/lib/systemd/system/cron.service',
  },
  '/usr/lib/systemd/system/cron.service': '[Service]\nExecStart=/usr/sbin/cron -f\n',
};

export const toolTree = (...parts: Files[]): Tree => ({ files: Object.assign({}, base, ...parts) });
/** Lines of cron.d, `30 2 * * *` in front where they have no time. */
export const cronLines = (...lines: string[]): Files => ({
  '/etc/cron.d/backup': lines
    .map((line) => `${/^[@\d*]/.test(line) ? line : `30 2 * * * root ${line}`}\n`)
    .join(''),
});
export const ALL = ['/etc', '/var/spool/cron', '/var/lib/dpkg/status'] as const;

/** A unit that the system starts. */
export const wants = (unit: string, text = '[Service]\nExecStart=/bin/true\n'): Files => ({
  [`/usr/lib/systemd/system/${unit}`]: text,
  [`/etc/systemd/system/multi-user.target.wants/${unit}`]: { link: `/usr/lib/systemd/system/${unit}` },
});
