/**
 * What Ubuntu Server's releases have in common, rebuilt from the packages' documented defaults (base-passwd,
 * libpam-runtime, login, openssh-server, sudo, base-files): group sudo, yescrypt by pam_unix, pam_umask in common-session.
 */
import { CURRENT_KEY } from '../../../checks/patch/example-keyrings.ts';
import {
  accounts,
  type Files,
  groups,
  homes,
  lines,
  loginRecords,
  program,
  serverPam,
  systemd,
  YESCRYPT,
} from './unpacked.ts';

const pam = serverPam('Ubuntu with lightdm');
const SHADOW = { mode: 0o640, gid: 42 };
const LIB = '/usr/lib/systemd/system';

/** Stands in for the archive's own key: what is judged is where the keyring lies and which source names it. */
const [, armoured = ''] = CURRENT_KEY.split('\n\n');
export const archiveKey = Buffer.from(armoured.replace(/^[=-].*/gm, ''), 'base64').toString('latin1');

export interface UbuntuRelease {
  /** `24.04 LTS`. */
  readonly title: string;
  readonly codename: string;
  /** Version strings inside the programs. */
  readonly sshd: string;
  readonly sudo: string;
  readonly apt: string;
  /** Of systemd, cron and sshd: made by adduser in older releases, by sysusers in newer ones. */
  readonly accounts: Parameters<typeof accounts>[0];
  readonly groups: readonly string[];
}

