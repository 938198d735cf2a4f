/** A host made of data, for examples and tests: files with owner, mode and errors, links, and commands' answers. */
import { latin1Bytes } from '../shared/bytes-node.ts';
import type { PolicyView } from '../shared/policy.ts';
import type { Command } from './commands.ts';
import { absent, type Fact, known, unreadable } from './fact.ts';
import type { CommandOutput, FileStat, Host, TextFile } from './host.ts';
import type { Memory } from './memory.ts';

export type Node =
  | string
  | {
      readonly text?: string;
      readonly link?: string;
      readonly directory?: true;
      readonly type?: 'other';
      /** Of a socket. */
      readonly inode?: number;
      readonly mode?: number;
      readonly uid?: number;
      readonly gid?: number;
      readonly modified?: string;
      /** Default: `modified`. */
      readonly changed?: string;
      readonly acl?: readonly string[];
      /** The file is there and can not be read: EACCES and the like. */
      readonly unreadable?: string;
    };

export interface Tree {
  /** Absolute path -> file. Parent directories are there by themselves (root, 0755). */
  readonly files: Readonly<Record<string, Node>>;
  /** `program arg arg` (program as in `checks/commands.ts`, its fixed arguments included) -> answer; a string is stdout with status 0. */
  readonly commands?: Readonly<
    Record<string, string | Partial<CommandOutput> | { readonly unreadable: string }>
  >;
  /** Default true. */
  readonly live?: boolean;
  /** Default true. */
  readonly privileged?: boolean;
  /** Default: the collector has sent none. */
  readonly policy?: PolicyView | { readonly unreadable: string };
  /** Default: no round was before. */
  readonly memory?: Memory;
}

const EPOCH = '2026-01-01T00:00:00.000Z';
const both = (text: string) => ({ en: text, de: text });

