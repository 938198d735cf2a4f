/** The checks of the family `password`, listed explicitly: a file dropped into this folder never becomes code. */
import type { Check } from '../check.ts';
import { ageingChecks } from './ageing.ts';
import { changeDates } from './change-dates.ts';
import { cloudInitLeftovers } from './cloud-init.ts';
import { enforcedChecks } from './enforced.ts';
import { groupPasswords } from './group-passwords.ts';
import { hashAlgorithm } from './hash-algorithm.ts';
import { hashCost } from './hash-cost.ts';
import { history } from './history.ts';
import { minStrength } from './min-strength.ts';
import { moduleChecks } from './modules.ts';
import { qualityChecks } from './quality.ts';
import { storedHashes } from './stored-hashes.ts';

export const passwordChecks: readonly Check[] = [
  ...ageingChecks,
  changeDates,
  cloudInitLeftovers,
  ...enforcedChecks,
  groupPasswords,
  hashAlgorithm,
  hashCost,
  history,
  minStrength,
  ...moduleChecks,
  ...qualityChecks,
  storedHashes,
];
