/**
 * What SLES 16 and openSUSE Leap 16 have in common (openssh 10.0p2, sudo 1.9.17p1): what the vendor delivers lies below
 * /usr/etc and /usr/lib/pam.d, and /etc has nothing of it; yescrypt; logins are recorded by wtmpdb and lastlog2.
 */
import { loginDefs, profilePath, sudoers, suse, suseServices, suseStacks } from './suse.ts';
import { type Files, lines, program, sshdUnit, YESCRYPT } from './unpacked.ts';

export const suse16: Files = {
  ...suse(YESCRYPT),
  // SQLite, not read by the agent.
  '/var/lib/wtmpdb/wtmp.db': 'SQLite format 3\0',
  '/var/lib/lastlog/lastlog2.db': 'SQLite format 3\0',
  '/var/log/journal': { directory: true, mode: 0o2755 },
  ...Object.fromEntries(
    ['auth', 'account', 'password', 'session'].map((type) => [
      `/usr/lib/pam.d/postlogin-${type}`,
      '#%PAM-1.0\n',
    ]),
  ),
  '/etc/os-release': { link: '../usr/lib/os-release' },
  '/usr/etc/nsswitch.conf': lines(
    'passwd:         files systemd',
    'group:          files [SUCCESS=merge] systemd',
    'shadow:         files systemd',
    'hosts:          files dns',
  ),
  '/usr/etc/login.defs': loginDefs('YESCRYPT'),
  ...suseStacks('pam_pwquality.so'),
  ...suseServices('/usr/lib/pam.d', true),
  '/usr/bin/sudo': program('1.9.17p1', 0o4755),
  '/usr/etc/sudoers': sudoers,
  '/usr/sbin/sshd': program('OpenSSH_10.0p2'),
  '/usr/etc/ssh/sshd_config': {
    text: lines(
      'Include /etc/ssh/sshd_config.d/*.conf',
      'Include /usr/etc/ssh/sshd_config.d/*.conf',
      'AuthorizedKeysFile\t.ssh/authorized_keys',
      'UsePAM yes',
      'X11Forwarding yes',
      'Subsystem\tsftp\t/usr/libexec/ssh/sftp-server',
    ),
    mode: 0o640,
  },
  ...sshdUnit(
    'sshd.service',
    'Type=notify',
    'EnvironmentFile=-/etc/sysconfig/ssh',
    'ExecStart=/usr/sbin/sshd -D $SSHD_OPTS',
  ),
  '/etc/ssh': { directory: true },
  '/usr/etc/profile': lines(
    ...profilePath,
    'for s in /usr/etc/profile.d/*.sh /etc/profile.d/*.sh ; do',
    '    test -r $s && . $s',
    'done',
  ),
  '/usr/etc/bash.bashrc': 'test -s /etc/sh.shrc.local && . /etc/sh.shrc.local\n',
};
