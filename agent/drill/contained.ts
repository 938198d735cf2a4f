/**
 * Runs a program that writes files by other people's names so that it can hurt nobody: as an account that nothing else
 * uses, which may read all that root may (CAP_DAC_READ_SEARCH, capabilities(7)) and write only what it owns.
 * setpriv(1), prlimit(1); both belong to util-linux.
 */
import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Ended } from '../backup-prober.ts';
import { runTool, type ToolRun } from '../backup-run.ts';

export const WRAPPERS = ['/usr/bin/prlimit', '/usr/bin/setpriv'] as const;

/** The range from which systemd gives its DynamicUser= accounts: systemd.io, "Users, Groups, UIDs and GIDs". */
const FIRST = 61_184;
const LAST = 65_519;
/** Of any file that it writes. */
const MAX_FILE = 1024 * 1024 * 1024;

/** A number of that range as which no process runs at the moment. */
export function unusedAccount(): number {
  const used = new Set(processes().map(({ uid }) => uid));
  for (;;) {
    const number = randomInt(FIRST, LAST + 1);
    if (!used.has(number)) return number;
  }
}

/** The directories that belong to it, below `scratch`. */
export function makeOwn(scratch: string, account: number): void {
  for (const name of ['tool', 'tool/archive', 'tool/tmp', 'tool/gnupg']) {
    const directory = path.join(scratch, name);
    fs.mkdirSync(directory, { mode: 0o700 });
    fs.chownSync(directory, account, account);
  }
  // Passed through, not looked into: access(2) asks without the capability.
  fs.chmodSync(scratch, 0o711);
}

/** Of proc(5). A process that hides its memory belongs to root there, but its status tells. */
function processes(): { pid: string; uid: number }[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const uid = /^Uid:\t(\d+)/m.exec(ofProcess(pid, 'status') ?? '')?.[1];
      return uid === undefined ? [] : [{ pid, uid: Number(uid) }];
    });
}

/** Undefined where it has ended. */
function ofProcess(pid: string, name: 'status' | 'cgroup'): string | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Nothing of it runs on afterwards, such as an agent of gpg. Ended as that account, which can signal nobody else, and only
 * in our own control group: systemd may give the number to a service of its own in the meantime. kill(2), cgroups(7)
 */
export async function runContained(account: number, run: ToolRun): Promise<Ended> {
  const program = WRAPPERS[0];
  try {
    return await runTool({ ...run, program, args: containing(account, run.program, run.args) });
  } finally {
    const group = ofProcess('self', 'cgroup');
    const left = processes().filter(({ pid, uid }) => uid === account && ofProcess(pid, 'cgroup') === group);
    if (left.length > 0) {
      const script = `kill -9 ${left.map(({ pid }) => pid).join(' ')}`;
      const args = containing(account, '/bin/sh', ['-c', script]);
      await runTool({ program, args, environment: {}, milliseconds: 10_000 });
    }
  }
}

export const containing = (account: number, program: string, args: readonly string[]): string[] => [
  `--fsize=${MAX_FILE}`,
  WRAPPERS[1],
  ...[`--reuid=${account}`, `--regid=${account}`, '--clear-groups', '--no-new-privs'],
  '--inh-caps=-all,+dac_read_search',
  '--ambient-caps=-all,+dac_read_search',
  '--bounding-set=-all,+dac_read_search',
  program,
  ...args,
];
