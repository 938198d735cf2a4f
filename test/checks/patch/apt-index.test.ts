/** What apt leaves behind when sources answer, have nothing new, or are down: the ground that freshness stands on. */
import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { evaluateRound, factGetter } from '../../../checks/evaluate.ts';
import { valueIn } from '../../../checks/fact.ts';
import { aptIndexes } from '../../../checks/facts/apt-index.ts';
import { aptSources } from '../../../checks/facts/apt-sources.ts';
import { indexFresh } from '../../../checks/patch/index-fresh.ts';
import type { Outcome } from '../../../shared/outcome.ts';
import { describeWith } from '../../support/programs.ts';
import { type AptWorld, aptWorld, type Mirror, mirror } from './apt-world.ts';

const DAY_MS = 86_400_000;
const LONG_AGO = 'Mon, 05 Jan 2026 10:00:00 UTC';

describeWith(['apt-get', 'apt-ftparchive', 'dpkg-deb', 'gpg'], 'package indexes with real apt', () => {
  let world: AptWorld;
  let up: Mirror;
  let second: Mirror;
  beforeEach(async () => {
    world = aptWorld();
    world.write('etc/os-release', 'ID=debian\nVERSION_CODENAME=bookworm\n');
    up = await mirror(world.repository);
    second = await mirror(world.repository);
  });
  afterEach(async () => {
    await Promise.all([up.close(), second.close()]);
    world.end();
  });

  const packages = [{ name: 'demo', version: '1.1' }];
  const publish = (suite: string, dates: { date?: string; validUntil?: string } = { date: LONG_AGO }) =>
    world.publish({ suite, label: 'Debian', codename: 'bookworm', packages, ...dates });
  const judge = async (now = new Date()): Promise<Outcome | undefined> =>
    (
      await evaluateRound({
        host: world.host(),
        system: { id: 'debian', version: '12', like: [], kind: 'vm' },
        checks: [indexFresh],
        params: {},
        now,
        monotonic: () => 0,
      })
    ).results[0]?.outcome;
  const indexes = async () => valueIn(await factGetter(world.host(), new Date())(aptIndexes));
  const tick = () => new Promise((resolve) => setTimeout(resolve, 30));

  it('renews the change time when there is nothing new, and only then', async () => {
    publish('one');
    publish('two');
    world.sources([
      `deb ${world.signedBy} ${up.url} one main`,
      `deb ${world.signedBy} ${second.url} two main`,
    ]);
    expect((await world.apt('update')).stdout).toContain('Get:');
    const first = await indexes();
    const cache = join(world.root, 'var/cache/apt/pkgcache.bin');
    const cached = statSync(cache).mtimeMs;
    await second.close();
    await tick();
    const answer = await world.apt('update');
    expect(answer.stdout).toContain('Hit:');
    expect(answer.stderr).toContain('Failed to fetch');
    // The trap: it counts as a success, and the cache looks new.
    expect(answer.status).toBe(0);
    expect(statSync(cache).mtimeMs).toBeGreaterThan(cached);
    const then = await indexes();
    expect(Date.parse(then[0]?.changed ?? '')).toBeGreaterThan(Date.parse(first[0]?.changed ?? ''));
    expect(then[1]?.changed).toBe(first[1]?.changed);
    expect(then.map(({ changedByUpdate }) => changedByUpdate)).toEqual([true, true]);
  });

  it('passes while reached, fails three days later though the archive itself is months old', async () => {
    publish('one');
    world.sources([`deb ${world.signedBy} ${up.url} one main`]);
    await world.apt('update');
    expect(await judge()).toBe('pass');
    expect(await judge(new Date(Date.now() + 3 * DAY_MS))).toBe('fail');
  });

  it('fails for an index past its Valid-Until, also where apt was told to take it', async () => {
    publish('one', { date: LONG_AGO, validUntil: 'Mon, 12 Jan 2026 10:00:00 UTC' });
    world.sources([`deb ${world.signedBy} ${up.url} one main`]);
    expect((await world.apt('update')).stderr).toContain('expired');
    expect(await judge()).toBe('fail');
    await world.apt('-o', 'Acquire::Check-Valid-Until=false', 'update');
    expect((await indexes())[0]?.release?.validUntil).toBe('2026-01-12T10:00:00.000Z');
    expect(await judge()).toBe('fail');
  });

  it('a refused signature leaves the old index and its old time', async () => {
    publish('one');
    world.sources([`deb ${world.signedBy} ${up.url} one main`]);
    await world.apt('update');
    const [before] = await indexes();
    await tick();
    const file = join(world.repository, 'dists/one/InRelease');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Label: Debian', 'Label: Forged'));
    // Past the first one's second: If-Modified-Since knows no less.
    utimesSync(file, new Date(), new Date(Date.now() + 5_000));
    expect((await world.apt('update')).stderr).toMatch(/BADSIG|invalid|not signed|failed/i);
    expect((await indexes())[0]).toEqual(before);
  });

  it('an expired key leaves the old index, which grows stale', async () => {
    publish('one');
    world.sources([`deb ${world.signedBy} ${up.url} one main`]);
    await world.apt('update');
    const [before] = await indexes();
    await world.expireKey();
    const answer = await world.apt('update');
    expect(`${answer.stdout}${answer.stderr}`).toMatch(/EXPKEYSIG|expired/i);
    expect((await indexes())[0]?.release).toEqual(before?.release);
    expect(await judge(new Date(Date.now() + 3 * DAY_MS))).toBe('fail');
  });

  it('never fetched is a fail that says so', async () => {
    world.sources([`deb ${world.signedBy} ${up.url} missing main`]);
    expect(await judge()).toBe('fail');
  });

  it('finds the files of every kind of source by the name that apt gives them', async () => {
    publish('one');
    publish('with-dash');
    world.sources([
      `deb ${world.signedBy} ${up.url.replace('http://', 'http://user:secret@')}/ one main # comment`,
      `deb [ arch=amd64 ${world.signedBy.slice(1)} file:${world.repository} one main`,
      '#deb http://off.example.org off main',
      'deb-src http://src.example.org src main',
    ]);
    world.write(
      'etc/apt/sources.list.d/new.sources',
      [
        'Types: deb deb-src',
        `URIs: ${second.url}/`,
        'Suites: one',
        '# within',
        ' with-dash',
        'Components: main',
        `Signed-By: ${world.signedBy.slice('[signed-by='.length, -1)}`,
        '',
        'Types: deb',
        'Enabled: no',
        'URIs: http://off.example.org',
        'Suites: off',
        'Components: main',
        '',
      ].join('\n'),
    );
    world.write('etc/apt/sources.list.d/ignored.list.bak', 'deb http://off.example.org off main\n');
    await world.apt('update');
    const sources = valueIn(await factGetter(world.host(), new Date())(aptSources));
    const targets = (
      await world.apt('indextargets', '--format', '$(FILENAME)', 'Created-By: Packages')
    ).stdout
      .trim()
      .split('\n');
    expect(targets).toHaveLength(4);
    const lists = join(world.root, 'var/lib/apt/lists');
    expect(sources.map(({ stem }) => `${lists}/${stem}main_binary-amd64_Packages`).sort()).toEqual(
      targets.sort(),
    );
    for (const { stem } of sources) expect(existsSync(`${lists}/${stem}InRelease`), stem).toBe(true);
    expect(JSON.stringify(sources)).not.toContain('secret');
  });
});
