/** The backup probe against real borg repositories, and its result judged by backup.recent. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { borgProblem, borgSeen } from '../../agent/probe-borg.ts';
import { describeAsRoot } from '../support/programs.ts';
import { judgeRecent, probeOnce } from './probe-host.ts';

const PASSPHRASE = 'canary-correct-horse';
const HOUR_MS = 3_600_000;
const NOW = new Date('2026-11-20T12:00:00.000Z');

describeAsRoot(['borg', 'borgmatic'], 'backup probe with real borg', () => {
  // Below root's home: every directory above a file of secrets must be root's alone, which /tmp is not.
  let base: string;
  let repository: string;
  let empty: string;
  const borg = (args: readonly string[], home = join(base, 'home')): string =>
    execFileSync('borg', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: '/usr/bin:/bin',
        BORG_BASE_DIR: home,
        BORG_PASSPHRASE: PASSPHRASE,
        BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
        BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
        TZ: 'UTC',
      },
    });
  const init = (mode: string, at: string): void => {
    borg(['init', '-e', mode, at], join(os.tmpdir(), 'nachweis-borg-home'));
  };
  beforeAll(() => {
    empty = mkdtempSync(join(os.tmpdir(), 'nachweis-empty-'));
    init('repokey-blake2', join(empty, 'repo'));
  });
  afterAll(() => {
    rmSync(empty, { recursive: true, force: true });
    rmSync(join(os.tmpdir(), 'nachweis-borg-home'), { recursive: true, force: true });
  });
  beforeEach(() => {
    base = mkdtempSync(join(os.userInfo().homedir, '.nachweis-probe-'));
    repository = join(base, 'repo');
    mkdirSync(join(base, 'backup.d'));
    writeFileSync(join(base, 'data'), 'data');
    environment();
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const initialise = (): void => cpSync(join(empty, 'repo'), repository, { recursive: true });
  const backup = (time: string, name = time.slice(0, 10)): void => {
    borg(['create', '--timestamp', time, `${repository}::${name}`, join(base, 'data')]);
  };
  const environment = (passphrase = PASSPHRASE, more: readonly string[] = []): void =>
    writeFileSync(
      join(base, 'env'),
      [
        `BORG_REPO=${repository}`,
        `export BORG_PASSPHRASE="${passphrase}"`,
        'LD_PRELOAD=/nowhere.so',
        ...more,
        '',
      ].join('\n'),
      { mode: 0o600 },
    );
  const declare = (probe: Record<string, unknown> = { environmentFile: join(base, 'env') }): void =>
    writeFileSync(
      join(base, 'backup.d/web.yaml'),
      stringify({
        name: 'web',
        tool: 'borg',
        what: [join(base, 'data')],
        to: repository,
        when: { outside: 'by the test' },
        lastSuccess: { probe: { timeoutSeconds: 60, ...probe } },
      }),
    );

  const probe = (now = NOW) => probeOnce(base, now);
  const judge = (now = NOW) => judgeRecent(base, now);

  it('sees the newest archive, and the check passes, then fails as it ages', async () => {
    initialise();
    backup('2026-11-18T03:00:00');
    backup('2026-11-20T03:00:00');
    declare();
    const result = await probe();
    expect(result).toMatchObject({
      tool: 'borg',
      host: os.hostname(),
      repository: { location: repository, encryption: 'repokey-blake2' },
      outcome: { opened: true, own: 2, others: 0, newest: [{ at: '2026-11-20T03:00:00.000Z' }, {}] },
    });
    expect(await judge()).toMatchObject({ outcome: 'pass' });
    const later = new Date(NOW.getTime() + 48 * HOUR_MS);
    await probe(later);
    expect(await judge(later)).toMatchObject({ outcome: 'fail' });
    const file = join(base, 'results/borg-web.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain('canary');
  });

  it('changes nothing in the repository, waits for no lock and leaves nothing behind', async () => {
    initialise();
    backup('2026-11-20T03:00:00');
    declare();
    // What a running or a killed borg leaves: an exclusive lock of another machine.
    mkdirSync(join(repository, 'lock.exclusive'));
    writeFileSync(join(repository, 'lock.exclusive/other@1.1-0'), '');
    const all = () =>
      readdirSync(repository, { recursive: true, encoding: 'utf8' })
        .sort()
        .map((name) => [name, statSync(join(repository, name)).ctimeMs]);
    const scratch = () => readdirSync(os.tmpdir()).filter((name) => name.startsWith('nachweis-probe-'));
    const before = [all(), scratch()];
    expect((await probe()).outcome.opened).toBe(true);
    expect([all(), scratch()]).toEqual(before);
  });

  it('fails where the repository is empty or holds other systems only', async () => {
    initialise();
    declare();
    expect((await probe()).outcome).toMatchObject({ opened: true, own: 0, newest: [] });
    expect(await judge()).toMatchObject({ outcome: 'fail' });
    backup('2026-11-20T03:00:00');
    declare({ environmentFile: join(base, 'env'), snapshotHost: 'somebody-else' });
    expect((await probe()).outcome).toMatchObject({ opened: true, own: 0, others: 1 });
    expect(await judge()).toMatchObject({ outcome: 'fail' });
  });

  it('says why a repository does not open, and the check is unknown', async () => {
    declare();
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'no-repository' });
    initialise();
    backup('2026-11-20T03:00:00');
    environment('canary-wrong');
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'wrong-password' });
    expect(await judge()).toMatchObject({ outcome: 'unknown' });
    expect(JSON.stringify(await judge())).not.toContain('canary');
    writeFileSync(join(base, 'env'), `BORG_REPO=${repository}\n`, { mode: 0o600 });
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'wrong-password' });
    declare({ repository: 'ssh://nobody@127.0.0.1:1/./repo', environmentFile: join(base, 'env') });
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'unreachable' });
  });

  it('does not believe a damaged repository', async () => {
    initialise();
    backup('2026-11-20T03:00:00');
    declare();
    const segments = join(repository, 'data/0');
    for (const name of readdirSync(segments)) {
      const file = join(segments, name);
      const bytes = readFileSync(file);
      bytes.fill(0x55, Math.min(60, bytes.length >> 1));
      chmodSync(file, 0o600);
      writeFileSync(file, bytes);
    }
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'damaged' });
    expect(await judge()).toMatchObject({ outcome: 'unknown' });
  });

  it.each(['none', 'authenticated'])('tells that a repository is not encrypted: %s', async (mode) => {
    init(mode, repository);
    declare();
    expect((await probe()).repository.encryption).toBe(mode);
  });

  it('takes repository and passphrase from the configuration of borgmatic, and runs none of its hooks', async () => {
    initialise();
    const file = join(base, 'borgmatic.yaml');
    writeFileSync(join(base, 'passphrase'), `${PASSPHRASE}\n`, { mode: 0o600 });
    writeFileSync(
      file,
      stringify({
        location: { source_directories: [join(base, 'data')], repositories: [repository] },
        storage: { encryption_passcommand: `cat ${join(base, 'passphrase')}` },
        hooks: {
          before_actions: [`touch ${join(base, 'hook')}`],
          before_backup: [`touch ${join(base, 'hook')}`],
        },
      }),
      { mode: 0o600 },
    );
    const made = spawnSync('borgmatic', ['-c', file, 'create'], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', BORG_BASE_DIR: join(base, 'home'), HOME: join(base, 'home') },
    });
    expect(made.status, made.stderr).toBe(0);
    expect(existsSync(join(base, 'hook'))).toBe(true);
    rmSync(join(base, 'hook'));
    declare({ configuration: file });
    expect((await probe()).outcome).toMatchObject({ opened: true, own: 1 });
    expect(existsSync(join(base, 'hook'))).toBe(false);
    chmodSync(file, 0o620);
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'unsafe-configuration' });
  });

  it('runs no passphrase command that others could change', async () => {
    initialise();
    const command = join(base, 'passphrase');
    writeFileSync(command, `#!/bin/sh\ntouch ${base}/ran\necho ${PASSPHRASE}\n`, { mode: 0o700 });
    chmodSync(command, 0o722);
    writeFileSync(join(base, 'env'), `BORG_REPO=${repository}\nBORG_PASSCOMMAND=${command}\n`, {
      mode: 0o600,
    });
    declare();
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'unsafe-configuration' });
    chmodSync(command, 0o700);
    expect((await probe()).outcome.opened).toBe(true);
    rmSync(join(base, 'ran'));
    writeFileSync(join(base, 'env'), `BORG_REPO=${repository}\nBORG_RSH=/tmp/ssh\n`, { mode: 0o600 });
    expect((await probe()).outcome).toEqual({ opened: false, problem: 'unsafe-configuration' });
    expect(existsSync(join(base, 'ran'))).toBe(false);
  });
});

it('takes nothing but a list of archives for one', () => {
  for (const text of ['', '{}', '[]', 'null', '{"archives":[]}', '{"repository":{"id":"x"},"archives":[]}'])
    expect(borgSeen(text, 'web1'), text).toBeUndefined();
  const id = 'ab'.repeat(32);
  const archive = { start: '2026-11-20T03:00:00.000000', hostname: 'web2', id };
  const list = (archives: unknown[]) => JSON.stringify({ repository: { id }, archives });
  expect(borgSeen(list([archive]), 'web1')?.outcome).toMatchObject({ own: 0, others: 1 });
  // Many others: this host's own may be older than what was asked for.
  expect(borgSeen(list(Array(200).fill(archive)), 'web1')).toBeUndefined();
});

it('knows what it does not know', () => {
  expect(borgProblem('something new')).toBe('failed');
});
