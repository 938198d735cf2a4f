/**
 * A collector's alerts in a process of its own, for restart.test.ts to kill.
 * Arguments: database, URL, secret, step. Says what it did, one line each, on standard output.
 */
import { pino } from 'pino';
import { afterReport } from '../../../server/alerts/after-report.ts';
import { createAlerts } from '../../../server/alerts/alerts.ts';
import { alertConfigSchema } from '../../../server/alerts/config.ts';
import { openDatabase } from '../../../server/db/database.ts';
import { change, HOST, TENANT } from './world.ts';

const [path = '', url = '', secret = '', step = ''] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
const forever = () => new Promise(() => setInterval(() => {}, 1000));

// Real time: the receiver verifies that a message was signed just now.
const now = new Date().toISOString();
const config = alertConfigSchema.parse({ channels: [{ type: 'webhook', name: 'hook', url, secret }] });
const db = await openDatabase(path);

if (step !== 'send') {
  await db.transaction().execute(async (trx) => {
    await afterReport(config.channels)(trx, {
      hostId: HOST,
      tenantId: TENANT,
      hostName: 'web1',
      sequence: 2,
      roundAt: now,
      receivedAt: now,
      firstReport: false,
      transitions: [change('login.a', 'fail', 'pass')],
      gap: undefined,
      rollback: undefined,
    });
    if (step !== 'before-commit') return;
    say('written');
    await forever();
  });
  say('committed');
  if (step === 'before-send') await forever();
}
const alerts = createAlerts({ db, clock: () => new Date(), log: pino({ level: 'silent' }) }, config);
await alerts.tick();
say('sent');
if (step !== 'send') await forever();
await db.destroy();
