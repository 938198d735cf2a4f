/** Hosts for backup.off-host and backup.tamper-resistant. */
import type { Example } from '../check.ts';
import type { Tree } from '../host-memory.ts';

type Files = Tree['files'];

export const placeBase: Files = {
  '/etc/os-release': 'ID=debian\nVERSION_ID=12\n',
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
  '/etc/hosts': '127.0.0.1 localhost\n127.0.1.1 web1.example.org web1\n192.0.2.9 vault\n192.0.2.7 alias\n',
  '/proc/sys/kernel/hostname': 'web1\n',
  '/proc/net/fib_trie':
    'Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 192.0.2.7\n        /32 host LOCAL\n     |-- 192.0.2.255\n        /32 link BROADCAST\n',
  '/proc/net/if_inet6': '20010db8000000000000000000000007 02 40 00 80     eth0\n',
  '/proc/self/mountinfo':
    '21 1 8:1 / / rw - ext4 /dev/sda1 rw\n22 21 8:17 / /mnt/usb rw - ext4 /dev/sdb1 rw\n23 21 0:50 / /mnt/nas rw - nfs4 vault.example.org:/export rw\n24 21 0:51 / /mnt/self rw - nfs4 127.0.0.1:/export rw\n25 21 0:52 / /mnt/share rw - cifs //vault/backup rw\n26 21 0:53 / /mnt/ssh rw - fuse.sshfs anna@vault:/srv rw\n27 21 0:54 / /mnt/host rw - virtiofs tag rw\n',
  '/mnt/nas/web': { directory: true },
  '/usr/bin/restic': '',
  '/usr/bin/borg': '',
  '/usr/sbin/cron': '',
};
export const placeTree = (...parts: Files[]): Tree => ({ files: Object.assign({}, placeBase, ...parts) });
const to = (repository: string, ...parts: Files[]): Tree =>
  placeTree({ '/etc/cron.d/backup': `30 2 * * * root restic -r ${repository} backup /etc\n` }, ...parts);
const borgTo = (repository: string): Tree =>
  placeTree({ '/etc/cron.d/backup': `30 2 * * * root borg create ${repository}::x /etc\n` });

const elsewhere: readonly (readonly [string, Tree, string])[] = [
  ['sftp', to('sftp:anna@vault.example.org:/srv'), 'on the host vault.example.org'],
  ['sftp as a URL', to('sftp://anna@[2001:db8::9]:2222//srv'), '2001:db8::9'],
  [
    'a rest-server',
    to('rest:https://anna:canary@vault.example.org:8000/web'),
    'on the host vault.example.org',
  ],
  ['object storage', to('s3:https://s3.example.org/web'), 's3.example.org'],
  ['object storage of a service', to('b2:web:etc'), 'Backblaze'],
  ['borg by ssh', borgTo('ssh://anna@vault.example.org/./web'), 'on the host vault.example.org'],
  ['borg as scp writes it', borgTo('anna@vault.example.org:web'), 'on the host vault.example.org'],
  ['a directory that is mounted by NFS', to('/mnt/nas/web'), 'nfs4 (vault.example.org)'],
  ['a share', to('/mnt/share/not-yet/there'), 'cifs (vault)'],
  ['sshfs', to('/mnt/ssh/web'), 'fuse.sshfs (vault)'],
  [
    'rclone, storage of another',
    to('rclone:cloud:web', {
      '/root/.config/rclone/rclone.conf': '[disk]\ntype = local\n[cloud]\ntype = swift\nkey = canary\n',
    }),
    'swift',
  ],
];
const here: readonly (readonly [string, Tree, string])[] = [
  ['the same disk', to('/srv/vault'), '/dev/sda1'],
  ['another disk of the same system', to('/mnt/usb/vault'), '/dev/sdb1'],
  ['localhost', to('sftp:anna@localhost:/srv'), 'this system'],
  ['an address of the loopback', to('rest:http://127.0.0.2:8000/'), 'this system'],
  ['its own name', borgTo('ssh://anna@web1.example.org/./x'), 'this system'],
  ['its own address', borgTo('anna@192.0.2.7:x'), 'this system'],
  ['its own address of IPv6', to('sftp://anna@[2001:db8::7]//srv'), 'this system'],
  ['a name for its own address in /etc/hosts', borgTo('anna@alias:x'), 'this system'],
  ['NFS from itself', to('/mnt/self/x'), 'this system'],
  ['borg on a path', borgTo('/srv/vault'), '/dev/sda1'],
];

export const offHostExamples: readonly Example[] = [
  ...elsewhere.map(([name, tree, says]): Example => ({ name, outcome: 'pass', tree, says: [says] })),
  ...here.map(([name, tree, says]): Example => ({ name, outcome: 'fail', tree, says: [says] })),
  {
    name: 'the same copied to here and to another system',
    outcome: 'pass',
    tree: to('/srv/vault', {
      '/etc/cron.d/two': '1 3 * * * root restic -r sftp:vault.example.org:/srv backup /etc\n',
    }),
  },
  {
    name: 'one thing is copied to another system, another one is not',
    outcome: 'fail',
    tree: to('/srv/vault', {
      '/etc/cron.d/two': '1 3 * * * root restic -r sftp:vault.example.org:/srv backup /srv/www\n',
    }),
    says: ['/srv/vault'],
  },
  {
    name: 'an unpacked system, whose fstab mounts it',
    outcome: 'pass',
    tree: { ...to('/mnt/nas/web', { '/etc/fstab': 'vault:/srv /mnt/nas nfs4 defaults 0 0\n' }), live: false },
  },
  { name: 'no job', outcome: 'not-applicable', tree: placeTree(), says: ['no job'] },
  {
    name: 'a share that is not mounted at the moment',
    outcome: 'unknown',
    tree: to('/mnt/later/web', { '/etc/fstab': 'vault:/srv /mnt/later nfs4 noauto 0 0\n' }),
    says: ['not mounted'],
  },
  {
    name: 'a directory of the machine below',
    outcome: 'unknown',
    tree: to('/mnt/host/web'),
    says: ['virtiofs'],
  },
  { name: 'a variable', outcome: 'unknown', tree: to('$REPOSITORY'), says: ['does not tell'] },
  {
    name: 'rclone without a configuration',
    outcome: 'unknown',
    tree: to('rclone:cloud:web'),
    says: ['cloud'],
  },
  {
    name: 'rclone that encrypts another remote',
    outcome: 'unknown',
    tree: to('rclone:cloud:web', {
      '/root/.config/rclone/rclone.conf': '[cloud]\ntype = crypt\nremote = disk:\n',
    }),
  },
];
