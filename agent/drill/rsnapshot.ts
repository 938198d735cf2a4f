/**
 * How a drill takes files out of rsnapshot's snapshots: they lie there as plain files, so no program is run. rsnapshot keeps
 * no checksums; only files that are unchanged on the host can be compared. rsnapshot(1), "CONFIGURATION".
 */
import fs from 'node:fs';
import path from 'node:path';
import type { ResticAccess } from '../../checks/facts/backup-declared.ts';
import { readRsnapshot } from '../../checks/facts/rsnapshot-config.ts';
import type { Host } from '../../checks/host.ts';
import { type Access, onlyRoots } from '../backup-access.ts';
import { attributesOf } from './attributes.ts';
import { copyPlain, isReal } from './plain-file.ts';
import {
  type DrillTool,
  isBelow,
  isPlain,
  type Listed,
  MAX_LISTED,
  type Opened,
  type Problem,
  type Restored,
  type Session,
} from './tool.ts';

const HOUR_MS = 3_600_000;
const MAX_DEPTH = 20;

export const rsnapshotDrill: DrillTool = {
  tool: 'rsnapshot',
  programs: [],
  keepsRecord: false,
  // A snapshot's time is that of its end.
  marginMs: HOUR_MS,
  maxFiles: () => 500,
  needs: 0,
  access: rsnapshotAccess,
  open: async (session) => open(session),
  restore: async ({ access }, { handle }, files, sinks) => {
    const within = fs.realpathSync(path.join(access.location ?? '', handle));
    return files.map((file, index): Restored => {
      const at = path.join(within, file.name);
      // A directory on the way that is a link leads who knows where.
      if (!isReal(at)) return { problem: 'damaged' };
      return copyPlain(at, sinks(index));
    });
  },
};

/** The configuration says where the snapshots are, and below which name each source lies: `environment` carries that. */
export async function rsnapshotAccess(host: Host, means: ResticAccess): Promise<Access | undefined> {
  const config = await readRsnapshot(host, means.configuration ?? '/etc/rsnapshot.conf');
  if ('problem' in config || config.root === undefined) return undefined;
  const texts: string[] = [];
  for (const file of config.files) {
    const read = await host.readText(file, { maxBytes: 256 * 1024, encoding: 'latin1' });
    if (!(await onlyRoots(host, file)) || read.state !== 'known') return undefined;
    texts.push(read.value.text);
  }
  const intervals = config.retains.map(({ name }) => name).filter((name) => /^[\w-]+$/.test(name));
  const points = backupPoints(texts.join('\n')).map((one) => one.join('\t'));
  return {
    environment: { intervals: intervals.join('\n'), points: points.join('\n') },
    location: config.root.replace(/(?<=.)\/+$/, ''),
  };
}

/** `backup SOURCE BELOW`, separated by tabs. Remote sources are another host's. */
function backupPoints(text: string): [source: string, below: string][] {
  return text
    .split('\n')
    .map((line) => line.split(/\t+/))
    .flatMap(([name, source, below]): [string, string][] =>
      name === 'backup' && source?.startsWith('/') && below ? [[source, below]] : [],
    );
}

function open({ access, wanted }: Session): Opened | Problem {
  const root = access.location ?? '';
  if (!fs.statSync(root, { throwIfNoEntry: false })?.isDirectory()) return { problem: 'no-repository' };
  const [newest] = (access.environment.intervals ?? '')
    .split('\n')
    .map((name) => ({
      name: `${name}.0`,
      stat: fs.lstatSync(path.join(root, `${name}.0`), { throwIfNoEntry: false }),
    }))
    .filter(({ stat }) => stat?.isDirectory())
    .sort((a, b) => (b.stat?.mtimeMs ?? 0) - (a.stat?.mtimeMs ?? 0));
  if (!newest?.stat) return { problem: 'no-snapshot' };
  const files: Listed[] = [];
  let more = false;
  const walk = (base: string, name: string, file: string, depth: number): void => {
    if (more || depth > MAX_DEPTH || !wanted.some((want) => isBelow(file, want) || isBelow(want, file)))
      return;
    const stat = fs.lstatSync(path.join(base, name), { throwIfNoEntry: false });
    if (stat?.isFile() && isPlain(file) && wanted.some((want) => isBelow(file, want)))
      files.push({ path: file, name, size: stat.size, attributes: attributesOf(stat) });
    more = files.length >= MAX_LISTED;
    if (!stat?.isDirectory()) return;
    for (const one of fs.readdirSync(path.join(base, name)).sort())
      walk(base, path.join(name, one), file === '/' ? `/${one}` : `${file}/${one}`, depth + 1);
  };
  const base = fs.realpathSync(path.join(root, newest.name));
  for (const line of (access.environment.points ?? '').split('\n')) {
    const [source = '', below = ''] = line.split('\t');
    if (source === '') continue;
    // `backup /etc/ localhost/` copies to localhost/etc.
    walk(base, path.join(below, source), path.resolve(source), 0);
  }
  return {
    snapshot: { id: newest.name, at: newest.stat.mtime.toISOString() },
    handle: newest.name,
    files,
    besides: [],
    more,
  };
}
