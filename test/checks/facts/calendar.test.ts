/** Calendar expressions asked of the real systemd, several at once. */
import { expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { neverElapsing } from '../../../checks/facts/calendar.ts';
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

  it('asks in parts where there are many', async () => {
    const many = Array.from({ length: 45 }, (_, at) => `*-*-* ${at % 24}:${at}`);
    expect([...(await neverElapsing(host, [...many, ...past]))]).toEqual(past);
  });
});
