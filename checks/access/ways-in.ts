/** How an account can be entered from outside: by its password, by SSH keys, by certificates. Pure. */
import type { Evidence, Text } from '../../shared/outcome.ts';
import { evidence } from '../evidence.ts';
import { CouldNotLook, type Fact, valueIn } from '../fact.ts';
import type { AuthorizedKey } from '../facts/authorized-keys.ts';
import { hasExpired } from '../facts/authorized-keys.ts';
import { byName, hasLoginShell } from '../facts/login-shell.ts';
import type { PasswdEntry, PasswdFile } from '../facts/passwd.ts';
import type { ShadowEntry, ShadowFile } from '../facts/shadow.ts';
import type { AccountKeys, SshKeys } from '../facts/ssh-keys.ts';

export interface KeyWay {
  readonly source: string;
  readonly key: AuthorizedKey;
  /** A certificate authority: it opens the account for whoever holds one of its certificates. */
  readonly authority: boolean;
}

export interface Entrance {
  readonly entry: PasswdEntry;
  /** A password can be matched, also an empty one; `undefined`: not told. */
  readonly password: boolean | undefined;
  readonly keys: readonly KeyWay[];
  /** The account is past its end in shadow: it lets nobody in. */
  readonly expired: boolean;
  /** Why there may be more ways than these. */
  readonly unclear: AccountKeys['unclear'];
}

/** Whether somebody gets in by one of the ways that are known. */
export const isOpen = ({ password, keys, expired }: Entrance): boolean =>
  !expired && (password === true || keys.length > 0);

/** Whether one of the ways can't be told, and none that can be is open. */
export const isUnclear = (entrance: Entrance): boolean =>
  !entrance.expired && !isOpen(entrance) && (entrance.password === undefined || entrance.unclear.length > 0);

interface Looked {
  readonly passwd: Fact<PasswdFile>;
  readonly shadow: Fact<ShadowFile>;
  readonly keys: Fact<SshKeys>;
}

/**
 * Every account with its ways in. Accounts whose shell is nologin count where they have a password or a key: sftp,
 * port forwarding and other services let them in.
 * @throws CouldNotLook where the accounts can not be read
 */
export function entrancesOf(facts: Looked, now: Date): readonly Entrance[] {
  const accounts = byName(valueIn(facts.passwd).entries);
  const shadows = facts.shadow.state === 'known' ? firstOf(facts.shadow.value.entries) : undefined;
  const byAccount = new Map(
    facts.keys.state === 'known' ? facts.keys.value.accounts.map((one) => [one.account, one]) : [],
  );
  const today = Math.floor(now.getTime() / 86_400_000);
  return accounts.map((entry) => {
    const stored = shadows?.get(entry.name);
    const found = byAccount.get(entry.name);
    // pam_unix takes 0 as expired, sshd without PAM as "never": in doubt it is open.
    const ends = stored?.expires;
    return {
      entry,
      password: passwordOpens(entry, shadows === undefined ? undefined : (stored ?? 'none'), facts.shadow),
      keys: found ? keyWays(found, entry, now) : [],
      expired: ends !== undefined && ends > 0 && today >= ends,
      unclear: found?.unclear ?? [],
    };
  });
}

/** As getspnam(3): the first entry of a name. */
function firstOf(entries: readonly ShadowEntry[]): ReadonlyMap<string, ShadowEntry> {
  const first = new Map<string, ShadowEntry>();
  for (const entry of entries) if (!first.has(entry.name)) first.set(entry.name, entry);
  return first;
}

function passwordOpens(
  { password }: PasswdEntry,
  stored: ShadowEntry | 'none' | undefined,
  file: Fact<ShadowFile>,
): boolean | undefined {
  if (password.kind === 'empty') return true;
  if (password.kind === 'none') return false;
  if (password.kind === 'hash') return !password.locked;
  if (stored === undefined) return file.state === 'absent' ? false : undefined;
  if (stored === 'none' || stored.password.kind === 'none') return false;
  return stored.password.kind !== 'hash' || !stored.password.locked;
}

function keyWays({ files, authorities }: AccountKeys, entry: PasswdEntry, now: Date): KeyWay[] {
  const listed = files.flatMap(({ path, content }) =>
    content.keys
      .filter(({ options }) => !hasExpired(options, now))
      .map((key) => ({ source: path, key, authority: key.options.authority })),
  );
  // A certificate for everybody's account: of use where there is a shell behind it.
  const trusted = authorities.flatMap(({ path, content }) =>
    content.keys.map((key) => ({ source: path, key, authority: true })),
  );
  return [...listed, ...(hasLoginShell(entry) ? trusted : [])];
}

/** `SSH key, password`, in words. `password` stands last: what follows it would look like one. */
export function waysInWords({ password, keys }: Entrance): Text {
  const plain = keys.filter(({ authority }) => !authority).length;
  const certificates = plain < keys.length;
  return {
    en: [
      ...(plain > 0 ? ['SSH key'] : []),
      ...(certificates ? ['certificate'] : []),
      ...(password ? ['password'] : []),
    ].join(', '),
    de: [
      ...(plain > 0 ? ['SSH-Schlüssel'] : []),
      ...(certificates ? ['Zertifikat'] : []),
      ...(password ? ['Passwort'] : []),
    ].join(', '),
  };
}

/**
 * Why not every way in can be known, with evidence; undefined where all are.
 * @throws CouldNotLook where a whole file could not be read
 */
export function gapIn(
  facts: Looked,
  entrances: readonly Entrance[],
  wanted: Text,
): { readonly reason: Text; readonly evidence: readonly Evidence[] } | undefined {
  if (facts.keys.state === 'unreadable') throw new CouldNotLook(facts.keys.source, facts.keys.reason);
  if (entrances.some(({ password }) => password === undefined)) valueIn(facts.shadow);
  const unclear = entrances.filter(isUnclear);
  const [first] = unclear.flatMap((one) => one.unclear);
  if (first)
    return {
      reason: first.reason,
      evidence: unclear.flatMap(({ entry, unclear: gaps }) =>
        gaps.map(({ source, reason }) =>
          evidence({
            source,
            found: { en: `${entry.name}: ${reason.en}`, de: `${entry.name}: ${reason.de}` },
            wanted,
          }),
        ),
      ),
    };
  const late = facts.keys.state === 'known' ? facts.keys.value.notInEffect : undefined;
  return late ? { reason: late.reason, evidence: [] } : undefined;
}
