/**
 * rsnapshot.conf: words apart by tabs, lines that begin with white space go on with the one before, `include_conf` takes in
 * further files, and one line that is not understood stops every run. rsnapshot(1), parse_config_file of rsnapshot 1.4.
 */
import type { Text } from '../../shared/outcome.ts';
import type { Host } from '../host.ts';
import type { BackupPoint } from './backup-call.ts';

export interface Retain {
  readonly name: string;
  readonly count: number;
}

export interface RsnapshotConfig {
  readonly root?: string;
  /** In their order: the first is the one that copies, the others are fed by the one before. */
  readonly retains: readonly Retain[];
  /** Local sources with what rsync gets for each. */
  readonly points: readonly BackupPoint[];
  /** Sources on other hosts, or made by a script: nothing of this host's files. */
  readonly others: number;
  readonly syncFirst: boolean;
  readonly logFile?: string;
  readonly lockFile?: string;
  /** A lock of a process that has ended stops every run. */
  readonly stopsAtStaleLock: boolean;
  /** Files that were read. */
  readonly files: readonly string[];
}

const MAX_BYTES = 256 * 1024;
const MAX_DEPTH = 8;
const DEFAULT_LONG = '--delete --numeric-ids --relative --delete-excluded';
const PROGRAMS = /^cmd_(?:rsync|ssh|cp|rm|logger|du|rsnapshot_diff|preexec|postexec)$/;
const SWITCHES = /^(?:sync_first|no_create_root|link_dest|one_fs|use_lazy_deletes|stop_on_stale_lockfile)$/;
const FREE = /^(?:ssh_args|du_args|linux_lvm_\w+)$/;
const RESERVED = new Set(
  'archive check-config-version configtest diff delete du get-latest-snapshot help history list print-config restore rollback sync upgrade-config-file version version-only'.split(
    ' ',
  ),
);

interface Draft {
  readonly host: Host;
  readonly values: Map<string, string>;
  readonly retains: Retain[];
  readonly points: { path: string; options: string | undefined }[];
  readonly includes: string[];
  readonly includeFiles: string[];
  readonly files: string[];
  others: number;
}

/** Thrown by the reader at the first thing for which rsnapshot itself would not run. */
class Refused extends Error {
  readonly text: Text;
  constructor(en: string, de: string) {
    super(en);
    this.text = { en, de };
  }
}

/** The configuration as rsnapshot takes it, or why it would not run with it. */
export async function readRsnapshot(
  host: Host,
  path: string,
): Promise<RsnapshotConfig | { problem: Text; unread?: true }> {
  const draft: Draft = {
    host,
    values: new Map(),
    retains: [],
    points: [],
    includes: [],
    includeFiles: [],
    files: [],
    others: 0,
  };
  try {
    const unread = await readFile(draft, path, 0);
    return unread ? { problem: unread, unread: true } : await finished(draft);
  } catch (error) {
    if (error instanceof Refused) return { problem: error.text };
    throw error;
  }
}

/** @returns why the file could not be looked at */
async function readFile(draft: Draft, path: string, depth: number): Promise<Text | undefined> {
  const file = await draft.host.readText(path, { maxBytes: MAX_BYTES, encoding: 'latin1' });
  if (file.state === 'unreadable') return file.reason;
  if (file.state === 'absent') throw new Refused(`${path} is missing`, `${path} fehlt`);
  draft.files.push(path);
  const rows = file.value.text.split('\n');
  for (let at = 0; at < rows.length; at += 1) {
    let line = rows[at] ?? '';
    const number = at + 1;
    if (line.startsWith('#') || !/\S/.test(line)) continue;
    while (/^[\t ]+\S/.test(rows[at + 1] ?? '')) {
      line += `\t${(rows[at + 1] ?? '').trim()}`;
      at += 1;
    }
    const words = splitTabs(line);
    const bad = (): Refused =>
      new Refused(
        `rsnapshot refuses ${path}, line ${number}`,
        `rsnapshot weist ${path}, Zeile ${number}, zurück`,
      );
    if (words.length < 2) throw bad();
    if (words[0] === 'include_conf') {
      const unread = await include(draft, words[1] ?? '', depth, bad);
      if (unread) return unread;
    } else if (!(await take(draft, words))) throw bad();
  }
  return undefined;
}

/** Perl's split of at most four words. */
function splitTabs(line: string): string[] {
  const words = line.split(/\t+/);
  const rest = /^(?:[^\t]*\t+){3}(.*)$/.exec(line)?.[1];
  return words.length <= 4 || rest === undefined ? words : [...words.slice(0, 3), rest];
}

