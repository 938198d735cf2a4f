/** Where restored files lie: nothing of them stays, whatever happens, and nobody else can put anything there. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectRoot } from '../../support/import-graph.ts';
import { canUnshare } from '../../support/mount-namespace.ts';
import { describeAsRoot } from '../../support/programs.ts';
import { DrillWorld, PASSWORD } from './world.ts';

describeAsRoot(['restic'], "a drill's directory", () => {
  let world: DrillWorld;
  beforeEach(() => {
    world = new DrillWorld();
    world.declare('restic', {
      environmentFile: world.secrets({ RESTIC_REPOSITORY: world.repository, RESTIC_PASSWORD: PASSWORD }),
    });
    world.file('one', Buffer.alloc(2_000_000, 'x'));
    world.file('two');
    world.file('three');
    restic('init');
    restic('backup', world.source);
  });
  afterEach(() => world.end());

  const restic = (...args: string[]) =>
    execFileSync('restic', ['--no-cache', '-q', '-r', world.repository, ...args], {
      env: { PATH: '/usr/bin:/bin', HOME: '/root', RESTIC_PASSWORD: PASSWORD },
    });

  it('is private, and empty after the next drill when one was killed in the middle', async () => {
    const begin = async () => {
      const child = spawn(
        process.execPath,
        [path.join(import.meta.dirname, 'crash-child.ts'), world.base, world.scratch],
        { cwd: projectRoot, stdio: ['ignore', 'pipe', 'inherit'] },
      );
      await once(child.stdout, 'data');
      return child;
    };
    const child = await begin();
    // It stays where it is, however long the rest takes.
    child.kill('SIGSTOP');
    const [left = ''] = readdirSync(world.scratch).filter((name) => name.startsWith('drill-'));
    expect(statSync(path.join(world.scratch, left)).mode & 0o777).toBe(0o700);
    // While one runs, another does not begin, and takes nothing away from it.
    await expect(world.drill()).rejects.toMatchObject({ code: 'STATE_BUSY' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(readdirSync(path.join(world.scratch, left))).not.toEqual([]);
    expect((await world.drill()).drill.outcome).toBe('equal');
    // Asked to end, it takes everything along itself.
    const polite = await begin();
    polite.kill('SIGTERM');
    await once(polite, 'exit');
    expect(readdirSync(world.scratch).filter((name) => name.startsWith('drill-'))).toEqual([]);
  });

  it('takes away links without following them', async () => {
    mkdirSync(world.scratch, { recursive: true });
    const precious = path.join(world.base, 'precious');
    mkdirSync(precious);
    writeFileSync(path.join(precious, 'file'), 'x');
    mkdirSync(path.join(world.scratch, 'drill-old'));
    symlinkSync(precious, path.join(world.scratch, 'drill-old/link'));
    symlinkSync(precious, path.join(world.scratch, 'drill-link'));
    await world.drill();
    expect(existsSync(path.join(precious, 'file'))).toBe(true);
  });

  it('is not used where others than root can change it', async () => {
    mkdirSync(world.scratch, { recursive: true });
    for (const spoil of [() => chmodSync(world.scratch, 0o777), () => chownSync(world.scratch, 1000, 1000)]) {
      spoil();
      await expect(world.drill()).rejects.toMatchObject({ code: 'STATE_UNSAFE' });
      chownSync(world.scratch, 0, 0);
      chmodSync(world.scratch, 0o700);
    }
  });

  it.skipIf(!canUnshare())('says so where it is too small, before and while it restores', async () => {
    mkdirSync(world.scratch, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'none', world.scratch]);
    try {
      expect((await world.drill()).drill).toMatchObject({ outcome: 'error', problem: 'no-space', bytes: 0 });
    } finally {
      execFileSync('umount', [world.scratch]);
    }
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=5m,mode=700', 'none', world.scratch]);
    try {
      // Somebody else takes what was free when it was looked at.
      const squeezed = () =>
        world.drill({
          monotonic: () => {
            const [drill] = readdirSync(world.scratch).filter((name) => name.startsWith('drill-'));
            if (drill && existsSync(path.join(world.scratch, drill, 'file-0'))) {
              const filler = path.join(world.scratch, drill, 'filler');
              if (!existsSync(filler))
                execFileSync('sh', ['-c', `head -c 5000000 /dev/zero > '${filler}' || true`], {
                  stdio: 'ignore',
                });
            }
            return performance.now();
          },
        });
      expect((await squeezed()).drill).toMatchObject({ outcome: 'error', problem: 'no-space' });
    } finally {
      execFileSync('umount', [world.scratch]);
    }
  });
});
