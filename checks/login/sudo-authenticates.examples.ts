/** Hosts for login.sudo-authenticates. */
import type { Example } from '../check.ts';
import type { Node } from '../host-memory.ts';

const program = (version: string): Node => ({ text: `\x7fELF\0sudo_plugin\0${version}\0`, mode: 0o4755 });

const passwd = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
alice:x:1000:1000::/home/alice:/bin/bash
bob:x:1001:1001::/home/bob:/bin/bash
backup-bot:x:990:990::/var/lib/backup-bot:/bin/sh
`;
const group = `root:x:0:
daemon:x:1:
sudo:x:27:alice
wheel:x:10:alice
docker:x:998:
trusted:x:997:bob
empty:x:996:
alice:x:1000:
bob:x:1001:
backup-bot:x:990:
`;

const debian = `Defaults	env_reset
Defaults	use_pty
root	ALL=(ALL:ALL) ALL
%sudo	ALL=(ALL:ALL) ALL
@includedir /etc/sudoers.d
`;

/** A small host with sudo 1.9.13 and the sudoers files given. */
const host = (sudoers: string, files: Readonly<Record<string, Node>> = {}, version = '1.9.13p3') => ({
  files: {
    '/usr/bin/sudo': program(version),
    '/etc/passwd': passwd,
    '/etc/group': group,
    '/etc/nsswitch.conf': 'passwd: files systemd\ngroup: files systemd\n',
    '/proc/sys/kernel/hostname': 'web1\n',
    '/etc/sudoers': { text: sudoers, mode: 0o440 },
    ...files,
  },
});

const DOAS = { text: '', mode: 0o4755 };
/** The same with doas, beside sudo's own rules. */
const doas = (rules: string, mode = 0o644) =>
  host(debian, { '/usr/bin/doas': DOAS, '/etc/doas.conf': { text: rules, mode } });

export const examples: readonly Example[] = [
  {
    name: 'doas asks, too; who may without a password is denied further down',
    outcome: 'pass',
    tree: doas('# wheel\npermit persist keepenv :wheel\npermit nopass bob\ndeny bob\n'),
    says: ['alice as ALL: ALL, with their own password', '/etc/doas.conf'],
  },
  {
    name: 'doas ignores rules that others can write',
    outcome: 'pass',
    tree: doas('permit nopass bob\n', 0o664),
  },
  {
    name: 'doas without a password, by a group, for one command',
    outcome: 'fail',
    tree: doas('permit setenv { PATH -HOME } nopass :trusted as root cmd apt args update\n'),
    says: ['bob as root: apt … (nopass), without a password', '"line":1'],
  },
  {
    name: 'a later rule of doas for one command leaves the others open',
    outcome: 'fail',
    tree: doas('permit nopass 1001\ndeny bob cmd sh\n'),
    says: ['bob as ALL: ALL (nopass)'],
  },
  {
    name: 'doas alone, without sudo',
    outcome: 'fail',
    tree: {
      files: {
        '/etc/passwd': passwd,
        '/etc/group': group,
        '/usr/bin/doas': DOAS,
        '/etc/doas.conf': 'permit nopass alice as root\n',
      },
    },
  },
  {
    name: 'a line of doas.conf that is no rule',
    outcome: 'unknown',
    tree: doas('permit :wheel\nallow bob\n'),
    says: ['"line":2'],
  },
  {
    name: 'doas.conf can not be read',
    outcome: 'unknown',
    tree: host(debian, { '/usr/bin/doas': DOAS, '/etc/doas.conf': { text: '', unreadable: 'EACCES' } }),
  },
  {
    name: 'stock Debian',
    outcome: 'pass',
    tree: host(debian, { '/etc/sudoers.d/README': '#\n' }),
    says: ['alice as ALL: ALL, with their own password', '/etc/sudoers'],
  },
  {
    name: 'stock RHEL: wheel instead of sudo, NOPASSWD only in a comment',
    outcome: 'pass',
    tree: host(
      'Defaults   !visiblepw\nDefaults    always_set_home\nDefaults    env_keep =  "COLORS DISPLAY HOSTNAME"\nDefaults    env_keep += "MAIL QTDIR"\nDefaults    secure_path = /sbin:/bin:/usr/sbin:/usr/bin\nroot\tALL=(ALL) \tALL\n%wheel\tALL=(ALL)\tALL\n# %wheel\tALL=(ALL)\tNOPASSWD: ALL\n#includedir /etc/sudoers.d\n',
      { '/etc/nsswitch.conf': 'passwd: sss files systemd\ngroup: sss files systemd\n' },
      '1.9.5p2',
    ),
    says: ['alice as ALL: ALL, with their own password'],
  },
  {
    name: 'seeing the rules of others is no privilege',
    outcome: 'pass',
    tree: host('alice ALL=(ALL) NOPASSWD: list\n'),
  },
  {
    name: 'NOPASSWD in a comment, in a file with a dot, in one that ends in ~, and for root itself',
    outcome: 'pass',
    tree: host(`${debian}# alice ALL=(ALL) NOPASSWD: ALL\nroot ALL=(ALL) NOPASSWD: ALL\n`, {
      '/etc/sudoers.d/old.bak': 'alice ALL=(ALL) NOPASSWD: ALL\n',
      '/etc/sudoers.d/alice~': 'alice ALL=(ALL) NOPASSWD: ALL\n',
    }),
  },
  {
    name: 'NOPASSWD that a later rule takes back: the last one counts',
    outcome: 'pass',
    tree: host('alice ALL=(ALL) NOPASSWD: ALL\n%wheel ALL=(ALL) ALL\nalice ALL=(ALL) PASSWD: ALL\n'),
  },
  {
    name: 'NOPASSWD for another host, for an empty group and for nobody that exists',
    outcome: 'pass',
    tree: host('alice db1=(ALL) NOPASSWD: ALL\n%empty ALL=(ALL) NOPASSWD: ALL\ncarol ALL=NOPASSWD: ALL\n'),
  },
  {
    name: '!authenticate that the rule itself overrides with PASSWD',
    outcome: 'pass',
    tree: host('Defaults !authenticate\nalice ALL=(ALL) PASSWD: ALL\n'),
  },
  {
    name: 'NOPASSWD to run as oneself is no privilege',
    outcome: 'pass',
    tree: host('alice ALL=(alice) NOPASSWD: ALL\n'),
  },
  {
    name: 'a rule whose time is over',
    outcome: 'pass',
    tree: host('alice ALL=(ALL) NOTAFTER=20260101000000Z NOPASSWD: ALL\n'),
  },
  {
    name: 'NOPASSWD for an account that the parameter allows',
    outcome: 'pass',
    params: { allowedUsers: ['backup-bot'] },
    tree: host('backup-bot ALL=(root) NOPASSWD: /usr/local/bin/backup\n'),
  },
  {
    name: "root's password, where that is allowed",
    outcome: 'pass',
    params: { ownPassword: false },
    tree: host('Defaults rootpw\n%wheel ALL=(ALL) ALL\n'),
  },
  {
    name: 'cloud-init: NOPASSWD in a file of sudoers.d',
    outcome: 'fail',
    tree: host(debian, { '/etc/sudoers.d/90-cloud-init-users': '# x\nalice ALL=(ALL) NOPASSWD:ALL\n' }),
    says: [
      '"line":2',
      '/etc/sudoers.d/90-cloud-init-users',
      'alice as ALL: ALL (NOPASSWD), without a password',
    ],
  },
  {
    name: 'NOPASSWD hidden in aliases, continued over lines, for a group by number',
    outcome: 'fail',
    tree: host(
      'User_Alias STAFF = %#27, \\\n  !bob\nCmnd_Alias SHELLS = /bin/sh, /bin/bash\nSTAFF ALL = (root) \\\n  NOPASSWD: SHELLS\n',
    ),
    says: ['alice as root: /bin/bash', '/bin/sh'],
  },
  {
    name: 'NOPASSWD carried on to the next command of the list',
    outcome: 'fail',
    tree: host('alice ALL=(root) NOPASSWD: /bin/true, /usr/bin/less /var/log/syslog\n'),
    says: ['/usr/bin/less … (NOPASSWD), without a password'],
  },
  {
    name: '!authenticate for one user',
    outcome: 'fail',
    tree: host(`Defaults:alice !authenticate\n${debian}`),
    says: ['(!authenticate)'],
  },
  {
    name: '!authenticate for one command within ALL',
    outcome: 'fail',
    tree: host('Defaults!/usr/bin/vim !authenticate\n%sudo ALL=(ALL:ALL) ALL\n'),
    says: ['/usr/bin/vim (!authenticate), without a password'],
  },
  {
    name: 'an account by number, with zeros before it',
    outcome: 'fail',
    tree: host('#01001 ALL=(ALL) NOPASSWD: ALL\n'),
    says: ['bob as ALL'],
  },
  {
    name: 'accounts of NIS behind a plus sign',
    outcome: 'unknown',
    tree: host('%empty ALL=(ALL) NOPASSWD: ALL\n', { '/etc/passwd': `${passwd}+::::::\n` }),
  },
  {
    name: 'exempt_group for one command',
    outcome: 'fail',
    tree: host('Defaults!/usr/bin/vim exempt_group=sudo\n%sudo ALL=(ALL:ALL) PASSWD: ALL\n'),
    says: ['/usr/bin/vim (exempt_group), without a password'],
  },
  {
    name: '!authenticate for what may be the same file by another path',
    outcome: 'unknown',
    tree: host('Defaults!/bin/vim !authenticate\nalice ALL=(root) /usr/bin/vim\n'),
  },
  {
    name: 'exempt_group, even against PASSWD',
    outcome: 'fail',
    tree: host('Defaults exempt_group=trusted\nbob ALL=(ALL) PASSWD: ALL\n'),
    says: ['bob as ALL: ALL (exempt_group), without a password'],
  },
  {
    name: "SUSE's default: everybody who knows root's password",
    outcome: 'fail',
    tree: host('Defaults targetpw\nALL ALL=(ALL) ALL\nroot ALL=(ALL) ALL\n'),
    says: ["ALL (targetpw), with the target account's password"],
  },
  {
    name: 'NOPASSWD for a group through runas, by include with %h',
    outcome: 'fail',
    tree: host('#include /etc/sudoers.%h\n', {
      '/etc/sudoers.web1': 'bob ALL=(:docker) NOPASSWD: ALL\n',
    }),
    says: ['bob as :docker: ALL (NOPASSWD), without a password'],
  },
  {
    name: 'a service account with one command',
    outcome: 'fail',
    tree: host(`${debian}backup-bot ALL=(root) NOPASSWD: /usr/local/bin/backup\n`),
    says: ['backup-bot as root: /usr/local/bin/backup'],
  },
  {
    name: 'everybody but one',
    outcome: 'fail',
    tree: host('ALL, !alice ALL=(ALL) NOPASSWD: /bin/ls\n'),
    says: ['backup-bot'],
  },
  {
    name: "another system's place: /usr/etc",
    outcome: 'fail',
    tree: {
      files: {
        '/usr/bin/sudo': program('1.9.15p5'),
        '/etc/passwd': passwd,
        '/etc/group': group,
        '/usr/etc/sudoers': 'alice ALL=(ALL) NOPASSWD: ALL\n',
      },
    },
    says: ['/usr/etc/sudoers'],
  },
  {
    name: 'an open rule counts although another line is wrong',
    outcome: 'fail',
    tree: host('alice ALL=(ALL) NOPASSWD: ALL\nbob ALL=(root NOPASSWD: ALL\n'),
  },
  {
    name: 'a line that sudo can not parse',
    outcome: 'unknown',
    tree: host(`${debian}bob ALL=(root NOPASSWD: ALL\n`),
    says: ['"line":6'],
  },
  {
    name: 'an old sudo refuses all because of one line',
    outcome: 'unknown',
    tree: host('alice ALL=(ALL) NOPASSWD: ALL\nbob ALL=(root NOPASSWD: ALL\n', {}, '1.8.31'),
  },
  {
    name: 'a file that includes itself',
    outcome: 'unknown',
    tree: host(`${debian}@include /etc/sudoers\n`),
    says: ['includes itself'],
  },
  {
    name: 'a file that is included and missing',
    outcome: 'unknown',
    tree: host(`${debian}@include /etc/sudoers.local\n`),
  },
  {
    name: 'sudoers can not be read',
    outcome: 'unknown',
    tree: host('', { '/etc/sudoers': { unreadable: 'EACCES' } }),
  },
  {
    name: 'one of the files can not be read',
    outcome: 'unknown',
    tree: host(debian, { '/etc/sudoers.d/site': { unreadable: 'EIO' } }),
  },
  {
    name: 'rules from a directory service too',
    outcome: 'unknown',
    tree: host(debian, {
      '/etc/nsswitch.conf': 'sudoers: files sss\n',
      '/etc/sssd/sssd.conf': { text: '[sssd]\n', mode: 0o600 },
    }),
    says: ['further rules come from sss'],
  },
  {
    name: 'NOPASSWD for a group that only a directory service can have',
    outcome: 'unknown',
    tree: host('%domain-admins ALL=(ALL) NOPASSWD: ALL\n', {
      '/etc/nsswitch.conf': 'passwd: files winbind\ngroup: files winbind\n',
    }),
    says: ['%domain-admins'],
  },
  {
    name: 'NOPASSWD for a netgroup',
    outcome: 'unknown',
    tree: host('+admins ALL=(ALL) NOPASSWD: ALL\n'),
  },
  {
    name: 'another policy than sudoers',
    outcome: 'unknown',
    tree: host(debian, { '/etc/sudo.conf': 'Plugin example_policy example.so\n' }),
    says: ['example_policy'],
  },
  {
    name: 'sudo-rs',
    outcome: 'unknown',
    tree: host(debian, { '/usr/bin/sudo': { text: '\x7fELF\0sudo-rs 0.2.8\0', mode: 0o4755 } }),
    says: ['sudo-rs'],
  },
  {
    name: 'a file that others can write, which sudo ignores',
    outcome: 'unknown',
    tree: host(debian, { '/etc/sudoers.d/site': { text: 'alice ALL=NOPASSWD: ALL\n', mode: 0o666 } }),
    says: ['others can write it'],
  },
  {
    name: 'no sudo',
    outcome: 'not-applicable',
    tree: { files: { '/etc/passwd': passwd, '/etc/group': group } },
  },
];
