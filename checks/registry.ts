/** Every check there is: an explicit list, because the agent is privileged. */
import { accessChecks } from './access/index.ts';
import { backupChecks } from './backup/index.ts';
import type { Check } from './check.ts';
import { loginChecks } from './login/index.ts';
import { passwordChecks } from './password/index.ts';
import { patchChecks } from './patch/index.ts';

export const families = ['login', 'access', 'password', 'patch', 'backup'] as const;
export type Family = (typeof families)[number];

export const allChecks: readonly Check[] = [
  ...loginChecks,
  ...accessChecks,
  ...passwordChecks,
  ...patchChecks,
  ...backupChecks,
];

/**
 * The checks that `--only` names: ids, `family.*` and beginnings of a name (`login.sshd-*`), comma separated.
 * @returns the checks, and the names that match none
 */
export function selectChecks(selection: string): { checks: readonly Check[]; unmatched: readonly string[] } {
  const wanted = selection
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const matches = (name: string, check: Check) =>
    /^[a-z]+\.[a-z0-9-]*\*$/.test(name) ? check.id.startsWith(name.slice(0, -1)) : check.id === name;
  return {
    checks: allChecks.filter((check) => wanted.some((name) => matches(name, check))),
    unmatched: wanted.filter((name) => !allChecks.some((check) => matches(name, check))),
  };
}
