/** What SLES 15 and openSUSE Leap 15 have in common: administrators' files all in /etc, pam_cracklib, sha512. */
import { loginDefs, profilePath, sudoers, suse, suseServices, suseStacks } from './suse.ts';
import { type Files, lines, loginRecords, program, rsyslog, SHA512, sshdUnit } from './unpacked.ts';

/** Versions are the strings inside the programs; `config` comes before the lines that both have. */
export const suse15 = (release: {
  readonly sudo: string;
  readonly sshd: string;
  readonly config: readonly string[];
}): Files => ({
  ...suse(SHA512),
  ...loginRecords,
  ...rsyslog('*.*;mail.none;news.none\t-/var/log/messages'),
  '/etc/os-release': { link: '../usr/lib/os-release' },
  '/etc/issue': { link: '/run/issue' },
  '/etc/nsswitch.conf': lines('passwd: compat', 'group: compat', 'shadow: compat', 'hosts: files dns'),
  '/etc/login.defs': loginDefs('SHA512'),
  ...suseStacks('pam_cracklib.so'),
  ...suseServices('/etc/pam.d', false),
  '/etc/sudoers': sudoers,
  ...sshdUnit(
    'sshd.service',
    'Type=notify',
    'EnvironmentFile=-/etc/sysconfig/ssh',
    'ExecStartPre=/usr/sbin/sshd -t $SSHD_OPTS',
    'ExecStart=/usr/sbin/sshd -D $SSHD_OPTS',
  ),
  '/etc/sysconfig/ssh': 'SSHD_OPTS=""\n',
  '/etc/profile': lines(
    ...profilePath,
    'if test -d /etc/profile.d -a -z "$PROFILEREAD" ; then',
    '    for s in /etc/profile.d/*.sh ; do',
    '        test -r $s && . $s',
    '    done',
    '    unset s',
    'fi',
  ),
  '/etc/bash.bashrc': 'test -s /etc/sh.shrc.local && . /etc/sh.shrc.local\n',
  '/usr/bin/sudo': program(release.sudo, 0o4755),
  '/usr/sbin/sshd': program(release.sshd),
  '/etc/ssh/sshd_config': {
    text: lines(
      ...release.config,
      '#PermitRootLogin yes',
      'AuthorizedKeysFile\t.ssh/authorized_keys',
      'UsePAM yes',
      'X11Forwarding yes',
      'Subsystem\tsftp\t/usr/lib/ssh/sftp-server',
      'AcceptEnv LANG LC_CTYPE LC_NUMERIC LC_TIME LC_COLLATE LC_MONETARY LC_MESSAGES',
    ),
    mode: 0o640,
  },
});
