import { expect, test } from 'vitest';
import { receiptSchema } from '../../shared/report.ts';
import { startCollector } from '../support/collector.ts';

test('a report is accepted with a receipt, and everything it says is there', async () => {
  const collector = await startCollector();
  const host = await collector.host('web-1.example.org');
  const reply = await host.report(collector.endpoint, {
    at: collector.now(),
    results: { 'login.empty-password': 'pass', 'patch.index-fresh': 'fail' },
  });
  expect(reply.status, reply.text).toBe(200);
  expect(receiptSchema.parse(reply.body)).toMatchObject({
    host: host.id,
    sequence: 1,
    log: { epoch: 0, index: 0 },
  });
});
