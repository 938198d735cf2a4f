/**
 * Runs a command of the fixed list and nothing else: absolute program that only root can change, no shell, a clean
 * environment, standard input empty, time and output limited, the whole process group ended at the end.
 */
import { isUtf8 } from 'node:buffer';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

import { commands as allowed, type Command } from '../checks/commands.ts';
import { redact } from '../checks/evidence.ts';
import { absent, type Fact, known, unreadable } from '../checks/fact.ts';
import type { CommandOutput } from '../checks/host.ts';
import type { Text } from '../shared/outcome.ts';
import { type HostIo, suitableIo } from './host-io.ts';
import { pinLive } from './host-path.ts';

/** TZ is left out on purpose: the system's own zone decides what a calendar expression means. */
const ENVIRONMENT = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/',
  LC_ALL: 'C',
  LANG: 'C',
  TERM: 'dumb',
  SYSTEMD_COLORS: '0',
  SYSTEMD_PAGER: '',
};

/** nobody and nogroup, by number: the kernel's own overflow ids, on every distribution. */
const NOBODY = 65_534;

/** Each of these programs may take 100 MB; a check must not crowd out what the machine is for. */
const AT_ONCE = 2;

export interface CommandRunner {
  run(command: Command, args: readonly string[]): Promise<Fact<CommandOutput>>;
}

/** @param list the commands that may run; only tests of this file give another than `checks/commands.ts` */
export function commandRunner(list: readonly Command[] = allowed, io: HostIo = suitableIo()): CommandRunner {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    async run(command, args) {
      const source = [command.programs[0] ?? command.id, ...command.argv, ...args].join(' ');
      const problem = refuse(list, command, args);
      if (problem) return unreadable(source, problem);
      if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
      running += 1;
      try {
        const program = await findProgram(io, command.programs);
        return program.state === 'known' ? await start(program.value, command, args, source) : program;
      } finally {
        running -= 1;
        waiting.shift()?.();
      }
    },
  };
}

/** By identity, not by name: an object made elsewhere is not on the list, whatever it is called. */
function refuse(list: readonly Command[], command: Command, args: readonly string[]): Text | undefined {
  if (!list.includes(command)) {
    return { en: 'this command is not on the list', de: 'dieser Befehl steht nicht auf der Liste' };
  }
  if (args.length > command.maxArguments || !args.every((arg) => wholly(command.argument, arg))) {
    return {
      en: 'an argument is not of the kind this command may get',
      de: 'ein Argument ist nicht von der Art, die dieser Befehl bekommen darf',
    };
  }
  return undefined;
}

const wholly = (pattern: RegExp, text: string): boolean =>
  !text.includes('\0') && new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).test(text);

/** The first of `programs` that is a file of root in directories of root; absent where none exists at all. */
async function findProgram(io: HostIo, programs: readonly string[]): Promise<Fact<string>> {
  let found: Fact<string> = absent(programs[0] ?? '');
  for (const program of programs) {
    try {
      if (await isSafe(io, program)) return known(program);
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) continue;
    }
    found = unreadable(program, {
      en: `${program} was not run: not only root can change it`,
      de: `${program} wurde nicht ausgeführt: nicht nur root kann es ändern`,
    });
  }
  return found;
}

/** Whether it and every directory on both ways to it belong to root alone. */
async function isSafe(io: HostIo, program: string): Promise<boolean> {
  const pinned = await pinLive(io, program, true);
  let real: string;
  try {
    const executable = pinned.stats.isFile() && (pinned.stats.mode & 0o111) !== 0;
    if (!executable || !onlyRoot(pinned.stats)) return false;
    real = await pinned.realPath();
  } finally {
    io.close(pinned.fd);
  }
  for (const directory of new Set([...ancestors(program), ...ancestors(real)])) {
    const above = await pinLive(io, directory, true);
    io.close(above.fd);
    if (!onlyRoot(above.stats)) return false;
  }
  return true;
}

const onlyRoot = ({ uid, mode }: { uid: number; mode: number }): boolean => uid === 0 && (mode & 0o022) === 0;

