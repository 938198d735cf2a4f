/** What the examples of the checks on grants have in common: a small host, and a register. */
import type { Grant } from '../../shared/grant.ts';
import type { Example } from '../check.ts';
import { ED25519 } from './example-keys.ts';

/** Examples are judged at 2026-06-15T12:00:00Z. */
export const NOW = '2026-06-15T12:00:00.000Z';

export const grant = (accounts: readonly string[], more: Partial<Grant> = {}): Grant => ({
  id: 'r-00000000000000000000',
  subject: 'a.muster',
  party: 'provider',
  accounts: [...accounts],
  keys: [],
  privileges: [],
  scope: 'tenant',
  approvedBy: 'b.beispiel',
  reason: 'TICKET-1',
  from: '2026-01-01T00:00:00.000Z',
  until: '2027-01-01T00:00:00.000Z',
  ...more,
});

const HASH = '$6$saltsalt$qwertzuiopasdfghjklyxcvbnmqwertzuiopasdfghjklyxcvbnm';

/** Root with a password, anna with a key, a service without either. */
const files: Example['tree']['files'] = {
  '/usr/sbin/sshd': { text: '\u007fELF\0OpenSSH_9.2p1 Debian-2\0', mode: 0o755 },
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
  '/etc/nsswitch.conf': 'passwd: files systemd\ngroup: files systemd\n',
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\nsync:x:4:65534:sync:/bin:/bin/sync\nbackup:x:34:34::/var/backups:/usr/sbin/nologin\nanna:x:1000:1000::/home/anna:/bin/bash\n',
  '/etc/group': 'root:x:0:\nbackup:x:34:\nanna:x:1000:\n',
  '/etc/shadow': `root:${HASH}:20000:0:99999:7:::\nsync:*:20000:0:99999:7:::\nbackup:*:20000:0:99999:7:::\nanna:!:20000:0:99999:7:::\n`,
  '/etc/ssh/sshd_config': 'PermitRootLogin no\n',
  '/home/anna/.ssh/authorized_keys': `${ED25519} anna\n`,
};

export const shadowWith = (line: string): string => `${files['/etc/shadow']}${line}\n`;
export const passwdWith = (line: string): string => `${files['/etc/passwd']}${line}\n`;
export const hashed = HASH;

/** The host with these files on top, and a register with these grants; null: the policy names none. */
export const hostWith = (
  granted: readonly Grant[] | null,
  more: Example['tree']['files'] = {},
): Example['tree'] => ({
  live: false,
  files: { ...files, ...more },
  policy: {
    number: 1,
    issuedAt: '2026-06-15T00:00:00.000Z',
    validUntil: '2026-06-22T00:00:00.000Z',
    grants: granted === null ? null : [...granted],
  },
});

export const hostWithoutPolicy: Example['tree'] = { live: false, files };