export function memoryHost(tree: Tree): Host {
  const live = tree.live ?? true;

  /** Follows links in every component, as the kernel does, up to 40 of them. */
  function resolve(path: string, followLast: boolean, depth = 0): string | undefined {
    if (depth > 40) return undefined;
    const parts = path.split('/').filter(Boolean);
    let at = '';
    for (const [index, part] of parts.entries()) {
      if (part === '.') continue;
      if (part === '..') {
        at = at.slice(0, at.lastIndexOf('/'));
        continue;
      }
      at = `${at}/${part}`;
      const node = tree.files[at];
      const last = index === parts.length - 1;
      if (typeof node === 'object' && node.link !== undefined && (followLast || !last)) {
        const target = node.link.startsWith('/')
          ? node.link
          : `${at.slice(0, at.lastIndexOf('/'))}/${node.link}`;
        return resolve([target, ...parts.slice(index + 1)].join('/'), followLast, depth + 1);
      }
    }
    return at || '/';
  }

  const isDirectory = (path: string): boolean => {
    const node = tree.files[path];
    if (typeof node === 'object' && node.directory) return true;
    const prefix = path === '/' ? '/' : `${path}/`;
    return node === undefined && Object.keys(tree.files).some((name) => name.startsWith(prefix));
  };

  function find(
    path: string,
    followLast: boolean,
  ): Fact<{ path: string; stat: FileStat; node: Exclude<Node, string> }> {
    const real = resolve(path, followLast);
    if (real === undefined) return unreadable(path, both('too many symbolic links'));
    const found = tree.files[real];
    const node: Exclude<Node, string> =
      typeof found === 'string' ? { text: found } : (found ?? { directory: true });
    if (found === undefined && !isDirectory(real)) return absent(path);
    const type: FileStat['type'] =
      node.link !== undefined ? 'symlink' : isDirectory(real) ? 'directory' : (node.type ?? 'file');
    const stat: FileStat = {
      type,
      mode: node.mode ?? (type === 'directory' ? 0o755 : type === 'symlink' ? 0o777 : 0o644),
      uid: node.uid ?? 0,
      gid: node.gid ?? 0,
      size: node.text?.length ?? 0,
      modified: node.modified ?? EPOCH,
      changed: node.changed ?? node.modified ?? EPOCH,
      ...(node.inode === undefined ? {} : { inode: node.inode }),
      ...(type === 'symlink' ? {} : { identity: `${real}:${node.text ?? ''}:${node.changed ?? ''}` }),
    };
    return known({ path: real, stat, node });
  }

  async function readText(path: string, options: { maxBytes?: number } = {}): Promise<Fact<TextFile>> {
    const found = find(path, true);
    if (found.state !== 'known') return found;
    const { node, stat } = found.value;
    if (node.unreadable) return unreadable(path, both(`${path}: ${node.unreadable}`));
    if (stat.type !== 'file') return unreadable(path, both(`${path} is not a regular file`));
    const limit = options.maxBytes ?? 1024 * 1024;
    if (stat.size > limit) return unreadable(path, both(`${path} is larger than ${limit} bytes`));
    return known({ path, text: node.text ?? '', stat });
  }

  async function list(path: string): Promise<Fact<readonly string[]>> {
    const found = find(path, true);
    if (found.state !== 'known') return found;
    if (found.value.node.unreadable) return unreadable(path, both(`${path}: ${found.value.node.unreadable}`));
    if (found.value.stat.type !== 'directory') return unreadable(path, both(`${path} is not a directory`));
    const prefix = found.value.path === '/' ? '/' : `${found.value.path}/`;
    const names = Object.keys(tree.files)
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length).split('/')[0] ?? '');
    return known([...new Set(names)].filter(Boolean).sort());
  }

  async function run(command: Command, args: readonly string[]): Promise<Fact<CommandOutput>> {
    const source = [command.programs[0], ...command.argv, ...args].join(' ');
    if (!live) return unreadable(source, both('no command of an unpacked system is run'));
    const answer = tree.commands?.[source];
    if (answer === undefined) return absent(command.programs[0] ?? command.id);
    if (typeof answer === 'string') return known({ status: 0, stdout: answer, stderr: '' });
    if ('unreadable' in answer) return unreadable(source, both(answer.unreadable));
    return known({ status: 0, stdout: '', stderr: '', ...answer });
  }

  return {
    live,
    privileged: tree.privileged ?? true,
    policy: policyOf(tree.policy),
    memory: tree.memory === undefined ? absent('memory') : known(tree.memory),
    readText,
    scan: async (path, maxBytes, take) => {
      const file = await readText(path, { maxBytes });
      if (file.state !== 'known') return file;
      const text = file.value.text;
      const bytes = latin1Bytes(text);
      if (bytes.length > 0) take(bytes);
      return known(file.value.stat);
    },
    list,
    run,
    stat: async (path) => statOf(find(path, true)),
    lstat: async (path) => statOf(find(path, false)),
    realPath: async (path) => {
      const found = find(path, true);
      return found.state === 'known' ? known(found.value.path) : found;
    },
    readlink: async (path) => {
      const found = find(path, false);
      if (found.state !== 'known') return found;
      const { node } = found.value;
      if (node.unreadable) return unreadable(path, both(`${path}: ${node.unreadable}`));
      return node.link === undefined
        ? unreadable(path, both(`${path} is not a symbolic link`))
        : known(node.link);
    },
    acl: async (path) => {
      const found = find(path, true);
      return found.state === 'known' ? known(found.value.node.acl ?? []) : found;
    },
  };
}

function policyOf(policy: Tree['policy']): Host['policy'] {
  if (policy === undefined) return absent('policy');
  return 'unreadable' in policy ? unreadable('policy', both(policy.unreadable)) : known(policy);
}

function statOf(found: Fact<{ stat: FileStat }>): Fact<FileStat> {
  return found.state === 'known' ? known(found.value.stat) : found;
}
