/** A copy of a Debian root made right by the remedies that the checks name, with the system's own programs. */
import { type DebianRoot, ordinaryUser } from './debian-root.ts';
import { copyRoot, type RootCopy } from './root-copy.ts';

/** As an administrator would type it. */
const HARDEN = `set -e
chmod 600 /etc/ssh/sshd_config /etc/crontab
chmod 700 /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly
if [ -d /etc/cron.yearly ]; then chmod 700 /etc/cron.yearly; fi
sed -i 's/^PASS_MAX_DAYS.*/PASS_MAX_DAYS 365/' /etc/login.defs
chage --maxdays 365 root
chage --maxdays 365 ${ordinaryUser}
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
echo 'known to root alone' >/root/.restic-password
chmod 600 /root/.restic-password
cat >/etc/systemd/system/backup.service <<END
[Service]
Type=oneshot
Environment=RESTIC_REPOSITORY=/srv/backup RESTIC_PASSWORD_FILE=/root/.restic-password
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
