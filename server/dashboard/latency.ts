/** How long security updates waited on the hosts in reach, from their last results of patch.latency. */
import { LATENCY_SOURCE, type LatencyFigures, parseLatency } from '../../shared/latency-figures.ts';
import { inLanguage, resultSchema } from '../../shared/outcome.ts';
import type { Reach } from '../auth/reach.ts';

export interface HostLatency extends LatencyFigures {
  readonly host: { readonly id: string; readonly name: string };
}

/** The slowest host first. */
export async function hostLatencies(reach: Reach, host: string | undefined): Promise<HostLatency[]> {
  let query = reach
    .results()
    .innerJoin('hosts', 'hosts.id', 'results.host_id')
    .select(['hosts.id', 'hosts.name', 'results.result'])
    .where('results.check_id', '=', 'patch.latency')
    .where('hosts.retired_at', 'is', null);
  if (host !== undefined) query = query.where('hosts.id', '=', host);
  const rows = await query.execute();
  return rows
    .flatMap(({ id, name, result }) => {
      const parsed = resultSchema.safeParse(JSON.parse(result));
      const piece = parsed.data?.evidence.find(({ source }) => source === LATENCY_SOURCE);
      const figures = piece && parseLatency(inLanguage(piece.found, 'en'));
      return figures ? [{ host: { id, name }, ...figures }] : [];
    })
    .sort((a, b) => b.worst - a.worst || b.median - a.median || (a.host.name < b.host.name ? -1 : 1));
}
