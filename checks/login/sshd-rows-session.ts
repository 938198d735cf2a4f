/** Rows of login.sshd-*: what a session may do, how long it lasts, what is shown and recorded. */
import { z } from 'zod';
import { since } from '../facts/sshd-version.ts';
import type { Assessment } from './sshd-judge.ts';
import {
  atLeast,
  atMost,
  type Context,
  type Measure,
  mustBeNo,
  mustBeYes,
  numberIn,
  oneOf,
  unless,
} from './sshd-measure.ts';
import type { Row } from './sshd-row.ts';

const by = (keyword: string): Assessment => ({
  passes: true,
  at: keyword.toLowerCase(),
  shown: { en: `off through ${keyword} yes`, de: `aus durch ${keyword} yes` },
});

/** DisableForwarding stands above all the others. */
const disabled = ({ values }: Context): Assessment | undefined =>
  values.disableforwarding === 'yes' ? by('DisableForwarding') : undefined;

/** Before 10.0 it did not stop X11 forwarding, whatever the manual said (CVE-2025-32728). */
const x11Disabled = (context: Context): Assessment | undefined =>
  since(context.server.version, '10.0') ? disabled(context) : undefined;

const noX11 = ({ values }: Context): Assessment | undefined =>
  values.x11forwarding === 'no'
    ? {
        passes: true,
        shown: { en: 'no, without effect (X11Forwarding no)', de: 'no, ohne Wirkung (X11Forwarding no)' },
      }
    : undefined;

/** Every kind of forwarding turned off by itself is as good. */
const singly = [
  'allowtcpforwarding',
  'allowstreamlocalforwarding',
  'allowagentforwarding',
  'x11forwarding',
  'permittunnel',
];
const noForwarding = unless(mustBeYes, ({ values }) =>
  singly.every((keyword) => values[keyword] === 'no')
    ? {
        passes: true,
        at: 'allowtcpforwarding',
        shown: { en: 'no, but each kind is off by itself', de: 'no, aber jede Art ist einzeln abgeschaltet' },
      }
    : undefined,
);

const alive: Measure = {
  params: z.strictObject({
    /** Seconds after which a silent connection is ended: interval times count. */
    max: z.int().min(1).max(86_400).default(3600),
  }),
  assess: (value, { values, params, server }) => {
    const interval = Number(value);
    const count = Number(values.clientalivecountmax);
    if (interval === 0) return { passes: false, shown: { en: '0 (off)', de: '0 (aus)' } };
    if (count === 0 && since(server.version, '8.2'))
      return {
        passes: false,
        at: 'clientalivecountmax',
        shown: { en: 'ClientAliveCountMax 0 (never ended)', de: 'ClientAliveCountMax 0 (nie beendet)' },
      };
    // Up to 8.1 a count of 0 ended an idle connection after the first interval.
    const total = interval * Math.max(1, count);
    return {
      passes: total <= numberIn(params.max, 3600),
      shown: { en: `${interval} s, ${count} times`, de: `${interval} s, ${count}-mal` },
    };
  },
  wanted: ({ max }) => ({
    en: `an answer at least every ${max} s (ClientAliveInterval x ClientAliveCountMax)`,
    de: `mindestens alle ${max} s eine Antwort (ClientAliveInterval x ClientAliveCountMax)`,
  }),
};

const banner: Measure = {
  params: z.strictObject({}),
  assess: (value) => value !== 'none',
  wanted: () => ({ en: 'a file with a notice', de: 'eine Datei mit einem Hinweis' }),
};

