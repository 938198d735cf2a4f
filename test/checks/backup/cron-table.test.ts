/** Next times of cron lines against systemd's own reckoning of the same calendar, and crontabs of every kind. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextRun, parseCrontab } from '../../../checks/facts/cron-table.ts';
import { describeWith } from '../../support/programs.ts';

const FROM = new Date('2026-11-23T09:30:00.000Z');
const WEEK = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

describeWith(['systemd-analyze'], 'nextRun', () => {
  /** Minute, hour, day of month, month, day of week; `*` or a number. Never both kinds of day: cron joins them by "or". */
  const cases: string[][] = [];
  for (const minute of ['*', '0', '30', '59']) {
    for (const hour of ['*', '3', '23']) {
      for (const [day, week] of [
        ['*', '*'],
        ['1', '*'],
        ['31', '*'],
        ['*', '0'],
        ['*', '5'],
      ]) {
        for (const month of ['*', '2', '12']) cases.push([minute, hour, day ?? '*', month, week ?? '*']);
      }
    }
  }
  cases.push(['0', '0', '29', '2', '*']);

  it('agrees with systemd-analyze calendar', () => {
    const calendars = cases.map(([minute, hour, day, month, week]) => {
      const on = week === '*' ? '' : `${WEEK[Number(week)]} `;
      return `${on}*-${month}-${day} ${hour}:${minute}:00 UTC`;
    });
    // systemd looks past the base time, cron's next run may be that very minute.
    const base = `--base-time=${new Date(FROM.getTime() - 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
    const said = calendars.map((calendar) => {
      try {
        const text = execFileSync('systemd-analyze', ['calendar', base, calendar], {
          encoding: 'utf8',
          env: { TZ: 'UTC', LC_ALL: 'C', PATH: '/usr/bin' },
        });
        const next = /Next elapse: \w+ (\S+ \S+) UTC/.exec(text)?.[1];
        return next ? new Date(`${next.replace(' ', 'T')}Z`).toISOString() : 'never';
      } catch {
        return 'refused';
      }
    });
    expect(cases.map((fields) => nextRun(fields.join(' '), FROM)?.toISOString() ?? 'never')).toEqual(said);
  });
});

describe('cron tables', () => {
  it.each([
    ['31 2 31 2 *', undefined],
    ['60 0 * * *', undefined],
    ['0 24 * * *', undefined],
    ['* * 0 * *', undefined],
    ['5-1 * * * *', undefined],
    ['a b c d e', undefined],
    ['@reboot', undefined],
    ['@nonsense', undefined],
    ['*/0 * * * *', undefined],
    ['@daily', '2026-11-24T00:00:00.000Z'],
    ['*/20 * * * *', '2026-11-23T09:40:00.000Z'],
    ['0 3 * * mon-fri', '2026-11-24T03:00:00.000Z'],
    ['0 3 1 jan *', '2027-01-01T03:00:00.000Z'],
    ['0 3 * * 7', '2026-11-29T03:00:00.000Z'],
    // Day of month or day of week: the 24th, which is no Sunday.
    ['0 3 24 * 0', '2026-11-24T03:00:00.000Z'],
    // With a star in front both must hold: an odd day that is a Monday.
    ['0 3 */2 * 1', '2026-12-07T03:00:00.000Z'],
  ])('%s', (schedule, next) => {
    expect(nextRun(schedule, FROM)?.toISOString()).toBe(next);
  });

  it('reads assignments, users, nicknames, percent signs', () => {
    const text =
      'PATH=/opt/bin:/usr/bin\n"MAILTO" = "x"\n# no\n\n30 2 * * *\troot\trestic backup /a%ignored\n@daily anna date +\\%F\nbroken line\n';
    expect(parseCrontab(text, true)).toEqual([
      {
        line: 5,
        schedule: '30 2 * * *',
        user: 'root',
        command: 'restic backup /a',
        environment: { PATH: '/opt/bin:/usr/bin', MAILTO: 'x' },
      },
      {
        line: 6,
        schedule: '@daily',
        user: 'anna',
        command: 'date +%F',
        environment: { PATH: '/opt/bin:/usr/bin', MAILTO: 'x' },
      },
    ]);
    expect(parseCrontab('30 2 * * * restic backup /a\n', false)[0]).toMatchObject({
      command: 'restic backup /a',
    });
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.boolean(), (text, system) => {
        for (const { schedule } of parseCrontab(text, system)) nextRun(schedule, FROM);
        nextRun(text, FROM);
      }),
      { seed: 20261123, numRuns: 1000 },
    );
  });
});
