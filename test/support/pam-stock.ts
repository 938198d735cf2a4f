/**
 * PAM as distributions deliver it, without comments and without the phases that are not judged. Debian's and Ubuntu's
 * lines are those of their packages (gdm3, sddm, lightdm, cockpit, vsftpd ...); Red Hat's and SUSE's are rebuilt from
 * authselect's profiles, pam-config's and the packages' own files, not taken from a running system.
 */
export type PamFiles = Readonly<Record<string, string>>;

const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`;
const common = (...all: readonly string[]) =>
  lines(...all, '@include common-account', '@include common-session');
const NOT_ROOT = 'auth required pam_succeed_if.so user != root quiet_success';
const KEYRING = 'auth optional pam_gnome_keyring.so';

/** What every Debian family system has. */
const debianBase: PamFiles = {
  'common-auth': lines(
    'auth\t[success=1 default=ignore]\tpam_unix.so nullok',
    'auth\trequisite\t\t\tpam_deny.so',
    'auth\trequired\t\t\tpam_permit.so',
    'auth\toptional\t\t\tpam_cap.so ',
  ),
  'common-account': lines(
    'account\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so ',
    'account\trequisite\t\t\tpam_deny.so',
    'account\trequired\t\t\tpam_permit.so',
  ),
  'common-password': lines('password\t[success=1 default=ignore]\tpam_unix.so obscure yescrypt'),
  'common-session': lines('session\trequired\tpam_unix.so'),
  other: common('@include common-auth', '@include common-password'),
  login: common(
    'auth optional pam_faildelay.so delay=3000000',
    'auth requisite pam_nologin.so',
    '@include common-auth',
    'auth optional pam_group.so',
  ),
  sshd: common('@include common-auth', 'account required pam_nologin.so'),
  su: common('auth       sufficient pam_rootok.so', '@include common-auth'),
  'su-l': lines('auth\t\tinclude\t\tsu', 'account\t\tinclude\t\tsu'),
  sudo: common('@include common-auth'),
  'sudo-i': common('@include common-auth'),
  cron: common('@include common-auth'),
  atd: lines('@include common-auth', '@include common-account', 'auth\trequired\tpam_env.so user_readenv=1'),
  chsh: common('auth required pam_shells.so', 'auth sufficient pam_rootok.so', '@include common-auth'),
  chfn: common('auth sufficient pam_rootok.so', '@include common-auth'),
  passwd: lines('@include common-password'),
  chpasswd: lines('@include common-password'),
  runuser: lines('auth\t\tsufficient\tpam_rootok.so', 'session required pam_unix.so'),
  'runuser-l': lines('auth include runuser'),
};

const debianDesktop: PamFiles = {
  'gdm-launch-environment': common('auth requisite pam_nologin.so', 'auth required pam_permit.so'),
  'gdm-autologin': common(
    'auth requisite pam_nologin.so',
    NOT_ROOT,
    'auth optional pam_gdm.so',
    KEYRING,
    'auth required pam_permit.so',
  ),
  'gdm-password': common('auth requisite pam_nologin.so', NOT_ROOT, '@include common-auth', KEYRING),
  'gdm-fingerprint': common(
    'auth requisite pam_nologin.so',
    NOT_ROOT,
    'auth required pam_fprintd.so',
    KEYRING,
  ),
  'gdm-smartcard-sssd-exclusive': common(
    'auth [success=ok user_unknown=ignore default=bad] pam_succeed_if.so user != root quiet_success',
    'auth [success=2 module_unknown=ignore default=die] pam_sss.so allow_missing_name require_cert_auth',
    'auth optional pam_echo.so SSSD PAM module is not installed',
    'auth substack common-auth',
    'auth requisite pam_nologin.so',
    KEYRING,
  ),
  'gdm-smartcard-sssd-or-password': common(
    'auth [success=ok user_unknown=ignore default=bad] pam_succeed_if.so user != root quiet_success',
    'auth [success=2 default=ignore] pam_sss.so allow_missing_name try_cert_auth',
    'auth substack common-auth',
    'auth requisite pam_nologin.so',
    KEYRING,
  ),
  'gdm-smartcard-pkcs11-exclusive': common(
    'auth [success=ok user_unknown=ignore default=bad] pam_succeed_if.so user != root quiet_success',
    'auth required pam_pkcs11.so',
    NOT_ROOT,
    'auth requisite pam_nologin.so',
  ),
  sddm: common(
    'auth requisite pam_nologin.so',
    NOT_ROOT,
    '@include common-auth',
    `-${KEYRING}`,
    '-auth optional pam_kwallet5.so',
  ),
  'sddm-greeter': common('auth required pam_permit.so'),
  'sddm-autologin': common('auth requisite pam_nologin.so', 'auth required pam_permit.so'),
  lightdm: common('auth requisite pam_nologin.so', '@include common-auth', `-${KEYRING}`),
  'lightdm-greeter': lines('auth required pam_permit.so', 'account required pam_permit.so'),
  'lightdm-autologin': common(
    'auth required pam_succeed_if.so shell notin /sbin/nologin:/usr/sbin/nologin:/bin/false:/usr/bin/false',
    'auth requisite pam_nologin.so',
    NOT_ROOT,
    'auth required pam_permit.so',
  ),
  greetd: lines('@include login', `-${KEYRING}`),
  i3lock: lines('auth include login'),
  cockpit: lines(
    'auth required pam_sepermit.so',
    'auth substack common-auth',
    'auth optional pam_ssh_add.so',
    'account required pam_listfile.so item=user sense=deny file=/etc/cockpit/disallowed-users onerr=succeed',
    'account required pam_nologin.so',
    'account include common-account',
  ),
  vsftpd: common(
    'auth required pam_listfile.so item=user sense=deny file=/etc/ftpusers onerr=succeed',
    '@include common-auth',
    'auth required pam_shells.so',
  ),
  ppp: common('auth required pam_nologin.so', '@include common-auth'),
  'sssd-shadowutils': lines(
    'auth [success=done ignore=ignore default=die] pam_unix.so nullok try_first_pass',
    'auth required pam_deny.so',
    'account required pam_unix.so',
    'account required pam_permit.so',
  ),
};

const inDirectory = (directory: string, files: PamFiles): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${directory}/${name}`, text]));

