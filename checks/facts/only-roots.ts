/** Whether a file decides an outcome as root left it: nobody else can write it, or put another one in its place. */
import type { Text } from '../../shared/outcome.ts';
import type { Host } from '../host.ts';
import { stepsTo } from './path-glob.ts';

/**
 * Undefined where the file and every directory on the way to it, as named and as resolved, can be changed by root alone;
 * else why that is not so. An access list needs no look: its rights to write show in the group bits of the mode.
 */
export async function notOnlyRoots(host: Host, path: string): Promise<Text | undefined> {
  const real = await host.realPath(path);
  if (real.state === 'unreadable') return real.reason;
  const all = new Set([...stepsTo(path, '/'), ...(real.state === 'known' ? stepsTo(real.value, '/') : [])]);
  for (const step of all) {
    const stat = await host.stat(step);
    if (stat.state === 'unreadable') return stat.reason;
    if (stat.state === 'absent') continue;
    if (stat.value.uid === 0 && (stat.value.mode & 0o022) === 0) continue;
    return {
      en: `not only root could have written it (${step})`,
      de: `nicht nur root könnte sie geschrieben haben (${step})`,
    };
  }
  return undefined;
}
