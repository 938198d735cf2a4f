/** Real programs: what may run, what is refused, what happens to those that hang, flood or leave children behind. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aclMark, aclReader, parseAcl } from '../../agent/host-acl.ts';
import { commandRunner } from '../../agent/host-command.ts';
import { linuxHost } from '../../agent/host-linux.ts';
import { type Command, commands } from '../../checks/commands.ts';
import type { Fact } from '../../checks/fact.ts';

const isRoot = process.getuid?.() === 0;
const command = (more: Partial<Command>): Command => ({
  id: 'test',
  programs: ['/bin/sh'],
  argv: [],
  argument: /^[a-z]+$/,
  maxArguments: 1,
  timeoutMs: 10_000,
  maxOutputBytes: 1024 * 1024,
  ...more,
});
const run = (one: Command, args: string[] = []) => commandRunner([one]).run(one, args);
const shell = (script: string, more: Partial<Command> = {}) =>
  run(command({ argv: ['-c', script], ...more }));
const why = (fact: Fact<unknown>): string => (fact.state === 'unreadable' ? fact.reason.en : fact.state);

// Below /root, not /tmp: there every directory on the way belongs to root alone, as a program's must.
let directory: string;
beforeAll(() => {
  directory = fs.mkdtempSync(path.join(isRoot ? os.homedir() : os.tmpdir(), '.nachweis-command-'));
});
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

it('gives status, output and errors, and no input', async () => {
  expect(await shell('cat; echo out; echo err >&2; exit 3')).toEqual({
    state: 'known',
    value: { status: 3, stdout: 'out\n', stderr: 'err\n' },
  });
});

it('hands over a clean environment', async () => {
  process.env.LD_PRELOAD = '';
  process.env.APT_CONFIG = '/etc/passwd';
  process.env.LC_ALL = 'de_DE.UTF-8';
  const fact = await run(command({ programs: ['/usr/bin/env'] }));
  const names = fact.state === 'known' ? fact.value.stdout.trim().split('\n') : [];
  expect(names.sort()).toEqual([
    'HOME=/',
    'LANG=C',
    'LC_ALL=C',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    'SYSTEMD_COLORS=0',
    'SYSTEMD_PAGER=',
    'TERM=dumb',
  ]);
});

it('refuses a command that is a copy of a listed one', async () => {
  const listed = commands[0];
  expect(listed).toBeDefined();
  if (!listed) return;
  expect(why(await commandRunner().run({ ...listed }, []))).toContain('not on the list');
});

it('adds to the environment what the list says, and nothing else', async () => {
  const named = command({ programs: ['/usr/bin/env'], env: { DEMO: 'one' } });
  expect(await run(named)).toMatchObject({ value: { stdout: expect.stringContaining('DEMO=one\n') } });
  const other = { ...named, env: { LD_PRELOAD: '/tmp/evil.so' } };
  expect(why(await commandRunner([named]).run(other, []))).toContain('not on the list');
  // Whoever adds one says here that it changes neither what is loaded nor what is run.
  const names = new Set(commands.flatMap(({ env = {} }) => Object.keys(env)));
  expect([...names].sort()).toEqual(['TZ', 'ZYPP_LOGFILE', 'ZYPP_READONLY_HACK']);
});

it.each([['UPPER'], ['two\nlines'], ['nul\0'], ['']])('refuses the argument %j', async (arg) => {
  expect(why(await run(command({}), [arg]))).toContain('not of the kind');
});
it('refuses more arguments than the command takes', async () => {
  expect(why(await run(command({}), ['a', 'b']))).toContain('not of the kind');
});

it('says absent where there is no such program', async () => {
  expect(await run(command({ programs: ['/usr/bin/no-such-program', '/bin/no/where'] }))).toEqual({
    state: 'absent',
    source: '/usr/bin/no-such-program',
  });
});

it.skipIf(!isRoot)('does not run what others than root can change, and takes the next', async () => {
  const loose = path.join(directory, 'loose');
  fs.copyFileSync('/bin/echo', loose);
  fs.chmodSync(loose, 0o777);
  expect(why(await run(command({ programs: [loose] })))).toContain('not only root can change it');
  const next = await run(command({ programs: [loose, '/bin/echo'], argv: ['next'] }));
  expect(next).toMatchObject({ value: { stdout: 'next\n' } });

  fs.chmodSync(loose, 0o755);
  expect((await run(command({ programs: [loose] }))).state).toBe('known');
  fs.chownSync(loose, 65534, 0);
  expect(why(await run(command({ programs: [loose] })))).toContain('not only root');

  fs.mkdirSync(path.join(directory, 'open'), { mode: 0o777 });
  fs.chmodSync(path.join(directory, 'open'), 0o777);
  fs.copyFileSync('/bin/echo', path.join(directory, 'open/echo'));
  fs.symlinkSync(path.join(directory, 'open/echo'), path.join(directory, 'by-link'));
  expect(why(await run(command({ programs: [path.join(directory, 'by-link')] })))).toContain('not only root');
});

it('ends a program that hangs, with all its children', async () => {
  const pidFile = path.join(directory, 'pids');
  const fact = await shell(`sleep 1000 & echo $! > ${pidFile}; wait`, { timeoutMs: 300 });
  expect(why(fact)).toBe('no answer within 0.3 s');
  await expectGone(Number(fs.readFileSync(pidFile, 'utf8')));
});

it('does not wait for what a program leaves running', async () => {
  const pidFile = path.join(directory, 'left');
  expect(await shell(`sleep 1000 & echo $! > ${pidFile}; echo done`)).toMatchObject({
    value: { status: 0, stdout: 'done\n' },
  });
  await expectGone(Number(fs.readFileSync(pidFile, 'utf8')));
});

/** SIGKILL is delivered at once, but the process table may take a moment to say so. */
async function expectGone(pid: number): Promise<void> {
  const state = () => {
    try {
      return /^State:\s+(\S)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 'gone';
    } catch {
      return 'gone';
    }
  };
  await expect.poll(state, { timeout: 5000 }).toMatch(/^(?:gone|Z|X)$/);
}

