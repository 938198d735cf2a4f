/** The checks of the family `access`, listed explicitly: a file dropped into this folder never becomes code. */
import type { Check } from '../check.ts';
import { fileModes } from './file-modes.ts';
import { gidZero } from './gid-zero.ts';
import { keyStrength } from './key-strength.ts';
import { nologinNotAShell } from './nologin-not-a-shell.ts';
import { systemAccounts } from './system-accounts.ts';
import { uidZero } from './uid-zero.ts';
import { uniqueIds, uniqueNames } from './unique-names.ts';

export const accessChecks: readonly Check[] = [
  fileModes,
  gidZero,
  keyStrength,
  nologinNotAShell,
  systemAccounts,
  uidZero,
  uniqueIds,
  uniqueNames,
];
