/** Which shells let somebody work, and /etc/shells, shells(5). */
import { defineFact, mapFact } from '../fact.ts';
import type { PasswdEntry } from './passwd.ts';

export const SHELLS = '/etc/shells';
/** The vendor's, where there is none in /etc (SUSE 16). */
const VENDOR_SHELLS = '/usr/etc/shells';

/** Programs that end at once, whatever is asked of them. Anything else counts as a shell. */
const CLOSED = /^(?:nologin|false|true|sync|halt|shutdown|reboot|poweroff|null)$/;

/** An empty field means /bin/sh: passwd(5). */
export const isLoginShell = (shell: string): boolean => !CLOSED.test(shell.slice(shell.lastIndexOf('/') + 1));

export const hasLoginShell = ({ shell }: PasswdEntry): boolean => isLoginShell(shell);

/** The first entry of each name: the only one that getpwnam(3) finds. */
export function byName(entries: readonly PasswdEntry[]): readonly PasswdEntry[] {
  const seen = new Map<string, PasswdEntry>();
  for (const entry of entries) if (!seen.has(entry.name)) seen.set(entry.name, entry);
  return [...seen.values()];
}

export interface ListedShell {
  readonly source: string;
  readonly line: number;
  readonly path: string;
}

/** Pure. As getusershell(3): a line counts from its first `/` to white space or `#`. */
export function parseShells(text: string, source = SHELLS): readonly ListedShell[] {
  return text.split('\n').flatMap((raw, index) => {
    const content = raw.split('#')[0] ?? '';
    const path = /\/\S*/.exec(content)?.[0];
    return path === undefined ? [] : [{ source, line: index + 1, path }];
  });
}

export const shells = defineFact<readonly ListedShell[]>({
  id: 'shells',
  collect: async (host) => {
    const own = await host.readText(SHELLS, { encoding: 'latin1' });
    const file = own.state === 'absent' ? await host.readText(VENDOR_SHELLS, { encoding: 'latin1' }) : own;
    return mapFact(file, ({ path, text }) => parseShells(text, path));
  },
});
