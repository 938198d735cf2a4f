/** access.unique-ids and access.unique-names: one shape, the same question about numbers and about names. */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, type Example, fail, pass } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn, valueOr } from '../fact.ts';
import { foreignAccounts } from '../facts/foreign-accounts.ts';
import { group } from '../facts/group.ts';
import { PASSWD, passwd } from '../facts/passwd.ts';
import { SHADOW, shadow } from '../facts/shadow.ts';
import { foreignGap, malformedGap } from './account-gaps.ts';

const GROUP = '/etc/group';
const WANTED: Text = { en: 'each only once', de: 'jede nur einmal' };

interface Item {
  readonly source: string;
  readonly line: number;
  /** What may be there only once. */
  readonly key: string;
  /** How people see it. */
  readonly shown: string;
}

/** One piece of evidence for every item that has been there before. Pure. */
function repeated(items: readonly Item[]): readonly Evidence[] {
  const first = new Map<string, Item>();
  return items.flatMap((item) => {
    const key = `${item.source}\0${item.key}`;
    const before = first.get(key);
    if (!before) first.set(key, item);
    return before
      ? [
          evidence({
            source: item.source,
            line: item.line,
            found: {
              en: `${item.shown}, also in line ${before.line}: ${before.shown}`,
              de: `${item.shown}, auch in Zeile ${before.line}: ${before.shown}`,
            },
            wanted: WANTED,
          }),
        ]
      : [];
  });
}

const counted = (source: string, count: number): Evidence =>
  evidence({
    source,
    found: { en: `${count} entries, none twice`, de: `${count} Einträge, keiner doppelt` },
    wanted: WANTED,
  });

const ROOT = 'root:x:0:0:root:/root:/bin/bash\n';
const ANNA = 'anna:x:1000:1000:Anna:/home/anna:/bin/bash\n';
const tree = (accounts: string, groups: string, shadows = ''): Example['tree'] => ({
  files: {
    '/etc/nsswitch.conf': 'passwd: files systemd\n',
    '/etc/passwd': accounts,
    '/etc/group': groups,
    '/etc/shadow': shadows,
  },
});
const nis = (accounts: string): Example['tree'] => ({
  files: { ...tree(accounts, 'root:x:0:\n').files, '/etc/nsswitch.conf': 'passwd: files nis\n' },
});

export const uniqueIds = defineCheck({
  id: 'access.unique-ids',
  title: {
    en: 'Every user and group ID is given once',
    de: 'Jede Benutzer- und Gruppenkennung ist nur einmal vergeben',
  },
  why: {
    en: 'Two accounts with one number are one to the kernel: each owns the other’s files, and records do not tell who it was.',
    de: 'Zwei Konten mit derselben Nummer sind für den Kernel eines: Jedem gehören die Dateien des anderen, und Protokolle verraten nicht, wer es war.',
  },
  remedy: {
    en: 'Give one of the two an ID of its own (usermod -u, groupmod -g) and hand it its files (chown).',
    de: 'Einem der beiden eine eigene Kennung geben (usermod -u, groupmod -g) und ihm seine Dateien übertragen (chown).',
  },
  severity: 'medium',
  params: z.strictObject({}),
  needs: { passwd, group, foreign: foreignAccounts },
  appliesTo: always,
  evaluate: (facts) => {
    const accounts = valueIn(facts.passwd);
    const groups = valueIn(facts.group);
    // UID 0 has a check of its own, with exceptions; one name twice is access.unique-names' business.
    const users = [
      ...new Map(accounts.entries.map((entry) => [`${entry.name}\0${entry.uid}`, entry])).values(),
    ];
    const named = [
      ...new Map(groups.entries.map((entry) => [`${entry.name}\0${entry.gid}`, entry])).values(),
    ];
    const wrong = repeated([
      ...users
        .filter(({ uid }) => uid !== 0)
        .map(({ line, name, uid }) => ({
          source: PASSWD,
          line,
          key: String(uid),
          shown: `${name}: UID ${uid}`,
        })),
      ...named.map(({ line, name, gid }) => ({
        source: GROUP,
        line,
        key: String(gid),
        shown: `${name}: GID ${gid}`,
      })),
    ]);
    if (wrong.length > 0) return fail(wrong);
    return (
      malformedGap(accounts.malformed) ??
      malformedGap(groups.malformed, GROUP) ??
      foreignGap(facts.foreign, 'passwords', WANTED) ??
      pass([counted(PASSWD, accounts.entries.length), counted(GROUP, groups.entries.length)])
    );
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 7.2.5 and 7.2.6',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 7.2.4 and 7.2.5',
    'BSI IT-Grundschutz SYS.1.3.A2, ORP.4.A1',
    'ISO/IEC 27001:2022 A.5.16',
    'passwd(5), group(5)',
  ],
  examples: [
    { name: 'each once', outcome: 'pass', tree: tree(ROOT + ANNA, 'root:x:0:\nanna:x:1000:\n') },
    {
      name: 'a second account with UID 0 is left to its own check',
      outcome: 'pass',
      tree: tree(`${ROOT}toor:x:0:0::/root:/bin/sh\n`, 'root:x:0:\n'),
    },
    {
      name: 'two accounts with one UID',
      outcome: 'fail',
      tree: tree(`${ROOT}${ANNA}otto:x:1000:1001::/home/otto:/bin/sh\n`, 'root:x:0:\n'),
      says: ['otto', 'anna', '"line":3'],
    },
    {
      name: 'the same UID written differently',
      outcome: 'fail',
      tree: tree(`${ROOT}${ANNA}otto:x:01000:1001::/home/otto:/bin/sh\n`, 'root:x:0:\n'),
    },
    {
      name: 'two groups with one GID',
      outcome: 'fail',
      tree: tree(ROOT, 'root:x:0:\nadm:x:4:\nops:x:4:anna\n'),
      says: ['ops'],
    },
    { name: 'a line that is cut off', outcome: 'unknown', tree: tree(`${ROOT}x:x\n`, 'root:x:0:\n') },
    { name: 'accounts of NIS', outcome: 'unknown', tree: nis(ROOT), says: ['nis'] },
    { name: 'group is missing', outcome: 'unknown', tree: { files: { '/etc/passwd': ROOT } } },
  ],
});

