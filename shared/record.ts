/**
 * A record: something people say, dated and authored, that ends when it says so. The one form that grants, waivers,
 * attestations, instructions, drills, erasure and disposal share. Records are never changed: a later one ends an
 * earlier one, and each is a leaf of the log.
 */
import { z } from 'zod';
import { recordTypes } from './catalogue.ts';
import { instantSchema, sha256HexSchema } from './identifier.ts';
import { said } from './said.ts';

export const recordIdSchema = z.string().regex(/^r-[0-9a-z]{20,40}$/);

/** A name or short title on one line. */
export const wordSchema = z
  .string()
  .max(200)
  .regex(/^[^\p{Cc}]*\S[^\p{Cc}]*$/u, {
    error: said('eine Zeile Text wird erwartet', 'one line of text is wanted'),
  });

/** Names of groups of hosts, as the policy files of a tenant define them. */
export const groupNameSchema = z
  .string()
  .max(60)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);

/** Whom it is about, inside one tenant: all its hosts, a group of them, or one by its name. */
export const scopeSchema = z.union([
  z.literal('tenant'),
  z.strictObject({ group: groupNameSchema }),
  z.strictObject({ host: z.string().min(1).max(253) }),
]);
export type Scope = z.infer<typeof scopeSchema>;

/**
 * A moment with its zone spelled out, `2026-12-31T18:00:00+01:00` or `...Z`; read into UTC. A date alone, or a time
 * without a zone, would mean different instants to different readers and is refused.
 */
export const zonedInstantSchema = z.iso
  .datetime({
    offset: true,
    error: said(
      'ein Zeitpunkt mit Zeitzone wird erwartet, wie 2026-12-31T18:00:00+01:00',
      'a moment with its zone is wanted, like 2026-12-31T18:00:00+01:00',
    ),
  })
  .transform((text) => new Date(text).toISOString())
  .pipe(instantSchema);

/** What lies elsewhere, named by its bytes. */
export const attachmentSchema = z.strictObject({ name: wordSchema, sha256: sha256HexSchema });

/** As it is stored, hashed and logged: canonical JSON of exactly this. Times are UTC. */
export const recordSchema = z.strictObject({
  format: z.literal('nachweis.record/1'),
  id: recordIdSchema,
  type: z.enum(recordTypes),
  tenant: z.string().min(1).max(100),
  scope: scopeSchema,
  /** What a clause asks for (`iso-27001`), the check that a waiver is about, or the person of a grant. */
  subject: wordSchema,
  /** Who says it, and who approved it. */
  author: wordSchema,
  approver: wordSchema.nullable(),
  /** When the collector took it, by its own clock; `from` may be earlier. */
  time: instantSchema,
  /** Holds from its first instant on and no longer at its last; null: until it is ended. */
  from: instantSchema,
  until: instantSchema.nullable(),
  attachments: z.array(attachmentSchema).max(50),
  text: z.string().max(10_000),
  /** What the type adds: the terms of a grant. */
  terms: z.record(z.string().max(60), z.unknown()).optional(),
  /** The earlier record that this one ends, at its `time`. */
  ends: recordIdSchema.nullable(),
  /** False: it says nothing but that the earlier one has ended. */
  holds: z.boolean(),
});
export type NachweisRecord = z.infer<typeof recordSchema>;
