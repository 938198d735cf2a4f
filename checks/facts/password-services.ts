/** PAM services by which people prove who they are with a password of this system. Pure. */
import {
  isPamUnix,
  type PamConfiguration,
  type PamStackEntry,
  pamModules,
  pamServices,
  pamStack,
} from './pam.ts';

const PEOPLE =
  /^(?:login|remote|rlogin|sshd|su|su-l|sudo|sudo-i|doas|gdm|gdm-password|gdm3|lightdm|sddm|kde|lxdm|xdm|slim|greetd|xrdp-sesman|cockpit|webmin|vsftpd|proftpd|pure-ftpd|ftp|dovecot|pop|imap|polkit-1|vlock|xscreensaver|kscreensaver|ppp|vnc|other)$/;

export interface PasswordService {
  readonly name: string;
  readonly auth: readonly PamStackEntry[];
}

/**
 * Those whose `auth` asks pam_unix; `other` only where it does so too.
 * @throws CouldNotLook where a stack unfolds without end
 */
export function passwordServices(configuration: PamConfiguration): readonly PasswordService[] {
  return pamServices(configuration)
    .filter((name) => PEOPLE.test(name))
    .map((name) => ({ name, auth: pamStack(configuration, name, 'auth') }))
    .filter(({ auth }) => pamModules(auth).some(isPamUnix));
}
