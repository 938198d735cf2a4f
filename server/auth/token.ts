/** Secrets that are handed out once: random, and only their hash is kept. */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';

/** 32 random bytes, base64url. */
export const secretSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256, hex. A secret with 256 bits of entropy needs no salt and no slow hash. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export function newId(prefix: 'u'): string {
  return `${prefix}-${randomBytes(12).toString('hex')}`;
}
