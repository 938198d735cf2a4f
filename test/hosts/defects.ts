/** Defects as they happen on real systems, made with the system's own programs, one at a time. */
export interface Defect {
  readonly name: string;
  /** Shell, run as root in the root before it boots. */
  readonly plant: string;
  /** The checks that fail because of it; all others say what they said before. */
  readonly fails: readonly string[];
  /** The checks that have nothing to judge any more. */
  readonly ends?: readonly string[];
  /** The checks that can't tell any more. */
  readonly blinds?: readonly string[];
  /** Strings, each of which must stand in one piece of evidence of the first of them: `source:line found`. */
  readonly says: readonly string[];
}

const dropIn = (path: string, text: string): string =>
  `mkdir -p "$(dirname ${path})" && printf '%s\\n' ${text
    .trim()
    .split('\n')
    .map((line) => `'${line.trim()}'`)
    .join(' ')} >${path} && chmod 600 ${path}`;

const SSHD = '/etc/ssh/sshd_config.d';

export const defects: readonly Defect[] = [
  {
    name: 'an account without a password (passwd -d)',
    plant: 'passwd -d anna',
    fails: ['login.empty-password', 'login.pam-authentication'],
    says: ['/etc/shadow:\\d+ account anna: empty password', '/etc/pam.d/common-auth:\\d+ .*nullok'],
  },
  {
    name: 'pam_permit in front of the password (sed)',
    plant: "sed -i '1i auth sufficient pam_permit.so' /etc/pam.d/common-auth",
    // Nobody gets as far as the lock and the pause.
    fails: ['login.pam-authentication', 'login.lockout', 'login.logon-delay'],
    says: ['/etc/pam.d/common-auth:1 pam_permit.so: success'],
  },
  {
    name: 'local accounts pass by the account check (sed)',
    plant: "sed -i '1i account sufficient pam_localuser.so' /etc/pam.d/common-account",
    fails: ['login.pam-account'],
    says: ['/etc/pam.d/common-account:1 pam_localuser.so: success'],
  },
  {
    name: 'a second account with user ID 0 (useradd -o -u 0)',
    plant: 'useradd -o -u 0 -M -d /root toor',
    fails: ['access.uid-zero'],
    says: ['/etc/passwd:\\d+ toor: UID 0'],
  },
  {
    name: 'shadow readable by all (chmod)',
    plant: 'chmod 644 /etc/shadow',
    fails: ['access.file-modes'],
    says: ['/etc/shadow 0644 root:shadow'],
  },
  {
    name: 'sudoers that an account may write to, by ACL (setfacl)',
    plant: 'setfacl -m u:anna:rw /etc/sudoers',
    fails: ['access.file-modes'],
    says: ['/etc/sudoers .*ACL user:1000:rw-'],
  },
  {
    name: 'a cron job that belongs to a user (chown)',
    plant: 'touch /etc/cron.d/own && chown anna /etc/cron.d/own',
    fails: ['access.file-modes'],
    says: ['/etc/cron.d/own .*anna'],
  },
  {
    name: 'an MD5 hash (usermod -p)',
    plant: `usermod -p '$1$saltsalt$1DFJ4ZDhYqXs2TrxAlyCh1' anna`,
    fails: ['password.stored-hashes'],
    says: ['/etc/shadow:\\d+ anna: md5'],
  },
  {
    name: 'a DES hash (usermod -p)',
    plant: 'usermod -p abJnggxhB/yWI anna',
    fails: ['password.stored-hashes'],
    says: ['/etc/shadow:\\d+ anna: des'],
  },
  {
    name: 'a quality module that only warns (pwquality.conf)',
    plant: `echo 'enforcing = 0' >>/etc/security/pwquality.conf`,
    // What nothing enforces, nobody has to keep.
    fails: [
      'password.enforced',
      'password.enforced-for-root',
      'password.min-strength',
      'password.min-length',
      'password.min-classes',
      'password.dcredit',
      'password.ucredit',
      'password.lcredit',
      'password.ocredit',
      'password.max-repeat',
      'password.max-class-repeat',
      'password.max-sequence',
      'password.difok',
      'password.dictionary',
    ],
    says: ['/etc/pam.d/common-password:\\d+ .*only warns'],
  },
  {
    name: 'words of a dictionary allowed (pwquality.conf)',
    plant: `echo 'dictcheck = 0' >>/etc/security/pwquality.conf`,
    fails: ['password.dictionary'],
    says: ['/etc/security/pwquality.conf:\\d+ dictcheck 0'],
  },
  {
    name: 'a class that is rewarded, not demanded (sed)',
    plant: `sed -i 's/^ocredit.*/ocredit = 1/' /etc/security/pwquality.conf`,
    fails: ['password.ocredit', 'password.min-length', 'password.min-strength'],
    says: ['/etc/security/pwquality.conf:\\d+ ocredit 1'],
  },
  {
    name: 'few former passwords remembered (sed common-password)',
    plant: `sed -i 's/remember=24/remember=3/' /etc/pam.d/common-password`,
    fails: ['password.history'],
    says: ['/etc/pam.d/common-password:\\d+ .*3 remembered'],
  },
  {
    name: 'nothing remembers former passwords (pam-auth-update)',
    plant: 'rm /usr/share/pam-configs/pwhistory; DEBIAN_FRONTEND=noninteractive pam-auth-update --package',
    fails: ['password.history', 'password.history-module'],
    says: ['/etc/pam.d/common-password:\\d+ no module remembers'],
  },
  {
    name: 'one service whose stack has pam_unix alone',
    plant:
      "sed -i '1i password required pam_unix.so yescrypt minlen=12' /etc/pam.d/login; sed -i '/common-password/d' /etc/pam.d/login",
    fails: [
      'password.quality-module',
      'password.history',
      'password.history-module',
      'password.enforced',
      'password.min-strength',
      'password.min-classes',
      'password.dcredit',
      'password.ucredit',
      'password.lcredit',
      'password.ocredit',
      'password.max-repeat',
      'password.max-class-repeat',
      'password.max-sequence',
      'password.difok',
      'password.dictionary',
    ],
    says: ['/etc/pam.d/login:1 no quality module'],
  },
  {
    name: 'new passwords as MD5 by PAM (sed common-password)',
    plant: `sed -i '/pam_unix.so/s/yescrypt/md5/' /etc/pam.d/common-password`,
    fails: ['password.hash-algorithm', 'password.hash-cost'],
    says: ['/etc/pam.d/common-password:\\d+ .*md5'],
  },
  {
    name: 'new passwords as MD5 by login.defs (sed)',
    plant: `sed -i 's/^ENCRYPT_METHOD.*/ENCRYPT_METHOD MD5/' /etc/login.defs`,
    fails: ['password.hash-algorithm', 'password.hash-cost'],
    says: ['/etc/login.defs:\\d+ ENCRYPT_METHOD MD5'],
  },
  {
    name: 'a password that never expires (chage)',
    plant: 'chage -M -1 anna',
    // An account that never expires is never shut for having expired.
    fails: ['password.max-age', 'password.inactive'],
    says: ['/etc/shadow:\\d+ anna: never'],
  },
  {
    name: 'a password that may be changed back at once (chage)',
    plant: 'chage -m 0 anna',
    fails: ['password.min-age'],
    says: ['/etc/shadow:\\d+ anna: .*0'],
  },
  {
    name: 'a password that is changed in the far future (chage)',
    plant: 'chage -d 2099-01-01 anna',
    fails: ['password.change-dates'],
    says: ['/etc/shadow:\\d+ anna: .*2099-01-01'],
  },
  {
    name: 'a group with a password (groupmod)',
    plant: "groupadd ops; sed -i 's/^ops:[^:]*:/ops:abJnggxhB\\/yWI:/' /etc/gshadow",
    fails: ['password.group-passwords'],
    says: ['/etc/gshadow:\\d+ ops'],
  },
  {
    name: 'user data of cloud-init with a password in it',
    plant: dropIn(
      '/var/lib/cloud/instances/i-1/user-data.txt',
      '#cloud-config\npassword: Rosen-blau-77\nssh_pwauth: true',
    ),
    fails: ['password.cloud-init'],
    says: ['/var/lib/cloud/instances/i-1/user-data.txt:2 in clear text', 'user-data.txt:3 turns on'],
  },
  {
    name: 'a console that logs in by itself (drop-in)',
    plant: dropIn(
      '/etc/systemd/system/getty@tty1.service.d/autologin.conf',
      '[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin anna --noclear %I linux',
    ),
    fails: ['login.console-autologin'],
    says: ['/etc/systemd/system/getty@tty1.service.d/autologin.conf:3 .*anna'],
  },
  {
    name: 'root over ssh with a password, in a drop-in that is read first',
    plant: dropIn(`${SSHD}/10-cloud.conf`, 'PermitRootLogin yes'),
    fails: ['login.sshd-permit-root-login'],
    says: ['/etc/ssh/sshd_config.d/10-cloud.conf:1 .*user=root.* yes'],
  },
  {
    name: 'password login for one account only (Match)',
    plant: dropIn(`${SSHD}/60-match.conf`, 'Match User anna\nPasswordAuthentication yes\nMaxAuthTries 6'),
    fails: ['login.sshd-password-authentication', 'login.sshd-max-auth-tries'],
    says: ['/etc/ssh/sshd_config.d/60-match.conf:2 .*user=anna.* yes'],
  },
  {
    name: 'empty passwords over ssh',
    plant: dropIn(`${SSHD}/60-empty.conf`, 'PermitEmptyPasswords yes'),
    fails: ['login.sshd-permit-empty-passwords'],
    says: ['/etc/ssh/sshd_config.d/60-empty.conf:1 .*yes'],
  },
  {
    name: 'hosts that vouch for their users, at the end of the main file',
    plant: `echo 'HostbasedAuthentication yes' >>/etc/ssh/sshd_config`,
    fails: ['login.sshd-hostbased-authentication'],
    says: ['/etc/ssh/sshd_config:\\d+ .*yes'],
  },
  {
    name: 'a backup timer that is not enabled (systemctl disable)',
    plant: 'systemctl disable backup.timer',
    fails: ['backup.scheduled'],
    says: ['backup.(?:service|timer)'],
  },
  {
    name: 'a backup service that only looks (sed)',
    plant: "sed -i 's/restic backup .*/restic snapshots/' /etc/systemd/system/backup.service",
    fails: ['backup.configured', 'backup.scheduled'],
    ends: [
      'backup.credentials-safe',
      'backup.encrypted',
      'backup.off-host',
      'backup.restore-drill',
      'backup.retention',
      'backup.scope',
      'backup.tamper-resistant',
      'backup.verified',
    ],
    says: ['no backup job'],
  },
  {
    name: 'a backup that leaves out a part of the configuration (sed)',
    plant:
      "sed -i 's#restic backup #restic backup --exclude /etc/pam.d #' /etc/systemd/system/backup.service",
    fails: ['backup.scope'],
    says: ['/etc/pam.d in no backup'],
  },
  {
    name: 'a backup on the own disk (sed)',
    plant:
      "sed -i 's#RESTIC_REPOSITORY=[^ ]*#RESTIC_REPOSITORY=/srv/backup#' /etc/systemd/system/backup.service",
    fails: ['backup.off-host', 'backup.tamper-resistant'],
    says: ['/srv/backup: .* (?:of|dieses|this) '],
  },
  {
    name: 'a secret of the backup in its unit (sed)',
    plant:
      "sed -i 's#RESTIC_PASSWORD_FILE=[^ ]*#RESTIC_PASSWORD=Rosen-blau-77#' /etc/systemd/system/backup.service",
    fails: ['backup.credentials-safe'],
    says: ['/etc/systemd/system/backup.service:\\d+ .*systemctl show'],
  },
  {
    name: 'backups that are removed after two days',
    plant:
      "sed -i '/^ExecStart=/a ExecStartPost=/usr/bin/restic forget --prune --keep-daily 2' /etc/systemd/system/backup.service",
    fails: ['backup.retention', 'backup.tamper-resistant'],
    says: ['kept for 2 days'],
  },
  {
    name: 'a package source that nobody has signed (trusted=yes)',
    plant: `echo 'deb [trusted=yes] http://packages.example.org/ ./' >/etc/apt/sources.list.d/vendor.list`,
    fails: ['patch.sources-trusted'],
    // Its list was never fetched.
    blinds: ['patch.obsolete-packages'],
    says: ['/etc/apt/sources.list.d/vendor.list:1 .*trusted=yes'],
  },
  {
    name: 'apt takes what is not signed (apt.conf.d)',
    plant: `echo 'APT::Get::AllowUnauthenticated "true";' >/etc/apt/apt.conf.d/99lax`,
    fails: ['patch.sources-trusted'],
    says: ['AllowUnauthenticated true'],
  },
  {
    name: 'a package on hold (apt-mark)',
    plant: 'apt-mark hold sudo',
    fails: ['patch.held-packages'],
    says: ['/var/lib/dpkg/status sudo'],
  },
  {
    name: 'a package that was unpacked and never configured (sed)',
    plant: `sed -i '/^Package: sudo$/,/^$/s/^Status: .*/Status: install ok unpacked/' /var/lib/dpkg/status; touch -d '1 hour ago' /var/lib/dpkg/status`,
    fails: ['patch.broken-packages'],
    says: ['/var/lib/dpkg/status sudo .*not configured'],
  },
];

