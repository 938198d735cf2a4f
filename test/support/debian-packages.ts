/** Installs the Debian packages that the tests' real programs come from. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { missingPrograms, type Program, programs } from './programs.ts';

const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs what is missing, as root or through sudo, without starting any service of it.
 * @returns the programs that are still missing afterwards
 */
export function installPrograms(write: (line: string) => void): Program[] {
  const all = Object.keys(programs) as Program[];
  const missing = missingPrograms(all);
  if (missing.length === 0) return [];
  if (!existsSync('/usr/bin/apt-get')) {
    write(`Not Debian or Ubuntu: please install ${missing.join(', ')} yourself.`);
    return missing;
  }
  const packages = [...new Set(missing.map((name) => programs[name].debian))].sort();
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const run = (command: string[]) => {
    const [program = '', ...args] = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command];
    return spawnSync(program, args, { encoding: 'utf8', timeout: 900_000 });
  };
  write(`Installing Debian packages for the tests: ${packages.join(' ')} ...`);
  run(['apt-get', 'update', '-qq']);
  // A test machine needs the programs, not a listening sshd.
  const ownPolicy = sudo.length === 0 && !existsSync(POLICY);
  if (ownPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const together = run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages]);
    // One package that this release lacks must not keep the others away.
    if (together.status !== 0) {
      for (const name of packages) run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', name]);
    }
  } finally {
    if (ownPolicy) rmSync(POLICY, { force: true });
  }
  const still = missingPrograms(all);
  if (still.length > 0)
    write(`Not to be had here: ${still.join(', ')}. The tests that need them are skipped.`);
  return still;
}
