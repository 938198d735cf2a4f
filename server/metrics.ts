/** `/metrics`: gauges read from the database at each scrape. Counts only: no tenant, host or person by name. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Gauge, Registry } from 'prom-client';
import { CodedError } from '../shared/errors.ts';
import { freshness } from '../shared/freshness.ts';
import type { Deps } from './deps.ts';

/** For how many tenants a clause has a status. */
export interface ClauseCount {
  readonly clause: string;
  readonly status: string;
  readonly tenants: number;
}
export type CountClauses = () => Promise<readonly ClauseCount[]>;

export function registerMetrics(
  app: FastifyInstance,
  deps: Deps,
  { countClauses, token }: { countClauses: CountClauses; token: string | undefined },
): void {
  const registry = metricsOf(deps, countClauses);
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    if (token !== undefined && !bears(request, token)) throw new CodedError('NOT_FOUND');
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

function bears(request: FastifyRequest, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${token}`));
}

function metricsOf({ db, clock }: Deps, countClauses: CountClauses): Registry {
  const registry = new Registry();
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    read: () => Promise<readonly (readonly [Record<string, string>, number])[]>,
  ) =>
    new Gauge({
      name: `nachweis_${name}`,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset();
        for (const [labels, value] of await read()) this.set(labels, value);
      },
    });
  const count = (expression: { executeTakeFirstOrThrow(): Promise<{ count: number | string | bigint }> }) =>
    expression.executeTakeFirstOrThrow().then((row) => [[{}, Number(row.count)]] as const);

  gauge('hosts', 'Hosts by what is known of them', ['state'], async () => {
    const hosts = await db
      .selectFrom('hosts')
      .select(['last_received_at', 'interval_seconds', 'retired_at', 'quarantined_at'])
      .execute();
    const states = { fresh: 0, stale: 0, never: 0, ahead: 0, quarantined: 0, retired: 0 };
    const now = clock().toISOString();
    for (const host of hosts) {
      if (host.retired_at) states.retired++;
      else if (host.quarantined_at) states.quarantined++;
      else states[freshness(host.last_received_at, host.interval_seconds, now)]++;
    }
    return Object.entries(states).map(([state, value]) => [{ state }, value] as const);
  });
  gauge(
    'results',
    'Current results of hosts in service by check and outcome',
    ['check', 'outcome'],
    async () => {
      const rows = await db
        .selectFrom('results')
        .innerJoin('hosts', 'hosts.id', 'results.host_id')
        .where('hosts.retired_at', 'is', null)
        .select(({ fn }) => ['check_id', 'outcome', fn.countAll().as('count')])
        .groupBy(['check_id', 'outcome'])
        .execute();
      return rows.map((row) => [{ check: row.check_id, outcome: row.outcome }, Number(row.count)] as const);
    },
  );
  gauge('clauses', 'Tenants by clause and its status', ['clause', 'status'], async () =>
    (await countClauses()).map(({ clause, status, tenants }) => [{ clause, status }, tenants] as const),
  );
  gauge('refusals', 'Reports and enrolments refused since the beginning, by code', ['code'], async () => {
    const rows = await db
      .selectFrom('refusals')
      .select(({ fn }) => ['code', fn.sum('count').as('count')])
      .groupBy('code')
      .execute();
    return rows.map((row) => [{ code: row.code }, Number(row.count)] as const);
  });
  gauge('outbox_waiting', 'Messages not sent yet', [], () =>
    count(
      db
        .selectFrom('outbox')
        .where('sent_at', 'is', null)
        .where('given_up_at', 'is', null)
        .select(({ fn }) => fn.countAll().as('count')),
    ),
  );
  gauge('alerts_open', 'Open alerts by severity', ['severity'], async () => {
    const rows = await db
      .selectFrom('alerts')
      .where('resolved_at', 'is', null)
      .select(({ fn }) => ['severity', fn.countAll().as('count')])
      .groupBy('severity')
      .execute();
    return rows.map((row) => [{ severity: row.severity }, Number(row.count)] as const);
  });
  gauge('log_leaves', 'Leaves in the log', [], () =>
    count(db.selectFrom('log_leaves').select(({ fn }) => fn.countAll().as('count'))),
  );
  return registry;
}
