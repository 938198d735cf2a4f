/** The real sshd of this machine, for tests: a host key of its own and a privilege separation directory. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const SSHD = '/usr/sbin/sshd';
export const hasSshd = existsSync(SSHD) && existsSync('/usr/bin/ssh-keygen') && process.getuid?.() === 0;

export interface Laboratory {
  readonly directory: string;
  readonly hostKey: string;
  remove(): void;
}

export function laboratory(): Laboratory {
  const directory = mkdtempSync(join(tmpdir(), 'nachweis-sshd-'));
  const hostKey = join(directory, 'host_key');
  execFileSync('/usr/bin/ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
  return { directory, hostKey, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** A `/run` of its own with `/run/sshd` in it, seen only by the command: the machine's stays as it is. */
const PRIVATE_RUN = 'mount -t tmpfs tmpfs /run && mkdir -m 0755 /run/sshd && exec "$@"';
const canUnshare = () =>
  spawnSync('/usr/bin/unshare', ['-m', 'sh', '-c', PRIVATE_RUN, 'sh', 'true']).status === 0;

/** The argv that runs `command` where `/run/sshd` is there. */
export function withRunDirectory(command: readonly string[]): [string, string[]] {
  if (existsSync('/run/sshd')) return [command[0] ?? '', command.slice(1)];
  if (!canUnshare()) throw new Error('neither /run/sshd nor the right to unshare: start sshd once');
  return ['/usr/bin/unshare', ['-m', 'sh', '-c', PRIVATE_RUN, 'sh', ...command]];
}
