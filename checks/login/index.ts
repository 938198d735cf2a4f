/** The checks of the family `login`, listed explicitly: a file dropped into this folder never becomes code. */
import type { Check } from '../check.ts';

export const loginChecks: readonly Check[] = [];
