/** Accounts that somebody can log in to with a password, with what shadow(5) says about its ageing. Pure. */
import type { Text } from '../../shared/outcome.ts';
import { unknown, type Verdict } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn } from '../fact.ts';
import { PASSWD, type PasswdFile } from '../facts/passwd.ts';
import type { PasswordField } from '../facts/password-field.ts';
import { SHADOW, type ShadowEntry, type ShadowFile } from '../facts/shadow.ts';

export interface PasswordAccount {
  readonly name: string;
  readonly source: string;
  readonly line: number;
  /** Absent: the password is in passwd itself, where there is no ageing. */
  readonly ageing?: ShadowEntry;
}

/** Somebody can log in with it: a hash that is not locked, or nothing at all. */
const usable = (password: PasswordField): boolean =>
  password.kind === 'empty' || (password.kind === 'hash' && !password.locked);

/** Service accounts and root too: what counts is the password. Files that are not known bring none. */
export function passwordAccounts(accounts: Fact<PasswdFile>, shadows: Fact<ShadowFile>): PasswordAccount[] {
  const inPasswd = accounts.state === 'known' ? accounts.value.entries : [];
  const shadowed = new Set(
    inPasswd.filter(({ password }) => password.kind === 'shadow').map(({ name }) => name),
  );
  const entries = shadows.state === 'known' ? shadows.value.entries : [];
  return [
    ...entries
      .filter(({ name, password }) => shadowed.has(name) && usable(password))
      .map((entry) => ({ name: entry.name, source: SHADOW, line: entry.line, ageing: entry })),
    ...inPasswd
      .filter(({ password }) => usable(password))
      .map(({ name, line }) => ({ name, source: PASSWD, line })),
  ];
}

/**
 * Why not all accounts could be judged: lines that are none.
 * @throws CouldNotLook where one of the files could not be read
 */
export function unreadAccounts(
  accounts: Fact<PasswdFile>,
  shadows: Fact<ShadowFile>,
  wanted: Text,
): Verdict | undefined {
  const broken = [
    ...valueIn(accounts).malformed.map(({ line }) => ({ source: PASSWD, line })),
    ...valueIn(shadows).malformed.map(({ line }) => ({ source: SHADOW, line })),
  ];
  if (broken.length === 0) return undefined;
  return unknown(
    {
      en: 'passwd or shadow holds lines that can not be read as accounts',
      de: 'passwd oder shadow enthält Zeilen, die nicht als Konto lesbar sind',
    },
    broken.map((place) => evidence({ ...place, found: { en: 'not readable', de: 'nicht lesbar' }, wanted })),
  );
}
