/** Rows of login.sshd-*: who may try to log in, how often and how long. */
import { z } from 'zod';
import { atMost, type Measure, numberIn, secondsAtMost } from './sshd-measure.ts';
import type { Row } from './sshd-row.ts';

/** A pattern that fits every account does not keep anybody out. */
const everybody = /^\??\*+(?:@\??\*+)?$/;
const restricted: Measure = {
  params: z.strictObject({
    /** Whether a list of those who may not is enough. */
    deny: z.boolean().default(true),
  }),
  assess: (_value, { values, params }) => {
    const wordsOf = (name: string) => (values[name.toLowerCase()] ?? '').split(' ').filter(Boolean);
    const shown = (name: string) => `${name} ${wordsOf(name).join(' ')}`;
    const allow = ['AllowUsers', 'AllowGroups'].filter((name) => wordsOf(name).length > 0);
    const narrow = allow.find((name) => !wordsOf(name).some((word) => everybody.test(word)));
    if (narrow) return { passes: true, at: narrow.toLowerCase(), shown: shown(narrow) };
    const deny = ['DenyUsers', 'DenyGroups'].find((name) => wordsOf(name).length > 0);
    if (deny) return { passes: params.deny !== false, at: deny.toLowerCase(), shown: shown(deny) };
    const [wide] = allow;
    if (wide) return { passes: false, at: wide.toLowerCase(), shown: shown(wide) };
    return {
      passes: false,
      shown: { en: 'no list is set', de: 'keine Liste ist gesetzt' },
    };
  },
  wanted: ({ deny }) =>
    deny === false
      ? { en: 'AllowUsers or AllowGroups', de: 'AllowUsers oder AllowGroups' }
      : {
          en: 'AllowUsers, AllowGroups, DenyUsers or DenyGroups',
          de: 'AllowUsers, AllowGroups, DenyUsers oder DenyGroups',
        },
};

/** start:rate:full; the rate matters only between the two. */
const startups: Measure = {
  params: z.strictObject({
    start: z.int().min(1).max(1000).default(10),
    rate: z.int().min(1).max(100).default(30),
    full: z.int().min(1).max(1000).default(60),
  }),
  assess: (value, { params }) => {
    const [start = Number.NaN, rate = Number.NaN, full = Number.NaN] = value.split(':').map(Number);
    const early = numberIn(params.start, 10);
    return (
      start <= early &&
      full <= numberIn(params.full, 60) &&
      (rate >= numberIn(params.rate, 30) || full <= early)
    );
  },
  wanted: ({ start, rate, full }) => ({
    en: `${start}:${rate}:${full} or tighter`,
    de: `${start}:${rate}:${full} oder enger`,
  }),
};

export const limitRows: readonly Row[] = [
  {
    keyword: 'AllowUsers',
    also: ['AllowGroups', 'DenyUsers', 'DenyGroups'],
    id: 'login.sshd-allow-users-groups',
    severity: 'low',
    measure: restricted,
    title: {
      en: 'SSH says which accounts may log in, or may not',
      de: 'SSH legt fest, welche Konten sich anmelden dürfen oder nicht',
    },
    why: {
      en: 'Without such a list every account with a shell can log in, also one that a package or a colleague adds later.',
      de: 'Ohne eine solche Liste kann sich jedes Konto mit Shell anmelden, auch eines, das ein Paket oder ein Kollege später anlegt.',
    },
    line: 'AllowGroups ssh-users',
    references: ['CIS Debian Linux 12, 5.1.4', 'BSI IT-Grundschutz SYS.1.3.A8', 'sshd_config(5) AllowUsers'],
  },
  {
    keyword: 'MaxAuthTries',
    id: 'login.sshd-max-auth-tries',
    severity: 'medium',
    measure: atMost(4, { min: 1, max: 100 }),
    title: {
      en: 'SSH ends a connection after a few failed attempts',
      de: 'SSH trennt die Verbindung nach wenigen Fehlversuchen',
    },
    why: {
      en: 'The fewer attempts a connection has, the slower passwords can be tried.',
      de: 'Je weniger Versuche eine Verbindung hat, desto langsamer lassen sich Passwörter durchprobieren.',
    },
    line: 'MaxAuthTries 4',
    references: ['CIS Debian Linux 12, 5.1.16', 'sshd_config(5) MaxAuthTries'],
  },
  {
    keyword: 'LoginGraceTime',
    id: 'login.sshd-login-grace-time',
    severity: 'low',
    measure: secondsAtMost(60, { min: 1, max: 3600 }),
    title: { en: 'SSH gives little time to log in', de: 'SSH lässt nur wenig Zeit für die Anmeldung' },
    why: {
      en: 'Connections that have not logged in occupy one of few places; 0 would let them do so for ever.',
      de: 'Verbindungen ohne Anmeldung belegen einen von wenigen Plätzen; bei 0 dürften sie das unbegrenzt.',
    },
    line: 'LoginGraceTime 60',
    references: ['CIS Debian Linux 12, 5.1.13', 'sshd_config(5) LoginGraceTime'],
  },
  {
    keyword: 'MaxStartups',
    id: 'login.sshd-max-startups',
    severity: 'low',
    measure: startups,
    title: {
      en: 'SSH limits connections that have not logged in yet',
      de: 'SSH begrenzt Verbindungen, die noch nicht angemeldet sind',
    },
    why: {
      en: 'Otherwise a flood of connections keeps out those who want to work, and many passwords can be tried at once.',
      de: 'Sonst sperrt eine Flut von Verbindungen die aus, die arbeiten wollen, und viele Passwörter lassen sich zugleich durchprobieren.',
    },
    line: 'MaxStartups 10:30:60',
    references: ['CIS Debian Linux 12, 5.1.18', 'sshd_config(5) MaxStartups'],
  },
];
