/** One check on one host, for tests. */
import type { Check } from '../../checks/check.ts';
import { evaluateRound, factGetter } from '../../checks/evaluate.ts';
import { osRelease } from '../../checks/facts/os-release.ts';
import type { Host } from '../../checks/host.ts';
import { memoryHost, type Tree } from '../../checks/host-memory.ts';
import type { Result } from '../../shared/outcome.ts';

/** The result of `check` on `host` (or on a host made of `host` as a tree), at a fixed instant unless told otherwise. */
export async function judge(
  check: Check,
  host: Host | Tree,
  params: Readonly<Record<string, unknown>> = {},
  now = new Date('2026-06-15T12:00:00.000Z'),
): Promise<Result> {
  const real: Host = 'files' in host ? memoryHost(host) : host;
  const os = await factGetter(real, now)(osRelease);
  const { id, version, like } = os.state === 'known' ? os.value : { id: 'debian', version: '12', like: [] };
  const { results } = await evaluateRound({
    host: real,
    system: { id, version, like, kind: 'vm' },
    checks: [check],
    params: { [check.id]: params },
    now,
    monotonic: () => 0,
  });
  const [result] = results;
  if (!result) throw new Error(`no result of ${check.id}`);
  return result;
}
