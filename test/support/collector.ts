/** A collector that really listens (loopback, ports of its own choosing), with a clock that the test turns. */
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { onTestFinished } from 'vitest';
import { type App, createApp } from '../../server/app.ts';
import { loadCatalogue } from '../../server/catalogue/load.ts';
import { type Config, configSchema } from '../../server/config.ts';
import { type Db, openDatabase } from '../../server/db/database.ts';
import { createToken } from '../../server/enrol/token.ts';
import { openCollectorKeys } from '../../server/tls/collector-keys.ts';
import { temporaryDirectory } from './database.ts';
import { type Endpoint, TestHost } from './host.ts';

export interface TestCollector {
  readonly app: App;
  readonly db: Db;
  readonly directory: string;
  /** HTTPS, for agents. */
  readonly endpoint: Endpoint;
  /** Plain HTTP on loopback: `http://127.0.0.1:port`. */
  readonly dashboardUrl: string;
  readonly fingerprint: string;
  readonly logLines: readonly Record<string, unknown>[];
  now(): Date;
  /** Turns the clock to `instant`, or on by so many seconds. */
  setTime(instant: Date | number): void;
  tenant(name: string): Promise<string>;
  /** A new host, enrolled for the tenant of that name. */
  host(name: string, tenant?: string): Promise<TestHost>;
}

interface CollectorSettings {
  /** Of the configuration file, over what suits a test. */
  readonly config?: Record<string, unknown>;
  /** Default 2026-06-01T08:00:00.000Z. */
  readonly now?: Date;
}

/** Call inside a test: the collector is stopped and its data deleted when that test ends. */
export async function startCollector(settings: CollectorSettings = {}): Promise<TestCollector> {
  const directory = temporaryDirectory();
  const db = await openDatabase(join(directory, 'collector.db'));
  onTestFinished(() => db.destroy());
  let now = settings.now ?? new Date('2026-06-01T08:00:00.000Z');
  // TLS is judged by the clients' real clock, everything else by the test's.
  const keys = await openCollectorKeys(join(directory, 'keys'), new Date());
  const logLines: Record<string, unknown>[] = [];
  const log: Logger = pino(
    { level: 'debug' },
    { write: (line: string) => void logLines.push(JSON.parse(line)) },
  );
  const config: Config = configSchema.parse({
    agents: { address: '127.0.0.1', port: 0 },
    dashboard: { port: 0 },
    ...settings.config,
  });
  const app = await createApp({
    db,
    config,
    log,
    clock: () => now,
    catalogue: await loadCatalogue(),
    dashboardDirectory: join(directory, 'dashboard'),
    keys: { ...keys, serverCertificate: (names) => keys.serverCertificate(names, new Date()) },
  });
  const { agentsPort, dashboardPort } = await app.start();
  onTestFinished(() => app.stop());

  const endpoint = { url: `https://127.0.0.1:${agentsPort}`, authorities: keys.trust.authorities };
  const tenants = new Map<string, string>();
  async function tenant(name: string): Promise<string> {
    const known = tenants.get(name);
    if (known) return known;
    const id = `t-${name}`;
    await db.insertInto('tenants').values({ id, name, created_at: now.toISOString() }).execute();
    tenants.set(name, id);
    return id;
  }
  return {
    app,
    db,
    directory,
    endpoint,
    dashboardUrl: `http://127.0.0.1:${dashboardPort}`,
    fingerprint: keys.fingerprint,
    logLines,
    now: () => now,
    setTime(instant) {
      now = typeof instant === 'number' ? new Date(now.getTime() + instant * 1000) : instant;
    },
    tenant,
    async host(name, tenantName = 'example') {
      const token = await createToken(db, { tenantId: await tenant(tenantName), uses: 1, hours: 24 }, now);
      const host = new TestHost(name);
      const reply = await host.enrol(endpoint, token, now);
      if (reply.status !== 201) throw new Error(`${name} was not enrolled: ${reply.text}`);
      return host;
    },
  };
}
