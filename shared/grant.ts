/**
 * A grant: who may enter a host, by which accounts and keys, with which privileges, from when until when. Nothing
 * in it is a pattern: an account, a key and a privilege are granted by name, or they are not.
 */
import { z } from 'zod';
import { instantSchema } from './identifier.ts';
import { recordIdSchema, scopeSchema, wordSchema } from './record.ts';

/** Whose staff or program it is: the provider's, the customer's, or no person (a backup job, a monitoring agent). */
export const parties = ['provider', 'customer', 'service'] as const;
export const partySchema = z.enum(parties);
export type Party = z.infer<typeof partySchema>;

/**
 * Ways to root, as `access.privileges-granted` tells them apart. `root` is the whole: it covers every other one.
 * `sudo` is any rule that ends as root without limit, `sudo-commands` one limited to named commands; `su` is being
 * let into root by su(1); the groups are named for themselves; `capabilities` are those of files and shells;
 * `polkit` a rule that answers yes; `cron` and `units` are files that run as root and that the account can write.
 */
export const privileges = [
  'root',
  'sudo',
  'sudo-commands',
  'su',
  'docker',
  'lxd',
  'libvirt',
  'kvm',
  'disk',
  'shadow',
  'adm',
  'polkit',
  'cron',
  'units',
  'capabilities',
] as const;
export const privilegeSchema = z.enum(privileges);
export type Privilege = z.infer<typeof privilegeSchema>;

/** As `ssh-keygen -l` prints it: SHA-256 in base64 without padding. */
export const fingerprintSchema = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/, {
  message: 'a fingerprint as ssh-keygen -l prints it is wanted: SHA256: and 43 characters',
});

/** An account's name as getent(1) prints it, a domain's included. No wildcards, so that nobody believes in them. */
export const accountSchema = z
  .string()
  .max(256)
  .regex(/^[^\s:*?\p{Cc}]+$/u, { message: 'an account name without white space, colon, * and ? is wanted' });

/** What is granted; the members that people write and agents get alike. */
export const grantTerms = {
  /** The person or program, by a name that the provider's register knows: `a.muster`, `backup`. */
  subject: wordSchema,
  party: partySchema,
  accounts: z.array(accountSchema).min(1).max(100),
  /** Keys that may open these accounts, and no others. */
  keys: z.array(fingerprintSchema).max(100).default([]),
  privileges: z.array(privilegeSchema).max(privileges.length).default([]),
  scope: scopeSchema,
  approvedBy: wordSchema,
  /** Why, or the ticket. */
  reason: z.string().min(1).max(500),
};

/** As an agent gets it. `until` is its true end: the written one, or the instant at which it was taken back. */
export const grantSchema = z.strictObject({
  id: recordIdSchema,
  ...grantTerms,
  from: instantSchema,
  until: instantSchema,
});
export type Grant = z.infer<typeof grantSchema>;

type Span = Pick<Grant, 'from' | 'until'>;

/** A grant holds from its first instant on and no longer at its last. */
export function grantState({ from, until }: Span, now: Date): 'not-yet' | 'live' | 'ended' {
  if (Date.parse(until) <= now.getTime()) return 'ended';
  return now.getTime() < Date.parse(from) ? 'not-yet' : 'live';
}

/** Those of `grants` that hold at `now`. */
export const liveGrants = <G extends Span>(grants: readonly G[], now: Date): G[] =>
  grants.filter((grant) => grantState(grant, now) === 'live');

/** Logging in to `account` by any way is covered. */
export const coversAccount = ({ accounts }: Pick<Grant, 'accounts'>, account: string): boolean =>
  accounts.includes(account);

/** Opening `account` with the key of that fingerprint is covered. */
export const coversKey = (
  grant: Pick<Grant, 'accounts' | 'keys'>,
  account: string,
  fingerprint: string,
): boolean => coversAccount(grant, account) && grant.keys.includes(fingerprint);

/** `account` having that way to root is covered: `root` covers all, `sudo` covers `sudo-commands`. */
export function coversPrivilege(
  grant: Pick<Grant, 'accounts' | 'privileges'>,
  account: string,
  privilege: Privilege,
): boolean {
  const { privileges: granted } = grant;
  const covered =
    granted.includes('root') ||
    granted.includes(privilege) ||
    (privilege === 'sudo-commands' && granted.includes('sudo'));
  return covered && coversAccount(grant, account);
}
