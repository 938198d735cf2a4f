/** A lock between test processes: flock(1) holds it, and lets go when its input ends, whatever becomes of us. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Waits until nobody else holds `path`, runs `work`, and lets go. The file stays; it says nothing. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const holder = spawn('flock', ['--exclusive', path, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'close');
  await Promise.race([
    once(holder.stdout, 'data'),
    ended.then(() => {
      throw new Error(`no lock on ${path}`);
    }),
  ]);
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