function ancestors(path: string): string[] {
  const names = path.split('/').slice(1, -1);
  return ['/', ...names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)];
}

const groups = new Set<number>();
const endGroups = (): void => {
  for (const group of groups) endGroup(group);
};
process.once('exit', endGroups);

/** Its own groups get no Ctrl-C and no SIGTERM: whoever ends this process ends them through it. */
let handled = false;
function endWithUs(): void {
  if (handled) return;
  handled = true;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      endGroups();
      // The handler is gone now: the signal does what it does.
      process.kill(process.pid, signal);
    });
  }
}

/** SIGKILL to the process group: helpers of a program that hangs would hang on. */
function endGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch (error) {
    // ESRCH: it has ended. Its unit leaves the agent no right to end what runs as nobody, but that of becoming nobody.
    if ((error as NodeJS.ErrnoException).code === 'EPERM') endAsNobody(group);
  }
}

function endAsNobody(group: number): void {
  spawnSync('/bin/sh', ['-c', 'kill -KILL -- "-$1"', 'sh', String(group)], {
    uid: NOBODY,
    gid: NOBODY,
    cwd: '/',
    env: {},
    stdio: 'ignore',
    timeout: 5_000,
  });
}

async function start(
  program: string,
  command: Command,
  args: readonly string[],
  source: string,
): Promise<Fact<CommandOutput>> {
  endWithUs();
  const child = spawn(program, [...command.argv, ...args], {
    argv0: program,
    cwd: '/',
    env: { ...ENVIRONMENT, ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    shell: false,
    ...(command.asNobody && process.geteuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  const group = child.pid;
  if (group !== undefined) groups.add(group);
  try {
    const output = await finished(child, command, group);
    if ('problem' in output) return unreadable(source, output.problem);
    if (!isUtf8(output.stdout)) {
      return unreadable(source, { en: 'the answer is not UTF-8', de: 'die Antwort ist kein UTF-8' });
    }
    return known({
      status: output.status,
      stdout: output.stdout.toString('utf8'),
      stderr: output.stderr.toString('utf8'),
    });
  } finally {
    if (group !== undefined) groups.delete(group);
  }
}

type Ended = { problem: Text } | { status: number; stdout: Buffer; stderr: Buffer };

function finished(child: ChildProcess, command: Command, group: number | undefined): Promise<Ended> {
  return new Promise((resolve) => {
    const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
    let bytes = 0;
    let ended = false;
    // Once only: later the number may belong to somebody else.
    const endOnce = (): void => {
      if (!ended && group !== undefined) endGroup(group);
      ended = true;
    };
    const end = (how: Ended): void => {
      clearTimeout(timer);
      endOnce();
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve(how);
    };
    const timer = setTimeout(() => end({ problem: late(command.timeoutMs) }), command.timeoutMs);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks[name].push(chunk);
        if (bytes > command.maxOutputBytes) end({ problem: tooMuch(command.maxOutputBytes) });
      });
    }
    child.once('error', (error) => end({ problem: notStarted(error) }));
    // What it left running would keep the pipes open; what was written before is still in them.
    child.once('exit', endOnce);
    child.once('close', (status, signal) =>
      end(
        status === null
          ? { problem: { en: `ended by ${signal}`, de: `durch ${signal} beendet` } }
          : { status, stdout: Buffer.concat(chunks.stdout), stderr: Buffer.concat(chunks.stderr) },
      ),
    );
  });
}

const late = (ms: number): Text => ({
  en: `no answer within ${ms / 1000} s`,
  de: `keine Antwort innerhalb von ${ms / 1000} s`,
});
const tooMuch = (bytes: number): Text => ({
  en: `the answer is longer than ${bytes} bytes`,
  de: `die Antwort ist länger als ${bytes} Bytes`,
});
const notStarted = (error: Error): Text => ({
  en: `could not be started: ${redact(error.message)}`,
  de: `konnte nicht gestartet werden: ${redact(error.message)}`,
});
