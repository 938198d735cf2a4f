/** patch.outdated-processes with a real process whose program and library are replaced while it runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { factGetter } from '../../../checks/evaluate.ts';
import { valueIn } from '../../../checks/fact.ts';
import { type OutdatedProcess, outdatedCode, parseMaps } from '../../../checks/facts/outdated-code.ts';
import { describeAsRoot } from '../../support/programs.ts';

describeAsRoot([], 'processes whose code was replaced', () => {
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = mkdtempSync('/opt/nachweis-test-');
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const found = async (pid: number | undefined): Promise<OutdatedProcess | undefined> =>
    valueIn(await factGetter(linuxHost(), new Date())(outdatedCode)).processes.find(
      (each) => each.pid === pid,
    );

  /** Started, and past its exec: its first mapping is the program. */
  async function start(program: string, env: Record<string, string> = {}): Promise<number> {
    const child = spawn(program, ['600'], { stdio: 'ignore', env });
    children.push(child);
    const { pid = 0 } = child;
    for (let turn = 0; turn < 200; turn += 1) {
      if (readFileSync(`/proc/${pid}/maps`, 'latin1').includes('libc')) return pid;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`${program} did not start`);
  }

  /** As package managers do it: a new file takes the place of the old one. */
  function replace(path: string): void {
    copyFileSync(path, `${path}.dpkg-new`);
    renameSync(`${path}.dpkg-new`, path);
  }

  it('names the program once it was replaced, and not before', async () => {
    const program = join(folder, 'sleeper');
    copyFileSync('/usr/bin/sleep', program);
    const pid = await start(program);
    expect(await found(pid)).toBeUndefined();
    replace(program);
    expect(await found(pid)).toMatchObject({ program: 'sleeper', files: [program] });
    expect(statSync(program).isFile()).toBe(true);
  });

  it('names a library that was replaced, and one that is gone', async () => {
    const libc = [...parseLibraries(readFileSync('/proc/self/maps', 'latin1'))][0] ?? '';
    const library = join(folder, 'libc.so.6');
    copyFileSync(realpathSync(libc), library);
    const pid = await start('/usr/bin/sleep', { LD_LIBRARY_PATH: folder });
    expect(await found(pid)).toBeUndefined();
    replace(library);
    expect((await found(pid))?.files).toEqual([library]);
    rmSync(library);
    expect((await found(pid))?.files).toEqual([library]);
  });

  it('reads any text', () => {
    expect(parseMaps('\0\0 r-xp (deleted)\n/usr/bin/x (deleted)\n')).toEqual([]);
    expect(parseMaps(`${'7f-80 r-xp 0 0:0 1 /usr/'.repeat(10_000)}`)).toEqual([]);
  });
});

function* parseLibraries(maps: string): Generator<string> {
  for (const [, path] of maps.matchAll(/ (\/\S*\/libc\.so\.6)$/gm)) if (path) yield path;
}
