/** Rows of login.sshd-*: what counts as a proof of identity. */
import type { Assessment } from './sshd-judge.ts';
import { atLeast, type Context, mustBeNo, mustBeYes, unless } from './sshd-measure.ts';
import type { Row } from './sshd-row.ts';

/** What is asked for only after a key is a second factor, no second way in. */
function afterKey({ values }: Context): Assessment | undefined {
  const methods = values.authenticationmethods ?? 'any';
  const lists = methods.split(' ').map((list) => list.split(',').map((name) => name.split(':')[0]));
  const asked = lists.filter((list) => list.includes('keyboard-interactive'));
  if (methods === 'any' || asked.some((list) => !list.includes('publickey'))) return undefined;
  return {
    passes: true,
    shown: {
      en: `yes, but never in place of a key (AuthenticationMethods ${methods})`,
      de: `yes, aber nie anstelle eines Schlüssels (AuthenticationMethods ${methods})`,
    },
  };
}
const kbdInteractive = unless(atLeast(['yes', 'no'], ['no']), afterKey);

const userKnownHosts = unless(mustBeYes, ({ values }) =>
  values.hostbasedauthentication === 'no'
    ? {
        passes: true,
        shown: {
          en: 'no, without effect (HostbasedAuthentication no)',
          de: 'no, ohne Wirkung (HostbasedAuthentication no)',
        },
      }
    : undefined,
);

