/** All wiring of the collector: which feature is handed what, and which listener serves it. */
import type { Server } from 'node:https';
import type { FastifyInstance } from 'fastify';
import { CodedError } from '../shared/errors.ts';
import type { Deps } from './deps.ts';
import { registerEnrolRoutes } from './enrol/routes.ts';
import { registerHealth } from './health.ts';
import type { IngestSteps } from './ingest/change.ts';
import { registerIngestRoutes } from './ingest/routes.ts';
import { createListener } from './listener.ts';
import { appendLeaf, findLeaf } from './log/append.ts';
import { allowLoopbackNames } from './loopback.ts';
import { registerMetrics } from './metrics.ts';
import { createRefusals } from './refusals.ts';
import { applyResults } from './status/apply-results.ts';
import type { CollectorKeys } from './tls/collector-keys.ts';

export interface AppOptions extends Deps {
  readonly keys: CollectorKeys;
}

export interface App {
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
  const { keys, config, clock, log } = options;
  const deps: Deps = { db: options.db, clock, log, config };
  const refusals = createRefusals(deps);
  const certificate = await keys.serverCertificate(config.agents.names, clock());

  const agents = await createListener({ log, tls: certificate, onRefusal: refusals.note });
  const loopback = await createListener({ log });
  allowLoopbackNames(loopback);

  const steps: IngestSteps = {
    appendLeaf,
    findLeaf,
    applyResults,
    afterReport: async () => {},
    afterClone: async () => {},
  };
  registerEnrolRoutes(agents, { ...deps, trust: keys.trust });
  registerIngestRoutes(agents, deps, steps);
  for (const app of [agents, loopback]) registerHealth(app, deps, () => agents.swagger());
  const countClauses = async () => ({});
  registerMetrics(loopback, deps, { countClauses, token: undefined });
  if (config.metrics.token !== undefined)
    registerMetrics(agents, deps, { countClauses, token: config.metrics.token });

  let renewal: NodeJS.Timeout | undefined;
  return {
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
      renewal = setInterval(() => void renew(agents, options), RENEWAL_CHECK_MS).unref();
      return { agentsPort, dashboardPort };
    },
    async stop() {
      clearInterval(renewal);
      await Promise.all([agents.close(), loopback.close()]);
      await refusals.settled();
    },
  };
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
