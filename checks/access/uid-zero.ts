/** access.uid-zero */
import { z } from 'zod';
import { always, defineCheck, type Example, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { foreignAccounts } from '../facts/foreign-accounts.ts';
import { PASSWD, passwd } from '../facts/passwd.ts';

const ROOT = 'root:x:0:0:root:/root:/bin/bash\n';
const ANNA = 'anna:x:1000:1000:Anna:/home/anna:/bin/bash\n';
const FILES = { '/etc/nsswitch.conf': 'passwd: files systemd\n' };
const passwdOf = (text: string): Example['tree'] => ({ files: { ...FILES, '/etc/passwd': text } });

const examples: readonly Example[] = [
  { name: 'only root', outcome: 'pass', tree: passwdOf(ROOT + ANNA), says: ['root'] },
  {
    name: 'toor in a comment and as a comment field',
    outcome: 'pass',
    tree: passwdOf(`${ROOT}#toor:x:0:0::/root:/bin/sh\nanna:x:1000:1000:0:/home/anna:/bin/bash\n`),
  },
  {
    name: 'a second name that was allowed',
    outcome: 'pass',
    tree: passwdOf(`${ROOT}toor:x:0:0::/root:/bin/sh\n`),
    params: { allowed: ['root', 'toor'] },
  },
  {
    name: 'a + line without nss_compat',
    outcome: 'pass',
    tree: passwdOf(`${ROOT}+::0:0:::\n`),
  },
  {
    name: 'a second account with UID 0',
    outcome: 'fail',
    tree: passwdOf(`${ROOT}${ANNA}toor:*:0:0::/root:/usr/sbin/nologin\n`),
    says: ['toor', '"line":3'],
  },
  { name: 'UID written 00', outcome: 'fail', tree: passwdOf(`${ROOT}x:x:00:0::/:/bin/sh\n`) },
  {
    name: 'UID written +0 behind white space',
    outcome: 'fail',
    tree: passwdOf(`${ROOT}  x:x: +0:0::/:/bin/sh\n`),
  },
  { name: 'UID written -0, without home and shell', outcome: 'fail', tree: passwdOf(`${ROOT}x:x:-0:0\n`) },
  { name: 'line ends of Windows', outcome: 'fail', tree: passwdOf(`${ROOT}x:x:0:0::/:/bin/sh\r\n`) },
  {
    name: 'UID 0 is not called root',
    outcome: 'fail',
    tree: passwdOf(`admin:x:0:0::/root:/bin/bash\n${ANNA}`),
    says: ['admin'],
  },
  {
    name: 'UID 0x0 is none for the C library, for others it may be 0',
    outcome: 'unknown',
    tree: passwdOf(`${ROOT}x:x:0x0:0::/:/bin/sh\n`),
  },
  { name: 'a line that is cut off', outcome: 'unknown', tree: passwdOf(`${ROOT}x:x\n`), says: ['"line":2'] },
  { name: 'passwd is missing', outcome: 'unknown', tree: { files: FILES } },
  {
    name: 'accounts of a directory through nss_compat',
    outcome: 'unknown',
    tree: { files: { '/etc/nsswitch.conf': 'passwd: compat\n', '/etc/passwd': `${ROOT}+::::::\n` } },
  },
  {
    name: 'accounts of NIS',
    outcome: 'unknown',
    tree: { files: { '/etc/nsswitch.conf': 'passwd: files nis\n', '/etc/passwd': ROOT } },
    says: ['nis'],
  },
  {
    name: 'a user record of systemd',
    outcome: 'unknown',
    tree: {
      files: {
        '/etc/nsswitch.conf': 'passwd: files systemd\n',
        '/etc/passwd': ROOT,
        '/etc/userdb/eve.user': '{}',
      },
    },
    says: ['eve.user'],
  },
  {
    name: 'an account of systemd-homed',
    outcome: 'unknown',
    tree: {
      files: {
        '/etc/nsswitch.conf': 'passwd: files systemd\n',
        '/etc/passwd': ROOT,
        '/usr/lib/systemd/systemd-homed': '',
        '/var/lib/systemd/home/eve.identity': '{}',
      },
    },
    says: ['eve.identity'],
  },
];

export const uidZero = defineCheck({
  id: 'access.uid-zero',
  title: { en: 'Only root has user ID 0', de: 'Nur root hat die Benutzerkennung 0' },
  why: {
    en: 'Every account with user ID 0 is root, whatever its name: it bypasses sudo, its rules and its records.',
    de: 'Jedes Konto mit der Benutzerkennung 0 ist root, gleich wie es heißt: Es umgeht sudo, dessen Regeln und dessen Aufzeichnung.',
  },
  remedy: {
    en: 'Give the account named an ID of its own (usermod -u) or delete it (userdel), and grant what it needs through sudo.',
    de: 'Dem genannten Konto eine eigene Kennung geben (usermod -u) oder es löschen (userdel) und das Nötige über sudo erlauben.',
  },
  severity: 'high',
  params: z.strictObject({ allowed: z.array(z.string().max(64)).max(20).default(['root']) }),
  needs: { passwd, foreign: foreignAccounts },
  appliesTo: always,
  evaluate: (facts, { allowed }) => {
    const accounts = valueIn(facts.passwd);
    const wanted = allowed.join(', ');
    const zero = accounts.entries.filter(({ uid }) => uid === 0);
    const seen = zero.map(({ line, name }) =>
      evidence({
        source: PASSWD,
        line,
        found: `${name}: UID 0`,
        wanted: { en: `only ${wanted}`, de: `nur ${wanted}` },
      }),
    );
    if (zero.some(({ name }) => !allowed.includes(name)))
      return fail(seen.filter((_, index) => !allowed.includes(zero[index]?.name ?? '')));
    if (accounts.malformed.length > 0)
      return unknown(
        {
          en: 'passwd holds lines whose user ID can not be read',
          de: 'passwd enthält Zeilen, deren Benutzerkennung nicht lesbar ist',
        },
        accounts.malformed.map(({ line, name }) =>
          evidence({
            source: PASSWD,
            line,
            found: {
              en: `no number as user ID${name ? ` (${name})` : ''}`,
              de: `keine Zahl als Benutzerkennung${name ? ` (${name})` : ''}`,
            },
            wanted: { en: 'a decimal number', de: 'eine Dezimalzahl' },
          }),
        ),
      );
    // Directories joined through sssd or winbind map their ids into ranges of their own and refuse 0.
    const foreign = valueIn(facts.foreign).passwords;
    if (foreign.length > 0)
      return unknown(
        {
          en: 'accounts also come from a source that can not be read here',
          de: 'Konten kommen auch aus einer Quelle, die hier nicht lesbar ist',
        },
        foreign.map((source) => evidence({ ...source, wanted: { en: 'no UID 0', de: 'keine UID 0' } })),
      );
    return zero.length > 0
      ? pass(seen)
      : unknown({ en: 'passwd has no account with UID 0', de: 'passwd hat kein Konto mit UID 0' });
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.4.2.1',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.4.2.1',
    'BSI IT-Grundschutz SYS.1.3.A2, ORP.4.A4',
    'ISO/IEC 27001:2022 A.5.16, A.8.2',
    'passwd(5), nsswitch.conf(5)',
  ],
  examples,
});
