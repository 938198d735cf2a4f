/** The time zone of a system, for times that programs write as its clocks show them. */
import { valueIn } from '../fact.ts';
import type { Host } from '../host.ts';

/** Its name, such as `Europe/Berlin`: localtime(5). @throws CouldNotLook */
export async function zoneOf(host: Host): Promise<string> {
  const link = await host.readlink('/etc/localtime');
  if (link.state === 'absent') return 'UTC';
  return /zoneinfo\/(.+)$/.exec(valueIn(link))?.[1] ?? 'UTC';
}

/** A local time as an instant; in the hour that a change of the clock repeats, the first of both. */
export function instant(local: string, zone: string): number | undefined {
  const plain = Date.parse(`${local}Z`);
  if (Number.isNaN(plain)) return undefined;
  const offset = offsetAt(plain, zone);
  return offset === undefined ? undefined : plain - (offsetAt(plain - offset, zone) ?? offset);
}

/** Milliseconds that the zone is ahead of UTC at an instant. */
function offsetAt(at: number, zone: string): number | undefined {
  try {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    }).formatToParts(at);
    const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value);
    const local = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return local - Math.floor(at / 1000) * 1000;
  } catch {
    return undefined;
  }
}
