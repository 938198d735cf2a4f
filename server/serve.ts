/** A collector from its data directory to its open ports, and back. */
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { type App, createApp } from './app.ts';
import { createFirstUser, signInUrl } from './auth/sign-in-link.ts';
import { loadCatalogue } from './catalogue/load.ts';
import type { Config } from './config.ts';
import { type DataDirectory, lockDataDirectory, openDataDirectory } from './data-directory.ts';
import { type Db, openDatabase } from './db/database.ts';
import { type CollectorKeys, openCollectorKeys } from './tls/collector-keys.ts';
import { agentsUrl, dashboardUrl } from './urls.ts';

export interface ServeOptions {
  readonly data: string;
  readonly config: Config;
  readonly log: Logger;
  readonly clock: () => Date;
  /** Of the first user; everybody sets their own later. */
  readonly language: 'de' | 'en';
}

export interface Serving {
  readonly app: App;
  readonly db: Db;
  readonly keys: CollectorKeys;
  readonly directory: DataDirectory;
  /** `https://collector.example.org:8443` */
  readonly agentsUrl: string;
  /** `http://127.0.0.1:8080` */
  readonly dashboardUrl: string;
  /** At the very first start: where to sign in, once. */
  readonly firstSignIn: string | undefined;
  stop(): Promise<void>;
}

const dashboardDirectory = fileURLToPath(new URL('../dist/dashboard', import.meta.url));

/**
 * Starts to serve from `data`, making what is not there yet. What was opened is closed again when it fails.
 * @throws CodedError `DATA_IN_USE`, `DATA_NEWER`, `NO_PERMISSION`, `NO_SPACE`, `STATE_UNSAFE`, `STATE_UNREADABLE`,
 *   `PORT_IN_USE`, `PORT_FORBIDDEN`, `CATALOGUE_INVALID`
 */
export async function serve({ data, config, log, clock, language }: ServeOptions): Promise<Serving> {
  const undo: (() => unknown)[] = [];
  try {
    const directory = openDataDirectory(data);
    undo.unshift(lockDataDirectory(directory));
    const db = await openDatabase(directory.database);
    undo.unshift(() => db.destroy());
    const keys = await openKeys(db, directory, clock());
    const catalogue = await loadCatalogue(config.catalogue);
    const app = await createApp({ db, config, clock, log, keys, catalogue, dashboardDirectory });
    undo.unshift(() => app.stop());
    const { agentsPort, dashboardPort } = await app.start();
    const first = await createFirstUser(db, language, clock());
    return {
      app,
      db,
      keys,
      directory,
      agentsUrl: agentsUrl(config, agentsPort),
      dashboardUrl: dashboardUrl(dashboardPort),
      firstSignIn: first && signInUrl(dashboardUrl(dashboardPort), first.secret),
      async stop() {
        for (const step of undo) await step();
      },
    };
  } catch (error) {
    for (const step of undo) await step();
    throw error;
  }
}

/** New keys are made for a new collector alone: hosts that are enrolled would not trust others. */
export async function openKeys(db: Db, directory: DataDirectory, now: Date): Promise<CollectorKeys> {
  const host = await db.selectFrom('hosts').select('id').limit(1).executeTakeFirst();
  return openCollectorKeys(directory.keys, now, { mustExist: host !== undefined });
}
