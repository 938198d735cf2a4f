/**
 * Shells, interpreters and programs that start others on their user's word, where the file itself makes them root:
 * setuid root, setgid to a group that amounts to it, or a capability (capabilities(7)) that does. A list of well-known
 * names, and copies of shells among what was put below /usr/local; no walk.
 */
import { fileCapabilities } from '../commands.ts';
import { defineFact, type Fact, known, unreadable, valueIn } from '../fact.ts';
import type { FileStat, Host } from '../host.ts';
import { group } from './group.ts';

export interface PowerfulShell {
  readonly path: string;
  /** `setuid root`, `setgid shadow`, or the capabilities. */
  readonly power: string;
  readonly gid: number;
  /** Everybody may start it; false: its group. */
  readonly everybody: boolean;
}

const DIRECTORIES = ['/usr/bin', '/bin', '/usr/local/bin'] as const;
/** What is in them was put there by hand. */
const LOCAL = ['/usr/local/bin', '/usr/local/sbin'] as const;
const MAX_PROGRAM = 16 * 1024 * 1024;
const minor = (base: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${base}${from + index}`);
const NAMES: readonly string[] = [
  ...['sh', 'bash', 'rbash', 'dash', 'ash', 'busybox', 'zsh', 'ksh', 'ksh93', 'mksh', 'tcsh', 'csh', 'fish'],
  ...[
    'python',
    'python2',
    'python2.7',
    'python3',
    ...minor('python3.', 5, 20),
    'perl',
    'ruby',
    'node',
    'nodejs',
  ],
  ...[
    'php',
    ...minor('php7.', 0, 4),
    ...minor('php8.', 0, 9),
    'lua',
    ...minor('lua5.', 1, 4),
    'tclsh',
    'expect',
  ],
  ...[
    'awk',
    'gawk',
    'mawk',
    'env',
    'find',
    'xargs',
    'vi',
    'vim',
    'vim.basic',
    'vim.tiny',
    'nano',
    'ed',
    'emacs',
  ],
  ...[
    'less',
    'more',
    'gdb',
    'strace',
    'make',
    'tar',
    'cp',
    'dd',
    'tee',
    'rsync',
    'nmap',
    'socat',
    'git',
    'openssl',
  ],
];

/** Each lets its holder become root, write or read any file, or change the kernel: capabilities(7). */
const ROOT_LIKE: ReadonlySet<string> = new Set(
  (
    'setuid setgid setpcap setfcap dac_override dac_read_search chown fowner sys_admin sys_ptrace sys_module ' +
    'sys_rawio mknod bpf checkpoint_restore'
  )
    .split(' ')
    .map((name) => `cap_${name}`),
);

/** Their rights read every secret, write every disk, or make root at once. */
const GROUPS: ReadonlySet<string> = new Set(
  'root wheel sudo admin docker podman lxd incus-admin libvirt disk kmem shadow'.split(' '),
);

/** Unreadable where capabilities can't be asked for: without getcap(8), and on an unpacked system. */
export const powerfulShells = defineFact<readonly PowerfulShell[]>({
  id: 'powerful-shells',
  collect: async (host, get): Promise<Fact<readonly PowerfulShell[]>> => {
    const files = await programsOf(host);
    const found: PowerfulShell[] = [];
    const add = (path: string, power: string) => {
      const stat = files.get(path);
      if (!stat || (stat.mode & 0o011) === 0) return;
      found.push({ path, power, gid: stat.gid, everybody: (stat.mode & 0o001) !== 0 });
    };
    for (const [path, { uid, mode }] of files)
      if (uid === 0 && (mode & 0o4000) !== 0) add(path, 'setuid root');
    const names = await get(group);
    for (const [path, { gid, mode }] of files) {
      if ((mode & 0o2010) !== 0o2010) continue;
      const name = names.state === 'known' ? names.value.entries.find((one) => one.gid === gid)?.name : '';
      if (gid === 0 || GROUPS.has(name ?? '')) add(path, `setgid ${name || gid}`);
    }
    const asked = [...files.keys()];
    if (asked.length > 0) {
      const answer = await host.run(fileCapabilities, asked);
      // What is certain already is no less so because the rest can't be asked.
      if (answer.state !== 'known' || answer.value.status !== 0)
        return found.length > 0 ? known(found) : unreadable('getcap', notAsked);
      for (const [path, power] of parseCapabilities(answer.value.stdout)) add(path, power);
    }
    return known(found);
  },
});

/** Links resolved, each file once. */
async function programsOf(host: Host): Promise<ReadonlyMap<string, FileStat>> {
  const files = new Map<string, FileStat>();
  const directories = new Set<string>();
  for (const directory of DIRECTORIES) {
    const real = await host.realPath(directory);
    if (real.state !== 'absent') directories.add(valueIn(real));
  }
  const paths = [...directories].flatMap((directory) => NAMES.map((name) => `${directory}/${name}`));
  const real = await Promise.all(paths.map((path) => host.realPath(path)));
  for (const fact of real) {
    if (fact.state === 'absent') continue;
    const stat = await host.stat(valueIn(fact));
    if (stat.state !== 'absent' && valueIn(stat).type === 'file') files.set(valueIn(fact), valueIn(stat));
  }
  for (const [path, stat] of await localCopies(host, files)) files.set(path, stat);
  return files;
}

/** Programs below /usr/local with setuid or setgid that are one of these under another name. */
async function localCopies(
  host: Host,
  shells: ReadonlyMap<string, FileStat>,
): Promise<readonly (readonly [string, FileStat])[]> {
  const copies: [string, FileStat][] = [];
  for (const directory of LOCAL) {
    const names = await host.list(directory);
    for (const name of names.state === 'absent' ? [] : valueIn(names)) {
      const path = `${directory}/${name}`;
      const fact = await host.lstat(path);
      const stat = fact.state === 'absent' ? undefined : valueIn(fact);
      if (stat?.type !== 'file' || (stat.mode & 0o6000) === 0 || shells.has(path)) continue;
      const alike = [...shells].filter(([, { size }]) => size === stat.size).map(([other]) => other);
      if (await isOneOf(host, path, alike)) copies.push([path, stat]);
    }
  }
  return copies;
}

async function isOneOf(host: Host, path: string, others: readonly string[]): Promise<boolean> {
  const text = async (at: string) =>
    valueIn(await host.readText(at, { maxBytes: MAX_PROGRAM, encoding: 'latin1' })).text;
  for (const other of others) if ((await text(other)) === (await text(path))) return true;
  return false;
}

/**
 * Pure. Lines of getcap(8), `/usr/bin/x cap_setuid,cap_chown=ep`, before 2.41 `/usr/bin/x = cap_setuid+ep`; those that
 * amount to root. A clause without `p` gives nothing by itself; one without a name gives all.
 */
export function parseCapabilities(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, path, clauses] = /^(\/.*?) (?:= )?((?:[a-z_0-9,]*[=+-][eip]*\s*)+)$/.exec(line) ?? [];
    if (path === undefined || clauses === undefined) continue;
    const powers = clauses.split(/\s+/).flatMap((clause) => {
      const [, names = '', flags = ''] = /^([a-z_0-9,]*)[=+]([eip]*)$/.exec(clause) ?? [];
      if (!flags.includes('p')) return [];
      if (names === '' || names === 'all') return ['all capabilities'];
      return names.split(',').filter((name) => ROOT_LIKE.has(name));
    });
    if (powers.length > 0) found.set(path, powers.join(', '));
  }
  return found;
}

const notAsked = {
  en: 'whether shells have capabilities could not be asked (getcap, package libcap2-bin or libcap)',
  de: 'ob Shells Capabilities haben, ließ sich nicht feststellen (getcap, Paket libcap2-bin oder libcap)',
};