async function include(
  draft: Draft,
  path: string,
  depth: number,
  bad: () => Refused,
): Promise<Text | undefined> {
  if (/^`.*`$/.test(path)) {
    return {
      en: `${draft.files[0]} takes in what a command prints`,
      de: `${draft.files[0]} bezieht die Ausgabe eines Befehls ein`,
    };
  }
  if (depth >= MAX_DEPTH || !path.startsWith('/')) throw bad();
  const stat = await draft.host.stat(path);
  if (stat.state === 'unreadable') return stat.reason;
  if (stat.state === 'absent' || stat.value.type !== 'file') throw bad();
  return readFile(draft, path, depth + 1);
}

/** One line. False where rsnapshot would refuse it. */
async function take(
  draft: Draft,
  [key = '', value = '', second, third]: readonly string[],
): Promise<boolean> {
  const { values } = draft;
  if (key === 'config_version') return value === '1.2' && keep(values, key, value);
  if (key === 'snapshot_root')
    return /^\/(?!\s)/.test(value) && keep(values, key, value.replace(/(?<=.)\/+$/, ''));
  if (key === 'lockfile' || key === 'logfile') return value.startsWith('/') && keep(values, key, value);
  if (PROGRAMS.test(key)) return (await isProgram(draft.host, value)) && keep(values, key, value.trim());
  if (SWITCHES.test(key)) return /^[01]$/.test(value) && keep(values, key, value);
  if (key === 'verbose' || key === 'loglevel')
    return /^[1-5]$/.test(value) && keep(values, key, value, 'first');
  if (key === 'rsync_numtries') return /^\d+$/.test(value);
  if (key === 'rsync_short_args') return /^-\w+$/.test(value) && keep(values, key, value);
  if (key === 'rsync_long_args') return keep(values, key, value);
  if (FREE.test(key)) return true;
  if (key === 'retain' || key === 'interval') return retain(draft, value, second);
  if (key === 'include' || key === 'exclude') {
    draft.includes.push(`--${key}=${value}`);
    return true;
  }
  if (key === 'include_file' || key === 'exclude_file') {
    draft.includeFiles.push(`--${key === 'include_file' ? 'include' : 'exclude'}-from=${value}`);
    return isFile(draft.host, value);
  }
  if (key === 'backup') return backup(draft, value, second, third);
  if (key === 'backup_script') {
    draft.others += 1;
    const program = value.split(/\s+/)[0] ?? '';
    return values.has('snapshot_root') && isDestination(second) && isProgram(draft.host, program);
  }
  if (key === 'backup_exec') return second === undefined || second === 'optional' || second === 'required';
  return false;
}

function keep(values: Map<string, string>, key: string, value: string, first?: 'first'): boolean {
  if (!first || !values.has(key)) values.set(key, value);
  return true;
}

const isDestination = (text: string | undefined): boolean =>
  text !== undefined && /^[^\s/]/.test(text) && !hasTraversal(text);
const hasTraversal = (path: string): boolean => /(?:^|\/)\.\.(?:\/|$)/.test(path);

async function isFile(host: Host, path: string): Promise<boolean> {
  const stat = path.startsWith('/') && !hasTraversal(path) ? await host.stat(path) : undefined;
  return stat?.state === 'known' && stat.value.type === 'file';
}

async function isProgram(host: Host, text: string): Promise<boolean> {
  const path = text.trim().split(/\s+/)[0] ?? '';
  const stat = path.startsWith('/') ? await host.stat(path) : undefined;
  return stat?.state === 'known' && stat.value.type === 'file' && (stat.value.mode & 0o111) !== 0;
}

function retain({ retains }: Draft, name: string, count: string | undefined): boolean {
  if (!/^\w+$/.test(name) || RESERVED.has(name) || !/^\d+$/.test(count ?? '') || Number(count) < 1)
    return false;
  retains.push({ name, count: Number(count) });
  return true;
}

