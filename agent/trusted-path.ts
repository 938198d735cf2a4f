/**
 * Whether a path can be relied on: nobody but its trusted owners can put something else there, now or later. Every
 * part of it is looked at, links included, so what was found stays true without holding anything open.
 */
import fs from 'node:fs';
import path from 'node:path';

export interface Untrusted {
  readonly path: string;
  /** `owner`: somebody else owns it; `writable`: somebody else can write to it. */
  readonly why: 'owner' | 'writable';
  readonly uid: number;
}

/** path_resolution(7) gives up after as many. */
const MAX_LINKS = 40;

/**
 * The first part of `file` that others than `owners` could exchange. In a directory with the sticky bit (as /tmp)
 * others can't rename what is not theirs: it may lie above, but not be the thing itself.
 * @param use `below it`: a directory in which something is going to be made
 * @param checked directories that were found in order; for a caller with many files in the same ones
 * @throws Error of the file system where a part can't be looked at
 */
export function untrustedPart(
  file: string,
  owners: ReadonlySet<number>,
  checked: Set<string> = new Set(),
  use?: 'below it',
): Untrusted | undefined {
  let links = 0;
  let at = '/';
  const parts = path.resolve(file).split('/').filter(Boolean);
  for (;;) {
    if (checked.has(at) && parts.length > 0) {
      at = path.join(at, parts.shift() ?? '');
      continue;
    }
    const stats = fs.lstatSync(at);
    const { uid, gid, mode } = stats;
    if (!owners.has(uid)) return { path: at, why: 'owner', uid };
    if (stats.isSymbolicLink()) {
      links += 1;
      if (links > MAX_LINKS) throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
      parts.unshift(...fs.readlinkSync(at).split('/').filter(Boolean));
      at = fs.readlinkSync(at).startsWith('/') ? '/' : path.dirname(at);
      continue;
    }
    const sticky = stats.isDirectory() && (mode & 0o1000) !== 0 && (parts.length > 0 || use !== undefined);
    if (isOpen({ uid, gid, mode }) && !sticky) return { path: at, why: 'writable', uid };
    if (stats.isDirectory()) checked.add(at);
    const next = parts.shift();
    if (next === undefined) return undefined;
    at = path.join(at, next);
  }
}

/** Writable for others than the owner. A group in which nobody else is, is no others. */
export function isOpen({ uid, gid, mode }: { uid: number; gid: number; mode: number }): boolean {
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== uid && hasMembers(gid));
}

const known = new Map<number, boolean>();

/** Whether somebody but root may be in the group: by the local files; a group that they do not name may have anybody. */
function hasMembers(gid: number): boolean {
  const before = known.get(gid);
  if (before !== undefined) return before;
  const line = linesOf('/etc/group').find((fields) => fields[2] === String(gid));
  const members = (line?.[3] ?? '').split(',').filter((name) => name && name !== 'root');
  const primary = linesOf('/etc/passwd').some((fields) => fields[3] === String(gid) && fields[2] !== '0');
  const found = line === undefined || members.length > 0 || primary;
  known.set(gid, found);
  return found;
}

function linesOf(file: string): string[][] {
  try {
    return fs
      .readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return [];
  }
}

/** Root, whoever runs this, and the one more whom NACHWEIS_TRUST_OWNER names by number. */
export function trustedOwners(): ReadonlySet<number> {
  const named = process.env.NACHWEIS_TRUST_OWNER ?? '';
  return new Set([0, process.geteuid?.() ?? 0, ...(/^\d{1,10}$/.test(named) ? [Number(named)] : [])]);
}
