/** Whose logins login.mfa is about: accounts with a shell that can use a password, privileged ones or all. Pure. */
import { type Fact, valueIn } from '../fact.ts';
import type { GroupFile } from '../facts/group.ts';
import type { PasswdFile } from '../facts/passwd.ts';
import type { ShadowFile } from '../facts/shadow.ts';
import type { SshdServer } from '../facts/sshd.ts';
import { accountsOf, type SshdAccount } from '../facts/sshd-accounts.ts';
import type { SshdLogin } from '../facts/sshd-logins.ts';
import { meets } from '../facts/sshd-match.ts';
import type { SshdVersion } from '../facts/sshd-version.ts';

/** @param elsewhere whether passwords are known to a directory too, so that a lock here does not lock them */
export function withPassword(
  passwd: PasswdFile,
  groups: GroupFile,
  shadow: Fact<ShadowFile>,
  elsewhere: boolean,
): readonly SshdAccount[] {
  return accountsOf(passwd, groups).filter(({ name, person }) => {
    if (!person) return false;
    const own = passwd.entries.find((entry) => entry.name === name)?.password;
    if (elsewhere || own === undefined) return true;
    const field =
      own.kind === 'shadow' ? valueIn(shadow).entries.find((entry) => entry.name === name)?.password : own;
    return field?.kind === 'empty' || (field?.kind === 'hash' && !field.locked);
  });
}

/** Whether one of the accounts is treated by all Match lines as the one that stands for this kind of login. */
export function standsFor(
  { principal, root }: SshdLogin,
  { reading }: SshdServer,
  accounts: readonly SshdAccount[],
  version: SshdVersion,
): boolean {
  if (reading.state !== 'read') return true;
  const criteria = reading.configuration.blocks
    .flatMap((block) => block.criteria)
    .filter(({ name }) => name === 'user' || name === 'group' || name === 'invalid-user');
  return accounts.some(({ name, groups, uid }) => {
    if ((uid === 0) !== root) return false;
    const other = { ...principal, user: name, groups };
    return criteria.every((one) => meets(principal, one, version) === meets(other, one, version));
  });
}
