/**
 * Where a report stands in the chain of its host, and how that changes with the collector's answers. Pure.
 *
 * The head is the last report that the collector is known to have. Each report names its digest and takes the next
 * free number; what was set aside since is said in `gap`, a break in `rollback`. Reports that wait behind one that
 * was refused get a new place, and with it a new signature, just before they are sent: a report that may have
 * reached the collector is never signed anew unless the collector itself said where to go on.
 */
import { z } from 'zod';
import { sha256HexSchema } from '../shared/identifier.ts';
import type { Statement } from '../shared/report.ts';

/** As many as a statement may list (shared/report.ts). */
export const MAX_GAP = 100;

export const chainSchema = z.strictObject({
  format: z.literal('nachweis.chain/1'),
  head: z.strictObject({ sequence: z.int().nonnegative(), digest: sha256HexSchema.nullable() }),
  /** Digest of the results document that the collector accepted last: it need not travel again. */
  document: sha256HexSchema.nullable(),
  /** Highest number ever given, accepted or not. */
  used: z.int().nonnegative(),
  gap: z.array(z.strictObject({ sequence: z.int().positive(), code: z.string().max(50) })).max(MAX_GAP),
  /** Set when the collector named another head: the number this host remembered. */
  rollbackFrom: z.int().nonnegative().nullable(),
  /** Spool entries up to this id are done with, whether or not their files are gone already. */
  done: z.int().nonnegative(),
});
export type Chain = z.infer<typeof chainSchema>;

export const newChain: Chain = {
  format: 'nachweis.chain/1',
  head: { sequence: 0, digest: null },
  document: null,
  used: 0,
  gap: [],
  rollbackFrom: null,
  done: 0,
};

export type Place = Pick<Statement['predicate'], 'sequence' | 'previous' | 'gap' | 'rollback'>;

/** The place of the report that comes right after the head; it keeps the number it has if that is still free. */
export function placeAfterHead(chain: Chain, has = 0): Place {
  const taken = Math.max(chain.head.sequence, ...chain.gap.map(({ sequence }) => sequence));
  const sequence = has > taken ? has : Math.max(taken, has === 0 ? chain.used : 0) + 1;
  return {
    sequence,
    previous: chain.head.digest,
    ...(chain.gap.length > 0 ? { gap: chain.gap } : {}),
    ...(chain.rollbackFrom === null ? {} : { rollback: { from: chain.rollbackFrom, to: sequence } }),
  };
}

export function isPlacedAt({ predicate }: Statement, place: Place): boolean {
  const said = ({ sequence, previous, gap, rollback }: Place): string =>
    JSON.stringify([
      sequence,
      previous,
      gap?.map((one) => [one.sequence, one.code]),
      rollback && [rollback.from, rollback.to],
    ]);
  return said(predicate) === said(place);
}

export function afterAccepted(chain: Chain, id: number, statement: Statement, digest: string): Chain {
  const { sequence } = statement.predicate;
  return {
    ...chain,
    head: { sequence, digest },
    document: statement.subject[0].digest.sha256,
    used: Math.max(chain.used, sequence),
    // Only what this report said: more may have been set aside while it was on its way.
    gap: chain.gap.filter((one) => one.sequence > sequence),
    rollbackFrom: statement.predicate.rollback ? null : chain.rollbackFrom,
    done: Math.max(chain.done, id),
  };
}

/** Refused for good, or given up here: the next report says so. The oldest are dropped where there are too many. */
export function afterSetAside(chain: Chain, id: number, sequence: number, code: string): Chain {
  return {
    ...chain,
    used: Math.max(chain.used, sequence),
    gap: [...chain.gap.filter((one) => one.sequence !== sequence), { sequence, code }].slice(-MAX_GAP),
    done: Math.max(chain.done, id),
  };
}

/** The collector named the last report that it has: go on behind it, and say what was remembered here. */
export function afterBreak(chain: Chain, last: { sequence: number; envelopeDigest: string | null }): Chain {
  return {
    ...chain,
    head: { sequence: last.sequence, digest: last.envelopeDigest },
    // It may have forgotten the document too; it asks if it has.
    used: Math.max(chain.used, last.sequence),
    rollbackFrom: chain.rollbackFrom ?? chain.head.sequence,
  };
}
