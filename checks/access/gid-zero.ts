/** access.gid-zero */
import { z } from 'zod';
import { always, defineCheck, type Example, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { foreignAccounts } from '../facts/foreign-accounts.ts';
import { group } from '../facts/group.ts';
import { PASSWD, passwd } from '../facts/passwd.ts';
import { foreignGap, malformedGap } from './account-gaps.ts';

const GROUP = '/etc/group';
const ROOT = 'root:x:0:0:root:/root:/bin/bash\n';
const ANNA = 'anna:x:1000:1000:Anna:/home/anna:/bin/bash\n';
const treeOf = (accounts: string, groups = 'root:x:0:\nanna:x:1000:\n'): Example['tree'] => ({
  files: {
    '/etc/nsswitch.conf': 'passwd: files systemd\n',
    '/etc/passwd': accounts,
    '/etc/group': groups,
  },
});

const examples: readonly Example[] = [
  { name: 'root alone', outcome: 'pass', tree: treeOf(ROOT + ANNA), says: ['root'] },
  {
    name: 'the accounts of RHEL that shut the system down',
    outcome: 'pass',
    tree: treeOf(
      `${ROOT}sync:x:5:0:sync:/sbin:/bin/sync\nshutdown:x:6:0:shutdown:/sbin:/sbin/shutdown\nhalt:x:7:0:halt:/sbin:/sbin/halt\noperator:x:11:0:operator:/root:/sbin/nologin\n`,
    ),
  },
  {
    name: 'root as a member of its own group',
    outcome: 'pass',
    tree: treeOf(ROOT, 'root:x:0:root\n'),
  },
  {
    name: 'an account whose group is root',
    outcome: 'fail',
    tree: treeOf(`${ROOT}anna:x:1000:0::/home/anna:/bin/bash\n`),
    says: ['anna', '"line":2'],
  },
  {
    name: 'a member of group root',
    outcome: 'fail',
    tree: treeOf(ROOT + ANNA, 'root:x:0:anna\n'),
    says: ['anna', '/etc/group'],
  },
  { name: 'a second group with GID 00', outcome: 'fail', tree: treeOf(ROOT, 'root:x:0:\nwheel:x:00:\n') },
  {
    name: 'sync with a shell to work in',
    outcome: 'fail',
    tree: treeOf(`${ROOT}sync:x:5:0:sync:/sbin:/bin/bash\n`),
  },
  { name: 'a line that is cut off', outcome: 'unknown', tree: treeOf(`${ROOT}x:x\n`) },
  { name: 'group is missing', outcome: 'unknown', tree: { files: { '/etc/passwd': ROOT } } },
  {
    name: 'accounts of NIS',
    outcome: 'unknown',
    tree: {
      files: { ...treeOf(ROOT).files, '/etc/nsswitch.conf': 'passwd: files nis\n' },
    },
  },
];

/** Accounts of RHEL with group root, each with the one program it may have as its shell. */
const DELIVERED = new Map([
  ['sync', 'sync'],
  ['shutdown', 'shutdown'],
  ['halt', 'halt'],
  ['operator', 'nologin'],
]);

const delivered = ({ name, shell }: { name: string; shell: string }): boolean => {
  const program = shell.slice(shell.lastIndexOf('/') + 1);
  return DELIVERED.has(name) && (program === 'nologin' || program === DELIVERED.get(name));
};

export const gidZero = defineCheck({
  id: 'access.gid-zero',
  title: { en: 'Only root is in the group root', de: 'Nur root gehört zur Gruppe root' },
  why: {
    en: 'Many files of the system belong to the group with ID 0; whoever is in it can read, and at times change, what is meant for root alone.',
    de: 'Viele Dateien des Systems gehören der Gruppe mit der Kennung 0; wer zu ihr gehört, kann lesen und mitunter ändern, was nur für root bestimmt ist.',
  },
  remedy: {
    en: 'Give the account another primary group (usermod -g), take members out of the group root (gpasswd -d), and give groups an ID of their own (groupmod -g).',
    de: 'Dem Konto eine andere Hauptgruppe geben (usermod -g), Mitglieder aus der Gruppe root entfernen (gpasswd -d), Gruppen eine eigene Kennung geben (groupmod -g).',
  },
  severity: 'medium',
  params: z.strictObject({ allowed: z.array(z.string().max(64)).max(20).default(['root']) }),
  needs: { passwd, group, foreign: foreignAccounts },
  appliesTo: always,
  evaluate: (facts, { allowed }) => {
    const accounts = valueIn(facts.passwd);
    const groups = valueIn(facts.group);
    const wanted = { en: `only ${allowed.join(', ')}`, de: `nur ${allowed.join(', ')}` };
    const primary = accounts.entries.filter(({ gid }) => gid === 0);
    const zero = groups.entries.filter(({ gid }) => gid === 0);
    const wrong = [
      ...primary
        .filter((entry) => !allowed.includes(entry.name) && !delivered(entry))
        .map(({ line, name }) => evidence({ source: PASSWD, line, found: `${name}: GID 0`, wanted })),
      ...zero
        .filter(({ name }) => name !== 'root')
        .map(({ line, name }) => evidence({ source: GROUP, line, found: `${name}: GID 0`, wanted: 'root' })),
      ...zero.flatMap(({ line, members }) =>
        members
          .filter((name) => !allowed.includes(name))
          .map((name) =>
            evidence({
              source: GROUP,
              line,
              found: { en: `member ${name}`, de: `Mitglied ${name}` },
              wanted,
            }),
          ),
      ),
    ];
    if (wrong.length > 0) return fail(wrong);
    return (
      malformedGap(accounts.malformed) ??
      malformedGap(groups.malformed, GROUP) ??
      foreignGap(facts.foreign, 'passwords', wanted) ??
      (primary.length === 0
        ? unknown({ en: 'passwd has no account with GID 0', de: 'passwd hat kein Konto mit GID 0' })
        : pass(
            primary.map(({ line, name }) =>
              evidence({ source: PASSWD, line, found: `${name}: GID 0`, wanted }),
            ),
          ))
    );
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.4.2.2 and 5.4.2.3',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.4.2.2 and 5.4.2.3',
    'BSI IT-Grundschutz SYS.1.3.A2, ORP.4.A4',
    'ISO/IEC 27001:2022 A.5.16, A.8.2',
    'passwd(5), group(5)',
  ],
  examples,
});
