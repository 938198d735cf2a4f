/** Which files a drill restores. Pure: the same list and seed give the same sample. */
import { createHmac } from 'node:crypto';
import { PACKAGE_LISTS, SCOPE_TREES } from '../../checks/facts/backup-scope.ts';
import { isBelow, type Listed } from './tool.ts';

/** The configuration of the operating system: what a backup is promised for. */
export const WANTED: readonly string[] = [...SCOPE_TREES, ...PACKAGE_LISTS];

export interface Limits {
  readonly files: number;
  /** All files together. */
  readonly bytes: number;
}

/**
 * By HMAC-SHA256(seed, path), the smallest first: nobody who writes a file can tell whether it will be drawn. A list of
 * packages and a crontab come first, each where there is one; what is too large for the rest of the room is passed over.
 */
export function drawSample(files: readonly Listed[], seed: string, limits: Limits): Listed[] {
  const rank = new Map(
    files.map((file) => [
      file,
      createHmac('sha256', Buffer.from(seed, 'hex')).update(file.path).digest('hex'),
    ]),
  );
  const drawn = files.toSorted((a, b) => ((rank.get(a) ?? '') < (rank.get(b) ?? '') ? -1 : 1));
  const firstOf = (is: (path: string) => boolean) => drawn.filter(({ path }) => is(path)).slice(0, 1);
  const first = [
    ...firstOf((path) => PACKAGE_LISTS.some((list) => list === path)),
    ...firstOf((path) => isBelow(path, '/var/spool/cron')),
  ];
  const sample: Listed[] = [];
  let bytes = 0;
  for (const file of new Set([...first, ...drawn])) {
    const size = Math.max(0, file.size ?? 0);
    if (sample.length >= limits.files) break;
    if (bytes + size > limits.bytes) continue;
    sample.push(file);
    bytes += size;
  }
  return sample;
}

/** Names of people stand in these: a record says the directory and no more. */
const PERSONAL = [
  '/home',
  '/root',
  '/var/spool/cron',
  '/var/mail',
  '/var/spool/mail',
  '/srv',
  '/media',
  '/mnt',
];

/** A path as it may stand in the record. */
export function recordedPath(path: string): string {
  const place = PERSONAL.find((directory) => isBelow(path, directory));
  const shown = place === undefined || path === place ? path : `${place}/…`;
  return shown.replace(/\p{Cc}/gu, '?').slice(0, 300);
}
