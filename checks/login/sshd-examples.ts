/** Examples of the login.sshd-* checks: small hosts and what must be said about them. */
import type { Example } from '../check.ts';
import { moreExamples } from './sshd-examples-more.ts';
import { at, live, noKeys, none, OLD, PASSWD, RUNNING, unpacked, unreadable } from './sshd-trees.ts';

const rootLogin: readonly Example[] = [
  { name: 'said plainly', outcome: 'pass', tree: unpacked('PermitRootLogin no\n'), says: ['user=root'] },
  { name: 'wrong letter case', outcome: 'pass', tree: unpacked('pErMiTrOoTlOgIn=NO\r\n') },
  {
    name: 'the default of OpenSSH',
    outcome: 'fail',
    tree: unpacked('# PermitRootLogin no\n'),
    says: ['user=root from any address: prohibit-password, default of OpenSSH 9.2'],
  },
  {
    name: 'the default, allowed by param',
    outcome: 'pass',
    tree: unpacked('UsePAM yes\n'),
    params: { allowed: ['prohibit-password'] },
  },
  {
    name: 'stricter than the one allowed by param',
    outcome: 'pass',
    tree: unpacked('PermitRootLogin forced-commands-only\n'),
    params: { allowed: ['prohibit-password'] },
  },
  {
    name: 'a drop-in that is included first wins',
    outcome: 'fail',
    tree: unpacked('Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n', {
      '/etc/ssh/sshd_config.d/50-cloud.conf': 'PermitRootLogin yes\n',
    }),
    says: ['/etc/ssh/sshd_config.d/50-cloud.conf'],
  },
  {
    name: 'a drop-in that is included last does not',
    outcome: 'pass',
    tree: unpacked('PermitRootLogin no\nInclude sshd_config.d/*.conf\n', {
      '/etc/ssh/sshd_config.d/50-cloud.conf': 'PermitRootLogin yes\n',
    }),
  },
  {
    name: 'the line landed inside a Match block at the end',
    outcome: 'fail',
    tree: unpacked('X11Forwarding no\nMatch User anna\n  X11Forwarding yes\nPermitRootLogin no\n'),
  },
  {
    name: 'weaker from one network',
    outcome: 'fail',
    tree: unpacked('PermitRootLogin no\nMatch Address 192.0.2.0/24\n  PermitRootLogin yes\n'),
    says: ['addr=192.0.2.0', 'via Match at /etc/ssh/sshd_config:2'],
  },
  {
    name: 'a block that never concerns root',
    outcome: 'pass',
    tree: unpacked('PermitRootLogin no\nMatch User anna\n  PermitRootLogin yes\n'),
  },
  {
    name: 'Match all overrides',
    outcome: 'fail',
    tree: unpacked('PermitRootLogin no\nMatch all\nPermitRootLogin yes\n'),
  },
  {
    name: 'SUSE 15 keeps the old default',
    outcome: 'fail',
    tree: unpacked('', { '/etc/os-release': 'ID=sles\nVERSION_ID="15.5"\n' }, '8.4'),
    params: { allowed: ['prohibit-password'] },
  },
  {
    name: 'only the vendor has a file',
    outcome: 'fail',
    tree: unpacked('', {
      '/etc/ssh/sshd_config': { link: '/nowhere' },
      '/usr/etc/ssh/sshd_config': 'PermitRootLogin yes\n',
    }),
    says: ['/usr/etc/ssh/sshd_config'],
  },
  {
    name: 'a second daemon with a file of its own',
    outcome: 'fail',
    tree: unpacked('PermitRootLogin no\n', {
      '/etc/ssh/sftp_config': 'PermitRootLogin yes\n',
      '/usr/lib/systemd/system/ssh.service': '[Service]\nExecStart=/usr/sbin/sshd -D\n',
      '/etc/systemd/system/sshd-sftp.service':
        '[Service]\nExecStart=/usr/sbin/sshd -D -f /etc/ssh/sftp_config\n',
      '/etc/systemd/system/multi-user.target.wants/sshd-sftp.service': {
        link: '/etc/systemd/system/sshd-sftp.service',
      },
    }),
    says: ['/etc/ssh/sftp_config'],
  },
  {
    name: 'a second daemon whose unit does not name it',
    outcome: 'fail',
    tree: unpacked('PermitRootLogin no\n', {
      '/etc/ssh/extra': 'PermitRootLogin yes\n',
      '/usr/lib/systemd/system/ssh.service': '[Service]\nExecStart=/usr/sbin/sshd -D\n',
      '/etc/systemd/system/admin@.service':
        '[Service]\nExecStart=/bin/sh -c "exec /usr/sbin/sshd -D -f /etc/ssh/%i"\n',
      '/etc/systemd/system/remote.target.wants/admin@extra.service': {
        link: '/etc/systemd/system/admin@.service',
      },
    }),
    says: ['/etc/ssh/extra'],
  },
  {
    name: 'a second daemon that cron starts',
    outcome: 'fail',
    tree: unpacked('PermitRootLogin no\n', {
      '/etc/ssh/extra': 'PermitRootLogin yes\n',
      '/usr/sbin/cron': '',
      '/etc/cron.d/extra': '@reboot root /usr/sbin/sshd -f /etc/ssh/extra\n',
    }),
    says: ['/etc/ssh/extra'],
  },
  {
    name: 'a unit that is not enabled starts no second daemon',
    outcome: 'pass',
    tree: unpacked('PermitRootLogin no\n', {
      '/etc/ssh/extra': 'PermitRootLogin yes\n',
      '/usr/lib/systemd/system/ssh.service': '[Service]\nExecStart=/usr/sbin/sshd -D\n',
      '/etc/systemd/system/admin.service': '[Service]\nExecStart=/usr/sbin/sshd -D -f /etc/ssh/extra\n',
    }),
  },
  {
    name: 'a copy of sshd in another place',
    outcome: 'unknown',
    tree: unpacked('PermitRootLogin no\n', {
      '/opt/sshd': '',
      '/usr/lib/systemd/system/ssh.service': '[Service]\nExecStart=/usr/sbin/sshd -D\n',
      '/etc/systemd/system/admin.service': '[Service]\nExecStart=/opt/sshd -D\n',
      '/etc/systemd/system/multi-user.target.wants/admin.service': {
        link: '/etc/systemd/system/admin.service',
      },
    }),
    says: ['/opt/sshd'],
  },
  {
    name: 'dropbear beside OpenSSH',
    outcome: 'unknown',
    tree: unpacked('PermitRootLogin no\n', {
      '/usr/sbin/dropbear': '',
      '/usr/lib/systemd/system/ssh.service': '[Service]\nExecStart=/usr/sbin/sshd -D\n',
      '/usr/lib/systemd/system/dropbear.service': '[Service]\nExecStart=/usr/sbin/dropbear -EF\n',
      '/etc/systemd/system/multi-user.target.wants/dropbear.service': {
        link: '/usr/lib/systemd/system/dropbear.service',
      },
    }),
    says: ['dropbear'],
  },
  {
    name: 'an option on the command line comes before the file',
    outcome: 'fail',
    tree: unpacked('PermitRootLogin no\n', {
      '/usr/lib/systemd/system/ssh.service':
        '[Service]\nEnvironmentFile=-/etc/default/ssh\nExecStart=/usr/sbin/sshd -D $SSHD_OPTS\n',
      '/etc/default/ssh': 'SSHD_OPTS="-o PermitRootLogin=yes"\n',
    }),
  },
  {
    name: 'refused by sshd',
    outcome: 'fail',
    tree: unpacked('PermitRootLogin never\n'),
    says: ['unsupported option', '"line":1'],
  },
  {
    name: 'an Include that includes itself',
    outcome: 'fail',
    tree: unpacked('Include /etc/ssh/sshd_config\nPermitRootLogin no\n'),
    says: ['Too many recursive'],
  },
  { name: 'can not be read', outcome: 'unknown', tree: unreadable },
  {
    name: 'an included file can not be read',
    outcome: 'unknown',
    tree: unpacked('Include sshd_config.d/*.conf\nPermitRootLogin no\n', {
      '/etc/ssh/sshd_config.d/10.conf': { text: '', unreadable: 'permission denied' },
    }),
  },
  { name: 'no SSH server', outcome: 'not-applicable', tree: none },
  {
    name: 'dropbear instead of OpenSSH',
    outcome: 'unknown',
    tree: { live: false, files: { '/etc/passwd': PASSWD, '/usr/sbin/dropbear': '' } },
    says: ['dropbear'],
  },
  {
    name: 'live: sshd and the files agree',
    outcome: 'pass',
    tree: live(
      '',
      { root: 'permitrootlogin no\n', anna: 'permitrootlogin no\n' },
      { ...RUNNING, '/etc/ssh/sshd_config': at('PermitRootLogin no\n', OLD) },
    ),
  },
  {
    name: 'live: sshd and the files disagree',
    outcome: 'unknown',
    tree: live(
      '',
      { root: 'permitrootlogin no\n', anna: 'permitrootlogin no\n' },
      { ...RUNNING, '/etc/ssh/sshd_config': at('PermitRootLogin yes\n', OLD) },
    ),
    says: ['disagree'],
  },
  {
    name: 'live: changed after the daemon read it',
    outcome: 'unknown',
    tree: live(
      '',
      { root: 'permitrootlogin no\n', anna: 'permitrootlogin no\n' },
      { ...RUNNING, '/etc/ssh/sshd_config': at('PermitRootLogin no\n', '2026-06-02T00:00:00.000Z') },
    ),
    says: ['not yet in effect', '/etc/ssh/sshd_config'],
  },
  {
    name: 'live: a drop-in came after the daemon had started',
    outcome: 'unknown',
    tree: live(
      '',
      { root: 'permitrootlogin no\n', anna: 'permitrootlogin no\n' },
      {
        ...RUNNING,
        '/etc/ssh/sshd_config': at('Include sshd_config.d/*.conf\n', OLD),
        '/etc/ssh/sshd_config.d/50.conf': at('PermitRootLogin no\n', '2026-06-03T00:00:00.000Z'),
      },
    ),
    says: ['not yet in effect'],
  },
  {
    name: 'live: running, but sshd does not answer',
    outcome: 'unknown',
    tree: live('', { root: noKeys }, { ...RUNNING, '/etc/ssh/sshd_config': at('PermitRootLogin no\n', OLD) }),
    says: ['no hostkeys available'],
  },
  {
    name: 'live: refused by sshd in its own words',
    outcome: 'fail',
    tree: live(
      'PermitRootLogin no\nUsePam perhaps\n',
      { root: { status: 255, stderr: '/etc/ssh/sshd_config line 2: unsupported option "perhaps".\n' } },
      {},
    ),
    says: ['unsupported option', '"line":2'],
  },
  {
    name: 'live: nothing runs and sshd has no directory to answer from',
    outcome: 'pass',
    tree: live('PermitRootLogin no\n', {
      root: { status: 255, stderr: 'Missing privilege separation directory: /run/sshd\n' },
    }),
    says: ['no sshd runs at present'],
  },
  {
    name: 'live: something else listens on port 22',
    outcome: 'unknown',
    tree: live(
      'PermitRootLogin no\n',
      {},
      {
        '/proc/1/cmdline': '/sbin/init\0',
        '/proc/net/tcp':
          '  sl  local_address rem_address   st\n   0: 00000000:0016 00000000:0000 0A 00000000:00000000\n',
      },
    ),
    says: ['port 22'],
  },
];