const debian: PamFiles = {
  ...inDirectory('/etc/pam.d', { ...debianBase, ...debianDesktop }),
  '/usr/lib/pam.d/polkit-1': common('@include common-auth'),
  '/usr/lib/pam.d/systemd-user': lines('@include common-account'),
};

/** Directory services as pam-auth-update writes them: each module one jump further from the denial. */
const debianDirectory: PamFiles = {
  ...debian,
  '/etc/pam.d/common-auth': lines(
    'auth\t[success=4 default=ignore]\tpam_krb5.so minimum_uid=1000',
    'auth\t[success=3 default=ignore]\tpam_unix.so nullok try_first_pass',
    'auth\t[success=2 default=ignore]\tpam_sss.so use_first_pass',
    'auth\t[success=1 default=ignore]\tpam_winbind.so krb5_auth try_first_pass',
    'auth\trequisite\tpam_deny.so',
    'auth\trequired\tpam_permit.so',
    'auth\toptional\tpam_cap.so',
  ),
  '/etc/pam.d/common-account': lines(
    'account\t[success=2 new_authtok_reqd=done default=ignore]\tpam_unix.so',
    'account\t[success=1 new_authtok_reqd=done default=ignore]\tpam_winbind.so',
    'account\trequisite\tpam_deny.so',
    'account\trequired\tpam_permit.so',
    'account\trequired\tpam_krb5.so minimum_uid=1000',
    'account\tsufficient\tpam_localuser.so',
    'account\t[default=bad success=ok user_unknown=ignore]\tpam_sss.so',
  ),
};

const ubuntu: PamFiles = {
  ...debian,
  '/etc/pam.d/lightdm': common(
    'auth requisite pam_nologin.so',
    'auth sufficient pam_succeed_if.so user ingroup nopasswdlogin',
    '@include common-auth',
    KEYRING,
  ),
  '/etc/pam.d/vmtoolsd': common('auth required pam_shells.so', '@include common-auth'),
};

const redHatService = (stack: string, ...first: readonly string[]) =>
  lines(
    ...first,
    `auth substack ${stack}`,
    'auth include postlogin',
    'account required pam_nologin.so',
    `account include ${stack}`,
  );

