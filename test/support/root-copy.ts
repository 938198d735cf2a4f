/** A copy of a Debian root that a test may change: an overlay where the kernel can, else a real copy. Gone afterwards. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory, type DebianRoot } from './debian-root.ts';
import { mustRun, type RunOptions } from './program-run.ts';

export interface RootCopy {
  readonly path: string;
  readonly original: DebianRoot;
  /** Runs a program of the copy in it, without booting it (chroot). @throws Error when its status is not 0 */
  run(argv: readonly string[], options?: RunOptions): Promise<string>;
  /** Nothing may run in it any more. Can be called twice. */
  remove(): void;
}

const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', HOME: '/root' };

const open = new Set<() => void>();
let count = 0;
let prepared = false;

export function copyRoot(original: DebianRoot): RootCopy {
  const copies = join(cacheDirectory(), 'copies');
  prepare(copies);
  count += 1;
  const base = join(copies, `${process.pid}-${count}`);
  const path = join(base, 'root');
  const [upper, work] = [join(base, 'upper'), join(base, 'work')];
  for (const folder of [path, upper, work]) mkdirSync(folder, { recursive: true });
  const remove = (): void => {
    removeCopy(base);
    open.delete(remove);
  };
  open.add(remove);
  const layers = `lowerdir=${original.path},upperdir=${upper},workdir=${work}`;
  if (spawnSync('mount', ['-t', 'overlay', 'nachweis-test', '-o', layers, path]).status !== 0) {
    const { status, stderr } = spawnSync('cp', ['-a', '--reflink=auto', `${original.path}/.`, path]);
    if (status !== 0) throw new Error(`no copy of ${original.path}: ${stderr}`);
  }
  const run = (argv: readonly string[], options: RunOptions = {}) =>
    mustRun(['chroot', path, ...argv], { env: environment, ...options });
  return { path, original, run, remove };
}

/** Once per process: its own copies go when it ends, and those of processes that were killed go now. */
function prepare(copies: string): void {
  if (prepared) return;
  prepared = true;
  process.once('exit', () => {
    for (const remove of [...open]) remove();
  });
  for (const name of existsSync(copies) ? readdirSync(copies) : []) {
    if (!existsSync(`/proc/${name.split('-')[0]}`)) removeCopy(join(copies, name));
  }
}

function removeCopy(base: string): void {
  const path = join(base, 'root');
  // Lazy: an overlay that is still in use somewhere goes when that ends. Status 32: it was not mounted.
  spawnSync('umount', ['--lazy', path]);
  spawnSync('rm', ['-rf', '--one-file-system', base]);
}
