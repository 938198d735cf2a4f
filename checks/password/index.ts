/** The checks of the family `password`, listed explicitly: a file dropped into this folder never becomes code. */
import type { Check } from '../check.ts';
import { hashAlgorithm } from './hash-algorithm.ts';
import { maxAge } from './max-age.ts';
import { storedHashes } from './stored-hashes.ts';

export const passwordChecks: readonly Check[] = [hashAlgorithm, maxAge, storedHashes];