function redHat(profile: { auth: readonly string[]; account: readonly string[] }): PamFiles {
  const stack = lines(...profile.auth, ...profile.account);
  const rootTool = lines('auth sufficient pam_rootok.so', 'account required pam_permit.so');
  return inDirectory('/etc/pam.d', {
    'system-auth': stack,
    'password-auth': stack,
    'fingerprint-auth': lines('auth required pam_debug.so auth=authinfo_unavail', ...profile.account),
    'smartcard-auth': lines('auth required pam_debug.so auth=authinfo_unavail', ...profile.account),
    postlogin: lines('session optional pam_umask.so silent'),
    other: lines('auth required pam_deny.so', 'account required pam_deny.so'),
    login: redHatService('system-auth'),
    remote: redHatService('password-auth'),
    sshd: redHatService('password-auth').replace('account', 'account required pam_sepermit.so\naccount'),
    su: lines(
      'auth required pam_env.so',
      'auth sufficient pam_rootok.so',
      'auth substack system-auth',
      'auth include postlogin',
      'account sufficient pam_succeed_if.so uid = 0 use_uid quiet',
      'account include system-auth',
    ),
    'su-l': lines('auth include su', 'account include su'),
    sudo: lines('auth include system-auth', 'account include system-auth'),
    'sudo-i': lines('auth include sudo', 'account include sudo'),
    chsh: lines('auth sufficient pam_rootok.so', 'auth include system-auth', 'account include system-auth'),
    chfn: lines('auth sufficient pam_rootok.so', 'auth include system-auth', 'account include system-auth'),
    passwd: lines('auth include system-auth', 'account include system-auth'),
    chpasswd: rootTool,
    useradd: rootTool,
    groupmems: rootTool,
    runuser: lines('auth sufficient pam_rootok.so'),
    crond: lines('account required pam_access.so', 'account include system-auth', 'auth include system-auth'),
    atd: lines('auth required pam_env.so', 'account include password-auth'),
    'systemd-user': lines('account include system-auth'),
    'polkit-1': lines('auth include system-auth', 'account include system-auth'),
    'config-util': lines(
      'auth sufficient pam_rootok.so',
      'auth sufficient pam_timestamp.so',
      'auth include system-auth',
      'account required pam_permit.so',
    ),
    vlock: lines('auth include system-auth', 'account required pam_permit.so'),
    cockpit: lines(
      'auth substack password-auth',
      'auth include postlogin',
      'auth optional pam_ssh_add.so',
      'account required pam_nologin.so',
      'account include password-auth',
    ),
    vsftpd: lines(
      'auth required pam_listfile.so item=user sense=deny file=/etc/vsftpd/ftpusers onerr=succeed',
      'auth required pam_shells.so',
      'auth include password-auth',
      'account include password-auth',
    ),
    'gdm-password': redHatService(
      'password-auth',
      'auth [success=done ignore=ignore default=bad] pam_selinux_permit.so',
    ),
    'gdm-fingerprint': redHatService('fingerprint-auth'),
    'gdm-smartcard': redHatService('smartcard-auth'),
    'gdm-launch-environment': lines(
      'auth required pam_env.so',
      'auth required pam_permit.so',
      'account required pam_permit.so',
    ),
    'gdm-autologin': lines(
      'auth required pam_env.so',
      'auth required pam_permit.so',
      'account required pam_nologin.so',
      'account include system-auth',
    ),
    sddm: redHatService(
      'password-auth',
      'auth [success=done ignore=ignore default=bad] pam_selinux_permit.so',
    ),
    'sddm-greeter': lines(
      'auth required pam_env.so',
      'auth required pam_permit.so',
      'account required pam_permit.so',
    ),
  });
}

const BRANCH = 'auth [default=1 ignore=ignore success=ok]';
const redHatLocal = redHat({
  auth: [
    'auth required pam_env.so',
    'auth required pam_faildelay.so delay=2000000',
    'auth sufficient pam_unix.so nullok',
    'auth required pam_deny.so',
  ],
  account: ['account required pam_unix.so'],
});
const redHatSssd = redHat({
  auth: [
    'auth required pam_env.so',
    'auth required pam_faildelay.so delay=2000000',
    'auth required pam_faillock.so preauth silent',
    `${BRANCH} pam_usertype.so isregular`,
    `${BRANCH} pam_localuser.so`,
    'auth sufficient pam_fprintd.so',
    'auth sufficient pam_unix.so nullok',
    `${BRANCH} pam_usertype.so isregular`,
    'auth sufficient pam_sss.so forward_pass',
    'auth required pam_faillock.so authfail',
    'auth required pam_deny.so',
  ],
  account: [
    'account required pam_faillock.so',
    'account required pam_unix.so',
    'account sufficient pam_localuser.so',
    'account sufficient pam_usertype.so issystem',
    'account [default=bad success=ok user_unknown=ignore] pam_sss.so',
    'account required pam_permit.so',
  ],
});
const redHatWinbind = redHat({
  auth: [
    'auth required pam_env.so',
    'auth sufficient pam_unix.so nullok try_first_pass',
    'auth requisite pam_succeed_if.so uid >= 1000 quiet_success',
    'auth sufficient pam_winbind.so use_first_pass',
    'auth required pam_deny.so',
  ],
  account: [
    'account required pam_unix.so broken_shadow',
    'account sufficient pam_localuser.so',
    'account sufficient pam_succeed_if.so uid < 1000 quiet',
    'account [default=bad success=ok user_unknown=ignore] pam_winbind.so',
    'account required pam_permit.so',
  ],
});

