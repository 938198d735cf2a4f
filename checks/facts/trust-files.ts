/** Files that let other machines' users in on their word: hosts.equiv(5), .rhosts, .shosts, shosts.equiv of sshd(8). */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known } from '../fact.ts';
import { type PasswdFile, passwd } from './passwd.ts';
import { patienceWith } from './patience.ts';

export interface TrustFile {
  readonly source: string;
  /** Lines that let somebody in: neither comments nor denials. */
  readonly entries: number;
  /** Whose it is; absent for those of the whole system. */
  readonly account?: string;
}

export interface TrustFiles {
  readonly files: readonly TrustFile[];
  readonly homes: number;
  /** Places that could not be looked at. */
  readonly gaps: readonly { readonly source: string; readonly reason: Text }[];
}

const SYSTEM = ['/etc/hosts.equiv', '/etc/shosts.equiv', '/etc/ssh/shosts.equiv'];

/** Pure. */
export const trustEntries = (text: string): number =>
  text.split(/\r?\n/).filter((raw) => raw.trim() !== '' && !/^\s*[#-]/.test(raw)).length;

export const trustFiles = defineFact<TrustFiles>({
  id: 'trust-files',
  collect: async (host, get): Promise<Fact<TrustFiles>> => {
    const patience = patienceWith(host);
    const accounts = await get(passwd);
    if (accounts.state === 'unreadable') return accounts;
    const homes = accounts.state === 'known' ? homesOf(accounts.value) : new Map<string, string>();
    const places: { path: string; account?: string }[] = [
      ...SYSTEM.map((path) => ({ path })),
      ...[...homes].flatMap(([home, account]) =>
        ['.rhosts', '.shosts'].map((name) => ({ path: `${home === '/' ? '' : home}/${name}`, account })),
      ),
    ];
    const files: TrustFile[] = [];
    const gaps: { source: string; reason: Text }[] = [];
    for (const { path, account } of places) {
      const stat = await patience(path, () => host.stat(path));
      if (stat.state === 'unreadable') gaps.push({ source: path, reason: stat.reason });
      // A directory or a link to /dev/null in its place is how some keep it from coming into being.
      if (stat.state !== 'known' || stat.value.type === 'directory' || stat.value.type === 'other') continue;
      const file = await patience(path, () => host.readText(path, { encoding: 'latin1' }));
      if (file.state === 'unreadable') gaps.push({ source: path, reason: file.reason });
      if (file.state !== 'known') continue;
      const entries = trustEntries(file.value.text);
      files.push({ source: path, entries, ...(account === undefined ? {} : { account }) });
    }
    return known({ files, homes: homes.size, gaps });
  },
});

/** Home directory -> the first account that has it. */
function homesOf({ entries }: PasswdFile): Map<string, string> {
  const homes = new Map<string, string>();
  for (const { home, name } of entries)
    if (home.startsWith('/') && !/^\/(?:dev|proc|sys)(?:\/|$)/.test(home) && !homes.has(home))
      homes.set(home, name);
  return homes;
}
