/** What a job would copy: its roots, and its patterns with the files that hold them, as restic and borg read those. */
import type { Text } from '../../shared/outcome.ts';
import type { Host } from '../host.ts';
import type { BackupCall } from './backup-call.ts';
import { hasOption, optionValue } from './backup-call.ts';
import {
  type BorgLine,
  type BorgRule,
  type BorgStyle,
  borgExclude,
  borgKeeper,
  borgLine,
} from './borg-pattern.ts';
import { DIRECTORY, EXCLUDE_LINES, PATTERN_LINES } from './borgmatic-config.ts';
import { cleanPath } from './path-glob.ts';
import { type ResticPattern, resticKeeper, resticPattern } from './restic-filter.ts';

export interface Root {
  /** As the tool names it; patterns see this. */
  readonly path: string;
  /** Where that is, without links on the way; the last component is not followed by the tools. */
  readonly real: string;
}

export interface Selection {
  readonly roots: readonly Root[];
  /** Whether patterns keep a path, named as below `root.path`. */
  readonly keeps: (path: string, root: string) => boolean;
  readonly oneFileSystem: boolean;
  /** A directory that holds a file of such a name is left out. */
  readonly tags: readonly string[];
  /** Larger files are left out. */
  readonly maxBytes: number | undefined;
  /** Roots that could not be told: more may be copied than is known. */
  readonly mayAdd: readonly Text[];
  /** Patterns that could not be read: less may be copied than is known. */
  readonly mayDrop: readonly Text[];
}

interface Notes {
  readonly host: Host;
  readonly mayAdd: Text[];
  readonly mayDrop: Text[];
}

const MAX_LINES = 5000;

/** Never fails: what can't be told is noted. */
export async function selectionOf(host: Host, call: BackupCall): Promise<Selection> {
  const notes: Notes = { host, mayAdd: [], mayDrop: [] };
  const select = SELECT[call.tool];
  if (call.opaque || !select) {
    notes.mayAdd.push({
      en: `the configuration of ${call.program} is not read in full`,
      de: `die Konfiguration von ${call.program} wird nicht vollständig gelesen`,
    });
  }
  const { paths, keeps, tags } =
    call.opaque || !select ? { paths: [], keeps: () => false, tags: [] } : await select(notes, call);
  const directory = optionValue(call.options, DIRECTORY);
  const roots: Root[] = [];
  for (const path of paths) {
    const root = await rootAt(notes, path, directory);
    if (root) roots.push(root);
  }
  const { mayAdd, mayDrop } = notes;
  const larger = optionValue(call.options, '--exclude-larger-than');
  return {
    roots,
    keeps,
    oneFileSystem: hasOption(call.options, '-x', '--one-file-system'),
    tags: [...tags, ...(hasOption(call.options, '--exclude-caches') ? ['CACHEDIR.TAG'] : [])],
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

async function lines(
  notes: Notes,
  path: string | undefined,
  list: Text[],
  separator = '\n',
): Promise<string[]> {
  const file = path?.startsWith('/')
    ? await notes.host.readText(path, { maxBytes: 1024 * 1024, encoding: 'latin1' })
    : undefined;
  if (file?.state === 'known') {
    const found = file.value.text.split(separator);
    if (found.length <= MAX_LINES) return found;
  }
  list.push(
    file?.state === 'unreadable'
      ? file.reason
      : {
          en: 'a file with paths or patterns of the job is not there or can not be found',
          de: 'eine Datei mit Pfaden oder Mustern des Auftrags fehlt oder ist nicht zu finden',
        },
  );
  return [];
}

const ODD_PATTERN: Text = {
  en: 'a pattern of the job was not understood',
  de: 'ein Muster des Auftrags wurde nicht verstanden',
};

interface Selected {
  readonly paths: readonly string[];
  readonly keeps: Selection['keeps'];
  readonly tags: readonly string[];
}

type Select = (notes: Notes, call: BackupCall) => Promise<Selected>;

const uncommented = (all: readonly string[]): string[] =>
  all.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));

