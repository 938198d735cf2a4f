/** The drill against real borg, borgmatic's configuration, duplicity and rsnapshot. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runTool } from '../../../agent/backup-run.ts';
import { containing, makeOwn, unusedAccount, WRAPPERS } from '../../../agent/drill/contained.ts';
import { describeAsRoot } from '../../support/programs.ts';
import { DrillWorld, PASSWORD } from './world.ts';

let world: DrillWorld;
beforeEach(() => {
  world = new DrillWorld();
});
afterEach(() => world.end());

const run = (program: string, args: readonly string[], env: Record<string, string> = {}): string =>
  execFileSync(program, args, {
    // Not root's own home: gpg starts an agent there, which ends when its directory goes.
    env: { PATH: '/usr/bin:/bin', HOME: world.base, LC_ALL: 'C', ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** Of every process: proc(5). */
const commandLines = (): string[] =>
  readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/.test(name) ? [readFileSync(`/proc/${name}/cmdline`, 'utf8')] : [];
    } catch {
      return [];
    }
  });

/** Flips a bit in the middle of the largest file of such a name below a directory. */
function damage(directory: string, name = /./): void {
  const [largest = ''] = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => name.test(file))
    .map((file) => path.join(directory, file))
    .filter((file) => statSync(file).isFile())
    .sort((a, b) => statSync(b).size - statSync(a).size);
  const bytes = readFileSync(largest);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(largest, bytes);
}

describeAsRoot(['borg'], 'restore drill with real borg', () => {
  const env = () => ({ BORG_PASSPHRASE: PASSWORD, BORG_BASE_DIR: path.join(world.base, 'borg') });
  const borg = (...args: string[]) => run('borg', args, env());
  const create = async (name: string) => {
    borg('create', `${world.repository}::${name}`, world.source);
  };

  it('compares, tells damage, a wrong passphrase and what is missing; needs no lock', async () => {
    borg('init', '-e', 'repokey', world.repository);
    world.declare('borg', {
      environmentFile: world.secrets({ BORG_REPO: world.repository, BORG_PASSPHRASE: PASSWORD }),
    });
    expect((await world.drill()).drill).toMatchObject({ outcome: 'unequal', problem: 'no-snapshot' });
    const changed = world.file('changed');
    world.file('empty', '');
    world.file('two\nlines');
    world.file('large', Buffer.from(Array.from({ length: 900_000 }, (_, n) => (n * n) % 251)));
    execFileSync('ln', [changed, path.join(world.source, 'etc/hard')]);
    symlinkSync('/etc/shadow', path.join(world.source, 'etc/link'));
    await create('one');
    writeFileSync(changed, 'something else\n');
    // A writer holds the repository.
    mkdirSync(path.join(world.repository, 'lock.exclusive'));
    const { drill } = await world.drill();
    expect(drill).toMatchObject({
      tool: 'borg',
      snapshot: { id: expect.stringMatching(/^[0-9a-f]{64}$/) },
      files: { source: 3, record: 1, damaged: 0, missing: 0 },
      outcome: 'equal',
    });
    expect(drill.bytes).toBeGreaterThan(900_000);
    rmSync(path.join(world.repository, 'lock.exclusive'), { recursive: true });
    const none = path.join(world.source, 'etc/none');
    expect((await world.drill({ paths: [none] })).drill).toMatchObject({
      outcome: 'unclear',
      problem: 'nothing-wanted',
    });
    world.secrets({ BORG_REPO: world.repository, BORG_PASSPHRASE: 'canary-wrong' });
    expect((await world.drill()).drill).toMatchObject({ outcome: 'error', problem: 'wrong-password' });
    world.secrets({ BORG_REPO: world.repository, BORG_PASSPHRASE: PASSWORD });
    damage(path.join(world.repository, 'data'));
    const damaged = (await world.drill()).drill;
    expect(damaged.outcome).toBe('unequal');
    // What does not hang on the damaged piece still comes out.
    expect(damaged.files.damaged).toBeGreaterThan(0);
    expect(damaged.files.source + damaged.files.record).toBeGreaterThan(0);
  });

  it("takes repository and passphrase from borgmatic's configuration", async () => {
    borg('init', '-e', 'repokey', world.repository);
    world.file('hostname');
    await create('one');
    const configuration = path.join(world.base, 'borgmatic.yaml');
    writeFileSync(
      configuration,
      stringify({
        location: { repositories: [world.repository], source_directories: ['/etc'] },
        storage: { encryption_passphrase: PASSWORD },
        hooks: { before_backup: [`touch ${world.base}/hook`] },
      }),
      { mode: 0o600 },
    );
    world.declare('borgmatic', { configuration });
    expect((await world.drill()).drill).toMatchObject({
      tool: 'borg',
      outcome: 'equal',
      files: { source: 1 },
    });
    expect(existsSync(path.join(world.base, 'hook'))).toBe(false);
  });
});

