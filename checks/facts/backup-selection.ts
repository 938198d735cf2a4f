/** What a job would copy: its roots, and its patterns with the files that hold them, as each tool reads those. */
import type { Text } from '../../shared/outcome.ts';
import type { Host } from '../host.ts';
import { type BackupCall, hasOption, optionValue } from './backup-call.ts';
import type { Keeps, Notes, Select, Selected } from './backup-patterns.ts';
import { borgSelection } from './borg-selection.ts';
import { DIRECTORY } from './borgmatic-config.ts';
import { duplicitySelection } from './duplicity-selection.ts';
import { cleanPath } from './path-glob.ts';
import { proxmoxSelection } from './proxmox-selection.ts';
import { resticSelection } from './restic-selection.ts';
import { rsnapshotSelection } from './rsnapshot-selection.ts';
import { storageProtectSelection } from './storage-protect-selection.ts';

export interface Root {
  /** As the tool names it; patterns see this. */
  readonly path: string;
  /** Where that is, without links on the way; the last component is not followed by the tools. */
  readonly real: string;
  /** Of a root with options of its own, in place of those of the selection. */
  readonly keeps?: Keeps;
  readonly oneFileSystem?: boolean;
}

export interface Selection {
  readonly roots: readonly Root[];
  readonly keeps: Keeps;
  readonly oneFileSystem: boolean;
  /** A directory that holds a file of such a name is left out. */
  readonly tags: readonly string[];
  /** A file of such a name holds patterns that are not read: less is copied where one is found. */
  readonly marks: readonly string[];
  /** Larger files are left out. */
  readonly maxBytes: number | undefined;
  /** Roots that could not be told: more may be copied than is known. */
  readonly mayAdd: readonly Text[];
  /** Patterns that could not be read: less may be copied than is known. */
  readonly mayDrop: readonly Text[];
}

/** Never fails: what can't be told is noted. */
export async function selectionOf(host: Host, call: BackupCall): Promise<Selection> {
  const notes: Notes = { host, mayAdd: [], mayDrop: [] };
  const select = call.opaque && !READ_ANYWAY.has(call.tool) ? undefined : SELECT[call.tool];
  if (!select) {
    notes.mayAdd.push({
      en: `the configuration of ${call.program} is not read in full`,
      de: `die Konfiguration von ${call.program} wird nicht vollständig gelesen`,
    });
  }
  const nothing: Selected = { paths: [], keeps: () => false, tags: [] };
  const {
    paths,
    keeps,
    tags,
    points = [],
    marks = [],
    oneFileSystem = hasOption(call.options, '-x', '--one-file-system'),
  } = select ? await select(notes, call) : nothing;
  const directory = optionValue(call.options, DIRECTORY);
  const roots: Root[] = [];
  for (const path of paths) {
    const root = await rootAt(notes, path, directory);
    if (root) roots.push(root);
  }
  for (const { path, ...own } of points) {
    const root = await rootAt(notes, path);
    if (root) roots.push({ ...root, ...own });
  }
  const { mayAdd, mayDrop } = notes;
  const larger = optionValue(call.options, '--exclude-larger-than');
  return {
    roots,
    keeps,
    oneFileSystem,
    tags: [...tags, ...(hasOption(call.options, '--exclude-caches') ? ['CACHEDIR.TAG'] : [])],
    marks,
    maxBytes: larger === undefined ? undefined : bytes(larger),
    mayAdd,
    mayDrop,
  };
}

/** `10M` of restic. What is no size leaves nothing certain, so nothing counts as small enough. */
function bytes(text: string): number {
  const match = /^(\d+)([kKmMgGtT]?)/.exec(text);
  const power = ['', 'k', 'm', 'g', 't'].indexOf((match?.[2] ?? '').toLowerCase());
  return match?.[1] === undefined ? 0 : Number(match[1]) * 1024 ** power;
}

async function rootAt({ host, mayAdd }: Notes, given: string, directory?: string): Promise<Root | undefined> {
  const home = given.replace(/^~(?=\/|$)/, '/root');
  const text = home.startsWith('/') || !directory?.startsWith('/') ? home : `${directory}/${home}`;
  if (!text.startsWith('/') || /[$`*?[]/.test(text)) {
    mayAdd.push({
      en: 'a path that it copies holds a variable or a wildcard, or is relative',
      de: 'ein zu sichernder Pfad enthält eine Variable oder ein Platzhalterzeichen oder ist relativ',
    });
    return undefined;
  }
  const path = cleanPath(text);
  const stat = await host.lstat(path);
  if (stat.state === 'unreadable') mayAdd.push(stat.reason);
  if (stat.state !== 'known') return undefined;
  if (path === '/') return { path, real: path };
  const at = path.lastIndexOf('/');
  const parent = await host.realPath(path.slice(0, at) || '/');
  if (parent.state !== 'known') return undefined;
  // Of a link only the link is copied.
  return stat.value.type === 'symlink'
    ? undefined
    : { path, real: `${parent.value === '/' ? '' : parent.value}${path.slice(at)}` };
}

/** Its own files say part of what it takes, though not all that it does. */
const READ_ANYWAY: ReadonlySet<string> = new Set(['storage-protect']);

/** By the tool of a call. */
const SELECT: Readonly<Record<string, Select>> = {
  restic: resticSelection,
  borg: borgSelection,
  borgmatic: borgSelection,
  duplicity: duplicitySelection,
  rsnapshot: rsnapshotSelection,
  'storage-protect': storageProtectSelection,
  'proxmox-backup-client': proxmoxSelection,
};
