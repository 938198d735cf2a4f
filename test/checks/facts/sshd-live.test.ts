/** The live fact against a real sshd that this test starts on a free loopback port, with a configuration of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { evaluateRound, factGetter } from '../../../checks/evaluate.ts';
import type { Fact } from '../../../checks/fact.ts';
import { sshdDaemons } from '../../../checks/facts/sshd-daemons.ts';
import type { CommandOutput, Host } from '../../../checks/host.ts';
import { sshdChecks } from '../../../checks/login/sshd.ts';
import { hasSshd, type Laboratory, laboratory, SSHD, withRunDirectory } from './sshd-real.ts';

const NOW = () => new Date();

interface Running {
  readonly lab: Laboratory;
  readonly pid: number;
  readonly config: string;
  readonly child: ChildProcess;
}
let running: Running | undefined;

afterEach(async () => {
  if (!running) return;
  const { child, pid, lab } = running;
  running = undefined;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(pid, 'SIGTERM');
  await ended;
  lab.remove();
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** Starts sshd in the foreground and waits until it has written its PID file. */
async function start(lines: readonly string[], options: readonly string[] = []): Promise<Running> {
  const lab = laboratory();
  const config = join(lab.directory, 'sshd_config');
  const pidFile = join(lab.directory, 'sshd.pid');
  const port = await freePort();
  writeFileSync(
    config,
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${lab.hostKey}`,
      `PidFile ${pidFile}`,
      ...lines,
      '',
    ].join('\n'),
  );
  const [program, args] = withRunDirectory([
    SSHD,
    '-D',
    '-e',
    '-f',
    config,
    ...options.flatMap((option) => ['-o', option]),
  ]);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  const listening = new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (data: Buffer) => {
      words += data.toString();
      if (/Server listening/.test(words)) resolve();
    });
    child.once('exit', () => reject(new Error(words)));
  });
  await listening;
  await until(() => existingPid(pidFile) !== undefined);
  const pid = existingPid(pidFile) ?? 0;
  running = { lab, pid, config, child };
  return running;
}

function existingPid(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8').trim()) || undefined;
  } catch {
    return undefined;
  }
}

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries += 1) {
    if (tries > 500) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The real host with these daemons; `sshd -T` is started where /run/sshd is there, as it is on a machine whose own sshd runs. */
function realHost(...pids: readonly number[]): Host {
  const host = linuxHost();
  // Other daemons of this machine are not what is tested here.
  const mine = (name: string) => !/^\d+$/.test(name) || pids.includes(Number(name));
  return Object.assign(Object.create(host) as Host, {
    live: host.live,
    privileged: host.privileged,
    readText: host.readText.bind(host),
    list: async (path: string) => {
      const names = await host.list(path);
      return path === '/proc' && names.state === 'known' && pids.length > 0
        ? { state: 'known' as const, value: names.value.filter(mine) }
        : names;
    },
    stat: host.stat.bind(host),
    lstat: host.lstat.bind(host),
    realPath: host.realPath.bind(host),
    readlink: host.readlink.bind(host),
    acl: host.acl.bind(host),
    run: async (
      command: Parameters<Host['run']>[0],
      args: readonly string[],
    ): Promise<Fact<CommandOutput>> => {
      expect(args.every((arg) => command.argument.test(arg))).toBe(true);
      const [program, words] = withRunDirectory([command.programs[0] ?? '', ...command.argv, ...args]);
      const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
      return { state: 'known', value: { status: status ?? -1, stdout, stderr } };
    },
  });
}

async function outcomes(host: Host) {
  const { results } = await evaluateRound({
    host,
    system: { id: 'debian', version: '12', like: [], kind: 'vm' },
    checks: sshdChecks,
    params: {},
    now: NOW(),
    monotonic: () => 0,
  });
  return new Map(results.map((result) => [result.check, result]));
}

describe.skipIf(!hasSshd)('a listening sshd (needs root, /usr/sbin/sshd and ssh-keygen)', () => {
  it('is found with its arguments and the time since which it runs', async () => {
    const { pid, config } = await start(['PermitRootLogin no'], ['MaxAuthTries=3']);
    const host = realHost();
    const daemons = await factGetter(host, NOW())(sshdDaemons);
    if (daemons.state !== 'known') throw new Error(daemons.state);
    const found = daemons.value.daemons.find((daemon) => daemon.pid === pid);
    expect(found?.program).toBe(SSHD);
    expect(found?.arguments.file).toBe(config);
    expect(found?.arguments.options).toEqual(['MaxAuthTries=3']);
    expect(Math.abs(Date.now() - Date.parse(found?.started ?? ''))).toBeLessThan(60_000);
  });

  it('is judged with its own file and options, for every kind of login', async () => {
    const { config, pid } = await start(
      [
        'PermitRootLogin no',
        'PasswordAuthentication no',
        'MaxAuthTries 6',
        'Match Address 192.0.2.0/24',
        '  PermitRootLogin yes',
        'Match User backup',
        '  PermitEmptyPasswords yes',
      ],
      ['MaxAuthTries=3'],
    );
    const results = await outcomes(realHost(pid));
    expect(results.get('login.sshd-permit-root-login')).toMatchObject({ outcome: 'fail' });
    expect(JSON.stringify(results.get('login.sshd-permit-root-login'))).toContain(`via Match at ${config}:8`);
    expect(JSON.stringify(results.get('login.sshd-permit-root-login'))).toContain('addr=192.0.2.0');
    expect(JSON.stringify(results.get('login.sshd-permit-empty-passwords'))).toContain('user=backup');
    expect(results.get('login.sshd-permit-empty-passwords')?.outcome).toBe('fail');
    expect(results.get('login.sshd-password-authentication')?.outcome).toBe('pass');
    expect(results.get('login.sshd-max-auth-tries')?.outcome).toBe('pass');
    expect(results.get('login.sshd-hostbased-authentication')?.outcome).toBe('pass');
  });

  it('whose file changed after it started is unknown until it was reloaded', async () => {
    const { config, pid, lab } = await start(['PermitRootLogin yes']);
    const before = await outcomes(realHost(pid));
    expect(before.get('login.sshd-permit-root-login')?.outcome).toBe('fail');

    await new Promise((resolve) => setTimeout(resolve, 20));
    writeFileSync(config, readFileSync(config, 'utf8').replace('PermitRootLogin yes', 'PermitRootLogin no'));
    const changed = (await outcomes(realHost(pid))).get('login.sshd-permit-root-login');
    expect(changed?.outcome).toBe('unknown');
    expect(changed?.reason?.en).toContain('not yet in effect');
    expect(JSON.stringify(changed?.evidence)).toContain(config);

    const pidFile = join(lab.directory, 'sshd.pid');
    const old = readFileSync(pidFile, 'utf8');
    writeFileSync(pidFile, '');
    process.kill(pid, 'SIGHUP');
    // The start of the process stays as it was; the PID file is written anew once the configuration is read.
    await until(() => existingPid(pidFile) === Number(old));
    const reloaded = (await outcomes(realHost(pid))).get('login.sshd-permit-root-login');
    expect(reloaded, JSON.stringify(reloaded)).toMatchObject({ outcome: 'pass' });
  });

  it('two daemons with different files: the weaker one decides', async () => {
    const first = await start(['PermitRootLogin no']);
    const keep = running;
    const second = await start(['PermitRootLogin yes']);
    const result = (await outcomes(realHost(first.pid, second.pid))).get('login.sshd-permit-root-login');
    expect(result?.outcome).toBe('fail');
    expect(JSON.stringify(result)).toContain(second.config);
    expect(JSON.stringify(result)).toContain(first.config);
    const ended = new Promise((resolve) => first.child.once('exit', resolve));
    process.kill(first.pid, 'SIGTERM');
    await ended;
    keep?.lab.remove();
  });
});
