/** The list of records as people get it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY } from '../../shared/policy-parts.ts';
import { BrowserSession } from './browser-session.ts';
import { ago, ids, NOW } from './seed.ts';
import { startDashboard, type TestDashboard } from './server.ts';

let dashboard: TestDashboard;
let customer: BrowserSession;
beforeAll(async () => {
  dashboard = await startDashboard();
  // Drills have a test of their own.
  await dashboard.db.deleteFrom('drills').execute();
  await dashboard.db.deleteFrom('records').where('type', '=', 'drill').execute();
  const session = new BrowserSession(dashboard.origin);
  customer = await session.enter(
    await dashboard.invite({ name: 'customer', role: 'customer', tenantId: ids.ours }),
  );
});
afterAll(() => dashboard.close());

interface Row {
  readonly subject: string;
  readonly state: string;
  readonly until: string | null;
}

async function ask(query = '') {
  const { status, body, text } = await customer.ask(`/api/records${query}`);
  expect(status, text).toBe(200);
  return body as {
    live: number;
    pending: number;
    ended: number;
    total: number;
    asOf: string;
    records: (Row & object)[];
  };
}
const subjects = ({ records }: { records: Row[] }) => records.map(({ subject }) => subject);

describe('GET /api/records', () => {
  it('shows what is in force, newest first, and what has yet to begin as such', async () => {
    const body = await ask();
    expect([body.live, body.pending, body.ended, body.total]).toEqual([3, 1, 2, 3]);
    expect(subjects(body)).toEqual(['dora', 'password.max-age', 'anna']);
    expect(body.records.map(({ state }) => state)).toEqual(['not-yet', 'live', 'live']);
    expect(body.records[2]).toMatchObject({
      grant: { party: 'provider', accounts: ['anna'], keys: [KEY], privileges: ['sudo'] },
      approver: 'b.beispiel',
      scope: 'tenant',
    });
    expect(body.records[1]).toMatchObject({ grant: null, attachments: [{ name: 'mail.pdf' }] });
  });

  it('shows what ended, by itself at its instant or by another record at that moment', async () => {
    const body = await ask('?state=ended');
    expect(body.records.map(({ subject, until, state }) => [subject, until, state])).toEqual([
      ['carl', NOW.toISOString(), 'ended'],
      ['bert', ago(48), 'ended'],
    ]);
  });

  it('filters by type and words, also by a fingerprint, and takes no pattern for one', async () => {
    expect(subjects(await ask('?type=waiver'))).toEqual(['password.max-age']);
    expect(subjects(await ask('?q=ANNA'))).toEqual(['anna']);
    expect(subjects(await ask(`?q=${encodeURIComponent(KEY)}`))).toEqual(['dora', 'anna']);
    for (const q of ['%', '_nna', "' or 1=1 --"])
      expect(subjects(await ask(`?q=${encodeURIComponent(q)}`)), q).toEqual([]);
    expect((await customer.ask('/api/records?type=nothing')).status).toBe(400);
  });

  it('is cut into pages', async () => {
    const second = await ask('?size=2&page=2');
    expect([subjects(second), second.total]).toEqual([['anna'], 3]);
  });
});
