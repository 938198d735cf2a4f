/** All wiring of the collector: which feature is handed what, and which listener serves it. */
import type { Server } from 'node:https';
import type { FastifyInstance } from 'fastify';
import type { Catalogue } from '../shared/catalogue.ts';
import { CodedError } from '../shared/errors.ts';
import { type Alerts, createAlerts } from './alerts/alerts.ts';
import { createAuth } from './auth/register.ts';
import { type TenantStatus, tenantCollectorResults, tenantStatus } from './catalogue/tenant-status.ts';
import { registerDashboard } from './dashboard/register.ts';
import { mediaParts } from './dashboard-media.ts';
import type { Deps } from './deps.ts';
import { registerDecommissionRoute } from './endings/decommission.ts';
import { createEnrolment } from './enrol/enrolment-line.ts';
import { registerEnrolRoutes } from './enrol/routes.ts';
import { registerHealth } from './health.ts';
import { registerHostRecordRoutes } from './host-records/routes.ts';
import type { IngestSteps } from './ingest/change.ts';
import { registerIngestRoutes } from './ingest/routes.ts';
import { createListener } from './listener.ts';
import { appendLeaf, findLeaf } from './log/append.ts';
import { allowLoopbackNames } from './loopback.ts';
import { type ClauseCount, registerMetrics } from './metrics.ts';
import { policyNumber } from './policy/issue.ts';
import { registerPolicyRoutes } from './policy/routes.ts';
import { addRecord } from './records/store.ts';
import { createRefusals } from './refusals.ts';
import { applyAccess } from './status/apply-access.ts';
import { applyDisks } from './status/apply-disks.ts';
import { applyResults } from './status/apply-results.ts';
import { applyUpdates } from './status/apply-updates.ts';
import type { CollectorKeys } from './tls/collector-keys.ts';
import { agentsUrl, dashboardUrl, rememberUrls } from './urls.ts';

export interface AppOptions extends Deps {
  readonly keys: CollectorKeys;
  readonly catalogue: Catalogue;
  /** What `npm run build:dashboard` wrote. */
  readonly dashboardDirectory: string;
}

export interface App {
  readonly alerts: Alerts;
  /** HTTPS: agents and people. */
  readonly agents: FastifyInstance;
  /** Plain HTTP on loopback: people only. */
  readonly loopback: FastifyInstance;
  /** @throws CodedError `PORT_IN_USE`, `PORT_FORBIDDEN`, `CONFIG_INVALID` */
  start(): Promise<{ agentsPort: number; dashboardPort: number }>;
  /** Answers what is under way, then ends. The database stays open: whoever opened it closes it. */
  stop(): Promise<void>;
}

const RENEWAL_CHECK_MS = 6 * 3_600_000;

