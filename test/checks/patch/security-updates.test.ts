/** patch.security-updates against the real apt and signed archives made here. */
import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { evaluateRound } from '../../../checks/evaluate.ts';
import { known } from '../../../checks/fact.ts';
import type { Memory } from '../../../checks/memory.ts';
import { securityUpdates } from '../../../checks/patch/security-updates.ts';
import type { Result } from '../../../shared/outcome.ts';
import type { UpdateList } from '../../../shared/update-list.ts';
import { describeWith } from '../../support/programs.ts';
import { type AptWorld, aptWorld, type Package } from './apt-world.ts';

const DAY_MS = 86_400_000;

describeWith(['apt-get', 'apt-ftparchive', 'dpkg-deb', 'gpg'], 'patch.security-updates with real apt', () => {
  let world: AptWorld;
  let remembered: Memory | undefined;
  let listed: UpdateList | undefined;
  beforeEach(() => {
    world = aptWorld();
    world.write('etc/os-release', 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n');
  });
  afterEach(() => world.end());

  async function offer(security: readonly Package[], ordinary: readonly Package[] = []): Promise<void> {
    world.publish({
      suite: 'bookworm-security',
      label: 'Debian-Security',
      codename: 'bookworm-security',
      packages: [{ name: 'filler', version: '1' }, ...security],
    });
    world.publish({
      suite: 'bookworm',
      label: 'Debian',
      codename: 'bookworm',
      version: '12.5',
      packages: [{ name: 'filler', version: '1' }, ...ordinary],
    });
    const source = `deb ${world.signedBy} file:${world.repository}`;
    world.sources([`${source} bookworm main`, `${source} bookworm-security main`]);
    expect(await world.apt('update')).toMatchObject({ status: 0, stderr: '' });
  }

  /** Whatever waits fails at once, unless `params` say otherwise. */
  async function judge(
    now = new Date(),
    params: Record<string, unknown> = { grace: 'none' },
    memory?: Memory,
  ): Promise<Result> {
    const host = world.host();
    const {
      results,
      memory: next,
      updates,
    } = await evaluateRound({
      host: memory ? { ...host, memory: known(memory) } : host,
      remember: true,
      system: { id: 'debian', version: '12', like: [], kind: 'vm' },
      checks: [securityUpdates],
      params: { 'patch.security-updates': params },
      now,
      monotonic: () => 0,
    });
    remembered = next;
    listed = updates;
    const [result] = results;
    if (!result) throw new Error('no result');
    return result;
  }
  const found = (result: Result): string[] =>
    result.evidence.map(({ found: phrase }) => (typeof phrase === 'string' ? phrase : phrase.en));

  it('passes when everything from security is installed', async () => {
    await offer([{ name: 'demo', version: '1.1' }], [{ name: 'other', version: '2' }]);
    world.install([
      { name: 'demo', version: '1.1' },
      { name: 'other', version: '1' },
    ]);
    expect(await judge()).toMatchObject({ outcome: 'pass' });
  });

  it('names package, installed, available and archive of each pending one, in the order of names', async () => {
    await offer(
      [
        { name: 'zebra', version: '1.1' },
        { name: 'demo', version: '1.1' },
      ],
      [{ name: 'ordinary', version: '2' }],
    );
    world.install([
      { name: 'zebra', version: '1.0' },
      { name: 'demo', version: '1.0' },
      { name: 'ordinary', version: '1' },
    ]);
    const result = await judge();
    expect(result.outcome).toBe('fail');
    expect(found(result)).toEqual([
      expect.stringMatching(
        /^demo 1\.0, available 1\.1 from Debian-Security bookworm-security: installable now, listed since /,
      ),
      expect.stringMatching(
        /^zebra 1\.0, available 1\.1 from Debian-Security bookworm-security: installable now, listed since /,
      ),
    ]);
  });

  it('says what a package was built from, where that has another name', async () => {
    await offer([
      { name: 'demo', version: '1.1' },
      { name: 'libdemo1', version: '1.1', fields: ['Source: demo (1.1)'] },
    ]);
    world.install([
      { name: 'demo', version: '1.0' },
      { name: 'libdemo1', version: '1.0' },
    ]);
    await judge();
    expect(listed?.entries.map(({ name, source }) => [name, source])).toEqual([
      ['demo', undefined],
      ['libdemo1', 'demo'],
    ]);
  });

  it('sees the security update that a later ordinary update supersedes', async () => {
    await offer([{ name: 'demo', version: '1.1' }], [{ name: 'demo', version: '1.2' }]);
    world.install([{ name: 'demo', version: '1.0' }]);
    const result = await judge();
    expect(result.outcome).toBe('fail');
    expect(found(result)[0]).toContain('demo 1.0, available 1.1');
  });

  it('a newer ordinary version installed is no pending security update', async () => {
    await offer([{ name: 'demo', version: '1.1' }], [{ name: 'demo', version: '1.3' }]);
    world.install([{ name: 'demo', version: '1.2' }]);
    expect((await judge()).outcome).toBe('pass');
  });

  it('tells held, pinned, kept back, hidden by Default-Release and new dependencies apart', async () => {
    await offer([
      { name: 'held', version: '1.1' },
      { name: 'pinned', version: '1.1' },
      { name: 'stuck', version: '1.1', fields: ['Depends: nowhere'] },
      { name: 'grows', version: '1.1', fields: ['Depends: added'] },
      { name: 'added', version: '1.0' },
    ]);
    world.install([
      { name: 'held', version: '1.0', hold: true },
      { name: 'pinned', version: '1.0' },
      { name: 'stuck', version: '1.0' },
      { name: 'grows', version: '1.0' },
    ]);
    world.write('etc/apt/preferences.d/pin', 'Package: pinned\nPin: version 1.0\nPin-Priority: 1001\n');
    const result = await judge();
    expect(result.outcome).toBe('fail');
    expect(found(result)).toEqual([
      expect.stringMatching(/^grows .*: installable now/),
      expect.stringMatching(/^held .*: on hold/),
      expect.stringMatching(/^pinned .*: hidden by a pin/),
      expect.stringMatching(/^stuck 1\.0, available 1\.1 from .*: kept back, its dependencies/),
    ]);
  });

  it('is not fooled by a pin on the whole security archive', async () => {
    await offer([{ name: 'demo', version: '1.1' }]);
    world.install([{ name: 'demo', version: '1.0' }]);
    world.write('etc/apt/preferences', 'Package: *\nPin: release l=Debian-Security\nPin-Priority: -10\n');
    const result = await judge();
    expect(result.outcome).toBe('fail');
    expect(found(result)[0]).toContain('hidden by a pin');
  });

  it('is not fooled by APT::Default-Release', async () => {
    await offer([{ name: 'demo', version: '1.1' }], [{ name: 'demo', version: '1.0' }]);
    world.install([{ name: 'demo', version: '1.0' }]);
    world.write('etc/apt/apt.conf.d/release', 'APT::Default-Release "bookworm";\n');
    const result = await judge();
    expect(result.outcome).toBe('fail');
    expect(found(result)[0]).toContain('default release');
  });

  it('shows an update deferred by phasing, and only if it is one of security', async () => {
    const phased = ['Phased-Update-Percentage: 0'];
    await offer(
      [{ name: 'demo', version: '1.1', index: phased }],
      [{ name: 'ordinary', version: '2', index: phased }],
    );
    world.install([
      { name: 'demo', version: '1.0' },
      { name: 'ordinary', version: '1' },
    ]);
    world.write('etc/apt/apt.conf.d/phase', 'APT::Get::Never-Include-Phased-Updates "true";\n');
    const result = await judge();
    expect(result.outcome).toBe('fail');
    expect(found(result)).toHaveLength(1);
    expect(found(result)[0]).toContain('demo 1.0');
  });

  it('"nothing pending" from an old index is unknown, and a pending one stays pending', async () => {
    await offer([{ name: 'demo', version: '1.1' }]);
    world.install([{ name: 'demo', version: '1.1' }]);
    const later = new Date(Date.now() + 3 * DAY_MS);
    expect((await judge(later)).outcome).toBe('unknown');
    world.install([{ name: 'demo', version: '1.0' }]);
    expect((await judge(later)).outcome).toBe('fail');
  });

  it('missing lists, a missing Packages file and no security source are unknown', async () => {
    await offer([{ name: 'demo', version: '1.1' }]);
    world.install([{ name: 'demo', version: '1.0' }]);
    const lists = join(world.root, 'var/lib/apt/lists');
    for (const name of readdirSync(lists).filter((each) =>
      each.endsWith('security_main_binary-amd64_Packages'),
    )) {
      rmSync(join(lists, name));
    }
    expect((await judge()).outcome).toBe('unknown');
    for (const name of readdirSync(lists).filter((each) => each.includes('_dists_')))
      rmSync(join(lists, name));
    expect((await judge()).outcome).toBe('unknown');
    world.sources([`deb ${world.signedBy} file:${world.repository} bookworm main`]);
    await world.apt('update');
    expect(await judge()).toMatchObject({
      outcome: 'unknown',
      reason: { en: expect.stringContaining('no source') },
    });
  });

  it('damaged lists, unmet dependencies and an interrupted dpkg are unknown with that reason', async () => {
    await offer([{ name: 'demo', version: '1.1' }]);
    world.install([{ name: 'demo', version: '1.1' }]);
    world.write('var/lib/dpkg/updates/0001', '');
    expect((await judge()).reason?.en).toContain('dpkg was interrupted');
    rmSync(join(world.root, 'var/lib/dpkg/updates/0001'));
    world.install([{ name: 'demo', version: '1.1', fields: ['Depends: nowhere'] }]);
    expect(await judge()).toMatchObject({
      outcome: 'unknown',
      reason: { en: expect.stringContaining('unmet') },
    });
    world.install([{ name: 'demo', version: '1.1' }]);
    const packages = join(world.repository, 'dists/bookworm-security/main/binary-amd64/Packages');
    writeFileSync(packages, '\0garbage\nVersion only\n');
    expect(await judge()).toMatchObject({
      outcome: 'unknown',
      reason: { en: expect.stringContaining('damaged') },
    });
  });

  it('remembers since when an update waits: in time, late, installed, and anew', async () => {
    const start = Date.now();
    const day = (days: number): Date => new Date(start + days * DAY_MS);
    const empty: Memory = { format: 'nachweis.memory/1', waiting: [] };
    // The archive has no dates of its own here: what counts is what was seen.
    await offer([]);
    world.install([{ name: 'demo', version: '1.0' }]);
    expect((await judge(day(0), {}, empty)).outcome).toBe('pass');
    const before = remembered;
    await offer([{ name: 'demo', version: '1.1' }]);
    const first = await judge(day(0.1), {}, before);
    expect(first).toMatchObject({ outcome: 'pass' });
    expect(found(first)[0]).toContain('deadline');
    const seen = remembered;
    expect(seen?.waiting[0]).toMatchObject({ name: 'demo', installed: '1.0', offers: [{ exact: true }] });
    // A newer one takes its place; the waiting goes on.
    await offer([{ name: 'demo', version: '1.2' }]);
    expect((await judge(day(7.5), { maxAgeDays: 30 }, seen)).outcome).toBe('fail');
    const both = remembered;
    expect(both?.waiting[0]?.offers.map(({ version }) => version)).toEqual(['1.1', '1.2']);
    world.install([{ name: 'demo', version: '1.1' }]);
    expect(
      (await judge(day(0.2), {}, { ...both, looked: day(0.1).toISOString() } as Memory)).outcome,
    ).not.toBe('fail');
    world.install([{ name: 'demo', version: '1.2' }]);
    expect((await judge(day(0.3), {}, both)).outcome).toBe('pass');
    expect(remembered?.waiting).toEqual([]);
  });

  it('without memory nobody knows since when: unknown, until the index itself is too old', async () => {
    await offer([{ name: 'demo', version: '1.1' }]);
    world.install([{ name: 'demo', version: '1.0' }]);
    const result = await judge(new Date(), {});
    expect(result.outcome).toBe('unknown');
    expect(found(result)[0]).toContain('or earlier');
    expect((await judge(new Date(Date.now() + 8 * DAY_MS), {})).outcome).toBe('fail');
  });

  it('changes nothing: no file of apt or dpkg is written, made or removed', async () => {
    await offer([{ name: 'demo', version: '1.1' }]);
    world.install([{ name: 'demo', version: '1.0' }]);
    const old = new Date('2020-01-01T00:00:00Z');
    const all = () =>
      readdirSync(world.root, { recursive: true, encoding: 'utf8' })
        .sort()
        .map((name) => [name, statSync(join(world.root, name))] as const);
    for (const [name] of all()) utimesSync(join(world.root, name), old, old);
    const before = all().map(([name, { mtimeMs, ctimeMs, size, ino }]) => [
      name,
      mtimeMs,
      ctimeMs,
      size,
      ino,
    ]);
    expect((await judge()).outcome).toBe('fail');
    const after = all().map(([name, { mtimeMs, ctimeMs, size, ino }]) => [name, mtimeMs, ctimeMs, size, ino]);
    expect(after).toEqual(before);
  });
});
