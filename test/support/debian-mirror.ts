/** Where Debian packages come from on this machine: its own APT sources, and Debian's public names where it has none. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDeb822, parseOneLine } from '../../checks/facts/apt-sources.ts';

export interface DebianMirror {
  readonly archive: string;
  readonly security: string;
}

const PUBLIC: DebianMirror = {
  archive: 'http://deb.debian.org/debian',
  security: 'http://deb.debian.org/debian-security',
};
const SUITE =
  /^(?:bullseye|bookworm|trixie|forky|sid|(?:old){0,2}stable|testing|unstable)(-updates|-security)?$/;

/** @param etc the folder of APT's sources; another one in tests */
export function debianMirror(etc = '/etc/apt'): DebianMirror {
  const parts = join(etc, 'sources.list.d');
  const files = [
    join(etc, 'sources.list'),
    ...(existsSync(parts) ? readdirSync(parts).sort() : []).map((name) => join(parts, name)),
  ].filter((path) => /\.(?:list|sources)$/.test(path) && existsSync(path));
  const entries = files.flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    return path.endsWith('.sources') ? parseDeb822(text) : parseOneLine(text);
  });
  const found = (security: boolean): string | undefined =>
    entries.find(({ suite, uri }) => {
      const kind = SUITE.exec(suite);
      return kind && /^https?:/.test(uri) && (kind[1] === '-security') === security;
    })?.uri;
  const mirror = { archive: found(false) ?? PUBLIC.archive, security: found(true) ?? PUBLIC.security };
  return { archive: mirror.archive.replace(/\/$/, ''), security: mirror.security.replace(/\/$/, '') };
}