export const uniqueNames = defineCheck({
  id: 'access.unique-names',
  title: {
    en: 'Every user and group name is given once',
    de: 'Jeder Benutzer- und Gruppenname ist nur einmal vergeben',
  },
  why: {
    en: 'Of two entries with one name the system uses the first; what people change in the other has no effect, and files belong to somebody unexpected.',
    de: 'Von zwei Einträgen mit demselben Namen gilt der erste; was jemand am anderen ändert, bleibt ohne Wirkung, und Dateien gehören dem Falschen.',
  },
  remedy: {
    en: 'Rename or remove the second entry (vipw, vigr); pwck and grpck show them too.',
    de: 'Den zweiten Eintrag umbenennen oder entfernen (vipw, vigr); auch pwck und grpck zeigen sie.',
  },
  severity: 'medium',
  params: z.strictObject({}),
  needs: { passwd, group, shadow, foreign: foreignAccounts },
  appliesTo: always,
  evaluate: (facts) => {
    const accounts = valueIn(facts.passwd);
    const groups = valueIn(facts.group);
    const items = (source: string, entries: readonly { line: number; name: string }[]): Item[] =>
      entries.map(({ line, name }) => ({ source, line, key: name, shown: name }));
    const shadows: Fact<{ entries: readonly { line: number; name: string }[] }> = facts.shadow;
    const known = shadows.state === 'known' ? shadows.value.entries : [];
    const wrong = repeated([
      ...items(PASSWD, accounts.entries),
      ...items(SHADOW, known),
      ...items(GROUP, groups.entries),
    ]);
    if (wrong.length > 0) return fail(wrong);
    valueOr(facts.shadow, undefined);
    return (
      malformedGap(accounts.malformed) ??
      malformedGap(groups.malformed, GROUP) ??
      foreignGap(facts.foreign, 'passwords', WANTED) ??
      pass([
        counted(PASSWD, accounts.entries.length),
        counted(SHADOW, known.length),
        counted(GROUP, groups.entries.length),
      ])
    );
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 7.2.7 and 7.2.8',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 7.2.6 and 7.2.7',
    'BSI IT-Grundschutz SYS.1.3.A2, ORP.4.A1',
    'ISO/IEC 27001:2022 A.5.16',
    'passwd(5), shadow(5), group(5), pwck(8)',
  ],
  examples: [
    { name: 'each once', outcome: 'pass', tree: tree(ROOT + ANNA, 'root:x:0:\n', 'root:!:20000::::::\n') },
    {
      name: 'upper and lower case are two names',
      outcome: 'pass',
      tree: tree(`${ROOT}${ANNA}Anna:x:1001:1001::/home/Anna:/bin/sh\n`, 'root:x:0:\n'),
    },
    {
      name: 'one account twice',
      outcome: 'fail',
      tree: tree(`${ROOT}${ANNA}anna:x:1001:1001::/home/anna:/bin/sh\n`, 'root:x:0:\n'),
      says: ['anna', '"line":3'],
    },
    { name: 'one group twice', outcome: 'fail', tree: tree(ROOT, 'root:x:0:\nops:x:4:\nops:x:5:\n') },
    {
      name: 'one account twice in shadow',
      outcome: 'fail',
      tree: tree(ROOT, 'root:x:0:\n', 'root:!:20000::::::\nroot:*:20000::::::\n'),
      says: ['/etc/shadow'],
    },
    {
      name: 'shadow can not be read',
      outcome: 'unknown',
      tree: {
        files: { ...tree(ROOT, 'root:x:0:\n').files, '/etc/shadow': { unreadable: 'permission denied' } },
      },
      says: ['permission denied'],
    },
    { name: 'accounts of NIS', outcome: 'unknown', tree: nis(ROOT) },
    { name: 'passwd is missing', outcome: 'unknown', tree: { files: { '/etc/group': 'root:x:0:\n' } } },
  ],
});
