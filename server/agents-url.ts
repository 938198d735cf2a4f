/** The address that agents reach the collector by: what stands in enrolment strings. */
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import type { Config } from './config.ts';
import type { Db } from './db/database.ts';

const KEY = 'agents-url';

/** As configured, or made of the first name and the port that is really open. */
export function agentsUrl({ agents }: Config, port: number): string {
  if (agents.url) return new URL(agents.url).origin;
  const bound = ['::', '0.0.0.0', ''].includes(agents.address) ? hostname().toLowerCase() : agents.address;
  const name = agents.names[0] ?? bound;
  return `https://${isIPv6(name) ? `[${name}]` : name}:${port}`;
}

/** For commands in other processes, which don't know with which options the server was started. */
export async function rememberAgentsUrl(db: Db, url: string): Promise<void> {
  await db
    .insertInto('meta')
    .values({ key: KEY, value: url })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: url }))
    .execute();
}

export async function rememberedAgentsUrl(db: Db): Promise<string | undefined> {
  return (await db.selectFrom('meta').select('value').where('key', '=', KEY).executeTakeFirst())?.value;
}