/** What every row must get right, with a weak and a good value of its keyword. */
function common(keyword: string, good: string, weak: string): readonly Example[] {
  const key = keyword.toLowerCase();
  const told = (value: string) => `${key} ${value}\n`;
  return [
    { name: 'said plainly', outcome: 'pass', tree: unpacked(`${keyword} ${good}\n`) },
    {
      name: 'quoted, with an equals sign and a remark',
      outcome: 'pass',
      tree: unpacked(`${key} = "${good}" # as agreed\n`),
    },
    { name: 'weak', outcome: 'fail', tree: unpacked(`${keyword} ${weak}\n`), says: ['"line":1'] },
    {
      name: 'the first of two lines counts',
      outcome: 'fail',
      tree: unpacked(`${keyword} ${weak}\n${keyword} ${good}\n`),
    },
    {
      name: 'weaker for one account only',
      outcome: 'fail',
      tree: unpacked(`${keyword} ${good}\nMatch User backup\n  ${keyword} ${weak}\n`),
      says: ['user=backup', 'via Match at /etc/ssh/sshd_config:2'],
    },
    {
      name: 'weaker for a group, in a file included inside the block',
      outcome: 'fail',
      tree: unpacked(`${keyword} ${good}\nMatch Group sftp\n  Include sftp.conf\n`, {
        '/etc/ssh/sftp.conf': `${keyword} ${weak}\n`,
      }),
      says: ['/etc/ssh/sftp.conf'],
    },
    {
      name: 'weaker for a group that has no member yet',
      outcome: 'fail',
      tree: unpacked(`${keyword} ${good}\nMatch Group partners\n  ${keyword} ${weak}\n`),
      says: ['partners'],
    },
    {
      name: 'live: weaker for one account only',
      outcome: 'fail',
      tree: live(
        `${keyword} ${good}\nMatch User backup\n  ${keyword} ${weak}\n`,
        { root: told(good), anna: told(good), backup: told(weak) },
        {},
      ),
      says: ['user=backup'],
    },
    {
      name: 'more kinds of login than are judged',
      outcome: 'unknown',
      tree: unpacked(
        `${keyword} ${good}\n${Array.from({ length: 70 }, (_, n) => `Match User u${n}\n ${keyword} ${good}\n`).join('')}`,
      ),
    },
    {
      name: 'a megabyte of junk',
      outcome: 'fail',
      tree: unpacked(`${keyword} ${good}\n${'\u0001junk '.repeat(200_000)}\n`),
      says: ['Bad configuration option'],
    },
    { name: 'can not be read', outcome: 'unknown', tree: unreadable },
    { name: 'no SSH server', outcome: 'not-applicable', tree: none },
  ];
}

const perCheck: Readonly<Record<string, readonly Example[]>> = {
  'login.sshd-permit-root-login': rootLogin,
  'login.sshd-permit-empty-passwords': common('PermitEmptyPasswords', 'no', 'yes'),
  'login.sshd-password-authentication': [
    ...common('PasswordAuthentication', 'no', 'yes'),
    { name: 'the default', outcome: 'fail', tree: unpacked('') },
    { name: 'the default, allowed', outcome: 'pass', tree: unpacked(''), params: { allowed: ['yes', 'no'] } },
  ],
  'login.sshd-max-auth-tries': [
    ...common('MaxAuthTries', '4', '6'),
    { name: 'fewer than asked for', outcome: 'pass', tree: unpacked('MaxAuthTries 2\n') },
    { name: 'the default', outcome: 'fail', tree: unpacked('') },
    { name: 'the default, allowed', outcome: 'pass', tree: unpacked(''), params: { max: 6 } },
  ],
  'login.sshd-hostbased-authentication': [
    ...common('HostbasedAuthentication', 'no', 'yes'),
    { name: 'the default', outcome: 'pass', tree: unpacked('') },
  ],
};

export const examplesOf = (id: string): readonly Example[] => perCheck[id] ?? moreExamples[id] ?? [];
