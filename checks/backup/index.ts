/** The checks of the family `backup`, listed explicitly: a file dropped into this folder never becomes code. */
import type { Check } from '../check.ts';

export const backupChecks: readonly Check[] = [];
