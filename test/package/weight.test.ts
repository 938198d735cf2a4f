/** What the single executable weighs: asleep beside a bare Node, and in a full round. Measured finely by `npm run bench -- agent`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { rememberingState } from '../bench/remembering-state.ts';
import { architecture, packageBuild } from '../support/package-build.ts';
import { mustRun } from '../support/program-run.ts';
import { describeWith } from '../support/programs.ts';

const BUILD_MS = 600_000;

/** proc(5): a field of /proc/PID/status in MB; 0 when it has ended. */
function megabytes({ pid }: ChildProcess, field: 'VmRSS' | 'VmHWM'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

describeWith(['strip', 'apt-get'], 'the executable', () => {
  const directory = mkdtempSync(join(tmpdir(), 'nachweis-weight-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const [program, node] = [join(directory, 'nachweis'), join(directory, 'node')];
  let state = '';

  beforeAll(async () => {
    const made = await packageBuild();
    // How a file was written decides how much of it the kernel maps at once: both are the same kind of copy.
    await mustRun(['cp', join(made, `nachweis-linux-${architecture}`), program]);
    const [base = ''] = globSync(join(made, `../node/node-${architecture}-*`));
    await mustRun(['cp', base, node]);
    state = await rememberingState(join(directory, 'state'));
  }, BUILD_MS);

  const start = (argv: readonly string[], held: string): ChildProcess => {
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      stdio: 'ignore',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', MALLOC_ARENA_MAX: '1', NACHWEIS_STATE: held },
    });
    onTestFinished(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'close');
    });
    return child;
  };

  it('stays with at most 1.25 times the memory of a bare Node', async () => {
    const sleeping = [
      start([program, 'run'], state),
      start([node, '-e', 'setInterval(() => undefined, 10_000)'], state),
    ];
    // It has looked at the clock once by then, and ten seconds later would do the same again.
    await sleep(6_000);
    const [own = 0, bare = 0] = sleeping.map((child) => megabytes(child, 'VmRSS'));
    expect(bare).toBeGreaterThan(20);
    expect(own / bare, `${own} MB, bare Node ${bare} MB`).toBeLessThan(1.25);
    expect(own / bare).toBeGreaterThan(1);
  }, 30_000);

  it('judges everything in less than 140 MB', async () => {
    const child = start([program, 'check', '--format', 'json'], join(directory, 'none'));
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, megabytes(child, 'VmHWM'));
    }, 3);
    const [status] = await once(child, 'close');
    clearInterval(watch);
    expect([0, 1, 3]).toContain(status);
    expect(peak).toBeGreaterThan(50);
    // It takes about 100; the rest is for machines with more packages and accounts than this one.
    expect(peak).toBeLessThan(140);
  }, 120_000);
});
