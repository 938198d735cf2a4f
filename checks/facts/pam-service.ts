/**
 * How programs use their PAM service: who can start them, under whose real user id the modules run, and whether the
 * program asks for `auth` and `account` at all. From the programs' sources; a service that is not listed is judged as one
 * that anybody reaches. (su, sudo and chsh keep the caller's id while they ask PAM: tried on Debian 11 to 13.) Pure.
 */
import type { Text } from '../../shared/outcome.ts';
import type { PamConfiguration } from './pam.ts';
import { pamServices } from './pam.ts';
import type { PamType } from './pam-line.ts';

export interface PamUse {
  /**
   * Whose real user id pam_rootok and `use_uid` see: `root` a daemon's, so that everybody looks like root;
   * `caller` the person's who started a setuid program, so that root is root; `unclear` the program is not known.
   */
  readonly runsAs: 'root' | 'caller' | 'unclear';
  /** Why a phase is not judged. */
  readonly exempt: Readonly<Partial<Record<PamType, Text>>>;
}

const ROOT_ONLY: Text = { en: 'only root can start it', de: 'kann nur root starten' };
const NOT_ASKED: Text = { en: 'never asks PAM for it', de: 'fragt PAM nie danach' };
const GREETER: Text = {
  en: 'starts the login screen itself',
  de: 'startet nur den Anmeldebildschirm selbst',
};
const AUTOLOGIN: Text = {
  en: 'for automatic login, judged by login.console-autologin',
  de: 'für die automatische Anmeldung, beurteilt von login.console-autologin',
};
const MANAGER: Text = {
  en: 'started by systemd for somebody who is logged in',
  de: 'von systemd für jemanden gestartet, der angemeldet ist',
};
const UNLOCKS: Text = {
  en: 'unlocks an open session, opens none',
  de: 'entsperrt eine offene Sitzung, öffnet keine',
};
const HELPER: Text = {
  en: 'runs one tool for somebody who is logged in',
  de: 'startet ein Werkzeug für jemanden, der angemeldet ist',
};

interface Row {
  readonly names: RegExp;
  readonly runsAs: PamUse['runsAs'];
  readonly auth?: Text;
  readonly account?: Text;
}

const ROWS: readonly Row[] = [
  { names: /^runuser(-l)?$/, runsAs: 'caller', auth: ROOT_ONLY, account: ROOT_ONLY },
  {
    names: /^(newusers|chpasswd|chgpasswd|(user|group)(add|del|mod)|groupmems|shadow)$/,
    runsAs: 'caller',
    auth: ROOT_ONLY,
    account: ROOT_ONLY,
  },
  { names: /^(cron|crond|atd)$/, runsAs: 'root', auth: NOT_ASKED },
  { names: /^(systemd-user|systemd-run0-user)$/, runsAs: 'root', auth: NOT_ASKED, account: MANAGER },
  // passwd(1) of shadow and of util-linux only change the password, and the old one is asked for by that phase.
  { names: /^passwd$/, runsAs: 'caller', auth: NOT_ASKED, account: NOT_ASKED },
  {
    names: /^(gdm-launch-environment|(lightdm|sddm|plasmalogin|greetd|cosmic)-greeter)$/,
    runsAs: 'root',
    auth: GREETER,
    account: GREETER,
  },
  { names: /^((gdm|lightdm|sddm|plasmalogin|ly)-autologin|xdm-np|kde-np)$/, runsAs: 'root', auth: AUTOLOGIN },
  { names: /^(su|su-l|sudo|sudo-i|chsh|chfn|chage|newgrp|sg|run_init|newrole|ksu)$/, runsAs: 'caller' },
  {
    names:
      /^(vlock|i3lock|swaylock|physlock|xlock|xscreensaver|.*-screensaver|kscreensaver|kcheckpass|light-locker|kde(-.*)?)$/,
    runsAs: 'caller',
    account: UNLOCKS,
  },
  // userhelper(8) of the Red Hat family.
  {
    names: /^(config-util|setup|liveinst|subscription-manager|system-config-.*)$/,
    runsAs: 'caller',
    account: HELPER,
  },
  {
    names:
      /^(login|remote|sshd|ssh|gdm|gdm-.*|lightdm|sddm|plasmalogin|lxdm|slim|xdm|wdm|greetd|ly|cockpit|vsftpd|proftpd|pure-ftpd|ftp|ftpd|dovecot|imap|pop3?|smtp.*|xrdp-sesman|samba|cups|rsh|rlogin|rexec|telnet|netatalk)$/,
    runsAs: 'root',
  },
  { names: /^(other|polkit-1|ppp|openvpn|squid|postgresql)$/, runsAs: 'unclear' },
];

/** What a name that is not in the table is: reached by anybody, and how it runs is not known. */
const ANY: PamUse = { runsAs: 'unclear', exempt: {} };

export function pamUse(service: string): PamUse {
  const row = ROWS.find(({ names }) => names.test(service));
  if (!row) return ANY;
  const { runsAs, auth, account } = row;
  return { runsAs, exempt: { ...(auth ? { auth } : {}), ...(account ? { account } : {}) } };
}

/** Made to be included: no program asks for them, whatever the distribution. */
const PARTS =
  /^(common-.*|(system|password|fingerprint|smartcard|switchable)-auth(-.*)?|postlogin(-.*)?|system-(login|local-login|remote-login|services))$/;

/** Every service that a program may ask for. */
export const pamAsked = (configuration: PamConfiguration): string[] =>
  pamServices(configuration).filter((name) => !PARTS.test(name));

/** Whether others include the service, and no program is known that asks for it: most likely a part of theirs. */
export function isIncludedOnly(configuration: PamConfiguration, service: string): boolean {
  if (ROWS.some(({ names }) => names.test(service))) return false;
  return [...configuration.files.values()].some((lines) =>
    lines.some((line) => (line.kind === 'include' || line.kind === 'substack') && line.target === service),
  );
}
