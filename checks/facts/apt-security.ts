/** Which archives bring security updates, and which of their indexes are on disk. */
import type { AptIndex } from './apt-index.ts';

/** An archive as apt prints it in brackets: `Debian-Security:12/stable-security`. */
export interface ArchiveName {
  readonly label: string;
  readonly suite: string;
}

/** Pure. The version between colon and slash is left out: it may be missing. */
export function parseArchive(text: string): ArchiveName {
  const match = /^(.*):(?:[^/:]*\/)?([^:]*)$/.exec(text);
  return match ? { label: match[1] ?? '', suite: match[2] ?? '' } : { label: '', suite: text };
}

/**
 * Debian (`stable-security`, label Debian-Security), Ubuntu and its ESM (`jammy-security`, `jammy-infra-security`),
 * Debian's long-term archives (`buster-lts`). The same suites that `aptSecurity` in `commands.ts` prefers.
 */
export function isSecurityArchive({ label, suite }: ArchiveName): boolean {
  return /-(?:security|lts)$/.test(suite) || label === 'Debian-Security';
}

/** Whether an index that was never fetched would be one, by its name in sources.list. */
export const isSecuritySuite = (suite: string): boolean => /-(?:security|lts)$|\/updates$/.test(suite);

export function isSecurityIndex({ release, source }: AptIndex): boolean {
  return release
    ? isSecurityArchive(release) || isSecurityArchive({ label: '', suite: source.suite })
    : isSecuritySuite(source.suite);
}