it('cuts off a flood', async () => {
  expect(why(await shell('yes', { maxOutputBytes: 10_000 }))).toContain('longer than 10000 bytes');
});

it('does not take a killed program or broken bytes for an answer', async () => {
  expect(why(await shell('kill -9 $$'))).toBe('ended by SIGKILL');
  expect(why(await shell("printf '\\377'"))).toContain('not UTF-8');
});

it('runs at most two at once, and all of them', async () => {
  const counter = path.join(directory, 'running');
  fs.mkdirSync(counter);
  const one = command({
    argv: ['-c', `touch ${counter}/$$; ls ${counter} | wc -l; sleep 0.05; rm ${counter}/$$`],
  });
  const runner = commandRunner([one]);
  const facts = await Promise.all(Array.from({ length: 8 }, () => runner.run(one, [])));
  const counts = facts.map((fact) => (fact.state === 'known' ? Number(fact.value.stdout) : Number.NaN));
  expect(Math.max(...counts)).toBeLessThanOrEqual(2);
  expect(counts).toHaveLength(8);
});

it('reads the mark of ls and the entries of getfacl', () => {
  expect(aclMark('-rw-r-----+ 1 0 42 5 Jan  1 00:00 /proc/1/fd/9\n')).toBe(true);
  expect(aclMark('-rw-r-----. 1 0 42 5 Jan  1 00:00 /proc/1/fd/9\n')).toBe(false);
  expect(aclMark('-rw-r----- 1 0 42 5 Jan  1 00:00 /proc/1/fd/9\n')).toBe(false);
  expect(aclMark('ls: cannot access')).toBeUndefined();
  expect(
    parseAcl(
      'user::rw-\nuser:1001:rwx\t#effective:r--\nuser:7:-w-\t#effective:---\ngroup::r--\ngroup:4:r--\nmask::r--\n',
    ),
  ).toEqual(['user:1001:r--', 'group:4:r--']);
});

it('asks real ls about a file without an ACL, and nobody where an ACL could add nothing', async () => {
  const file = path.join(directory, 'plain');
  fs.writeFileSync(file, '');
  fs.chmodSync(file, 0o640);
  expect(await linuxHost().acl(file)).toEqual({ state: 'known', value: [] });
  const refusing = aclReader({ run: () => Promise.reject(new Error('asked')) });
  for (const mode of [0o600, 0o644, 0o755, 0o700]) {
    expect(await refusing.read(file, 0, mode)).toEqual({ state: 'known', value: [] });
  }
});

const hasAcl = fs.existsSync('/usr/bin/setfacl') && fs.existsSync('/usr/bin/getfacl');
it.skipIf(!hasAcl)('sees a real ACL (needs setfacl and getfacl)', async () => {
  const { execFileSync } = await import('node:child_process');
  const plain = path.join(directory, 'plain');
  const shared = path.join(directory, 'shared');
  for (const file of [plain, shared]) {
    fs.writeFileSync(file, '');
    fs.chmodSync(file, 0o640);
  }
  execFileSync('/usr/bin/setfacl', ['-m', 'u:65534:rw', shared]);
  const runner = commandRunner();
  const asked: string[] = [];
  const host = linuxHost({
    runner: {
      run: (command, args) => {
        asked.push(command.id);
        return runner.run(command, args);
      },
    },
  });
  // Those who ask at the same time share one program, and each gets its own answer.
  expect(await Promise.all([host.acl(plain), host.acl(shared), host.acl(plain)])).toEqual([
    { state: 'known', value: [] },
    { state: 'known', value: ['user:65534:rw-'] },
    { state: 'known', value: [] },
  ]);
  expect(asked).toEqual(['acl-present', 'acl-entries']);
});
