/** Ending where a file system never answers: a home on a dead network mount must not keep the whole agent waiting. */
import { setTimeout as sleep } from 'node:timers/promises';

const GRACE_MS = 500;
const STEP_MS = 25;

/** A thread that waits for the kernel keeps Node's loop alive, and exit(3) would wait for that thread once more. */
const waits = (): boolean => process.getActiveResourcesInfo().some((name) => /^FSReq/.test(name));

/**
 * Returns where nothing is waited for. Else the process becomes another one that ends at once with the same status:
 * execve(2) is the one way out that ends the other threads with it.
 */
export async function leave(): Promise<void> {
  for (let waited = 0; waits(); waited += STEP_MS) {
    if (waited >= GRACE_MS) process.execve?.('/bin/sh', ['sh', '-c', `exit ${process.exitCode ?? 0}`], {});
    await sleep(STEP_MS);
  }
}
