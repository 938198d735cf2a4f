/** The backup probe against real restic repositories, and its result judged by backup.recent. */
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
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { probeBackups } from '../../agent/backup-probe.ts';
import { problemIn, seen } from '../../agent/probe-restic.ts';
import { describeAsRoot } from '../support/programs.ts';
import { judgeRecent, probeHost, probeOnce } from './probe-host.ts';

const PASSWORD = 'canary-correct-horse';
const HOUR_MS = 3_600_000;
const env = { PATH: '/usr/bin:/bin', HOME: '/root', RESTIC_PASSWORD: PASSWORD };
const NOW = new Date('2026-11-20T12:00:00.000Z');

describeAsRoot(['restic'], 'backup probe with real restic', () => {
  // Below root's home: every directory above a file of secrets must be root's alone, which /tmp is not.
  let base: string;
  let repository: string;
  let empty: string;
  beforeAll(() => {
    empty = mkdtempSync(join(os.tmpdir(), 'nachweis-empty-'));
    execFileSync('restic', ['--no-cache', '-r', empty, 'init'], { env, stdio: 'ignore' });
  });
  afterAll(() => rmSync(empty, { recursive: true, force: true }));
  beforeEach(() => {
    base = mkdtempSync(join(os.userInfo().homedir, '.nachweis-probe-'));
    repository = join(base, 'repo');
    mkdirSync(join(base, 'backup.d'));
    writeFileSync(join(base, 'data'), 'data');
    environment();
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const restic = (...args: string[]): string =>
    execFileSync('restic', ['--no-cache', '-r', repository, ...args], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  // Deriving a key takes a second: one empty repository, made once, serves them all.
  const initialise = (): void => cpSync(empty, repository, { recursive: true });
  const backup = (time: string, ...more: string[]): void => {
    restic('backup', '--quiet', '--time', time, ...more, join(base, 'data'));
  };
  const environment = (password = PASSWORD, more: readonly string[] = []): void =>
    writeFileSync(
      join(base, 'env'),
      [
        `RESTIC_REPOSITORY=${repository}`,
        `export RESTIC_PASSWORD="${password}"`,
        'LD_PRELOAD=/nowhere.so',
        ...more,
        '',
      ].join('\n'),
      { mode: 0o600 },
    );
  const declare = (probe: Record<string, unknown> = {}): void =>
    writeFileSync(
      join(base, 'backup.d/web.yaml'),
      stringify({
        name: 'web',
        tool: 'restic',
        what: [join(base, 'data')],
        to: repository,
        when: { outside: 'by the test' },
        lastSuccess: { probe: { environmentFile: join(base, 'env'), timeoutSeconds: 30, ...probe } },
      }),
    );

  const probe = (now = NOW) => probeOnce(base, now);
  const judge = (now = NOW) => judgeRecent(base, now);

  it('sees the newest snapshot, and the check passes, then fails as it ages', async () => {
    initialise();
    backup('2026-11-18 03:00:00');
    backup('2026-11-20 03:00:00');
    declare();
    const result = await probe();
    expect(result).toMatchObject({
      host: os.hostname(),
      repository: { location: repository, id: JSON.parse(restic('cat', 'config')).id },
      outcome: { opened: true, own: 2, others: 0, newest: [{ at: '2026-11-20T03:00:00.000Z' }] },
    });
    expect(await judge()).toMatchObject({ outcome: 'pass' });
    // The probe goes on, the backups do not.
    const later = new Date(NOW.getTime() + 48 * HOUR_MS);
    await probe(later);
    expect(await judge(later)).toMatchObject({ outcome: 'fail' });
  });

  it('writes a file of root alone, whole, without a secret in it', async () => {
    initialise();
    backup('2026-11-20 03:00:00');
    declare();
    await probe();
    const file = join(base, 'results/restic-web.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(base, 'results'))).toEqual(['restic-web.json']);
    expect(readFileSync(file, 'utf8')).not.toContain('canary');
  });

  it('changes nothing in the repository and waits for no lock', async () => {
    initialise();
    backup('2026-11-20 03:00:00');
    declare();
    // A running backup holds a lock as long as its input is open.
    const holder = spawn('restic', ['--no-cache', '-r', repository, 'backup', '--stdin', '--quiet'], {
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    while (readdirSync(join(repository, 'locks')).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const all = () =>
      readdirSync(repository, { recursive: true, encoding: 'utf8' })
        .sort()
        .map((name) => [name, statSync(join(repository, name)).ctimeMs]);
    // On a busy machine the lock is there before the backup has settled.
    let before = all();
    for (let settled = false; !settled; ) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const later = all();
      settled = JSON.stringify(later) === JSON.stringify(before);
      before = later;
    }
    expect((await probe()).outcome.opened).toBe(true);
    expect(all()).toEqual(before);
    holder.stdin.end();
    await once(holder, 'exit');
  });

  it('fails where the repository is empty or holds other systems only', async () => {
    initialise();
    declare();
    expect((await probe()).outcome).toMatchObject({ opened: true, own: 0, newest: [] });
    backup('2026-11-20 03:00:00', '--host', 'somebody-else');
    expect((await probe()).outcome).toMatchObject({ opened: true, own: 0, others: 1 });
    expect(await judge()).toMatchObject({ outcome: 'fail' });
    declare({ snapshotHost: 'somebody-else' });
    await probe();
    expect(await judge()).toMatchObject({ outcome: 'pass' });
  });

  it('keeps the newest snapshot of each set of paths', async () => {
    initialise();
    backup('2026-11-20 03:00:00');
    backup('2026-11-19 03:00:00', join(base, 'env'));
    declare();
    const { outcome } = await probe();
    expect(outcome.opened && outcome.newest.map(({ at, paths }) => [at, paths.length])).toEqual([
      ['2026-11-20T03:00:00.000Z', 1],
      ['2026-11-19T03:00:00.000Z', 2],
    ]);
  });

  it('says why a repository does not open, and the check is unknown', async () => {
    declare();
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'no-repository' });
    initialise();
    backup('2026-11-20 03:00:00');
    environment('canary-wrong');
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'wrong-password' });
    expect(await judge()).toMatchObject({
      outcome: 'unknown',
      reason: { en: expect.stringContaining('password') },
    });
    expect(JSON.stringify(await judge())).not.toContain('canary');
    environment();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    declare({ repository: `rest:http://user:canary-url@127.0.0.1:${port}/` });
    const result = await probe();
    expect(result.outcome).toEqual({ opened: false, problem: 'unreachable' });
    expect(JSON.stringify(result)).not.toContain('canary');
  });

  it('does not believe a list from which a damaged snapshot is missing', async () => {
    initialise();
    backup('2026-11-20 03:00:00');
    backup('2026-11-19 03:00:00');
    declare();
    const [first = ''] = readdirSync(join(repository, 'snapshots'));
    const file = join(repository, 'snapshots', first);
    chmodSync(file, 0o600);
    writeFileSync(file, 'damaged');
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'damaged' });
    chmodSync(join(repository, 'config'), 0o600);
    writeFileSync(join(repository, 'config'), readFileSync(join(repository, 'config')).subarray(0, 50));
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'damaged' });
    expect(await judge()).toMatchObject({ outcome: 'unknown' });
  });

  it('ends a repository that never answers, helpers included', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    declare({ repository: `rest:http://127.0.0.1:${port}/`, timeoutSeconds: 1 });
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'timeout' });
    server.close();
  });

  it('runs a password command of root, and none that others could change', async () => {
    initialise();
    backup('2026-11-20 03:00:00');
    const command = join(base, 'password');
    writeFileSync(command, `#!/bin/sh\ntouch ${base}/ran\necho ${PASSWORD}\n`, { mode: 0o700 });
    const withCommand = (text: string) =>
      writeFileSync(join(base, 'env'), `RESTIC_REPOSITORY=${repository}\nRESTIC_PASSWORD_COMMAND=${text}\n`, {
        mode: 0o600,
      });
    withCommand(command);
    declare();
    expect((await probe()).outcome.opened).toBe(true);
    expect(existsSync(join(base, 'ran'))).toBe(true);
    for (const spoil of [
      () => chmodSync(command, 0o722),
      () => chownSync(command, 1000, 1000),
      () => withCommand('password'),
      () => withCommand(`/bin/sh -c "cat /tmp/anything"`),
      () => chmodSync(base, 0o777),
    ]) {
      rmSync(join(base, 'ran'), { force: true });
      chmodSync(base, 0o700);
      writeFileSync(command, readFileSync(command));
      chownSync(command, 0, 0);
      chmodSync(command, 0o700);
      withCommand(command);
      spoil();
      const [probed] = await probeBackups({
        host: probeHost(base),
        hostName: 'x',
        now: () => NOW,
        directory: join(base, 'results'),
      });
      expect(probed?.result.outcome ?? 'refused', spoil.toString()).not.toMatchObject({ opened: true });
      expect(existsSync(join(base, 'ran')), spoil.toString()).toBe(false);
    }
  });

  it('takes no secrets from a file that others can write, nor through a link of theirs', async () => {
    initialise();
    declare();
    chmodSync(join(base, 'env'), 0o620);
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'unsafe-configuration' });
    chmodSync(join(base, 'env'), 0o600);
    const shared = mkdtempSync(join(os.tmpdir(), 'nachweis-shared-'));
    symlinkSync(join(base, 'env'), join(shared, 'env'));
    declare({ environmentFile: join(shared, 'env') });
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'unsafe-configuration' });
    rmSync(shared, { recursive: true });
  });

  it('runs no restic that others could have put there', async () => {
    declare();
    const fake = join(os.tmpdir(), 'restic-nobody');
    const [probed] = await probeBackups({
      host: probeHost(base),
      hostName: 'x',
      now: () => NOW,
      directory: join(base, 'results'),
      programs: [fake],
    });
    expect(probed?.result.outcome).toEqual({ opened: false, problem: 'no-program' });
  });

  it('does nothing for jobs that do not ask for it', async () => {
    writeFileSync(
      join(base, 'backup.d/other.yaml'),
      'name: other\ntool: rsync\nwhat: [/etc]\nto: vault\nwhen: { outside: x }\nlastSuccess: { file: /var/lib/other }\n',
    );
    expect(
      await probeBackups({
        host: probeHost(base),
        hostName: 'x',
        now: () => NOW,
        directory: join(base, 'results'),
      }),
    ).toEqual([]);
    expect(existsSync(join(base, 'results'))).toBe(false);
  });
});

it('takes nothing but a list of snapshots for one', () => {
  for (const text of [
    '',
    'null null',
    '{}',
    '"x"',
    '[1]',
    '[{"time":"yesterday","id":"x"}]',
    '[{"time":"2026-11-20T03:00:00Z"}]',
  ]) {
    expect(seen(text, 'web1'), text).toBeUndefined();
  }
  expect(seen('null', 'web1')).toMatchObject({ opened: true, own: 0 });
});

it('knows the exit statuses of newer versions of restic', () => {
  expect([10, 11, 12, 1].map((status) => problemIn('', status))).toEqual([
    'no-repository',
    'locked',
    'wrong-password',
    'failed',
  ]);
});