export async function createApp(options: AppOptions): Promise<App> {
  const { keys, config, clock, log, catalogue } = options;
  const deps: Deps = { db: options.db, clock, log, config };
  const refusals = createRefusals(deps);
  const certificate = await keys.serverCertificate(config.agents.names, clock());

  const agents = await createListener({ log, tls: certificate, onRefusal: refusals.note });
  const loopback = await createListener({ log });
  allowLoopbackNames(loopback);

  const alerts = createAlerts(deps, config.alerts, (tenantId, now) =>
    tenantCollectorResults(deps.db, tenantId, now),
  );
  const steps: IngestSteps = {
    appendLeaf,
    findLeaf,
    applyResults,
    applyAccess,
    applyUpdates,
    applyDisks,
    afterReport: alerts.afterReport,
    afterClone: alerts.afterClone,
  };
  registerEnrolRoutes(agents, { ...deps, trust: keys.trust }, { signer: keys.logSigner, appendLeaf });
  registerIngestRoutes(agents, deps, steps, (hostId, now) => policyNumber(deps.db, hostId, now));
  registerDecommissionRoute(agents, deps, { appendLeaf, findLeaf });
  registerHostRecordRoutes(agents, deps, {
    addRecord: (trx, add) => addRecord(trx, appendLeaf, add),
    findLeaf,
  });
  registerPolicyRoutes(agents, deps, { signer: keys.policySigner, appendLeaf });

  const enrolmentUrls = (port: number) => [agentsUrl(config, port), ...config.agents.alternatives].join(',');
  let url = enrolmentUrls(config.agents.port);
  const statusOf = (tenantId: string, now: string) => tenantStatus(deps.db, catalogue, tenantId, now);
  const countClauses = () => clauseCounts(deps, statusOf);
  const auth = createAuth(deps.db, clock, log);
  for (const app of [agents, loopback]) {
    registerHealth(app, deps, () => agents.swagger());
    await auth.register(app);
    await registerDashboard(app, {
      now: clock,
      catalogue,
      directory: options.dashboardDirectory,
      tenantStatus: statusOf,
      createEnrolment: (terms) =>
        createEnrolment(deps.db, { ...terms, collector: url, fingerprint: keys.fingerprint }, clock()),
      ...mediaParts(deps),
    });
  }
  registerMetrics(loopback, deps, { countClauses, token: undefined });
  if (config.metrics.token !== undefined)
    registerMetrics(agents, deps, { countClauses, token: config.metrics.token });

  let renewal: NodeJS.Timeout | undefined;
  return {
    alerts,
    agents,
    loopback,
    async start() {
      const agentsPort = await listen(agents, config.agents.address, config.agents.port, '--port');
      const dashboardPort = await listen(
        loopback,
        '127.0.0.1',
        config.dashboard.port,
        '--dashboard-port',
      ).catch(async (error: unknown) => {
        await agents.close();
        throw error;
      });
      url = enrolmentUrls(agentsPort);
      await rememberUrls(deps.db, { agents: url, dashboard: dashboardUrl(dashboardPort) });
      await alerts.start();
      renewal = setInterval(() => void renew(agents, options), RENEWAL_CHECK_MS).unref();
      return { agentsPort, dashboardPort };
    },
    async stop() {
      clearInterval(renewal);
      await Promise.all([agents.close(), loopback.close(), alerts.stop()]);
      await refusals.settled();
    },
  };
}

/** Over all tenants, for the metrics. */
async function clauseCounts(
  { db, clock }: Deps,
  statusOf: (tenantId: string, now: string) => Promise<TenantStatus>,
): Promise<ClauseCount[]> {
  const counts = new Map<string, ClauseCount>();
  for (const { id: tenant } of await db.selectFrom('tenants').select('id').execute()) {
    const { clauses } = await statusOf(tenant, clock().toISOString());
    for (const { id: clause, status } of clauses) {
      const key = `${clause} ${status}`;
      counts.set(key, { clause, status, tenants: (counts.get(key)?.tenants ?? 0) + 1 });
    }
  }
  return [...counts.values()];
}

/** Puts a renewed certificate in place without a restart. */
async function renew(agents: FastifyInstance, { keys, config, clock, log }: AppOptions): Promise<void> {
  try {
    const server = agents.server as unknown as Server;
    server.setSecureContext(await keys.serverCertificate(config.agents.names, clock()));
  } catch (error) {
    log.error({ err: error }, 'the TLS certificate could not be renewed; tried again in six hours');
  }
}

async function listen(app: FastifyInstance, host: string, port: number, option: string): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    // A system without IPv6.
    if (host === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'))
      return listen(app, '0.0.0.0', port, option);
    if (code === 'EADDRINUSE') throw new CodedError('PORT_IN_USE', { port, address: host, option });
    if (code === 'EACCES') throw new CodedError('PORT_FORBIDDEN', { port, option });
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new CodedError('USAGE', { problem: `this machine has no address ${host}` });
    throw error;
  }
  const address = app.server.address();
  return typeof address === 'object' && address ? address.port : port;
}
