/** login.account-root-locked-or-strong */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, type Example, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { PASSWD, passwd } from '../facts/passwd.ts';
import { schemes } from '../facts/password-field.ts';
import { SHADOW, shadow } from '../facts/shadow.ts';

const WANTED: Text = {
  en: 'a lock, or a hash of a strong scheme',
  de: 'eine Sperre oder ein Hash eines starken Verfahrens',
};
const STRONG = ['yescrypt', 'gost-yescrypt', 'sm3-yescrypt', 'scrypt', 'bcrypt', 'sha512'] as const;

const tree = (field: string, passwdField = 'x'): Example['tree'] => ({
  files: {
    '/etc/passwd': `root:${passwdField}:0:0::/root:/bin/sh\n`,
    '/etc/shadow': `root:${field}:20000:0:99999:7:::\n`,
  },
});
const YESCRYPT = '$y$j9T$abcdefgh$0123456789012345678901234567890123456789012';
const MD5 = '$1$abcdefgh$0123456789012345678901';
const examples: readonly Example[] = [
  { name: 'locked', outcome: 'pass', tree: tree('!'), says: ['locked'] },
  { name: 'never had a password', outcome: 'pass', tree: tree('*') },
  { name: 'yescrypt', outcome: 'pass', tree: tree(YESCRYPT), says: ['yescrypt'] },
  { name: 'a weak hash behind a lock', outcome: 'pass', tree: tree(`!${MD5}`) },
  { name: 'SHA-512', outcome: 'pass', tree: tree('$6$abcdefgh$x') },
  { name: 'an empty password', outcome: 'fail', tree: tree(''), says: ['empty'] },
  { name: 'an empty field in passwd itself', outcome: 'fail', tree: tree('!', ''), says: ['/etc/passwd'] },
  { name: 'MD5', outcome: 'fail', tree: tree(MD5), says: ['md5'] },
  { name: 'DES', outcome: 'fail', tree: tree('abcdefghijklm'), says: ['des'] },
  {
    name: 'SHA-512 where only yescrypt is allowed',
    outcome: 'fail',
    tree: tree('$6$abcdefgh$x'),
    params: { schemes: ['yescrypt'] },
  },
  {
    name: 'shadow can not be read',
    outcome: 'unknown',
    tree: { files: { ...tree('!').files, '/etc/shadow': { unreadable: 'EACCES' } } },
  },
  {
    name: 'no account root',
    outcome: 'unknown',
    tree: { files: { '/etc/passwd': 'toor:x:0:0::/root:/bin/sh\n', '/etc/shadow': '' } },
  },
];

export const accountRoot = defineCheck({
  id: 'login.account-root-locked-or-strong',
  title: {
    en: 'The account root is locked or has a strongly stored password',
    de: 'Das Konto root ist gesperrt oder sein Passwort stark gespeichert',
  },
  why: {
    en: 'root is the one account that exists everywhere under the same name. An empty or weakly stored password there opens everything.',
    de: 'root ist das eine Konto, das es überall unter demselben Namen gibt. Ein leeres oder schwach gespeichertes Passwort öffnet dort alles.',
  },
  remedy: {
    en: 'passwd -l root, or set a new password after the hash scheme was set right (login.defs, pam_unix).',
    de: 'passwd -l root, oder ein neues Passwort setzen, nachdem das Hashverfahren richtig eingestellt ist (login.defs, pam_unix).',
  },
  severity: 'low',
  params: z.strictObject({
    /** Schemes of crypt(5) that count as strong. */
    schemes: z
      .array(z.enum(schemes))
      .min(1)
      .max(schemes.length)
      .default([...STRONG]),
  }),
  needs: { passwd, shadow },
  appliesTo: always,
  evaluate: (facts, params) => {
    const account = valueIn(facts.passwd).entries.find(({ name }) => name === 'root');
    if (!account) return unknown({ en: 'there is no account root', de: 'es gibt kein Konto root' });
    const shadowed = account.password.kind === 'shadow';
    const entry = shadowed ? valueIn(facts.shadow).entries.find(({ name }) => name === 'root') : undefined;
    const field = shadowed ? (entry?.password ?? { kind: 'none' as const }) : account.password;
    const place = shadowed ? { source: SHADOW, line: entry?.line } : { source: PASSWD, line: account.line };
    const seen = (found: Text | string) => evidence({ ...place, found, wanted: WANTED });
    if (field.kind === 'empty') return fail([seen({ en: 'empty password', de: 'leeres Passwort' })]);
    if (field.kind !== 'hash' || field.locked) return pass([seen({ en: 'locked', de: 'gesperrt' })]);
    const strong = params.schemes.includes(field.scheme);
    return strong ? pass([seen(field.scheme)]) : fail([seen(field.scheme)]);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.4.2.4',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.4.2.4',
    'BSI IT-Grundschutz ORP.4.A22, SYS.1.3.A6',
    'ISO/IEC 27001:2022 A.5.17, A.8.2',
    'shadow(5), crypt(5)',
  ],
  examples,
});
