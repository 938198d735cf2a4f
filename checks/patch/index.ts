/** The checks of the family `patch`, listed explicitly: a file dropped into this folder never becomes code. */
import type { Check } from '../check.ts';

export const patchChecks: readonly Check[] = [];
