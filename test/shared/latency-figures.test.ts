import { expect, it } from 'vitest';
import { examplesOf } from '../../checks/check.ts';
import { evaluateRound } from '../../checks/evaluate.ts';
import { memoryHost } from '../../checks/host-memory.ts';
import { latency } from '../../checks/patch/latency.ts';
import { LATENCY_SOURCE, parseLatency } from '../../shared/latency-figures.ts';
import { inLanguage } from '../../shared/outcome.ts';

it('reads what patch.latency writes', async () => {
  const judged = (await examplesOf(latency)).filter(
    ({ outcome }) => outcome === 'pass' || outcome === 'fail',
  );
  let read = 0;
  for (const { tree, params, now } of judged) {
    const { results } = await evaluateRound({
      host: memoryHost(tree),
      system: { id: 'debian', version: '12', like: [], kind: 'vm' },
      checks: [latency],
      params: params ? { [latency.id]: params } : {},
      now: new Date(now ?? '2026-06-15T12:00:00.000Z'),
      monotonic: () => 0,
    });
    const piece = results[0]?.evidence.find(({ source }) => source === LATENCY_SOURCE);
    const figures = piece && parseLatency(inLanguage(piece.found, 'en'));
    if (figures) read += 1;
    if (figures) expect(figures.worst).toBeGreaterThanOrEqual(figures.median);
  }
  expect(read).toBeGreaterThan(0);
});

it('takes nothing for a figure that is none', () => {
  const whole = 'updates=2 unexplained=0 median=1.0 worst=1.5 within=2 limit=7 window=90 since=2026-03-17';
  expect(parseLatency(whole)).toEqual({ updates: 2, within: 2, median: 1, worst: 1.5, limit: 7, window: 90 });
  expect(parseLatency(whole.replace('updates=2', 'updates=0'))).toBeUndefined();
  expect(parseLatency(whole.replace('1.5', '1e9'))).toBeUndefined();
  expect(parseLatency(whole.replace('limit=7 ', ''))).toBeUndefined();
  expect(parseLatency('')).toBeUndefined();
});