async function backup(
  draft: Draft,
  source: string,
  destination: string | undefined,
  options: string | undefined,
): Promise<boolean> {
  if (!draft.values.has('snapshot_root') || !isDestination(destination) || hasTraversal(source)) return false;
  if (options !== undefined && !pairs(options)) return false;
  if (source.startsWith('/')) {
    draft.points.push({ path: source, options });
    return (await draft.host.lstat(source)).state !== 'absent';
  }
  draft.others += 1;
  if (/^lvm:\/\//.test(source)) return true;
  if (/^rsync:\/\//.test(source) || /^[^/\s]+::/.test(source)) return true;
  return /^(?:.*?@)?.*?:[~.]?\/.*$/.test(source) && draft.values.has('cmd_ssh');
}

const PAIR =
  /^(?:one_fs|rsync_short_args|rsync_long_args|ssh_args|include|exclude|include_file|exclude_file|linux_lvm_\w+)$/;

/** `name=value,+name=value`; undefined where rsnapshot refuses it. */
function pairs(text: string): { name: string; more: boolean; value: string }[] | undefined {
  const found = text.split(',').map((pair) => {
    const more = pair.startsWith('+');
    const [, name, value] = /^\+?([^=]*)=([\s\S]*)$/.exec(pair) ?? [];
    return {
      name: (name ?? '').replace(/\s+/g, ''),
      more,
      value: (value ?? '').trim(),
      ok: name !== undefined,
    };
  });
  const isGood = found.every(
    ({ name, value, ok }) =>
      ok &&
      PAIR.test(name) &&
      (name !== 'one_fs' || /^[01]$/.test(value)) &&
      (name !== 'rsync_short_args' || /^-\w+$/.test(value)),
  );
  return isGood ? found : undefined;
}

async function finished(draft: Draft): Promise<RsnapshotConfig> {
  const { values, retains, points, others, files } = draft;
  const need = (is: boolean, en: string, de: string): void => {
    if (!is) throw new Refused(`${files[0]}: ${en}`, `${files[0]}: ${de}`);
  };
  for (const key of ['config_version', 'cmd_rsync', 'snapshot_root'])
    need(values.has(key), `${key} is missing`, `${key} fehlt`);
  need(retains.length > 0, 'no retain', 'kein retain');
  need(points.length + others > 0, 'no backup', 'kein backup');
  need(
    retains.length === 1 || retains[0]?.count !== 1,
    'only one of the first retain is kept, so that there is nothing to hand on',
    'vom ersten retain wird nur einer behalten, sodass es nichts weiterzugeben gibt',
  );
  const root = values.get('snapshot_root') ?? '';
  if (values.get('no_create_root') === '1') {
    const stat = await draft.host.stat(root);
    need(stat.state !== 'absent', `${root} is missing (no_create_root)`, `${root} fehlt (no_create_root)`);
  }
  const [logFile, lockFile] = [values.get('logfile'), values.get('lockfile')];
  return {
    root,
    retains,
    points: points.map(({ path, options }) => ({ path, words: wordsFor(draft, options) })),
    others,
    syncFirst: values.get('sync_first') === '1',
    stopsAtStaleLock: values.get('stop_on_stale_lockfile') === '1',
    files,
    ...(logFile === undefined ? {} : { logFile }),
    ...(lockFile === undefined ? {} : { lockFile }),
  };
}

/** What rsync gets for one source; patterns of its own replace those for all. */
function wordsFor({ values, includes, includeFiles }: Draft, text: string | undefined): string[] {
  const own = text === undefined ? [] : (pairs(text) ?? []);
  const last = (name: string, more: boolean): string | undefined =>
    own.findLast((pair) => pair.name === name && pair.more === more)?.value;
  const ownPatterns = (pattern: RegExp): string[] =>
    own
      .filter(({ name }) => pattern.test(name))
      .map(({ name, value }) => `--${name.replace('_file', '-from')}=${value}`);
  const patterns = [...ownPatterns(/^(?:in|ex)clude$/), ...ownPatterns(/^(?:in|ex)clude_file$/)];
  const base = values.get('rsync_long_args') ?? DEFAULT_LONG;
  const long =
    patterns.length > 0
      ? [last('rsync_long_args', false) ?? base, ...patterns].join(' ')
      : (last('rsync_long_args', false) ?? [base, ...includes, ...includeFiles].join(' '));
  const short = `${last('rsync_short_args', false) ?? values.get('rsync_short_args') ?? '-a'}${(last('rsync_short_args', true) ?? '').slice(1)}`;
  const oneFileSystem = last('one_fs', false) ?? values.get('one_fs') ?? '0';
  return [
    short + (oneFileSystem === '1' ? 'x' : ''),
    ...unquoted(long),
    ...unquoted(last('rsync_long_args', true) ?? ''),
  ].filter((word) => word !== '');
}

/** split_long_args_with_quotes: quotes are taken off, also within a word. */
function unquoted(text: string): string[] {
  const words = [''];
  let quote = '';
  for (const char of text) {
    if (/\s/.test(char) && quote === '') words.push('');
    else if (/['"]/.test(char) && quote === '') quote = char;
    else if (char === quote) quote = '';
    else words[words.length - 1] += char;
  }
  return words;
}