export const ubuntu = (release: UbuntuRelease): Files => ({
  '/usr/lib/os-release': lines(
    `PRETTY_NAME="Ubuntu ${release.title}"`,
    'NAME="Ubuntu"',
    `VERSION_ID="${release.title.slice(0, 5)}"`,
    `VERSION_CODENAME=${release.codename}`,
    'ID=ubuntu',
    'ID_LIKE=debian',
  ),
  '/etc/issue': `Ubuntu ${release.title} \\n \\l\n\n`,
  '/etc/issue.net': `Ubuntu ${release.title}\n`,
  '/usr/bin/sudo': program(release.sudo, 0o4755),
  '/usr/sbin/sshd': program(release.sshd),
  '/var/lib/dpkg/status': `Package: apt\nStatus: install ok installed\nVersion: ${release.apt}\nArchitecture: amd64\n`,
  ...systemd,
  ...homes,
  ...loginRecords,
  '/home/anna': { directory: true, mode: 0o750, uid: 1000, gid: 1000 },
  '/etc/os-release': { link: '../usr/lib/os-release' },
  '/etc/environment':
    'PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games:/usr/local/games:/snap/bin"\n',
  ...accounts(
    {
      root: ['0:0:root:/root:/bin/bash', '*'],
      daemon: ['1:1:daemon:/usr/sbin:/usr/sbin/nologin', '*'],
      bin: ['2:2:bin:/bin:/usr/sbin/nologin', '*'],
      sys: ['3:3:sys:/dev:/usr/sbin/nologin', '*'],
      sync: ['4:65534:sync:/bin:/bin/sync', '*'],
      'www-data': ['33:33:www-data:/var/www:/usr/sbin/nologin', '*'],
      backup: ['34:34:backup:/var/backups:/usr/sbin/nologin', '*'],
      nobody: ['65534:65534:nobody:/nonexistent:/usr/sbin/nologin', '*'],
      _apt: ['42:65534::/nonexistent:/usr/sbin/nologin', '!'],
      ...release.accounts,
      anna: ['1000:1000:anna:/home/anna:/bin/bash', YESCRYPT],
    },
    SHADOW,
  ),
  ...groups(
    [
      'root:0',
      'daemon:1',
      'bin:2',
      'sys:3',
      'adm:4:syslog,anna',
      'disk:6',
      'cdrom:24:anna',
      'sudo:27:anna',
      'www-data:33',
      'backup:34',
      'shadow:42',
      'utmp:43',
      ...release.groups,
      'nogroup:65534',
      'anna:1000',
    ],
    SHADOW,
  ),
  '/etc/nsswitch.conf': lines(
    'passwd:         files systemd',
    'group:          files systemd',
    'shadow:         files systemd',
    'gshadow:        files systemd',
    'hosts:          files dns',
  ),
  '/etc/shells': lines('/bin/sh', '/usr/bin/sh', '/bin/bash', '/usr/bin/bash', '/usr/bin/dash'),
  '/etc/login.defs': lines(
    'MAIL_DIR        /var/mail',
    'FAILLOG_ENAB\t\tyes',
    'UMASK\t\t022',
    'HOME_MODE\t0750',
    'PASS_MAX_DAYS\t99999',
    'PASS_MIN_DAYS\t0',
    'PASS_WARN_AGE\t7',
    'UID_MIN\t\t\t 1000',
    'UID_MAX\t\t\t60000',
    'LOGIN_RETRIES\t\t5',
    'USERGROUPS_ENAB yes',
    'ENCRYPT_METHOD SHA512',
  ),
  ...pam,
  ...Object.fromEntries(
    ['login', 'sshd', 'su', 'cron'].map((name) => [
      `/etc/pam.d/${name}`,
      `${pam[`/etc/pam.d/${name}`]}session required pam_limits.so\nsession required pam_env.so\n`,
    ]),
  ),
  '/etc/pam.d/common-password': lines(
    'password\t[success=1 default=ignore]\tpam_unix.so obscure yescrypt',
    'password\trequisite\t\t\tpam_deny.so',
    'password\trequired\t\t\tpam_permit.so',
  ),
  '/etc/pam.d/common-session': lines(
    'session\t[default=1]\t\t\tpam_permit.so',
    'session\trequisite\t\t\tpam_deny.so',
    'session\trequired\t\t\tpam_permit.so',
    'session optional\t\t\tpam_umask.so',
    'session\trequired\tpam_unix.so ',
    'session\toptional\tpam_systemd.so ',
  ),
  '/etc/default/useradd': 'SHELL=/bin/sh\n# INACTIVE=-1\n',
  '/etc/security/limits.conf': '# End of file\n',
  '/etc/sudoers': {
    text: lines(
      'Defaults\tenv_reset',
      'Defaults\tmail_badpass',
      'Defaults\tsecure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin"',
      'Defaults\tuse_pty',
      'root\tALL=(ALL:ALL) ALL',
      '%admin ALL=(ALL) ALL',
      '%sudo\tALL=(ALL:ALL) ALL',
      '@includedir /etc/sudoers.d',
    ),
    mode: 0o440,
  },
  '/etc/sudoers.d': { directory: true, mode: 0o750 },
  '/etc/sudoers.d/README': { text: '# see sudoers(5)\n', mode: 0o440 },
  '/etc/ssh/sshd_config': lines(
    'Include /etc/ssh/sshd_config.d/*.conf',
    '#PermitRootLogin prohibit-password',
    'KbdInteractiveAuthentication no',
    'UsePAM yes',
    'X11Forwarding yes',
    'PrintMotd no',
    'AcceptEnv LANG LC_*',
    'Subsystem\tsftp\t/usr/lib/openssh/sftp-server',
  ),
  '/etc/ssh/sshd_config.d': { directory: true },
  [`${LIB}/ssh.service`]: lines(
    '[Service]',
    'EnvironmentFile=-/etc/default/ssh',
    'ExecStartPre=/usr/sbin/sshd -t',
    'ExecStart=/usr/sbin/sshd -D $SSHD_OPTS',
  ),
  '/etc/default/ssh': '# Options to pass to sshd\nSSHD_OPTS=\n',
  '/etc/profile': lines(
    'if [ -d /etc/profile.d ]; then',
    '  for i in /etc/profile.d/*.sh; do',
    '    if [ -r $i ]; then',
    '      . $i',
    '    fi',
    '  done',
    'fi',
  ),
  '/etc/bash.bashrc': '[ -z "$PS1" ] && return\n',
  '/etc/crontab': '17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly\n',
  '/boot/grub/grub.cfg': {
    text: "menuentry 'Ubuntu' {\n\tlinux /vmlinuz root=/dev/vda1 ro\n}\n",
    mode: 0o600,
  },
  '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT=""\nGRUB_CMDLINE_LINUX=""\n',
  '/var/log/journal': { directory: true, mode: 0o2755 },
  '/usr/bin/apt-get': program('apt'),
});

/** How the unit of the server is started: by itself up to 22.04, by its socket since 22.10. */
export const sshSocket: Files = {
  [`${LIB}/ssh.socket`]: lines('[Socket]', 'ListenStream=0.0.0.0:22', 'ListenStream=[::]:22', 'Accept=no'),
  '/etc/systemd/system/sockets.target.wants/ssh.socket': { link: `${LIB}/ssh.socket` },
};
export const sshService: Files = {
  '/etc/systemd/system/multi-user.target.wants/ssh.service': { link: `${LIB}/ssh.service` },
  '/etc/systemd/system/sshd.service': { link: `${LIB}/ssh.service` },
};