export const sessionRows: readonly Row[] = [
  {
    keyword: 'MaxSessions',
    id: 'login.sshd-max-sessions',
    severity: 'low',
    measure: atMost(10, { min: 0, max: 1000 }),
    title: {
      en: 'SSH limits sessions within one connection',
      de: 'SSH begrenzt die Sitzungen je Verbindung',
    },
    why: {
      en: 'One connection could otherwise open any number of sessions and use up the memory of the system.',
      de: 'Sonst könnte eine einzige Verbindung beliebig viele Sitzungen öffnen und den Speicher des Systems aufbrauchen.',
    },
    line: 'MaxSessions 10',
    references: ['CIS Debian Linux 12, 5.1.17', 'sshd_config(5) MaxSessions'],
  },
  {
    keyword: 'ClientAliveInterval',
    also: ['ClientAliveCountMax'],
    id: 'login.sshd-client-alive',
    severity: 'low',
    measure: alive,
    title: {
      en: 'SSH ends connections whose other side is gone',
      de: 'SSH beendet Verbindungen, deren Gegenseite verschwunden ist',
    },
    why: {
      en: 'A session that nobody holds any more stays open for whoever takes over the address, and fills up the limits.',
      de: 'Eine Sitzung, die niemand mehr hält, steht dem offen, der die Adresse übernimmt, und füllt die Grenzen.',
    },
    line: 'ClientAliveInterval 60',
    references: ['CIS Debian Linux 12, 5.1.7', 'sshd_config(5) ClientAliveInterval'],
  },
  {
    keyword: 'DisableForwarding',
    also: [
      'AllowTcpForwarding',
      'AllowStreamLocalForwarding',
      'AllowAgentForwarding',
      'X11Forwarding',
      'PermitTunnel',
    ],
    id: 'login.sshd-disable-forwarding',
    severity: 'low',
    measure: noForwarding,
    title: { en: 'SSH forwards nothing at all', de: 'SSH leitet nichts weiter' },
    why: {
      en: 'Forwarding carries connections past the firewall, in both directions. Where it is needed, a Match block can allow it for those who need it.',
      de: 'Weiterleitungen führen Verbindungen an der Firewall vorbei, in beide Richtungen. Wo sie gebraucht werden, kann ein Match-Block sie denen erlauben, die sie brauchen.',
    },
    line: 'DisableForwarding yes',
    references: ['CIS Debian Linux 12, 5.1.8', 'sshd_config(5) DisableForwarding'],
  },
  {
    keyword: 'AllowTcpForwarding',
    also: ['DisableForwarding'],
    id: 'login.sshd-tcp-forwarding',
    severity: 'low',
    measure: unless(oneOf(['yes', 'local', 'remote', 'no'], ['no'], 'no'), disabled),
    title: { en: 'SSH does not forward TCP connections', de: 'SSH leitet keine TCP-Verbindungen weiter' },
    why: {
      en: 'Whoever logs in could otherwise reach from here whatever this system reaches, and bring others in from outside.',
      de: 'Wer sich anmeldet, könnte sonst von hier aus alles erreichen, was dieses System erreicht, und andere von außen hereinholen.',
    },
    line: 'AllowTcpForwarding no',
    references: ['BSI IT-Grundschutz SYS.1.3.A8', 'sshd_config(5) AllowTcpForwarding'],
  },
  {
    keyword: 'PermitTunnel',
    also: ['DisableForwarding'],
    id: 'login.sshd-permit-tunnel',
    severity: 'medium',
    measure: unless(oneOf(['yes', 'ethernet', 'point-to-point', 'no'], ['no'], 'no'), disabled),
    title: { en: 'SSH opens no network tunnels', de: 'SSH öffnet keine Netztunnel' },
    why: {
      en: 'A tunnel joins a whole network to this one, past every firewall between them.',
      de: 'Ein Tunnel verbindet ein ganzes Netz mit diesem, an jeder Firewall dazwischen vorbei.',
    },
    line: 'PermitTunnel no',
    references: ['BSI IT-Grundschutz SYS.1.3.A8', 'sshd_config(5) PermitTunnel'],
  },
  {
    keyword: 'X11Forwarding',
    also: ['DisableForwarding'],
    id: 'login.sshd-x11-forwarding',
    severity: 'low',
    measure: unless(mustBeNo, x11Disabled),
    title: { en: 'SSH does not forward X11', de: 'SSH leitet X11 nicht weiter' },
    why: {
      en: 'Programs on the server could then watch and use the screen and the keyboard of whoever is logged in. Servers rarely have graphical programs at all.',
      de: 'Programme auf dem Server könnten dann Bildschirm und Tastatur dessen mitlesen und benutzen, der angemeldet ist. Grafische Programme haben Server ohnehin selten.',
    },
    line: 'X11Forwarding no',
    references: ['DISA STIG RHEL 9', 'BSI IT-Grundschutz SYS.1.3.A8', 'sshd_config(5) X11Forwarding'],
  },
  {
    keyword: 'X11UseLocalhost',
    also: ['X11Forwarding'],
    id: 'login.sshd-x11-use-localhost',
    severity: 'low',
    measure: unless(mustBeYes, noX11),
    title: {
      en: 'SSH forwards X11 only on the loopback address',
      de: 'SSH leitet X11 nur über die Loopback-Adresse weiter',
    },
    why: {
      en: 'Otherwise the forwarded display can be reached from the network. Without X11 forwarding the value has no effect.',
      de: 'Sonst ist das weitergeleitete Display aus dem Netz erreichbar. Ohne X11-Weiterleitung hat der Wert keine Wirkung.',
    },
    line: 'X11UseLocalhost yes',
    references: ['DISA STIG RHEL 9', 'sshd_config(5) X11UseLocalhost'],
  },
  {
    keyword: 'PermitUserEnvironment',
    id: 'login.sshd-permit-user-environment',
    severity: 'medium',
    measure: mustBeNo,
    title: {
      en: 'SSH takes no environment from files of users',
      de: 'SSH übernimmt keine Umgebungsvariablen aus Dateien der Benutzer',
    },
    why: {
      en: 'With variables such as LD_PRELOAD a user gets around a forced command or a restricted shell.',
      de: 'Mit Variablen wie LD_PRELOAD umgeht ein Benutzer einen erzwungenen Befehl oder eine eingeschränkte Shell.',
    },
    line: 'PermitUserEnvironment no',
    references: ['CIS Debian Linux 12, 5.1.21', 'sshd_config(5) PermitUserEnvironment'],
  },
  {
    keyword: 'Banner',
    id: 'login.sshd-banner',
    severity: 'low',
    measure: banner,
    title: { en: 'SSH shows a notice before the login', de: 'SSH zeigt vor der Anmeldung einen Hinweis' },
    why: {
      en: 'The notice says who may enter; without it, unauthorised entry is harder to hold against somebody.',
      de: 'Der Hinweis sagt, wer hereindarf; ohne ihn lässt sich unbefugtes Eindringen schwerer vorhalten.',
    },
    line: 'Banner /etc/issue.net',
    references: ['CIS Debian Linux 12, 5.1.5', 'sshd_config(5) Banner'],
  },
  {
    keyword: 'PrintLastLog',
    id: 'login.sshd-print-last-log',
    severity: 'low',
    measure: mustBeYes,
    title: { en: 'SSH tells users of their last login', de: 'SSH nennt Benutzern ihre letzte Anmeldung' },
    why: {
      en: 'Whoever sees a login there that was not theirs notices that somebody else has the key or the password.',
      de: 'Wer dort eine Anmeldung sieht, die nicht von ihm war, merkt, dass jemand anders Schlüssel oder Passwort hat.',
    },
    line: 'PrintLastLog yes',
    references: ['DISA STIG RHEL 9', 'sshd_config(5) PrintLastLog'],
  },
  {
    keyword: 'LogLevel',
    id: 'login.sshd-log-level',
    severity: 'medium',
    measure: oneOf(
      ['quiet', 'fatal', 'error', 'info', 'verbose', 'debug', 'debug2', 'debug3'],
      ['info', 'verbose'],
    ),
    title: {
      en: 'SSH records logins, and no more than that',
      de: 'SSH protokolliert Anmeldungen, und nicht mehr als das',
    },
    why: {
      en: 'Below INFO logins and failures leave no trace; the DEBUG levels write down what users do, which the manual itself advises against.',
      de: 'Unterhalb von INFO hinterlassen Anmeldungen und Fehlversuche keine Spur; die DEBUG-Stufen schreiben mit, was Benutzer tun, wovon schon das Handbuch abrät.',
    },
    line: 'LogLevel VERBOSE',
    references: ['CIS Debian Linux 12, 5.1.14', 'BSI IT-Grundschutz OPS.1.1.5', 'sshd_config(5) LogLevel'],
  },
  {
    keyword: 'UsePrivilegeSeparation',
    gone: {
      since: '7.5',
      reason: {
        en: 'since OpenSSH 7.5 sshd always separates privileges: the keyword has no effect any more',
        de: 'Seit OpenSSH 7.5 trennt sshd die Rechte immer: Das Schlüsselwort hat keine Wirkung mehr',
      },
    },
    id: 'login.sshd-use-privilege-separation',
    severity: 'medium',
    measure: atLeast(['no', 'yes', 'sandbox'], ['yes']),
    title: {
      en: 'SSH handles strangers in a process without privileges',
      de: 'SSH bedient Fremde in einem Prozess ohne Rechte',
    },
    why: {
      en: 'An error in the code that deals with connections before the login would otherwise give root to whoever uses it.',
      de: 'Ein Fehler in dem Code, der Verbindungen vor der Anmeldung bedient, brächte sonst root-Rechte.',
    },
    line: 'UsePrivilegeSeparation sandbox',
    references: ['OpenSSH 7.5 release notes', 'sshd_config(5) UsePrivilegeSeparation'],
  },
];