function suse(auth: readonly string[], account: readonly string[]): PamFiles {
  const service = (...first: readonly string[]) =>
    lines(
      '#%PAM-1.0',
      ...first,
      'auth substack common-auth',
      'auth include postlogin-auth',
      'account include common-account',
      'account include postlogin-account',
    );
  const rootTool = lines('auth sufficient pam_rootok.so', 'account required pam_permit.so');
  return {
    ...inDirectory('/etc/pam.d', {
      'common-auth': lines(...auth),
      'common-account': lines(...account),
      'common-auth-pc': lines(...auth),
      'common-account-pc': lines(...account),
      'postlogin-auth': '',
      'postlogin-account': '',
    }),
    ...inDirectory('/usr/lib/pam.d', {
      other: lines(
        'auth required pam_warn.so',
        'auth required pam_deny.so',
        'account required pam_warn.so',
        'account required pam_deny.so',
      ),
      login: service('auth requisite pam_nologin.so'),
      remote: service('auth requisite pam_nologin.so'),
      sshd: service('auth requisite pam_nologin.so'),
      su: service('auth sufficient pam_rootok.so', 'account sufficient pam_rootok.so'),
      'su-l': service('auth sufficient pam_rootok.so', 'account sufficient pam_rootok.so'),
      sudo: service(),
      crond: service('auth sufficient pam_rootok.so'),
      chsh: service('auth sufficient pam_rootok.so'),
      useradd: rootTool,
      chpasswd: rootTool,
      'systemd-user': lines('account include common-account'),
      'xdm-np': lines('auth required pam_permit.so', 'account include common-account'),
      'gdm-launch-environment': lines(
        'auth required pam_env.so',
        'auth required pam_permit.so',
        'account required pam_permit.so',
      ),
      'gdm-password': service(),
      'gdm-autologin': lines(
        'auth required pam_env.so',
        'auth required pam_permit.so',
        'account include common-account',
      ),
      sddm: service(),
      'sddm-greeter': lines('auth required pam_permit.so', 'account required pam_permit.so'),
    }),
    '/usr/etc/pam.d/polkit-1': service(),
  };
}

const suseLocal = suse(
  [
    'auth required pam_env.so',
    'auth optional pam_gnome_keyring.so',
    'auth required pam_unix.so try_first_pass',
  ],
  ['account required pam_unix.so try_first_pass'],
);
const suseSssd = suse(
  [
    'auth required pam_env.so',
    'auth sufficient pam_unix.so try_first_pass',
    'auth required pam_sss.so use_first_pass',
  ],
  [
    'account requisite pam_unix.so try_first_pass',
    'account sufficient pam_localuser.so',
    'account required pam_sss.so use_first_pass',
  ],
);

/** Name -> files, and whether the system takes accounts from a directory service. */
export const pamStock: readonly {
  readonly name: string;
  readonly files: PamFiles;
  readonly directory?: string;
}[] = [
  { name: 'Debian with GNOME, KDE, cockpit and FTP', files: debian },
  { name: 'Debian with krb5, sssd and winbind', files: debianDirectory, directory: 'sss winbind' },
  { name: 'Ubuntu with lightdm', files: ubuntu },
  { name: 'Red Hat, authselect local', files: redHatLocal },
  { name: 'Red Hat, authselect sssd with faillock and fingerprint', files: redHatSssd, directory: 'sss' },
  { name: 'Red Hat, authselect winbind', files: redHatWinbind, directory: 'winbind' },
  { name: 'SUSE, pam-config', files: suseLocal },
  { name: 'SUSE, pam-config with sssd', files: suseSssd, directory: 'sss' },
];
