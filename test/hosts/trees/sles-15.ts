/**
 * SLES 15 (SP5), rebuilt from documented defaults (pam-config, openssh 8.4p1 with SUSE's own default for root, sudo
 * 1.9.12p1), not run: root may log in with a password, `targetpw` for everybody, administrators' files all in /etc.
 */
import { loginDefs, profilePath, sudoers, suse, suseServices, suseStacks } from './suse.ts';
import { lines, loginRecords, program, type RebuiltSystem, rsyslog, SHA512, sshdUnit } from './unpacked.ts';

export const sles15: RebuiltSystem = {
  name: 'sles-15',
  tree: {
    live: false,
    files: {
      ...suse(SHA512),
      ...loginRecords,
      ...rsyslog('*.*;mail.none;news.none\t-/var/log/messages'),
      '/usr/lib/os-release': lines(
        'NAME="SLES"',
        'VERSION_ID="15.5"',
        'PRETTY_NAME="SUSE Linux Enterprise Server 15 SP5"',
        'ID="sles"',
        'ID_LIKE="suse"',
      ),
      '/etc/os-release': { link: '../usr/lib/os-release' },
      '/etc/issue': { link: '/run/issue' },
      '/run/issue': '\nWelcome to SUSE Linux Enterprise Server 15 SP5  (x86_64) - Kernel \\r (\\l).\n\n',
      '/etc/nsswitch.conf': lines('passwd: compat', 'group: compat', 'shadow: compat', 'hosts: files dns'),
      '/etc/login.defs': loginDefs('SHA512'),
      ...suseStacks('pam_cracklib.so'),
      ...suseServices('/etc/pam.d', false),
      '/usr/bin/sudo': program('1.9.12p1', 0o4755),
      '/etc/sudoers': sudoers,
      '/usr/sbin/sshd': program('OpenSSH_8.4p1\0kex-strict-s-v00@openssh.com'),
      '/etc/ssh/sshd_config': {
        text: lines(
          '#PermitRootLogin yes',
          'AuthorizedKeysFile\t.ssh/authorized_keys',
          'UsePAM yes',
          'X11Forwarding yes',
          'Subsystem\tsftp\t/usr/lib/ssh/sftp-server',
          'AcceptEnv LANG LC_CTYPE LC_NUMERIC LC_TIME LC_COLLATE LC_MONETARY LC_MESSAGES',
        ),
        mode: 0o640,
      },
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
    },
  },
};
