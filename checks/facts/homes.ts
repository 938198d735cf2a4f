/**
 * Home directories of those who can work here, and the files in them whose names begin with a dot. One level, and
 * .ssh: nothing else of a home is looked at. A home that does not answer (a dead mount) is given up after seconds.
 */
import { defineFact, type Fact, known, unreadable, valueIn } from '../fact.ts';
import type { FileStat, Host } from '../host.ts';
import { byName, hasLoginShell } from './login-shell.ts';
import { type PasswdEntry, passwd } from './passwd.ts';
import { type Patience, patienceWith } from './patience.ts';

export interface DotFile {
  /** Below the home: `.profile`, `.ssh/authorized_keys`. */
  readonly name: string;
  /** Of what a link leads to; absent: a link that leads nowhere. */
  readonly stat: Fact<FileStat>;
  readonly link: boolean;
}

export interface Home {
  readonly entry: PasswdEntry;
  readonly directory: Fact<FileStat>;
  readonly dotFiles: Fact<readonly DotFile[]>;
}

/** So many homes at most; a host with more keeps its people elsewhere. */
const MAX_HOMES = 1000;
const MAX_DOT_FILES = 500;

export const homes = defineFact<readonly Home[]>({
  id: 'homes',
  collect: async (host, get) => {
    const people = byName(valueIn(await get(passwd)).entries).filter(hasLoginShell);
    if (people.length > MAX_HOMES)
      return unreadable('/etc/passwd', {
        en: `more than ${MAX_HOMES} accounts with a shell`,
        de: `mehr als ${MAX_HOMES} Konten mit Anmeldeshell`,
      });
    const patience = patienceWith(host);
    const found: Home[] = [];
    for (const entry of people) found.push(await homeOf(host, patience, entry));
    return known(found);
  },
});

async function homeOf(host: Host, patience: Patience, entry: PasswdEntry): Promise<Home> {
  const { home } = entry;
  const directory = await patience(home, () => host.stat(home));
  if (directory.state !== 'known') return { entry, directory, dotFiles: directory };
  // `/`, `/bin` and the like are no homes of their own.
  const own = directory.value.type === 'directory' && home.split('/').filter(Boolean).length > 0;
  return { entry, directory, dotFiles: own ? await patience(home, () => dotFilesOf(host, home)) : known([]) };
}

async function dotFilesOf(host: Host, home: string): Promise<Fact<readonly DotFile[]>> {
  const names = await host.list(home);
  if (names.state !== 'known') return names;
  const dotted = names.value.filter((name) => name.startsWith('.'));
  const inside = dotted.includes('.ssh') ? await host.list(`${home}/.ssh`) : known([]);
  const all = [...dotted, ...(inside.state === 'known' ? inside.value.map((name) => `.ssh/${name}`) : [])];
  if (all.length > MAX_DOT_FILES)
    return unreadable(home, {
      en: `${home} has more than ${MAX_DOT_FILES} dot-files`,
      de: `${home} hat mehr als ${MAX_DOT_FILES} Punktdateien`,
    });
  const files: DotFile[] = [];
  for (const name of all) {
    const link = await host.lstat(`${home}/${name}`);
    if (link.state !== 'known') continue;
    files.push({
      name,
      link: link.value.type === 'symlink',
      stat: link.value.type === 'symlink' ? await host.stat(`${home}/${name}`) : link,
    });
  }
  return known(files);
}
