/** The plain calendar of the resident process says what Intl says, wherever the system's zone. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const module = join(import.meta.dirname, '../../agent/plain-calendar.ts');

/** 400 moments over two years, those around changes of summer time among them, compared in a process of that zone. */
const COMPARE = `
const { plainOffset, plainParts } = await import(${JSON.stringify(module)});
const format = new Intl.DateTimeFormat('en-US', { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit',
  minute: '2-digit', second: '2-digit', weekday: 'short', hour12: false });
const offset = new Intl.DateTimeFormat('en-US', { timeZoneName: 'shortOffset' });
// Intl writes it so where the zone is UTC itself; node-cron reads both as no distance.
const zoneOf = (date) => offset.formatToParts(date).find(({ type }) => type === 'timeZoneName').value.replace(/[+]0$/, '');
const read = (parts) => parts.filter(({ type }) => type !== 'literal').map(({ type, value }) => type + '=' + (value === '24' && type === 'hour' ? '00' : value)).join(' ');
let different = 0;
for (let index = 0; index < 400; index += 1) {
  const date = new Date(Date.UTC(2026, 0, 1) + index * 43 * 3_600_000 + index * 61_000);
  if (read(plainParts(date)) !== read(format.formatToParts(date))) different += 1;
  if (plainOffset(date) !== zoneOf(date)) different += 1;
}
process.stdout.write(String(different));`;

it.each(['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia'])('%s', (zone) => {
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', COMPARE], {
    encoding: 'utf8',
    env: { ...process.env, TZ: zone },
  });
  expect(said).toBe('0');
});

/** ICU is not touched: whoever still asks for the real format ends the process. */
const SCHEDULE = `
const { installPlainCalendar } = await import(${JSON.stringify(module)});
const { schedule } = await import('node-cron');
Object.defineProperty(Intl, 'DateTimeFormat', { configurable: true, value: class { constructor() { process.exit(9); } } });
installPlainCalendar();
const task = schedule('* * * * * *', async () => { await task.destroy(); process.stdout.write('ran'); });`;

it('node-cron starts a task by it', () => {
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', SCHEDULE], {
    encoding: 'utf8',
    cwd: join(import.meta.dirname, '../..'),
    timeout: 20_000,
  });
  expect(said).toBe('ran');
});
