/** Mode, owner and time of a file as a snapshot has them, beside those of the file on the host. */
import fs from 'node:fs';
import type { Drill } from '../../shared/drill.ts';

/** As stat(2) has them. */
export interface Attributes {
  /** The lower twelve bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** ms since 1970. */
  readonly mtimeMs: number;
}

export type AttributeKind = Exclude<keyof NonNullable<Drill['attributes']>, 'compared'>;

/** File systems and archives keep times more or less exactly; rsync(1), --modify-window. */
const TIME_MS = 2000;

/**
 * What differs; undefined where that can't be told: the host's own may have changed since.
 * @param before ms since 1970: who changes one of them changes ctime as well, later than this
 */
export function compareAttributes(
  source: string,
  saved: Attributes,
  before: number,
): AttributeKind[] | undefined {
  const stat = fs.lstatSync(source, { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.ctimeMs >= before) return undefined;
  const differs: Record<AttributeKind, boolean> = {
    mode: (stat.mode & 0o7777) !== saved.mode,
    owner: stat.uid !== saved.uid || stat.gid !== saved.gid,
    time: Math.abs(stat.mtimeMs - saved.mtimeMs) > TIME_MS,
  };
  return (Object.keys(differs) as AttributeKind[]).filter((kind) => differs[kind]);
}

/** Of the files whose attributes could be compared: how many differ in each. Undefined where there are none. */
export function attributeTally(compared: readonly (readonly AttributeKind[])[]): Drill['attributes'] {
  if (compared.length === 0) return undefined;
  const off = (kind: AttributeKind) => compared.filter((kinds) => kinds.includes(kind)).length;
  return { compared: compared.length, mode: off('mode'), owner: off('owner'), time: off('time') };
}

export const attributesOf = ({ mode, uid, gid, mtimeMs }: fs.Stats): Attributes => ({
  ...{ mode: mode & 0o7777, uid, gid, mtimeMs },
});

/** `-rwsr-x--T`, as ls(1) writes it; undefined for anything else. */
export function modeOf(text: string): number | undefined {
  const letters = /^.([r-][w-][xsS-])([r-][w-][xsS-])([r-][w-][xtT-])$/.exec(text);
  if (!letters) return undefined;
  const bits = (three: string) =>
    (three[0] === 'r' ? 4 : 0) + (three[1] === 'w' ? 2 : 0) + (/[xst]/.test(three[2] ?? '') ? 1 : 0);
  const [, user = '', group = '', other = ''] = letters;
  const special =
    (/[sS]/.test(user) ? 0o4000 : 0) + (/[sS]/.test(group) ? 0o2000 : 0) + (/[tT]/.test(other) ? 0o1000 : 0);
  return special + bits(user) * 64 + bits(group) * 8 + bits(other);
}

/** Go's os.FileMode, as restic writes it: the nine bits, and the three special ones of its own. */
export const modeOfGo = (mode: number): number =>
  (mode & 0o777) +
  (mode & (1 << 23) ? 0o4000 : 0) +
  (mode & (1 << 22) ? 0o2000 : 0) +
  (mode & (1 << 20) ? 0o1000 : 0);