describeAsRoot(['duplicity', 'setpriv'], 'restore drill with real duplicity', () => {
  const url = () => `file://${world.repository}`;
  const full = async (...more: string[]) => {
    run('duplicity', ['full', '--archive-dir', path.join(world.base, 'own'), ...more, world.source, url()], {
      PASSPHRASE: PASSWORD,
    });
  };

  it('compares, tells damage, a wrong passphrase and what is missing', async () => {
    world.declare('duplicity', { environmentFile: world.secrets({ PASSPHRASE: PASSWORD }) }, { to: url() });
    const changed = world.file('changed');
    world.file('large', Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * n) % 251)));
    world.file('two\nlines');
    symlinkSync('/etc/shadow', path.join(world.source, 'etc/link'));
    // More than would be asked for one by one: they come with one run for their directory.
    for (let n = 0; n < 12; n += 1) world.file(`many/${n}`);
    await full();
    writeFileSync(changed, 'something else\n');
    const { drill } = await world.drill();
    expect(drill).toMatchObject({
      tool: 'duplicity',
      snapshot: { id: null },
      files: { source: 13, record: 1, unclear: 0 },
      outcome: 'equal',
    });
    const none = path.join(world.source, 'etc/none');
    expect((await world.drill({ paths: [none] })).drill).toMatchObject({
      outcome: 'unclear',
      problem: 'nothing-wanted',
    });
    world.secrets({ PASSPHRASE: 'canary-wrong' });
    expect((await world.drill()).drill).toMatchObject({ outcome: 'error', problem: 'wrong-password' });
    world.secrets({ PASSPHRASE: PASSWORD });
    damage(world.repository, /difftar/);
    expect((await world.drill()).drill).toMatchObject({ outcome: 'unequal', problem: null });
    damage(world.repository, /sigtar/);
    expect((await world.drill()).drill).toMatchObject({ outcome: 'unequal' });
  });

  /** A key ring with a key to encrypt for, and one that signs. */
  function keyring(passphrase: string) {
    const home = path.join(world.base, 'gnupg');
    mkdirSync(home, { mode: 0o700 });
    const gpg = (...args: string[]) => run('gpg', ['--batch', '--homedir', home, ...args]);
    const key = (secret: string, name: string, algorithm: string, usage: string): string => {
      const given = ['--passphrase', secret, '--pinentry-mode', 'loopback'];
      gpg(...given, '--quick-gen-key', name, algorithm, usage, 'never');
      return /^fpr:+([0-9A-F]{40}):/m.exec(gpg('--with-colons', '-k', name))?.[1] ?? '';
    };
    const encrypts = key(passphrase, 'backup@example.org', 'default', 'default');
    const signs = key('canary-sign', 'sign@example.org', 'ed25519', 'sign');
    return { home, keys: ['--encrypt-key', encrypts, '--sign-key', signs] };
  }
  function backedUp(home: string, keys: readonly string[]): void {
    const own = ['--archive-dir', path.join(world.base, 'own'), '--gpg-options', '--pinentry-mode loopback'];
    run('duplicity', ['full', ...own, ...keys, world.source, url()], {
      GNUPGHOME: home,
      SIGN_PASSPHRASE: 'canary-sign',
    });
    run('gpgconf', ['--homedir', home, '--kill', 'gpg-agent']);
  }

  it('says that a repository is encrypted for a key that is not here', { timeout: 120_000 }, async () => {
    const { home, keys } = keyring('');
    world.file('hostname');
    backedUp(home, keys);
    // Neither without a passphrase nor with one: it is the key that is missing.
    for (const secrets of [{}, { PASSPHRASE: PASSWORD }]) {
      world.declare('duplicity', { environmentFile: world.secrets(secrets) }, { to: url() });
      expect((await world.drill()).drill).toMatchObject({ outcome: 'error', problem: 'no-key' });
    }
  });

  it.each(['', PASSWORD])('uses the key of the job where it is here, passphrase %j', async (passphrase) => {
    const { home, keys } = keyring(passphrase);
    world.file('hostname');
    for (let n = 0; n < 12; n += 1) world.file(`many/${n}`);
    backedUp(home, keys);
    const listed = () => readdirSync(home, { recursive: true, encoding: 'utf8' }).sort();
    const before = listed();
    const secrets = (more: Record<string, string>) =>
      world.declare(
        'duplicity',
        { environmentFile: world.secrets({ GNUPGHOME: home, ...more }) },
        { to: url() },
      );
    secrets(passphrase === '' ? {} : { PASSPHRASE: passphrase });
    expect((await world.drill()).drill).toMatchObject({ outcome: 'equal', files: { source: 13 } });
    // Used as a copy: gpg writes beside its keys, and starts an agent that would stay.
    expect(listed()).toEqual(before);
    expect(commandLines().filter((line) => line.includes(world.base))).toEqual([]);
    if (passphrase !== '') {
      for (const wrong of [{ PASSPHRASE: 'canary-wrong' }, {}] as Record<string, string>[]) {
        secrets(wrong);
        expect((await world.drill()).drill).toMatchObject({ outcome: 'error', problem: 'wrong-password' });
      }
    }
    // A ring that others can change is not used.
    chmodSync(home, 0o777);
    secrets(passphrase === '' ? {} : { PASSPHRASE: passphrase });
    expect((await world.drill()).drill).toMatchObject({ outcome: 'error', problem: 'no-key' });
  });

  it('is run so that it reads what root may, and writes nowhere but in its own directory', async () => {
    const account = unusedAccount();
    const scratch = path.join(world.base, 'scratch');
    mkdirSync(scratch, { mode: 0o700 });
    makeOwn(scratch, account);
    const secret = path.join(world.base, 'secret');
    writeFileSync(secret, 'only for root', { mode: 0o600 });
    const shell = (script: string) =>
      runTool({
        program: WRAPPERS[0],
        args: containing(account, '/bin/sh', ['-c', script]),
        environment: {},
        milliseconds: 10_000,
      });
    expect(await shell(`cat ${secret}`)).toMatchObject({ status: 0, stdout: 'only for root' });
    expect(await shell(`echo x > ${scratch}/tool/tmp/x; id -u; id -G`)).toMatchObject({
      status: 0,
      stdout: `${account}\n${account}\n`,
    });
    for (const victim of [secret, path.join(world.base, 'new'), `${scratch}/new`, '/etc/new', '/root/new'])
      expect(await shell(`echo x > ${victim}`), victim).toMatchObject({ status: 2 });
    expect(await shell(`chmod 4755 ${scratch}/tool/tmp/x && chown 0 ${scratch}/tool/tmp/x`)).toMatchObject({
      status: 1,
    });
    expect(existsSync('/etc/new') || existsSync('/root/new')).toBe(false);
  });

  it('writes nowhere but in its own directory, and takes over no link', async () => {
    world.declare('duplicity', {}, { to: 'ftp://anna:canary-url@192.0.2.1/x' });
    expect((await world.drill()).drill).toMatchObject({ outcome: 'error', problem: 'unsafe-configuration' });
    // Whoever holds the storage can put any set there: an unencrypted one, in which a name climbs and a file is a link.
    world.declare('duplicity', { environmentFile: world.secrets({}) }, { to: url() });
    const file = world.file('hostname');
    world.file('sub/other');
    const victim = path.join(world.base, 'victim');
    rmSync(file);
    symlinkSync(victim, file);
    await full('--no-encryption');
    rmSync(file);
    writeFileSync(file, 'mine\n');
    const { drill } = await world.drill({ paths: [file] });
    expect(drill).toMatchObject({ outcome: 'unclear', files: { unclear: 1, source: 0 } });
    expect(existsSync(victim)).toBe(false);
  });
});

