/** Every check there is: an explicit list, because the agent is privileged. */
import { accessChecks } from './access/index.ts';
import { backupChecks } from './backup/index.ts';
import type { Check } from './check.ts';
import { loginChecks } from './login/index.ts';
import { passwordChecks } from './password/index.ts';
import { patchChecks } from './patch/index.ts';

export const allChecks: readonly Check[] = [
  ...loginChecks,
  ...accessChecks,
  ...passwordChecks,
  ...patchChecks,
  ...backupChecks,
];
