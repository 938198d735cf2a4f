/** Alerts, wired: the steps that ingest runs, the scan of every minute, and the sender. */

import * as texts from '../../shared/alert-texts.ts';
import type { Deps } from '../deps.ts';
import { afterClone, afterReport } from './after-report.ts';
import type { Channel } from './channel.ts';
import type { AlertConfig } from './config.ts';
import { emailChannel } from './email.ts';
import * as keys from './keys.ts';
import { scan } from './scan.ts';
import { type ResultsOf, scanCollector } from './scan-collector.ts';
import { sendDue } from './send.ts';
import { openAlertOf, resolveAlert } from './store.ts';
import { webhookChannel } from './webhook.ts';

export interface Alerts {
  readonly afterReport: ReturnType<typeof afterReport>;
  readonly afterClone: ReturnType<typeof afterClone>;
  /** Takes over channels that were added or removed, then works until stopped. */
  start(): Promise<void>;
  /** Ends after the messages under way. */
  stop(): Promise<void>;
  /** One pass: the scan if a minute went by, then what is due. For tests, and for the timer. */
  tick(): Promise<void>;
}

const TICK_MS = 2_000;
const SCAN_MS = 60_000;
/** These look at every host, and what they wait for is counted in days. */
const COLLECTOR_MS = 10 * 60_000;

export function createAlerts(
  { db, clock, log }: Pick<Deps, 'db' | 'clock' | 'log'>,
  config: AlertConfig,
  collectorResults: ResultsOf = async () => [],
): Alerts {
  const channels: Channel[] = config.channels.map((one) =>
    one.type === 'email' ? emailChannel(one, config.dashboardUrl) : webhookChannel(one, clock),
  );
  const sender = { db, clock, log, channels, configured: config.channels, stopping: () => stopped };
  let scannedAt = Number.NEGATIVE_INFINITY;
  let judgedAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running: Promise<void> | undefined;

  async function pass(): Promise<void> {
    const now = clock();
    // Also when the clock was set back.
    if (Math.abs(now.getTime() - scannedAt) >= SCAN_MS) {
      await scan(db, config.channels, now.toISOString());
      scannedAt = now.getTime();
    }
    if (Math.abs(now.getTime() - judgedAt) >= COLLECTOR_MS) {
      await scanCollector(db, config.channels, now.toISOString(), collectorResults);
      judgedAt = now.getTime();
    }
    await sendDue(sender);
  }

  /** One pass at a time; the store may be away for a while, and then the next one tries again. */
  function tick(): Promise<void> {
    running ??= pass().finally(() => {
      running = undefined;
    });
    return running;
  }

  function schedule(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      tick()
        .catch((error: unknown) =>
          log.error({ err: error }, 'alerts: a pass failed; the next one tries again'),
        )
        .finally(schedule);
    }, TICK_MS).unref();
  }

  return {
    afterReport: afterReport(config.channels),
    afterClone: afterClone(config.channels),
    tick,
    async start() {
      await adoptChannels(db, config, clock().toISOString());
      schedule();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running?.catch(() => undefined);
    },
  };
}

/** Shows every configured channel from the start, and ends what waits for one that is gone. */
async function adoptChannels(db: Deps['db'], config: AlertConfig, now: string): Promise<void> {
  const names = config.channels.map(({ name }) => name);
  await db.transaction().execute(async (trx) => {
    const before = await trx.selectFrom('channels').select('name').execute();
    for (const name of names)
      await trx
        .insertInto('channels')
        .values({ name, failing_since: null, last_ok_at: null, last_error: null })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute();
    for (const { name } of before.filter((one) => !names.includes(one.name))) {
      await trx.deleteFrom('channels').where('name', '=', name).execute();
      const alert = await openAlertOf(trx, keys.channel(name));
      if (alert) await resolveAlert(trx, alert, now, texts.channelGone);
    }
    await trx
      .updateTable('outbox')
      .set({ given_up_at: now, last_error: texts.channelGone.en })
      .where('channel', 'not in', ['', ...names])
      .where('sent_at', 'is', null)
      .where('given_up_at', 'is', null)
      .execute();
  });
}