/** What is there and does no harm: nothing may fail because of it. */
export const harmless: readonly Omit<Defect, 'fails' | 'says'>[] = [
  { name: 'an account that is locked (passwd -l)', plant: 'passwd -l anna' },
  { name: 'a system account without a shell (useradd -r)', plant: 'useradd -r -s /usr/sbin/nologin service' },
  {
    name: 'a drop-in that comes too late',
    plant: dropIn(`${SSHD}/60-late.conf`, 'PermitRootLogin yes\nPasswordAuthentication yes'),
  },
  {
    name: 'a source without signature that is switched off',
    plant:
      "printf 'Enabled: no\\nTypes: deb\\nURIs: http://packages.example.org/\\nSuites: ./\\nTrusted: yes\\n' >/etc/apt/sources.list.d/vendor.sources",
  },
  {
    name: 'dangerous lines as comments',
    plant:
      "echo '#PermitRootLogin yes' >>/etc/ssh/sshd_config; echo '# auth sufficient pam_permit.so' >>/etc/pam.d/common-auth",
  },
  { name: 'stricter modes', plant: 'chmod 400 /etc/shadow; chmod 600 /etc/passwd- /etc/group-' },
  {
    name: 'an autologin drop-in of a getty that is masked',
    plant: `${dropIn(
      '/etc/systemd/system/getty@tty1.service.d/autologin.conf',
      '[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin anna %I linux',
    )}; systemctl mask getty@tty1.service`,
  },
];