describeAsRoot(['rsnapshot'], 'restore drill with real rsnapshot', () => {
  it('compares what has not changed, and can not tell of the rest', async () => {
    const configuration = path.join(world.base, 'rsnapshot.conf');
    writeFileSync(
      configuration,
      [
        'config_version\t1.2',
        `snapshot_root\t${world.repository}/`,
        'no_create_root\t0',
        'cmd_rsync\t/usr/bin/rsync',
        'retain\tdaily\t3',
        `lockfile\t${world.base}/pid`,
        `backup\t${world.source}/\tlocalhost/`,
        '',
      ].join('\n'),
    );
    world.declare('rsnapshot', { configuration });
    const same = world.file('same');
    const changed = world.file('changed');
    symlinkSync('/etc/shadow', path.join(world.source, 'etc/link'));
    run('rsnapshot', ['-c', configuration, 'daily']);
    // An hour later, as far as the snapshot's own time goes.
    const at = (ahead: number) => new Date(Date.now() + ahead * 1000);
    utimesSync(path.join(world.repository, 'daily.0'), at(3700), at(3700));
    expect((await world.drill()).drill).toMatchObject({
      tool: 'rsnapshot',
      snapshot: { id: 'daily.0' },
      files: { source: 2 },
      outcome: 'equal',
    });
    const copy = path.join(world.repository, 'daily.0/localhost', same);
    writeFileSync(copy, 'damaged\n');
    expect((await world.drill()).drill).toMatchObject({
      outcome: 'unequal',
      files: { different: 1, source: 1 },
    });
    rmSync(copy);
    symlinkSync('/etc/shadow', copy);
    expect((await world.drill({ paths: [same] })).drill).toMatchObject({
      outcome: 'unequal',
      files: { missing: 1 },
    });
    utimesSync(path.join(world.repository, 'daily.0'), at(0), at(0));
    writeFileSync(changed, 'something else\n');
    expect((await world.drill({ paths: [changed] })).drill).toMatchObject({
      outcome: 'unclear',
      files: { unclear: 1 },
    });
    // Nothing that could be compared is drawn of itself.
    rmSync(path.join(world.repository, 'daily.0'), { recursive: true });
    expect((await world.drill()).drill).toMatchObject({ outcome: 'unequal', problem: 'no-snapshot' });
  });
});
