/** The checks of the family `access`, listed explicitly: a file dropped into this folder never becomes code. */
import type { Check } from '../check.ts';
import { fileModes } from './file-modes.ts';
import { uidZero } from './uid-zero.ts';

export const accessChecks: readonly Check[] = [fileModes, uidZero];
