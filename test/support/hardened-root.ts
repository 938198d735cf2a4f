/** A copy of a Debian root made right by the remedies that the checks name, with the system's own programs. */
import { type DebianRoot, ordinaryUser } from './debian-root.ts';
import { copyRoot, type RootCopy } from './root-copy.ts';

/** As an administrator would type it. */
const HARDEN = `set -e
chmod 600 /etc/ssh/sshd_config /etc/crontab
chmod 700 /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly
if [ -d /etc/cron.yearly ]; then chmod 700 /etc/cron.yearly; fi
sed -i 's/^PASS_MAX_DAYS.*/PASS_MAX_DAYS 365/; s/^PASS_MIN_DAYS.*/PASS_MIN_DAYS 1/' /etc/login.defs
sed -i 's/^ENCRYPT_METHOD.*/ENCRYPT_METHOD SHA512/' /etc/login.defs
printf 'SHA_CRYPT_MIN_ROUNDS 65536\nSHA_CRYPT_MAX_ROUNDS 65536\n' >>/etc/login.defs
useradd -D --inactive 30
chage --mindays 1 --maxdays 365 --inactive 30 root
chage --mindays 1 --maxdays 365 --inactive 30 ${ordinaryUser}
cat >/etc/ssh/sshd_config.d/50-hardened.conf <<END
PermitRootLogin no
PasswordAuthentication no
MaxAuthTries 4
AllowUsers ${ordinaryUser}
Banner /etc/issue.net
ClientAliveInterval 60
DisableForwarding yes
IgnoreUserKnownHosts yes
LoginGraceTime 60
MACs -umac-64*
MaxStartups 10:30:60
PubkeyAcceptedKeyTypes -ssh-rsa*
RekeyLimit 1G 1h
X11Forwarding no
END
chmod 600 /etc/ssh/sshd_config.d/50-hardened.conf
chmod 700 /home/*
cat >/etc/security/pwquality.conf <<END
minlen = 12
minclass = 3
dcredit = -1
ucredit = -1
lcredit = -1
ocredit = -1
maxrepeat = 3
maxclassrepeat = 4
maxsequence = 3
difok = 2
enforce_for_root
END
cat >/usr/share/pam-configs/pwhistory <<END
Name: Remember former passwords
Default: yes
Priority: 512
Password-Type: Primary
Password: requisite pam_pwhistory.so remember=24 enforce_for_root use_authtok
END
sed -i 's/^UMASK.*/UMASK 027/' /etc/login.defs
echo 'umask 027' >/etc/profile.d/umask.sh
echo 'Authorised users only.' | tee /etc/issue >/etc/issue.net
systemctl mask ctrl-alt-del.target
mkdir -p /etc/systemd/system.conf.d
printf '[Manager]\nCtrlAltDelBurstAction=none\n' >/etc/systemd/system.conf.d/ctrl-alt-del.conf
printf 'deny = 5\nunlock_time = 900\neven_deny_root\n' >/etc/security/faillock.conf
cat >/usr/share/pam-configs/faillock-pre <<END
Name: Lock after failed logins (before)
Default: yes
Priority: 1024
Auth-Type: Primary
Auth:
	optional pam_faildelay.so delay=4000000
	requisite pam_faillock.so preauth
END
cat >/usr/share/pam-configs/faillock <<END
Name: Lock after failed logins
Default: yes
Priority: 0
Auth-Type: Primary
Auth: [default=die] pam_faillock.so authfail
Account-Type: Additional
Account: required pam_faillock.so
END
DEBIAN_FRONTEND=noninteractive pam-auth-update --package
sed -i 's/delay=3000000/delay=4000000/' /etc/pam.d/login
sed -i '1i auth required pam_securetty.so' /etc/pam.d/login
echo tty1 >/etc/securetty
echo '* hard maxlogins 10' >>/etc/security/limits.conf
printf 'TMOUT=900\nreadonly TMOUT\nexport TMOUT\n' >/etc/profile.d/tmout.sh
groupadd sugroup
sed -i '1i auth required pam_wheel.so use_uid group=sugroup' /etc/pam.d/su
printf 'Defaults use_pty\nDefaults logfile="/var/log/sudo.log"\n' >/etc/sudoers.d/session
chmod 440 /etc/sudoers.d/session
echo 'known to root alone' >/root/.restic-password
chmod 600 /root/.restic-password
cat >/etc/systemd/system/backup.service <<END
[Service]
Type=oneshot
Environment=RESTIC_REPOSITORY=sftp:backup@backup.example.org:/srv/backup RESTIC_PASSWORD_FILE=/root/.restic-password
ExecStart=/usr/bin/restic backup /etc /var/spool/cron /var/lib/dpkg/status
END
cat >/etc/systemd/system/backup.timer <<END
[Timer]
OnCalendar=*-*-* 02:30
[Install]
WantedBy=timers.target
END
systemctl enable backup.timer
`;

export async function hardenedCopy(root: DebianRoot): Promise<RootCopy> {
  const copy = copyRoot(root);
  await copy.run(['sh', '-c', HARDEN]);
  return copy;
}
