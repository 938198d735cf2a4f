/** password.group-passwords */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, type Example, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn, valueOr } from '../fact.ts';
import { group, gshadow } from '../facts/group.ts';

const GROUP = '/etc/group';
const GSHADOW = '/etc/gshadow';
const WANTED: Text = { en: 'none', de: 'keines' };

const HASH =
  '$6$exampleexample$exampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleex';
const tree = (secret: string, more: Example['tree']['files'] = {}): Example['tree'] => ({
  files: {
    '/etc/group': 'root:x:0:\nstaff:x:50:anna\n',
    '/etc/gshadow': { text: `root:*::\nstaff:${secret}::anna\n`, mode: 0o640, gid: 42 },
    ...more,
  },
});

export const groupPasswords = defineCheck({
  id: 'password.group-passwords',
  title: { en: 'No group has a password', de: 'Keine Gruppe hat ein Passwort' },
  why: {
    en: 'With a group password anybody who knows it becomes a member by newgrp, and nothing shows who that was.',
    de: 'Mit einem Gruppenpasswort wird über newgrp Mitglied, wer es kennt, und nichts zeigt, wer das war.',
  },
  remedy: {
    en: 'gpasswd -r GROUP takes it away; name the members in the group instead. grpconv moves what stands in group to gshadow.',
    de: 'gpasswd -r GRUPPE entfernt es; stattdessen die Mitglieder in der Gruppe nennen. grpconv verlegt, was in group steht, nach gshadow.',
  },
  severity: 'medium',
  params: z.strictObject({}),
  needs: { group, gshadow },
  appliesTo: always,
  evaluate: (facts) => {
    const lists = [
      [GROUP, facts.group.state === 'known' ? facts.group.value.entries : []],
      [GSHADOW, facts.gshadow.state === 'known' ? facts.gshadow.value : []],
    ] as const;
    const wrong = lists.flatMap(([source, entries]) =>
      entries.flatMap(({ line, name, password }) =>
        // A lock before it is opened by taking it away; until then nobody gets in.
        password.kind === 'hash' && !password.locked
          ? [evidence({ source, line, found: `${name}: ${password.scheme}`, wanted: WANTED })]
          : [],
      ),
    );
    if (wrong.length > 0) return fail(wrong);
    const { entries, malformed } = valueIn(facts.group);
    valueOr(facts.gshadow, undefined);
    if (malformed.length > 0)
      return unknown(
        {
          en: 'group holds lines that can not be read as groups',
          de: 'group enthält Zeilen, die nicht als Gruppe lesbar sind',
        },
        malformed.map(({ line }) =>
          evidence({
            source: GROUP,
            line,
            found: { en: 'not readable', de: 'nicht lesbar' },
            wanted: WANTED,
          }),
        ),
      );
    const found: Text = {
      en: `${entries.length} groups, none with one`,
      de: `${entries.length} Gruppen, keine mit einem`,
    };
    return pass([evidence({ source: GROUP, found, wanted: WANTED })]);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 7.2.3',
    'BSI IT-Grundschutz ORP.4.A8, SYS.1.3.A2',
    'ISO/IEC 27001:2022 A.5.17',
    'gshadow(5), group(5), gpasswd(1), newgrp(1)',
  ],
  examples: [
    { name: 'as delivered: *, !, x', outcome: 'pass', tree: tree('!'), says: ['none with one'] },
    { name: 'empty: only members may change to it', outcome: 'pass', tree: tree('') },
    { name: 'locked', outcome: 'pass', tree: tree(`!${HASH}`) },
    { name: 'no gshadow', outcome: 'pass', tree: { files: { '/etc/group': 'root::0:\n' } } },
    { name: 'a password in gshadow', outcome: 'fail', tree: tree(HASH), says: ['staff: sha512', GSHADOW] },
    {
      name: 'a password in group',
      outcome: 'fail',
      tree: tree('!', { '/etc/group': `root:x:0:\nstaff:${HASH}:50:\n` }),
      says: ['"line":2', 'sha512'],
    },
    {
      name: 'DES, and gshadow not readable',
      outcome: 'fail',
      tree: tree('', {
        '/etc/group': 'staff:abExampleExam:50:\n',
        '/etc/gshadow': { unreadable: 'permission denied' },
      }),
      says: ['des'],
    },
    {
      name: 'gshadow not readable without root',
      outcome: 'unknown',
      tree: tree('', { '/etc/gshadow': { unreadable: 'permission denied' } }),
    },
    { name: 'a line that is no group', outcome: 'unknown', tree: tree('', { '/etc/group': 'staff:x\n' }) },
  ],
});