/** Ways to root that nobody granted, each of which `access.privileges-granted` must name. Judged with a register. */
export const waysToRoot: readonly Omit<Defect, 'fails'>[] = [
  {
    name: 'a member of the journal’s group (usermod)',
    plant: 'usermod -aG systemd-journal anna',
    says: ['/etc/group:\\d+ anna: group systemd-journal'],
  },
  {
    name: 'a second account with user ID 0 (useradd -o -u 0)',
    plant: 'useradd -o -u 0 -M -d /root toor',
    says: ['/etc/passwd:\\d+ toor: UID 0'],
  },
  {
    name: 'a rule of sudo in a drop-in',
    plant: "echo 'anna ALL=(root) NOPASSWD: /usr/bin/vi' >/etc/sudoers.d/anna; chmod 440 /etc/sudoers.d/anna",
    says: ['/etc/sudoers.d/anna:1 anna: sudo: /usr/bin/vi'],
  },
  {
    name: 'a shell with the setuid bit (chmod u+s)',
    plant: 'cp /bin/dash /usr/local/bin/dash; chmod u+s /usr/local/bin/dash',
    says: ['/usr/local/bin/dash \\*: may start it with setuid root'],
  },
  {
    name: 'a script of cron that an account may write to, by ACL (setfacl)',
    plant: 'setfacl -m u:anna:rwx /etc/cron.daily/dpkg',
    says: ['/etc/cron.daily/dpkg anna: can write it'],
  },
  {
    name: 'the directory of a service’s program belongs to an account (chown)',
    plant: `install -D -m 755 /bin/true /opt/app/bin/run; chown anna /opt/app; ${dropIn(
      '/etc/systemd/system/app.service',
      '[Service]\nExecStart=/opt/app/bin/run --serve',
    )}`,
    says: ['/opt/app anna: can write it, root runs it'],
  },
  {
    name: 'a script that root’s cron table starts belongs to an account (chown)',
    plant: `install -D -m 755 /bin/true /srv/job/run.sh; chown anna /srv/job/run.sh; ${dropIn(
      '/etc/cron.d/job',
      '0 3 * * * root cd /srv/job && ./run.sh',
    )}`,
    says: ['/srv/job/run.sh anna: can write it, root runs it'],
  },
  {
    name: 'PAM that an account may write to (chown)',
    plant: 'chown anna /etc/pam.d/common-auth',
    says: ['/etc/pam.d/common-auth anna: can write it, root goes by it'],
  },
  {
    name: 'libraries that a group may add (chmod)',
    plant: 'groupadd ops; usermod -aG ops anna; chgrp ops /etc/ld.so.conf.d; chmod g+w /etc/ld.so.conf.d',
    says: ['/etc/ld.so.conf.d anna: can write it, root goes by it'],
  },
  {
    name: 'the administrator of a powerful group (gpasswd)',
    plant: 'gpasswd -A anna disk',
    says: ['/etc/gshadow:\\d+ anna: administrator of group disk'],
  },
  {
    name: 'a powerful group that pam_group gives at login',
    plant:
      "sed -i '1i auth optional pam_group.so' /etc/pam.d/sshd; echo '*;*;anna;Al0000-2400;shadow' >> /etc/security/group.conf",
    says: ['/etc/security/group.conf:\\d+ anna: group shadow from pam_group'],
  },
  {
    name: 'a rule of doas',
    plant: "install -m 4755 /bin/true /usr/bin/doas; echo 'permit nopass anna' > /etc/doas.conf",
    says: ['/etc/doas.conf:1 anna: doas: ALL'],
  },
  {
    name: 'a copy of a shell under another name (cp, chmod)',
    plant: 'cp /bin/bash /usr/local/bin/monitor; chmod 4755 /usr/local/bin/monitor',
    says: ['/usr/local/bin/monitor \\*: may start it with setuid root'],
  },
  {
    name: 'a library that every program loads (chown)',
    plant:
      'install -D /dev/null /opt/audit.so; chown anna /opt/audit.so; echo /opt/audit.so > /etc/ld.so.preload',
    says: ['/opt/audit.so anna: can write it, root goes by it'],
  },
  {
    name: 'su that trusts a group (sed)',
    plant:
      "groupadd ops; usermod -aG ops anna; sed -i '1i auth sufficient pam_wheel.so trust group=ops' /etc/pam.d/su",
    says: ['/etc/pam.d/su:1 anna: su to root without a proof'],
  },
  {
    name: 'su kept for a group (sed)',
    plant:
      "groupadd ops; usermod -aG ops anna; sed -i '1i auth required pam_wheel.so use_uid group=ops' /etc/pam.d/su",
    says: ['/etc/pam.d/su:1 anna: su to root, by group ops'],
  },
  {
    name: 'a rule of polkit for a group',
    plant: `groupadd ops; usermod -aG ops anna; install -D -m 755 /bin/true /usr/lib/polkit-1/polkitd; ${dropIn(
      '/etc/polkit-1/rules.d/10-ops.rules',
      'polkit.addRule(function(action, subject) {\nif (subject.isInGroup("ops")) return polkit.Result.YES;\n});',
    )}`,
    says: ['/etc/polkit-1/rules.d/10-ops.rules:2 anna: polkit says yes'],
  },
];
