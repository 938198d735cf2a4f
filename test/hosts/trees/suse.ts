/** What SLES and openSUSE Leap 15 and 16 have in common: accounts, pam-config's stacks, sudo's rules, start files. */
import { accounts, type Files, groups, homes, lines, program, serverPam, systemd } from './unpacked.ts';

const SHADOW = { mode: 0o640, gid: 15 };

/** pam-config writes the `-pc` files; the names that services include are links to them. */
export function suseStacks(quality: string): Files {
  const stacks = {
    auth: lines(
      'auth\trequired\tpam_env.so\t',
      'auth\toptional\tpam_gnome_keyring.so',
      'auth\trequired\tpam_unix.so\ttry_first_pass ',
    ),
    account: lines('account\trequired\tpam_unix.so\ttry_first_pass '),
    password: lines(
      `password\trequisite\t${quality}\t`,
      'password\toptional\tpam_gnome_keyring.so\tuse_authtok ',
      'password\trequired\tpam_unix.so\tuse_authtok nullok shadow try_first_pass ',
    ),
    session: lines(
      'session\toptional\tpam_systemd.so',
      'session\trequired\tpam_limits.so\t',
      'session\trequired\tpam_unix.so\ttry_first_pass ',
      'session\toptional\tpam_umask.so\t',
      'session\toptional\tpam_env.so\t',
    ),
  };
  return Object.fromEntries(
    Object.entries(stacks).flatMap(([type, text]) => [
      [`/etc/pam.d/common-${type}-pc`, text],
      [`/etc/pam.d/common-${type}`, { link: `common-${type}-pc` }],
    ]),
  );
}

/** Services of pam-stock in `directory`, with the phases that are not judged there. */
export function suseServices(directory: string, postlogin: boolean): Files {
  const all = Object.entries(serverPam('SUSE, pam-config')).filter(
    ([path]) => !/\/(?:common|postlogin)-/.test(path),
  );
  const ordinary = (name: string) => !/^(?:other|useradd|chpasswd|systemd-user)$/.test(name);
  const passwd: [string, string] = [
    '/passwd',
    lines('auth include common-auth', 'account include common-account'),
  ];
  return Object.fromEntries(
    [...all, passwd].map(([path, newer]) => {
      // Version 15 includes common-auth and knows no postlogin stacks.
      const older = newer.replace(/^.*postlogin.*\n/gm, '').replace('substack', 'include');
      const text = postlogin ? newer : older;
      const name = path.slice(path.lastIndexOf('/') + 1);
      const rest = lines('password include common-password', 'session include common-session');
      return [`${directory}/${name}`, ordinary(name) ? text + rest : text];
    }),
  );
}

export const suse = (hash: string): Files => ({
  ...systemd,
  ...homes,
  ...accounts(
    {
      root: ['0:0:root:/root:/bin/bash', hash],
      bin: ['1:1:bin:/bin:/sbin/nologin', '!'],
      daemon: ['2:2:Daemon:/sbin:/sbin/nologin', '!'],
      nobody: ['65534:65534:nobody:/var/lib/nobody:/bin/bash', '!'],
      messagebus: ['499:499:User for D-Bus:/run/dbus:/usr/sbin/nologin', '!'],
      sshd: ['498:498:SSH daemon:/var/lib/sshd:/usr/sbin/nologin', '!'],
      anna: ['1000:100:anna:/home/anna:/bin/bash', hash],
    },
    SHADOW,
  ),
  ...groups(
    [
      'root:0',
      'bin:1',
      'daemon:2',
      'sys:3',
      'shadow:15',
      'trusted:42',
      'utmp:22',
      'users:100',
      'wheel:493',
      'messagebus:499',
      'sshd:498',
      'nobody:65533',
      'nogroup:65534:nobody',
    ],
    SHADOW,
  ),
  '/var/lib/nobody': { directory: true, uid: 65534, gid: 65533 },
  '/home/anna': { directory: true, mode: 0o700, uid: 1000, gid: 100 },
  '/etc/shells': lines('/bin/bash', '/bin/sh', '/usr/bin/bash', '/usr/bin/sh'),
  '/etc/security/limits.conf': '# End of file\n',
  '/etc/crontab': { text: 'SHELL=/bin/bash\nMAILTO=root\n', mode: 0o600 },
  '/etc/cron.deny': { text: 'guest\n', mode: 0o600 },
  '/etc/sudoers.d': { directory: true, mode: 0o750 },
  '/boot/grub2/grub.cfg': {
    text: "menuentry 'SUSE' {\n\tlinux /boot/vmlinuz root=/dev/vda2\n}\n",
    mode: 0o600,
  },
  '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT="splash=silent quiet"\nGRUB_CMDLINE_LINUX=""\n',
  '/usr/bin/zypper': program('zypper'),
  '/usr/lib/sysimage/rpm/Packages.db': 'not read by the agent',
});

/** A package source as zypper keeps it. That signatures are verified is libzypp's default, not a line: zypp.conf. */
export const repository = (id: string, url: string): Files => ({
  '/etc/zypp/zypp.conf': '[main]\n# gpgcheck = on\n',
  [`/etc/zypp/repos.d/${id}.repo`]: lines(
    `[${id}]`,
    `name=${id}`,
    'enabled=1',
    'autorefresh=1',
    `baseurl=${url}`,
    'type=rpm-md',
  ),
});

/** /etc/profile where it sets PATH. */
export const profilePath: readonly string[] = [
  'if test -z "$PROFILEREAD" ; then',
  '    PATH=/usr/local/bin:/usr/bin:/bin',
  '    if test "$UID" = 0 ; then',
  '        PATH=/sbin:/usr/sbin:/usr/local/sbin:$PATH',
  '    fi',
  '    export PATH',
  'fi',
];

/** login.defs of SUSE; `groups`: whether each account gets a group of its own. */
export const loginDefs = (method: string, groups: 'yes' | 'no' = 'no'): string =>
  lines(
    'FAIL_DELAY\t\t3',
    'UMASK\t\t022',
    'HOME_MODE\t0700',
    'PASS_MAX_DAYS\t99999',
    'PASS_MIN_DAYS\t0',
    'PASS_WARN_AGE\t7',
    'UID_MIN\t\t\t 1000',
    'UID_MAX\t\t\t60000',
    `USERGROUPS_ENAB ${groups}`,
    `ENCRYPT_METHOD ${method}`,
  );

/** Who runs a command gives root's password: the rule for everybody is safe only with `targetpw`. */
export const sudoers = {
  text: lines(
    'Defaults always_set_home',
    'Defaults secure_path="/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin:/usr/local/sbin"',
    'Defaults env_reset',
    'Defaults env_keep = "LANG LC_ADDRESS LC_CTYPE LC_COLLATE XAUTHORITY DISPLAY"',
    'Defaults !insults',
    'Defaults targetpw   # ask for the password of the target user i.e. root',
    "ALL   ALL=(ALL) ALL   # WARNING! Only use this together with 'Defaults targetpw'!",
    'root ALL=(ALL:ALL) ALL',
    '@includedir /etc/sudoers.d',
  ),
  mode: 0o440,
};
