/** Where a host stands in time: owed now, not yet, or over. */
import type { StatusHost } from './clause-status.ts';

export type Standing = 'owed' | 'not-yet-owed' | 'ended';

export function standingOf(
  { contract, agent }: Pick<StatusHost, 'contract' | 'agent'>,
  now: string,
): Standing {
  const at = Date.parse(now);
  if (contract) {
    if (at < Date.parse(contract.since)) return 'not-yet-owed';
    return contract.until !== null && Date.parse(contract.until) <= at ? 'ended' : 'owed';
  }
  return agent && agent.retiredAt === null ? 'owed' : 'ended';
}
