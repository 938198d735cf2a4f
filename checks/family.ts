/** The families of checks, each loaded when it is wanted: a selection need not pay for the others' code. */
import type { Check } from './check.ts';

export const families = ['login', 'access', 'password', 'patch', 'backup'] as const;
export type Family = (typeof families)[number];

/** An explicit list, as in registry.ts: nothing that is dropped into a folder becomes code. */
const load: Readonly<Record<Family, () => Promise<readonly Check[]>>> = {
  login: async () => (await import('./login/index.ts')).loginChecks,
  access: async () => (await import('./access/index.ts')).accessChecks,
  password: async () => (await import('./password/index.ts')).passwordChecks,
  patch: async () => (await import('./patch/index.ts')).patchChecks,
  backup: async () => (await import('./backup/index.ts')).backupChecks,
};

/** In the order of `families`. */
async function loadFamilies(wanted: readonly Family[]): Promise<readonly Check[]> {
  const found: Check[] = [];
  for (const family of families) if (wanted.includes(family)) found.push(...(await load[family]()));
  return found;
}

/**
 * The checks that `--only` names: ids, `family.*` and beginnings of a name (`login.sshd-*`), comma separated.
 * @returns the checks, and the names that match none
 */
export async function selectChecks(
  selection: string,
): Promise<{ checks: readonly Check[]; unmatched: readonly string[] }> {
  const wanted = selection
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const all = await loadFamilies(
    families.filter((family) => wanted.some((name) => name.startsWith(`${family}.`))),
  );
  const matches = (name: string, check: Check) =>
    /^[a-z]+\.[a-z0-9-]*\*$/.test(name) ? check.id.startsWith(name.slice(0, -1)) : check.id === name;
  return {
    checks: all.filter((check) => wanted.some((name) => matches(name, check))),
    unmatched: wanted.filter((name) => !all.some((check) => matches(name, check))),
  };
}
