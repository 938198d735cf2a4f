/** patch.latency with packages that dpkg itself upgraded, their changelogs packed by gzip, in a Debian root. */
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { factGetter } from '../../../checks/evaluate.ts';
import { valueIn } from '../../../checks/fact.ts';
import { parseDpkgLog } from '../../../checks/facts/dpkg-history.ts';
import { updateLatency } from '../../../checks/facts/update-latency.ts';
import { debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../../support/debian-root.ts';
import { copyRoot, type RootCopy } from '../../support/root-copy.ts';

const DAY_MS = 86_400_000;

describeInDebian('how long updates waited', () => {
  let copy: RootCopy;
  beforeEach(async () => {
    copy = copyRoot(await debianRoot(12));
    rmSync(join(copy.path, 'var/log/dpkg.log'));
    // A system of its own for half a year.
    const born = new Date(Date.now() - 180 * DAY_MS);
    utimesSync(join(copy.path, 'etc/machine-id'), born, born);
  }, ROOT_TIMEOUT_MS);
  afterEach(() => copy?.remove());

  const entry = (version: string, distribution: string, date: Date): string =>
    `demo (${version}) ${distribution}; urgency=medium\n\n  * Change.\n\n -- X <x@example.org>  ${date.toUTCString().replace('GMT', '+0000')}\n\n`;

  async function install(version: string, changelog: string): Promise<void> {
    const write = (path: string, data: string | Uint8Array): void => {
      const whole = join(copy.path, 'work', path);
      mkdirSync(dirname(whole), { recursive: true });
      writeFileSync(whole, data);
    };
    write(
      'DEBIAN/control',
      `Package: demo\nVersion: ${version}\nArchitecture: all\nMaintainer: X <x@example.org>\nDescription: x\n`,
    );
    write('usr/share/doc/demo/changelog.Debian.gz', gzipSync(changelog, { level: 9 }));
    await copy.run(['dpkg-deb', '-b', '/work', '/demo.deb']);
    await copy.run(['dpkg', '-i', '/demo.deb']);
  }
  const latency = async (now = new Date()) =>
    valueIn(await factGetter(linuxHost({ root: copy.path }), now)(updateLatency));

  /** As if what is in the log had happened so many days before. */
  function age(days: number): void {
    const path = join(copy.path, 'var/log/dpkg.log');
    const text = readFileSync(path, 'utf8').replaceAll(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/gm, (stamp) =>
      new Date(Date.parse(`${stamp.replace(' ', 'T')}Z`) - days * DAY_MS)
        .toISOString()
        .replace('T', ' ')
        .slice(0, 19),
    );
    writeFileSync(path, text);
  }

  it('tells security updates from others, and counts from the changelog on', async () => {
    const base = Date.now();
    const at = (days: number) => new Date(base - days * DAY_MS);
    const first = entry('1', 'bookworm', at(100));
    await install('1', first);
    age(60);
    const second = entry('2', 'bookworm-security', at(4)) + first;
    await install('2', second);
    await install('3', entry('3', 'bookworm', at(2)) + second);
    const { upgrades, unexplained } = await latency();
    expect(unexplained).toBe(0);
    expect(upgrades).toMatchObject([{ name: 'demo', version: '2' }]);
    expect(upgrades[0]?.waited).toBeCloseTo(4, 0);
    expect(upgrades[0]?.available).toBe(new Date(Math.floor(at(4).getTime() / 1000) * 1000).toISOString());
    // The same all day, and gone from the window in time.
    expect((await latency(new Date(Date.now() + 95 * DAY_MS))).upgrades).toEqual([]);
  });

  it('an update to a package that came late waits from then on', async () => {
    const old = entry('1', 'bookworm', new Date(Date.now() - 200 * DAY_MS));
    await install('1', old);
    age(1);
    await install('2', entry('2', 'bookworm-security', new Date(Date.now() - 30 * DAY_MS)) + old);
    expect((await latency()).upgrades[0]?.waited).toBeCloseTo(1, 0);
  });

  it('finds an old security entry far down a long changelog', async () => {
    const at = (days: number) => new Date(Date.now() - days * DAY_MS);
    const old = entry('1', 'bookworm', at(200)) + entry('0', 'bookworm', at(300)).repeat(50);
    await install('1', old);
    age(30);
    // 64 kB of entries lie above the one that closed the hole, and do not shrink to nothing.
    const above = Array.from({ length: 500 }, (_, index) => entry(`2.${500 - index}`, 'bookworm', at(2)));
    await install('2.500', above.join('') + entry('2', 'bookworm-security', at(20)) + old);
    const { upgrades } = await latency();
    expect(upgrades).toMatchObject([{ name: 'demo', version: '2.500' }]);
    expect(upgrades[0]?.waited).toBeCloseTo(20, 0);
  });

  it('a log that was packed away counts as well', async () => {
    const old = entry('1', 'bookworm', new Date(Date.now() - 200 * DAY_MS));
    await install('1', old);
    await install('2', entry('2', 'bookworm-security', new Date(Date.now() - DAY_MS)) + old);
    const path = join(copy.path, 'var/log/dpkg.log');
    writeFileSync(`${path}.2.gz`, gzipSync(readFileSync(path)));
    writeFileSync(path, '');
    expect((await latency()).upgrades).toHaveLength(1);
  });

  it('reads every upgrade that dpkg wrote', async () => {
    const log = readFileSync(join((await debianRoot(12)).path, 'var/log/dpkg.log'), 'utf8');
    const lines = log.split('\n').filter((line) => / (?:upgrade|install) /.test(line));
    expect(lines.length).toBeGreaterThan(50);
    expect(parseDpkgLog(log)).toHaveLength(lines.length);
  });
});
