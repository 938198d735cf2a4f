/** Whom PAM modules decide about: the accounts with their groups, and what the modules' own files say about them. */
import { defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { foreignAccounts } from './foreign-accounts.ts';
import { group } from './group.ts';
import { pam } from './pam.ts';
import { passwd } from './passwd.ts';
import { shadow } from './shadow.ts';

export interface PamPerson {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  readonly groups: ReadonlySet<string>;
  /** Whether the password is empty; undefined: could not be read. */
  readonly emptyPassword: boolean | undefined;
}

export interface PamPeople {
  readonly local: readonly PamPerson[];
  /** The groups of /etc/group. */
  readonly groups: ReadonlySet<string>;
  /** Accounts and memberships also come from elsewhere, and nothing is known about those. */
  readonly foreign: boolean;
  /** Those may come with an empty password field of their own. */
  readonly foreignPasswords: boolean;
  /** Module file names found in any of libpam's directories; undefined: no such directory was found. */
  readonly installed: ReadonlySet<string> | undefined;
  /** Lines of the files that pam_listfile and pam_sepermit read; undefined: could not be read. */
  readonly lists: ReadonlyMap<string, readonly string[] | 'absent' | undefined>;
}

export const SEPERMIT = '/etc/security/sepermit.conf';
const MAX_LISTS = 50;
const TRIPLET = /^[a-z0-9_]+-linux-(?:gnu|musl)[a-z0-9]*$/;

/** Module file names found in any of libpam's directories; undefined: no such directory was found, or one can't be listed. */
export const pamInstalled = defineFact<ReadonlySet<string> | undefined>({
  id: 'pam-installed',
  collect: async (host) => known(await installedModules(host)),
});

export const pamPeople = defineFact<PamPeople>({
  id: 'pam-people',
  collect: async (host, get) => {
    const [accounts, groups, shadows, foreign, configuration, installed] = await Promise.all([
      get(passwd),
      get(group),
      get(shadow),
      get(foreignAccounts),
      get(pam),
      get(pamInstalled),
    ]);
    if (accounts.state !== 'known') return accounts;
    if (groups.state === 'unreadable') return groups;
    if (foreign.state !== 'known') return foreign;
    const entries = groups.state === 'known' ? groups.value.entries : [];
    const secrets =
      shadows.state === 'known'
        ? new Map(shadows.value.entries.map(({ name, password }) => [name, password.kind]))
        : undefined;
    const files = configuration.state === 'known' ? [...configuration.value.files.values()].flat() : [];
    const paths = files.flatMap((line) =>
      line.kind === 'module' && /listfile|permit/.test(line.module)
        ? line.args.flatMap((arg) => /^(?:file|conf)=(\/.*)$/.exec(arg)?.[1] ?? [])
        : [],
    );
    return known({
      local: accounts.value.entries.map(({ name, uid, gid, home, shell, password }) => ({
        name,
        uid,
        gid,
        home,
        shell,
        groups: new Set(
          entries.filter((one) => one.gid === gid || one.members.includes(name)).map((one) => one.name),
        ),
        emptyPassword:
          password.kind === 'shadow' ? secrets && secrets.get(name) === 'empty' : password.kind === 'empty',
      })),
      groups: new Set(entries.map(({ name }) => name)),
      foreign: foreign.value.ids.length > 0,
      foreignPasswords: foreign.value.passwords.length > 0,
      installed: installed.state === 'known' ? installed.value : undefined,
      lists: new Map(
        await Promise.all(
          [...new Set([SEPERMIT, ...paths])]
            .slice(0, MAX_LISTS)
            .map(async (path) => [path, linesOf(await host.readText(path, { encoding: 'latin1' }))] as const),
        ),
      ),
    });
  },
});

function linesOf(file: Fact<{ readonly text: string }>): readonly string[] | 'absent' | undefined {
  if (file.state === 'absent') return 'absent';
  if (file.state === 'unreadable') return undefined;
  return file.value.text.split('\n').map((line) => line.replace(/\r$/, ''));
}

/** Every directory that some libpam loads modules from. */
async function installedModules(host: Host): Promise<ReadonlySet<string> | undefined> {
  const bases = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local/lib'];
  const directories = bases.map((base) => `${base}/security`);
  for (const base of ['/lib', '/usr/lib']) {
    const names = await host.list(base);
    if (names.state === 'known')
      directories.push(
        ...names.value.filter((name) => TRIPLET.test(name)).map((name) => `${base}/${name}/security`),
      );
  }
  const found = await Promise.all(directories.map((directory) => host.list(directory)));
  // What can't be listed may hold any module.
  if (found.some(({ state }) => state === 'unreadable')) return undefined;
  const names = found.flatMap((list) => (list.state === 'known' ? list.value : []));
  return names.some((name) => /^pam_.*\.so/.test(name)) ? new Set(names) : undefined;
}
