/**
 * The access matrix of a host: every account by every way in, which proof it takes, whose rights are reached, and
 * which grant covers it. It decides nothing: `access.*` do. It is what people read to see who can get where.
 */
import { z } from 'zod';
import { privilegeSchema } from './grant.ts';
import { textSchema } from './outcome.ts';
import { recordIdSchema } from './record.ts';

/**
 * `container-group` hands out containers (docker, lxd, by a group or the socket itself), `group` is any other group that
 * makes root or reads what only root should, `cron` a table of one's own or one of root's that the account can write,
 * `unit` the same for systemd (own: the account lingers), `at` a job that waits.
 */
export const waysIn = [
  'console',
  'ssh-key',
  'ssh-password',
  'su',
  'sudo',
  'doas',
  'cron',
  'at',
  'container-group',
  'group',
  'unit',
  'polkit',
  'capability',
] as const;
export const wayInSchema = z.enum(waysIn);
export type WayIn = z.infer<typeof wayInSchema>;

/**
 * What must be shown. `none`: nothing (beyond being that account already, for ways that start from one). `password`
 * is the account's own, `other-password` root's or that of the account reached.
 */
export const proofs = [
  'none',
  'key',
  'certificate',
  'key-and-password',
  'password',
  'password-and-factor',
  'other-password',
  'unknown',
] as const;
export const proofSchema = z.enum(proofs);
export type Proof = z.infer<typeof proofSchema>;

const nameSchema = z.string().min(1).max(256);

export const accessEntrySchema = z.strictObject({
  /** `*`: every account. `%group`: members of a group that a directory service knows. */
  account: nameSchema,
  way: wayInSchema,
  proof: proofSchema,
  /** Whose rights it gives: an account, `:group`, `ALL` for every account. */
  reaches: nameSchema,
  /** The privilege that a grant must name; left out where the account alone has to be granted. */
  privilege: privilegeSchema.optional(),
  /** A key's fingerprint, a command, a group, a file: what tells this entry from others of the same way. */
  detail: z.string().max(500).optional(),
  source: z.string().max(1000),
  line: z.int().positive().optional(),
  /** Set where it can't be told whether the way is really open. */
  unsure: z.literal(true).optional(),
  /** The grant that covers it, one that is live at the round's instant. */
  grant: recordIdSchema.optional(),
});
export type AccessEntry = z.infer<typeof accessEntrySchema>;

export const MAX_ACCESS_ENTRIES = 2000;
const MAX_GAPS = 50;

export const accessMatrixSchema = z.strictObject({
  /** Whether the host knows a register of grants; without one nothing is covered, and nothing is known to be uncovered. */
  register: z.boolean(),
  /** By account (root first), then in the order of `waysIn`, then by detail. */
  entries: z.array(accessEntrySchema).max(MAX_ACCESS_ENTRIES),
  /** Entries beyond that. */
  more: z.int().nonnegative(),
  /** Why there may be ways in that are not listed. */
  gaps: z.array(z.strictObject({ source: z.string().max(1000), reason: textSchema })).max(MAX_GAPS),
});
export type AccessMatrix = z.infer<typeof accessMatrixSchema>;

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** In its one order and within its limits, doubles taken out: the same host gives the same bytes. */
export function arrangedMatrix(matrix: Omit<AccessMatrix, 'more'>): AccessMatrix {
  const unique = new Map(
    matrix.entries.map((entry) => [JSON.stringify(Object.entries(entry).sort()), entry]),
  );
  const entries = [...unique.values()].sort(
    (a, b) =>
      Number(b.account === 'root') - Number(a.account === 'root') ||
      order(a.account, b.account) ||
      waysIn.indexOf(a.way) - waysIn.indexOf(b.way) ||
      order(a.reaches, b.reaches) ||
      order(a.detail ?? '', b.detail ?? '') ||
      order(a.source, b.source) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      order(a.proof, b.proof),
  );
  const gaps = new Map(matrix.gaps.map((gap) => [JSON.stringify([gap.source, gap.reason.en]), gap]));
  return {
    register: matrix.register,
    entries: entries.slice(0, MAX_ACCESS_ENTRIES),
    more: Math.max(0, entries.length - MAX_ACCESS_ENTRIES),
    gaps: [...gaps.entries()]
      .sort(([a], [b]) => order(a, b))
      .map(([, gap]) => gap)
      .slice(0, MAX_GAPS),
  };
}