export const loginRows: readonly Row[] = [
  {
    keyword: 'PermitRootLogin',
    id: 'login.sshd-permit-root-login',
    severity: 'high',
    who: 'root',
    measure: atLeast(['yes', 'prohibit-password', 'forced-commands-only', 'no'], ['no']),
    title: { en: 'root does not log in over SSH', de: 'root meldet sich nicht über SSH an' },
    why: {
      en: 'Whoever logs in as root leaves no trace of who it was, and root is the one account name that every attacker knows.',
      de: 'Wer sich als root anmeldet, bleibt als Person unerkannt, und root ist der Kontoname, den jeder Angreifer kennt.',
    },
    line: 'PermitRootLogin no',
    references: [
      'CIS Debian Linux 12, 5.1.20',
      'BSI IT-Grundschutz SYS.1.3.A8',
      'sshd_config(5) PermitRootLogin',
    ],
  },
  {
    keyword: 'PermitEmptyPasswords',
    id: 'login.sshd-permit-empty-passwords',
    severity: 'critical',
    measure: mustBeNo,
    title: {
      en: 'SSH lets nobody in with an empty password',
      de: 'SSH lässt niemanden mit leerem Passwort herein',
    },
    why: {
      en: 'An account with an empty password would be open to everybody who can reach the server.',
      de: 'Ein Konto mit leerem Passwort stünde jedem offen, der den Server erreicht.',
    },
    line: 'PermitEmptyPasswords no',
    references: [
      'CIS Debian Linux 12, 5.1.19',
      'BSI IT-Grundschutz SYS.1.3.A8',
      'sshd_config(5) PermitEmptyPasswords',
    ],
  },
  {
    keyword: 'PasswordAuthentication',
    id: 'login.sshd-password-authentication',
    severity: 'medium',
    measure: atLeast(['yes', 'no'], ['no']),
    title: {
      en: 'SSH takes keys instead of passwords (PasswordAuthentication)',
      de: 'SSH verlangt Schlüssel statt Passwörter (PasswordAuthentication)',
    },
    why: {
      en: 'Passwords can be guessed and caught; keys can not. Passwords asked for through PAM are a keyword of their own (KbdInteractiveAuthentication).',
      de: 'Passwörter lassen sich erraten und abfangen, Schlüssel nicht. Passwörter, die über PAM abgefragt werden, regelt ein eigenes Schlüsselwort (KbdInteractiveAuthentication).',
    },
    line: 'PasswordAuthentication no',
    references: [
      'BSI IT-Grundschutz SYS.1.3.A8',
      'ISO/IEC 27001 A.8.5',
      'sshd_config(5) PasswordAuthentication',
    ],
  },
  {
    keyword: 'HostbasedAuthentication',
    id: 'login.sshd-hostbased-authentication',
    severity: 'high',
    measure: mustBeNo,
    title: {
      en: 'SSH trusts no other machine to vouch for its users',
      de: 'SSH vertraut keiner anderen Maschine, dass sie für ihre Benutzer bürgt',
    },
    why: {
      en: 'With host-based authentication whoever controls a trusted machine gets in here without any further proof.',
      de: 'Bei rechnerbasierter Anmeldung kommt hier ohne weiteren Nachweis herein, wer eine vertraute Maschine beherrscht.',
    },
    line: 'HostbasedAuthentication no',
    references: ['CIS Debian Linux 12, 5.1.10', 'sshd_config(5) HostbasedAuthentication'],
  },
  {
    keyword: 'KbdInteractiveAuthentication',
    also: ['AuthenticationMethods'],
    id: 'login.sshd-kbd-interactive',
    severity: 'medium',
    measure: kbdInteractive,
    title: {
      en: 'SSH asks no questions through PAM in place of a key',
      de: 'SSH fragt nichts über PAM ab, wo ein Schlüssel verlangt ist',
    },
    why: {
      en: 'Through PAM sshd asks for the same passwords that PasswordAuthentication turns off, so that turning off only one of the two changes nothing. Asked for after a key, as a second factor, it does no harm.',
      de: 'Über PAM fragt sshd dieselben Passwörter ab, die PasswordAuthentication abschaltet; nur eines von beiden abzuschalten, ändert also nichts. Als zweiter Faktor nach einem Schlüssel schadet die Abfrage nicht.',
    },
    line: 'KbdInteractiveAuthentication no',
    note: {
      en: 'Up to OpenSSH 8.6 write ChallengeResponseAuthentication no instead.',
      de: 'Bis OpenSSH 8.6 stattdessen ChallengeResponseAuthentication no schreiben.',
    },
    references: [
      'BSI IT-Grundschutz SYS.1.3.A8',
      'ISO/IEC 27001 A.8.5',
      'sshd_config(5) KbdInteractiveAuthentication',
    ],
  },
  {
    keyword: 'GSSAPIAuthentication',
    unprinted: 'no',
    id: 'login.sshd-gssapi-authentication',
    severity: 'low',
    measure: mustBeNo,
    title: { en: 'SSH accepts no logins through GSSAPI', de: 'SSH nimmt keine Anmeldungen über GSSAPI an' },
    why: {
      en: 'Where nobody uses Kerberos, GSSAPI is only more code that strangers can reach before they have logged in.',
      de: 'Wo niemand Kerberos nutzt, ist GSSAPI nur weiterer Code, den Fremde schon vor der Anmeldung erreichen.',
    },
    line: 'GSSAPIAuthentication no',
    references: ['CIS Debian Linux 12, 5.1.9', 'sshd_config(5) GSSAPIAuthentication'],
  },
  {
    keyword: 'KerberosAuthentication',
    unprinted: 'no',
    id: 'login.sshd-kerberos-authentication',
    severity: 'low',
    measure: mustBeNo,
    title: {
      en: 'SSH does not pass passwords on to a Kerberos server',
      de: 'SSH reicht keine Passwörter an einen Kerberos-Server weiter',
    },
    why: {
      en: 'With this switch the password goes from the client to sshd and on to the key distribution centre: what Kerberos is there to avoid.',
      de: 'Mit diesem Schalter wandert das Passwort vom Client über sshd zum Kerberos-Server: genau das, was Kerberos vermeiden soll.',
    },
    line: 'KerberosAuthentication no',
    references: ['DISA STIG RHEL 9', 'sshd_config(5) KerberosAuthentication'],
  },
  {
    keyword: 'IgnoreRhosts',
    id: 'login.sshd-ignore-rhosts',
    severity: 'medium',
    measure: atLeast(['no', 'shosts-only', 'yes'], ['yes']),
    title: {
      en: 'SSH ignores the .rhosts and .shosts files of users',
      de: 'SSH übergeht die Dateien .rhosts und .shosts der Benutzer',
    },
    why: {
      en: 'With such a file a user decides from which machines others may enter without any proof, once host-based authentication is on.',
      de: 'Mit einer solchen Datei legt ein Benutzer fest, von welchen Rechnern man ohne Nachweis hereinkommt, sobald die rechnerbasierte Anmeldung eingeschaltet ist.',
    },
    line: 'IgnoreRhosts yes',
    references: ['CIS Debian Linux 12, 5.1.11', 'sshd_config(5) IgnoreRhosts'],
  },
  {
    keyword: 'IgnoreUserKnownHosts',
    also: ['HostbasedAuthentication'],
    id: 'login.sshd-ignore-user-known-hosts',
    severity: 'low',
    measure: userKnownHosts,
    title: {
      en: 'SSH does not take the word of users about which machine is which',
      de: 'SSH verlässt sich nicht auf die known_hosts-Dateien der Benutzer',
    },
    why: {
      en: 'For host-based authentication the keys of trusted machines would come from files that each user can write. Without host-based authentication nobody reads them.',
      de: 'Bei rechnerbasierter Anmeldung kämen die Schlüssel vertrauter Rechner aus Dateien, die jeder Benutzer selbst schreibt. Ohne sie liest diese Dateien niemand.',
    },
    line: 'IgnoreUserKnownHosts yes',
    references: ['DISA STIG RHEL 9', 'sshd_config(5) IgnoreUserKnownHosts'],
  },
  {
    keyword: 'UsePAM',
    unprinted: 'no',
    id: 'login.sshd-use-pam',
    severity: 'medium',
    measure: mustBeYes,
    title: { en: 'SSH logins go through PAM', de: 'SSH-Anmeldungen laufen über PAM' },
    why: {
      en: 'Without PAM, what the system demands there is skipped for SSH: expired and locked accounts, limits, lockout after failures, the record of sessions.',
      de: 'Ohne PAM gilt für SSH nicht, was das System dort verlangt: abgelaufene und gesperrte Konten, Grenzen, Sperre nach Fehlversuchen, Aufzeichnung der Sitzungen.',
    },
    line: 'UsePAM yes',
    references: ['CIS Debian Linux 12, 5.1.22', 'sshd_config(5) UsePAM'],
  },
  {
    keyword: 'StrictModes',
    id: 'login.sshd-strict-modes',
    severity: 'medium',
    measure: mustBeYes,
    title: {
      en: 'SSH refuses keys from files that others can write',
      de: 'SSH weist Schlüssel aus Dateien ab, die andere schreiben können',
    },
    why: {
      en: 'Otherwise whoever can write into the home directory of another adds a key there and enters as that person.',
      de: 'Sonst hinterlegt, wer in das Verzeichnis eines anderen schreiben kann, dort seinen Schlüssel und kommt unter fremdem Namen herein.',
    },
    line: 'StrictModes yes',
    references: ['DISA STIG RHEL 9', 'BSI IT-Grundschutz SYS.1.3.A8', 'sshd_config(5) StrictModes'],
  },
];
