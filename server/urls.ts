/** Addresses of the collector as agents and people use them: what stands in enrolment strings and sign-in links. */
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import type { Config } from './config.ts';
import type { Db } from './db/database.ts';

/** As configured, or made of the first name and the port that is really open. */
export function agentsUrl({ agents }: Config, port: number): string {
  if (agents.url) return new URL(agents.url).origin;
  const bound = ['::', '0.0.0.0', ''].includes(agents.address) ? hostname().toLowerCase() : agents.address;
  const name = agents.names[0] ?? bound;
  return `https://${isIPv6(name) ? `[${name}]` : name}:${port}`;
}

export const dashboardUrl = (port: number) => `http://127.0.0.1:${port}`;

interface Urls {
  /** Origins separated by commas, as they stand in enrolment strings. */
  readonly agents: string;
  readonly dashboard: string;
}

/** For commands in other processes, which don't know with which options the server was started. */
export async function rememberUrls(db: Db, urls: Urls): Promise<void> {
  await db
    .insertInto('meta')
    .values([
      { key: 'agents-url', value: urls.agents },
      { key: 'dashboard-url', value: urls.dashboard },
    ])
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })),
    )
    .execute();
}

/** As of the last start; of a collector that never started, what the defaults of `config` give. */
export async function rememberedUrls(db: Db, config: Config): Promise<Urls> {
  const rows = await db
    .selectFrom('meta')
    .selectAll()
    .where('key', 'in', ['agents-url', 'dashboard-url'])
    .execute();
  const known = new Map(rows.map(({ key, value }) => [key, value]));
  return {
    agents:
      known.get('agents-url') ??
      [agentsUrl(config, config.agents.port), ...config.agents.alternatives].join(','),
    dashboard: known.get('dashboard-url') ?? dashboardUrl(config.dashboard.port),
  };
}
