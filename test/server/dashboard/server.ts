/** A whole collector on loopback, over a seeded database and a clock that tests turn. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { type App, createApp } from '../../../server/app.ts';
import { createSignInLink, createUser, type NewUser } from '../../../server/auth/sign-in-link.ts';
import { loadCatalogue } from '../../../server/catalogue/load.ts';
import { configSchema } from '../../../server/config.ts';
import { type Db, openDatabase } from '../../../server/db/database.ts';
import { openCollectorKeys } from '../../../server/tls/collector-keys.ts';
import { NOW, seed } from './seed.ts';

export interface TestDashboard {
  /** Plain HTTP on loopback. */
  readonly origin: string;
  /** HTTPS, with a certificate of the collector's own authority. */
  readonly secureOrigin: string;
  readonly authorities: readonly string[];
  readonly db: Db;
  readonly app: App;
  /** Lines of the log, as they were written. */
  readonly log: readonly string[];
  /** Turns the clock. */
  readonly setTime: (now: Date) => void;
  readonly close: () => Promise<void>;
  /** Makes a user and gives the secret of a sign-in link. */
  readonly invite: (user: Partial<NewUser> & { name: string }) => Promise<string>;
}

export interface Options {
  readonly seeded?: boolean;
  readonly port?: number;
  readonly now?: Date;
  /** Pages built elsewhere. */
  readonly pages?: string;
}

export async function startDashboard(options: Options = {}): Promise<TestDashboard> {
  const { seeded = true, port = 0 } = options;
  let now = options.now ?? NOW;
  const clock = () => now;
  const directory = mkdtempSync(join(tmpdir(), 'nachweis-dashboard-'));
  const db = await openDatabase(join(directory, 'collector.db'));
  if (seeded) await seed(db);
  // TLS is judged by the clients' real clock, everything else by the test's.
  const keys = await openCollectorKeys(join(directory, 'keys'), new Date());
  const log: string[] = [];
  const app = await createApp({
    db,
    config: configSchema.parse({ agents: { address: '127.0.0.1', port: 0 }, dashboard: { port } }),
    log: pino({ level: 'info' }, { write: (line: string) => void log.push(line) }),
    clock,
    catalogue: await loadCatalogue(),
    dashboardDirectory: options.pages ?? join(directory, 'pages'),
    keys: { ...keys, serverCertificate: (names) => keys.serverCertificate(names, new Date()) },
  });
  const { agentsPort, dashboardPort } = await app.start();
  return {
    origin: `http://127.0.0.1:${dashboardPort}`,
    secureOrigin: `https://127.0.0.1:${agentsPort}`,
    authorities: keys.trust.authorities,
    db,
    app,
    log,
    setTime: (next) => {
      now = next;
    },
    close: async () => {
      await app.stop();
      await db.destroy();
      rmSync(directory, { recursive: true, force: true });
    },
    invite: async (user) => {
      const id = await createUser(
        db,
        { role: 'administrator', tenantId: null, language: 'de', ...user },
        now,
      );
      return (await createSignInLink(db, id, now)).secret;
    },
  };
}
