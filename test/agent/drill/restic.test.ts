/** The drill against real restic repositories, whole and damaged. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeAsRoot } from '../../support/programs.ts';
import { changeQuietly, DrillWorld, PASSWORD, seconds } from './world.ts';

const env = { PATH: '/usr/bin:/bin', HOME: '/root', TZ: 'UTC', RESTIC_PASSWORD: PASSWORD };

describeAsRoot(['restic'], 'restore drill with real restic', () => {
  let world: DrillWorld;
  let empty: string;
  beforeAll(() => {
    empty = mkdtempSync(path.join(os.tmpdir(), 'nachweis-empty-'));
    execFileSync('restic', ['--no-cache', '-q', '-r', empty, 'init'], { env });
  });
  afterAll(() => rmSync(empty, { recursive: true, force: true }));
  beforeEach(() => {
    world = new DrillWorld();
    world.declare('restic', {
      environmentFile: world.secrets({ RESTIC_REPOSITORY: world.repository, RESTIC_PASSWORD: PASSWORD }),
    });
    // Deriving a key takes a second: one empty repository, made once, serves them all.
    cpSync(empty, world.repository, { recursive: true });
  });
  afterEach(() => world.end());

  const restic = (...args: string[]): string =>
    execFileSync('restic', ['--no-cache', '-q', '-r', world.repository, ...args], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const backup = async (...more: string[]): Promise<void> => {
    restic('backup', ...more, world.source);
  };
  const packs = (): string[] =>
    readdirSync(path.join(world.repository, 'data'), { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(world.repository, 'data', name))
      .filter((file) => statSync(file).isFile());

  it('is equal where nothing has changed, and says how long it took', async () => {
    world.file('hostname');
    world.file('large', Buffer.alloc(3_000_000, 'x'));
    world.file('empty', '');
    await backup();
    const { drill, files } = await world.drill();
    expect(drill).toMatchObject({
      tool: 'restic',
      job: 'web',
      repository: { location: world.repository, id: JSON.parse(restic('cat', 'config')).id },
      snapshot: { id: JSON.parse(restic('snapshots', '--json'))[0].id },
      files: { source: 3, record: 0, unclear: 0, different: 0, damaged: 0, missing: 0 },
      bytes: 3_000_000 + 'content of hostname\n'.length,
      outcome: 'equal',
      problem: null,
    });
    expect(drill.milliseconds.firstByte).toBeGreaterThan(0);
    expect(drill.milliseconds.restored).toBeGreaterThanOrEqual(drill.milliseconds.firstByte ?? 0);
    expect(files.map(({ result }) => result)).toEqual(['source', 'source', 'source']);
  });

  it('compares what changed or went since with what the repository recorded', async () => {
    const changed = world.file('changed');
    const gone = world.file('gone');
    world.file('same');
    await backup();
    writeFileSync(changed, 'something else\n');
    rmSync(gone);
    const { drill, files } = await world.drill();
    expect(drill).toMatchObject({ outcome: 'equal', files: { source: 1, record: 2 } });
    expect(files.find(({ path: one }) => one === changed)?.result).toBe('record');
  });

  it('finds a file whose saved content is not what it has been all along', async () => {
    const file = world.file('hostname', 'aaaa\n');
    changeQuietly(file, 'aaaa\n');
    await backup();
    // Same size, same mtime: told not to look at more, restic keeps what it has.
    changeQuietly(file, 'bbbb\n');
    await seconds(2.1);
    await backup('--ignore-ctime', '--ignore-inode');
    expect((await world.drill()).drill).toMatchObject({
      outcome: 'unequal',
      files: { different: 1, source: 0 },
    });
  });

  it('names a mode, an owner or a time that the snapshot has otherwise', async () => {
    const [same, mode, owner, time] = ['same', 'mode', 'owner', 'time'].map((name) => world.file(name));
    if (!same || !mode || !owner || !time) throw new Error('no files');
    chmodSync(same, 0o4750);
    chmodSync(mode, 0o600);
    // Dated ahead: what is changed below counts as older than the snapshot, and should be in it.
    const ahead = new Date(Date.now() + 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
    await backup('--time', ahead);
    const right = await world.drill();
    expect(right.drill).toMatchObject({
      outcome: 'equal',
      attributes: { compared: 4, mode: 0, owner: 0, time: 0 },
    });
    chmodSync(mode, 0o644);
    chownSync(owner, 1, 1);
    utimesSync(time, new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T00:00:00Z'));
    const { drill, files } = await world.drill();
    expect(drill).toMatchObject({
      outcome: 'unequal',
      problem: null,
      files: { source: 4, different: 0 },
      attributes: { compared: 4, mode: 1, owner: 1, time: 1 },
    });
    const off = files.flatMap(({ path: file, attributes = [] }) =>
      attributes.map((kind) => [path.basename(file), kind]),
    );
    expect(off.sort()).toEqual([
      ['mode', 'mode'],
      ['owner', 'owner'],
      ['time', 'time'],
    ]);
  });

  it('misses what was here all along and is not in the snapshot, and can not tell of what is nowhere', async () => {
    world.file('hostname');
    const left = world.file('left');
    await seconds(2.1);
    await backup('--exclude', left);
    const [etc, hostname] = [path.join(world.source, 'etc'), path.join(world.source, 'etc/hostname')];
    expect((await world.drill({ paths: [hostname, left] })).drill).toMatchObject({
      outcome: 'unequal',
      files: { source: 1, missing: 1 },
    });
    expect((await world.drill({ paths: [left] })).drill).toMatchObject({ outcome: 'unequal', bytes: 0 });
    const young = world.file('young');
    const none = path.join(etc, 'none');
    expect((await world.drill({ paths: [hostname, young, none] })).drill).toMatchObject({
      outcome: 'unclear',
      files: { source: 1, unclear: 2, missing: 0 },
    });
  });

  it('is not equal where a bit of a pack has flipped', async () => {
    world.file('hostname');
    await backup();
    for (const pack of packs()) {
      const bytes = readFileSync(pack);
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      chmodSync(pack, 0o600);
      writeFileSync(pack, bytes);
    }
    const { drill } = await world.drill();
    expect(drill.outcome).toBe('unequal');
    expect(drill.problem === 'damaged' || drill.files.damaged > 0).toBe(true);
  });

  it('is not equal where the content of one file is damaged and all else can be read', async () => {
    world.file('large', Buffer.alloc(1_500_000, 'x'));
    await backup();
    world.file('hostname');
    await backup();
    // The largest pack holds the large file's content.
    const pack = packs().sort((a, b) => statSync(b).size - statSync(a).size)[0] ?? '';
    const bytes = readFileSync(pack);
    bytes[50] = (bytes[50] ?? 0) ^ 1;
    chmodSync(pack, 0o600);
    writeFileSync(pack, bytes);
    const { drill } = await world.drill();
    expect(drill.outcome).toBe('unequal');
  });

  it('says why it could not restore', async () => {
    world.file('hostname');
    await backup('--host', 'somebody-else');
    expect((await world.drill()).drill).toMatchObject({ outcome: 'unequal', problem: 'no-snapshot' });
    world.secrets({ RESTIC_REPOSITORY: world.repository, RESTIC_PASSWORD: 'canary-wrong' });
    expect((await world.drill()).drill).toMatchObject({ outcome: 'error', problem: 'wrong-password' });
    world.secrets({ RESTIC_REPOSITORY: `${world.repository}-none`, RESTIC_PASSWORD: PASSWORD });
    expect((await world.drill()).drill).toMatchObject({ outcome: 'error', problem: 'no-repository' });
    chmodSync(path.join(world.base, 'env'), 0o622);
    expect((await world.drill()).drill).toMatchObject({ outcome: 'error', problem: 'unsafe-configuration' });
  });

  it('needs no lock, and changes nothing in the repository', async () => {
    world.file('hostname');
    await backup();
    const holder = spawn('restic', ['--no-cache', '-r', world.repository, 'backup', '--stdin', '-q'], {
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    while (readdirSync(path.join(world.repository, 'locks')).length === 0) await seconds(0.05);
    const all = () =>
      readdirSync(world.repository, { recursive: true, encoding: 'utf8' })
        .sort()
        .map((name) => [name, statSync(path.join(world.repository, name)).ctimeMs]);
    const before = all();
    expect((await world.drill()).drill.outcome).toBe('equal');
    expect(all()).toEqual(before);
    holder.stdin.end();
    await once(holder, 'exit');
  });

  it('makes nothing but plain files of its own, whatever the snapshot holds', async () => {
    const etc = path.join(world.source, 'etc');
    world.file('plain');
    world.file('setuid');
    chmodSync(path.join(etc, 'setuid'), 0o4755);
    world.file('-rf');
    world.file('two\nlines');
    world.file('$(touch x)');
    symlinkSync('/etc/shadow', path.join(etc, 'link'));
    mkdirSync(path.join(etc, 'way'));
    execFileSync('mkfifo', [path.join(etc, 'fifo')]);
    execFileSync('mknod', [path.join(etc, 'null'), 'c', '1', '3']);
    world.file('sparse', '');
    truncateSync(path.join(etc, 'sparse'), 300 * 1024 * 1024);
    await backup();
    const seen: string[] = [];
    const { drill, files } = await world.drill({
      limits: { files: 24, bytes: 16 * 1024 * 1024 },
      now: () => {
        if (existsSync(world.scratch)) seen.push(...readdirSync(world.scratch));
        return new Date();
      },
    });
    // The sparse file is too large for the sample; links, devices and FIFOs are not restored at all.
    expect(files.map(({ path: one }) => path.basename(one)).sort()).toEqual(
      ['$(touch x)', '-rf', 'plain', 'setuid', 'two\nlines'].sort(),
    );
    expect(drill.outcome).toBe('equal');
    expect(existsSync(path.join(etc, 'x'))).toBe(false);
  });

  it('does not follow a link that a user put in the place of a directory', async () => {
    const file = world.file('way/file');
    await backup();
    rmSync(path.dirname(file), { recursive: true });
    const elsewhere = path.join(world.base, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(path.join(elsewhere, 'file'), 'content of way/file\n');
    symlinkSync(elsewhere, path.dirname(file));
    // Compared with the record, not with what lies behind the link.
    expect((await world.drill()).drill).toMatchObject({ outcome: 'equal', files: { source: 0, record: 1 } });
  });

  it('does not wait for a FIFO that a user put in the place of a file', async () => {
    const file = world.file('hostname');
    await backup();
    rmSync(file);
    execFileSync('mkfifo', [file]);
    expect((await world.drill()).drill).toMatchObject({ outcome: 'equal', files: { source: 0, record: 1 } });
  });

  it('ends at its time limit', async () => {
    world.file('hostname');
    await backup();
    expect((await world.drill({ seconds: 0.2 })).drill).toMatchObject({
      outcome: 'error',
      problem: 'timeout',
    });
  });

  it('draws the same sample with the same seed, and another with another', async () => {
    for (let n = 0; n < 12; n += 1) world.file(`file-${n}`);
    await backup();
    const seed = 'ab'.repeat(16);
    const limits = { files: 3, bytes: 1000 };
    const drawn = async (with_: string) =>
      (await world.drill({ seed: with_, limits })).files.map(({ path: one }) => path.basename(one));
    const first = await drawn(seed);
    expect(first).toHaveLength(3);
    expect(await drawn(seed)).toEqual(first);
    expect(await drawn('cd'.repeat(16))).not.toEqual(first);
  });
});
