/** access.legacy-entries */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, type Example, fail, pass } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn, valueOr } from '../fact.ts';
import { group } from '../facts/group.ts';
import { netrcFiles } from '../facts/netrc.ts';
import { PASSWD, passwd } from '../facts/passwd.ts';
import { SHADOW, shadow } from '../facts/shadow.ts';

const GROUP = '/etc/group';
const NO_PLUS: Text = { en: 'no entry that begins with +', de: 'kein Eintrag, der mit + beginnt' };
const NO_SECRET: Text = { en: 'no stored secrets', de: 'keine gespeicherten Geheimnisse' };

const plus = (source: string, network: readonly { line: number; name: string }[]): Evidence[] =>
  network
    .filter(({ name }) => name.startsWith('+'))
    .map(({ line, name }) =>
      evidence({
        source,
        line,
        found: { en: `entry ${name}`, de: `Eintrag ${name}` },
        wanted: NO_PLUS,
      }),
    );

const ROOT = 'root:x:0:0::/root:/bin/sh\n';
const tree = (files: Example['tree']['files'] = {}): Example['tree'] => ({
  files: {
    '/etc/passwd': `${ROOT}anna:x:1000:1000::/home/anna:/bin/sh\n`,
    '/etc/group': 'root:x:0:\n',
    '/etc/shadow': 'root:!:20000::::::\n',
    ...files,
  },
});

export const legacyEntries = defineCheck({
  id: 'access.legacy-entries',
  title: {
    en: 'No leftovers of NIS, no passwords in .netrc',
    de: 'Keine Altlasten von NIS, keine Passwörter in .netrc',
  },
  why: {
    en: 'A + in an account file takes in accounts of a network directory, or becomes an account itself; a .netrc holds passwords in clear text.',
    de: 'Ein + in einer Kontendatei holt Konten eines Netzwerkverzeichnisses herein oder wird selbst zum Konto; eine .netrc enthält Passwörter im Klartext.',
  },
  remedy: {
    en: 'Take the lines with + out (vipw, vigr; directories are named in nsswitch.conf). Delete .netrc and use keys or a store for secrets.',
    de: 'Die Zeilen mit + entfernen (vipw, vigr; Verzeichnisdienste nennt man in nsswitch.conf). Die .netrc löschen und Schlüssel oder einen Speicher für Geheimnisse verwenden.',
  },
  severity: 'medium',
  params: z.strictObject({}),
  needs: { passwd, shadow, group, netrc: netrcFiles },
  appliesTo: always,
  evaluate: (facts) => {
    const files = facts.netrc.state === 'known' ? facts.netrc.value : [];
    const wrong = [
      ...(facts.passwd.state === 'known' ? plus(PASSWD, facts.passwd.value.network) : []),
      ...(facts.shadow.state === 'known' ? plus(SHADOW, facts.shadow.value.network) : []),
      ...(facts.group.state === 'known' ? plus(GROUP, facts.group.value.network) : []),
      ...files.flatMap(({ source, account, lines }) =>
        (lines.state === 'known' ? lines.value : []).map((line) =>
          evidence({
            source,
            line,
            found: {
              en: `a secret of ${account}, in clear text`,
              de: `ein Geheimnis von ${account} im Klartext`,
            },
            wanted: NO_SECRET,
          }),
        ),
      ),
    ];
    if (wrong.length > 0) return fail(wrong);
    const { entries } = valueIn(facts.passwd);
    valueOr(facts.shadow, undefined);
    valueOr(facts.group, undefined);
    valueIn(facts.netrc);
    for (const { lines } of files) valueIn(lines);
    return pass([
      evidence({
        source: PASSWD,
        found: {
          en: `${entries.length} entries, none with +`,
          de: `${entries.length} Einträge, keiner mit +`,
        },
        wanted: NO_PLUS,
      }),
    ]);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 7.2.10 (.netrc)',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 7.2.9 (.netrc)',
    'BSI IT-Grundschutz SYS.1.3.A2, ORP.4.A8',
    'ISO/IEC 27001:2022 A.5.17',
    'passwd(5), nsswitch.conf(5), netrc(5)',
  ],
  examples: [
    { name: 'as delivered', outcome: 'pass', tree: tree(), says: ['none with +'] },
    {
      name: 'a + in a comment and in another field, a .netrc without a secret',
      outcome: 'pass',
      tree: tree({
        '/etc/passwd': `${ROOT}#+::::::\nanna:x:1000:1000:+49:/home/anna:/bin/sh\n`,
        '/home/anna/.netrc': '# password x\nmachine mirror.example.org login anonymous\n',
      }),
    },
    {
      name: 'a + in passwd',
      outcome: 'fail',
      tree: tree({ '/etc/passwd': `${ROOT}+::::::\n` }),
      says: ['"line":2'],
    },
    { name: 'a netgroup in shadow', outcome: 'fail', tree: tree({ '/etc/shadow': '+@ops:x:::::::\n' }) },
    {
      name: 'a + in group',
      outcome: 'fail',
      tree: tree({ '/etc/group': 'root:x:0:\n+:::\n' }),
      says: [GROUP],
    },
    {
      name: 'a password in .netrc, on the next line',
      outcome: 'fail',
      tree: tree({ '/home/anna/.netrc': 'machine ftp.example.org login anna\npassword\n geheim\n' }),
      says: ['/home/anna/.netrc', '"line":2'],
    },
    {
      name: '.netrc can not be read',
      outcome: 'unknown',
      tree: tree({ '/home/anna/.netrc': { unreadable: 'input/output error' } }),
      says: ['input/output error'],
    },
    {
      name: 'group can not be read',
      outcome: 'unknown',
      tree: tree({ '/etc/group': { unreadable: 'permission denied' } }),
    },
  ],
});
