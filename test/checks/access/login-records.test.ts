/** wtmp and lastlog as the system's own tools write and read them. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAccepted, parseLastlog, parseWtmp } from '../../../checks/facts/login-records.ts';

const directory = mkdtempSync(join(tmpdir(), 'nachweis-records-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const tools = ['/usr/bin/utmpdump', '/usr/bin/last'];
const withTools = describe.skipIf(!tools.every((path) => existsSync(path)));

const users = ['root', 'anna', 'otto', 'a-name-of-exactly-32-characters-'];
/** Records of several months, also boots, ends of sessions and getty's. */
const written = Array.from({ length: 300 }, (_, index) => {
  const type = [7, 7, 8, 2, 6, 1][index % 6] ?? 7;
  const user = type === 7 ? (users[index % 4] ?? '') : type === 8 ? '' : 'reboot';
  const at = new Date(Date.UTC(2026, 0, 1) + index * 7_654_321);
  const stamp = `${at.toISOString().slice(0, 19)},000000+00:00`;
  return { type, user, at: Math.floor(at.getTime() / 1000), stamp };
});

withTools('wtmp [needs utmpdump and last, package util-linux]', () => {
  const file = join(directory, 'wtmp');
  const text = written
    .map(
      ({ type, user, stamp }, index) =>
        `[${type}] [${String(index + 100).padStart(5, '0')}] [ts/0] [${user.padEnd(8)}] [${'pts/0'.padEnd(12)}] [${'192.0.2.1'.padEnd(20)}] [${'192.0.2.1'.padEnd(15)}] [${stamp}]`,
    )
    .join('\n');
  const made = spawnSync('/usr/bin/utmpdump', ['-r'], { input: `${text}\n`, maxBuffer: 2 ** 24 });
  writeFileSync(file, made.stdout);

  it('holds what was written', () => {
    expect(made.stdout.length % 384 === 0 || made.stdout.length % 400 === 0).toBe(true);
    const wtmp = parseWtmp(made.stdout.toString('latin1'));
    expect(wtmp?.since).toBe(written[0]?.at);
    for (const user of users) {
      const last = written.filter((one) => one.user === user && one.type === 7).at(-1)?.at;
      expect([user, wtmp?.last.get(user)]).toEqual([user, last]);
    }
    expect([...(wtmp?.last.keys() ?? [])].sort()).toEqual([...users].sort());
  });

  it('is read as last(1) reads it', () => {
    const run = spawnSync('/usr/bin/last', ['-w', '-f', file, '--time-format', 'iso'], {
      encoding: 'utf8',
      env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
    });
    const newest = new Map<string, number>();
    for (const line of run.stdout.split('\n')) {
      const [, user, stamp] = /^(\S+)\s+pts\/0\s.*?(\d{4}-\d\d-\d\dT\S+)/.exec(line) ?? [];
      if (user && stamp && users.includes(user) && !newest.has(user))
        newest.set(user, Date.parse(stamp) / 1000);
    }
    expect(newest.size).toBe(users.length);
    expect(parseWtmp(readFileSync(file, 'latin1'))?.last).toEqual(newest);
  });

  it('this machine’s own wtmp, where it has one', () => {
    const own = existsSync('/var/log/wtmp') ? readFileSync('/var/log/wtmp', 'latin1') : '';
    expect(parseWtmp(own)).toBeDefined();
  });
});

const canSet = existsSync('/usr/bin/lastlog') && process.getuid?.() === 0;
describe.skipIf(!canSet)('lastlog [needs lastlog before Debian 13, package login, and root]', () => {
  it('is read as lastlog(8) writes it', () => {
    const root = join(directory, 'root');
    mkdirSync(join(root, 'etc'), { recursive: true });
    mkdirSync(join(root, 'var/log'), { recursive: true });
    writeFileSync(
      join(root, 'etc/passwd'),
      'root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/:/bin/sh\notto:x:1001:1001::/:/bin/sh\n',
    );
    writeFileSync(join(root, 'var/log/lastlog'), '');
    const before = Math.floor(Date.now() / 1000);
    const run = spawnSync('/usr/bin/lastlog', ['-R', root, '-S', '-u', '1000'], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    const last = parseLastlog(readFileSync(join(root, 'var/log/lastlog'), 'latin1'));
    expect([...(last?.keys() ?? [])]).toEqual([1000]);
    const at = last?.get(1000) ?? 0;
    expect(at >= before && at <= before + 60).toBe(true);
  });
});

describe('the layouts', () => {
  it('of 64-bit times are told from those of 32 bits, whatever the number of records', () => {
    for (const count of [1, 2, 24, 25, 48]) {
      const record = Buffer.alloc(400);
      record.writeInt16LE(7, 0);
      record.write('anna', 44);
      record.write('192.0.2.1', 76);
      record.writeBigInt64LE(1_780_000_000n, 344);
      const text = Buffer.concat(Array.from({ length: count }, () => record)).toString('latin1');
      expect(parseWtmp(text)?.last).toEqual(new Map([['anna', 1_780_000_000]]));
      const wide = Buffer.alloc(296 * 1001);
      wide.writeBigInt64LE(1_780_000_000n, 296 * 1000);
      expect(parseLastlog(wide.toString('latin1'))).toEqual(new Map([[1000, 1_780_000_000]]));
    }
  });

  it('are not seen in noise, and a torn end does no harm', () => {
    for (const size of [1, 300, 384, 400, 3840, 292 * 7]) {
      const noise = randomBytes(size).toString('latin1');
      expect(parseWtmp(noise)).toBeUndefined();
    }
    const record = Buffer.alloc(384);
    record.writeInt16LE(7, 0);
    record.write('anna', 44);
    record.writeInt32LE(1_780_000_000, 340);
    const torn = Buffer.concat([record, record, record.subarray(0, 100)]).toString('latin1');
    expect(parseWtmp(torn)?.last.get('anna')).toBe(1_780_000_000);
  });
});

describe('the log of sshd', () => {
  const now = new Date('2026-02-10T12:00:00Z');
  it('with and without a year', () => {
    const log = [
      'Feb  9 08:00:00 web sshd[7]: Accepted publickey for anna from 192.0.2.1 port 5 ssh2: ED25519 SHA256:x',
      'Dec 31 23:00:00 web sshd[7]: Accepted password for otto from 2001:db8::1 port 5 ssh2',
      '2026-02-01T10:00:00.123456+01:00 web sshd-session[7]: Accepted keyboard-interactive/pam for root from 192.0.2.1 port 5 ssh2',
      'Feb 10 08:00:00 web sshd[7]: Failed password for max from 192.0.2.1 port 5 ssh2',
      'Feb 10 08:00:00 web app[7]: sshd[7]: Accepted password for eve from 192.0.2.1',
    ].join('\n');
    const at = (iso: string) => Date.parse(iso) / 1000;
    expect([...parseAccepted(log, now)]).toEqual([
      ['anna', at('2026-02-09T08:00:00Z')],
      ['otto', at('2025-12-31T23:00:00Z')],
      ['root', at('2026-02-01T10:00:00.123+01:00')],
    ]);
  });
});
