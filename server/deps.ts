/** What every feature of the collector is handed; app.ts makes it, nobody reaches for a global. */
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { Db } from './db/database.ts';

export interface Deps {
  readonly db: Db;
  /** The collector's clock: receipt times, expiry, freshness. Tests turn it by hand. */
  readonly clock: () => Date;
  readonly log: Logger;
  readonly config: Config;
}
