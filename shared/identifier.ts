/** Instants, digests and ids, as every document writes them. */
import { z } from 'zod';

/** UTC with milliseconds, as Date.prototype.toISOString writes it: text order is time order. */
export const instantSchema = z.iso.datetime({ offset: false, precision: 3 });
export const sha256HexSchema = z.string().regex(/^[0-9a-f]{64}$/);
export const hostIdSchema = z.string().regex(/^h-[0-9a-z]{20,40}$/);
