/** dsmsched.log in its many spellings, in pieces, and spoiled. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scheduledBackups, scheduleLines } from '../../../checks/facts/storage-protect-log.ts';

const run = (stamp: string, end = "Scheduled event 'DAILY' completed successfully."): string =>
  [
    '--- SCHEDULEREC OBJECT BEGIN DAILY',
    'Total number of objects inspected:   51,215',
    'Total number of objects failed:           0',
    end,
  ]
    .map((text) => `${stamp} ${text}\n`)
    .join('');

function read(text: string, dateFormat?: string, pieces = text.length || 1) {
  const lines = scheduleLines();
  for (let at = 0; at < text.length; at += pieces) lines.push(text.slice(at, at + pieces));
  return scheduledBackups(lines.end(), dateFormat, 'UTC');
}
const times = (text: string, dateFormat?: string) =>
  read(text, dateFormat)?.map(({ at }) => new Date(at).toISOString().slice(0, 19));

describe('times in the schedule log', () => {
  it.each([
    ['2026-06-15 02:13:12', undefined, '2026-06-15T02:13:12'],
    ['2026/06/05 02:13:12', undefined, '2026-06-05T02:13:12'],
    ['2026.06.05 02.13.12', undefined, '2026-06-05T02:13:12'],
    ['15.06.2026 02:13:12', undefined, '2026-06-15T02:13:12'],
    ['05-06-2026 02,13,12', undefined, '2026-06-05T02:13:12'],
    ['06/15/2026   02:13:12', undefined, '2026-06-15T02:13:12'],
    ['15/06/2026 02:13:12', undefined, '2026-06-15T02:13:12'],
    ['06/05/2026 02:13:12', '1', '2026-06-05T02:13:12'],
    ['06/05/2026 02:13:12', '7', '2026-05-06T02:13:12'],
    ['06/15/2026 02:13:12 PM', undefined, '2026-06-15T14:13:12'],
    ['06/15/2026 12:13:12 A', undefined, '2026-06-15T00:13:12'],
  ])('%s with DATEFORMAT %s', (stamp, format, wanted) => {
    expect(times(run(stamp), format)).toEqual([wanted]);
  });

  it('says nothing where only one line could tell day from month, and there is none', () => {
    expect(read(run('06/05/2026 02:13:12'))).toBeUndefined();
    expect(times(`06/30/2025 01:00:00 Scheduled event 'OLD' failed.\n${run('06/05/2026 02:13:12')}`)).toEqual(
      ['2026-06-05T02:13:12'],
    );
  });

  it('takes dates that there are not for none', () => {
    for (const stamp of ['2026-13-15 02:13:12', '15.06.26 02:13:12', '2026-06-15 99:13:12'])
      expect(times(run(stamp)) ?? []).toEqual([]);
  });
});

it('reads the same whole and in pieces', () => {
  const text = `${run('2026-06-13 02:13:12')}${'x'.repeat(5000)}\n${run('2026-06-14 02:13:12', "ANS1512E Scheduled event 'DAILY' failed.  Return code = 12.")}`;
  const whole = read(text);
  expect(whole?.map(({ end }) => end)).toEqual(['well', 'failed']);
  for (const pieces of [1, 7, 100, 4096]) expect(read(text, undefined, pieces)).toEqual(whole);
});

it('puts a log that goes on at its beginning into its order', () => {
  const text = `${run('2026-06-15 02:13:12')}END OF DATA\n${run('2026-06-13 02:13:12')}${run('2026-06-14 02:13:12')}Continued at beginning of file\n`;
  expect(times(text)).toEqual(['2026-06-13T02:13:12', '2026-06-14T02:13:12', '2026-06-15T02:13:12']);
});

it('never throws, and finds no success that no line states', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      ...run('2026-06-15 02:13:12', "Scheduled event 'DAILY' failed.").split('\n'),
      'END OF DATA',
      "'Scheduled event",
    ),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
      for (const { end } of read(lines.join('\n')) ?? []) expect(end).toBe('failed');
    }),
    { numRuns: 300 },
  );
});
