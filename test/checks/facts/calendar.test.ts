/** Calendar expressions asked of the real systemd, several at once. */
import { expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { systemdCalendar } from '../../../checks/commands.ts';
import { neverElapsing } from '../../../checks/facts/calendar.ts';
import type { Host } from '../../../checks/host.ts';
import { movedHost } from '../../support/moved-host.ts';
import { describeWith } from '../../support/programs.ts';

describeWith(['systemd-analyze'], 'neverElapsing', () => {
  const host = linuxHost({});
  const coming = ['daily', '*-*-* 02:30', 'Mon..Fri 08:00', '*-*-01', 'weekly', '*-02-29'];
  const past = ['2020-01-01', '2019-02-01..03 10:00'];

  it('tells what comes from what has passed, in one answer', async () => {
    expect([...(await neverElapsing(host, [...coming, ...past, 'daily']))]).toEqual(past);
  });

  it('still tells them where one can not be read, and counts that as never', async () => {
    expect([...(await neverElapsing(host, ['daily', 'no such day', ...past]))]).toEqual([
      'no such day',
      ...past,
    ]);
  });

  it('takes what may not be asked for no problem', async () => {
    expect([...(await neverElapsing(host, ['--help', 'daily']))]).toEqual([]);
  });

  it('does not ask of times that come on any day, and systemd would say the same', async () => {
    const periods = [
      'minutely',
      'hourly',
      'daily',
      'weekly',
      'monthly',
      'yearly',
      'quarterly',
      'semiannually',
    ];
    const times = ['*:0', '06:00', '*-*-* 6,18:00', 'Sun *-*-* 03:10:00', 'Mon..Fri 23:59', 'Sat,Sun 0:5'];
    const asked: string[] = [];
    const watched: Host = {
      ...movedHost((path) => path),
      run: (command, args) => {
        asked.push(...args);
        return host.run(command, args);
      },
    };
    expect([
      ...(await neverElapsing(watched, [...periods, ...times, '*-*-* 24:00', '*-02-30', ...past])),
    ]).toEqual(expect.arrayContaining(['*-02-30', ...past]));
    expect(new Set(asked)).toEqual(new Set(['*-*-* 24:00', '*-02-30', ...past]));
    for (const one of [...periods, ...times]) {
      const said = await host.run(systemdCalendar, [one]);
      expect(said, one).toMatchObject({ state: 'known', value: { status: 0 } });
      expect(said.state === 'known' && said.value.stdout, one).toMatch(/Next elapse: [A-Z]/);
    }
  });

  it('asks in parts where there are many', async () => {
    const many = Array.from({ length: 45 }, (_, at) => `*-*-01..28 ${at % 24}:${at}`);
    expect([...(await neverElapsing(host, [...many, ...past]))]).toEqual(past);
  });
});
