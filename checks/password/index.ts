/** The checks of the family `password`, listed explicitly: a file dropped into this folder never becomes code. */
import type { Check } from '../check.ts';

export const passwordChecks: readonly Check[] = [];