const restic: Select = async (notes, { options, paths }) => {
  const all: string[] = [...paths];
  const plain: string[] = [];
  const plainFiles: string[] = [];
  const caseless: string[] = [];
  const caselessFiles: string[] = [];
  const tags: string[] = [];
  for (const { name, value } of options) {
    if (name === '-e' || name === '--exclude') plain.push(value ?? '');
    else if (name === '--iexclude') caseless.push(value ?? '');
    else if (name === '--exclude-file')
      plainFiles.push(...uncommented(await lines(notes, value, notes.mayDrop)));
    else if (name === '--iexclude-file')
      caselessFiles.push(...uncommented(await lines(notes, value, notes.mayDrop)));
    else if (name === '--exclude-if-present') tags.push((value ?? '').split(':')[0] ?? '');
    else if (name === '--files-from') all.push(...uncommented(await lines(notes, value, notes.mayAdd)));
    else if (name === '--files-from-verbatim')
      all.push(...(await lines(notes, value, notes.mayAdd)).filter((line) => line !== ''));
    else if (name === '--files-from-raw')
      all.push(...(await lines(notes, value, notes.mayAdd, '\0')).filter((line) => line !== ''));
  }
  const compile = (patterns: readonly string[]): ResticPattern[] =>
    patterns.flatMap((text) => {
      // In files restic puts the environment's variables in; a shell has done so with those of the command line.
      const pattern = /[$`]/.test(text) || text === '' ? undefined : resticPattern(text);
      if (!pattern && text !== '') notes.mayDrop.push(ODD_PATTERN);
      return pattern ?? [];
    });
  const exact = compile([...plain, ...plainFiles]);
  const lower = compile([...caseless, ...caselessFiles].map((text) => text.toLowerCase()));
  const cased = resticKeeper(exact);
  const caselessly = resticKeeper(lower);
  const keeps: Selection['keeps'] = (path, root) =>
    cased(path, root) && (lower.length === 0 || caselessly(path.toLowerCase(), root.toLowerCase()));
  return { paths: all, keeps, tags };
};

const borg: Select = async (notes, { options, paths }) => {
  const roots: string[] = [...paths];
  const rules: BorgRule[] = [];
  const tags: string[] = [];
  const add = (rule: BorgRule | undefined): void => {
    if (rule) rules.push(rule);
    else notes.mayDrop.push(ODD_PATTERN);
  };
  const addLines = (all: readonly string[]): void => {
    let style: BorgStyle = 'sh';
    for (const text of all) {
      const line: BorgLine | undefined = /[$`]\{?\w/.test(text) ? undefined : borgLine(text, style);
      if (line?.kind === 'root') roots.push(line.root);
      else if (line?.kind === 'style') style = line.style;
      else add(line?.rule);
    }
  };
  for (const { name, value = '' } of options) {
    if (name === '-e' || name === '--exclude') add(/[$`]\{?\w/.test(value) ? undefined : borgExclude(value));
    else if (name === '--pattern') addLines([value]);
    else if (name === PATTERN_LINES) addLines(uncommented(value.split('\n')));
    else if (name === '--patterns-from') addLines(uncommented(await lines(notes, value, notes.mayDrop)));
    else if (name === EXCLUDE_LINES)
      for (const text of uncommented(value.split('\n')))
        add(borgExclude(text.replace(/^~(?=\/|$)/, '/root')));
    else if (name === '--exclude-from')
      for (const text of uncommented(await lines(notes, value, notes.mayDrop))) add(borgExclude(text));
    else if (name === '--exclude-if-present') tags.push(value);
    else if (name === '--paths-from-stdin' || name === '--paths-from-command')
      notes.mayAdd.push({
        en: 'a command tells which paths are copied',
        de: 'ein Befehl bestimmt, welche Pfade gesichert werden',
      });
  }
  if (hasOption(options, '--content-from-command', '--paths-from-command')) roots.splice(0);
  return { paths: roots, keeps: borgKeeper(rules), tags };
};

/** By the tool of a call. */
const SELECT: Readonly<Record<string, Select>> = { restic, borg, borgmatic: borg };
