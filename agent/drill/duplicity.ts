/**
 * How a drill takes files out of a duplicity repository: `duplicity restore` writes them itself, by names and kinds that the
 * repository tells, and an attacker who holds the storage can add unencrypted sets to an encrypted one. So it runs contained
 * (agent/drill/contained.ts): an account of its own that may read what root may, and write nowhere but in its own directory.
 * What it restored is taken over only where it is a plain file. Its manifests hold a SHA-1 of each volume, which it compares.
 * duplicity(1); collection-status, list-current-files, restore.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { valueIn } from '../../checks/fact.ts';
import type { ResticAccess } from '../../checks/facts/backup-declared.ts';
import { environmentLines } from '../../checks/facts/backup-shell.ts';
import type { Host } from '../../checks/host.ts';
import type { DrillProblem } from '../../shared/drill.ts';
import { type Access, firstLine, onlyRoots } from '../backup-access.ts';
import type { Ended } from '../backup-prober.ts';
import { NO_SECRET_KEY } from '../probe-duplicity.ts';
import { bringKeys } from './gnupg.ts';
import { copyPlain, isReal } from './plain-file.ts';
import {
  type DrillTool,
  isBelow,
  isPlain,
  type Listed,
  MAX_LISTED,
  type Opened,
  type Problem,
  type Restored,
  type Session,
} from './tool.ts';

/** Credentials of duplicity and its storage, and where its keys are; nothing that changes which program runs. */
export const DUPLICITY_ALLOWED =
  /^(?:PASSPHRASE|GNUPGHOME|SIGN_PASSPHRASE|FTP_PASSWORD|BACKEND_PASSWORD|(?:AWS|AZURE|B2|GS|CLOUDFILES|SWIFT|OS|DPBX|MEGA|PCA)_[A-Z0-9_]+|HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy)$/;

/** A volume has 200 MB by default, and it lies there twice while it is opened. */
const VOLUMES = 512 * 1024 * 1024;

export const duplicityDrill: DrillTool = {
  tool: 'duplicity',
  programs: ['/usr/bin/duplicity', '/usr/local/bin/duplicity'],
  contained: true,
  keepsRecord: true,
  marginMs: 2000,
  maxFiles: (opened) => (treesOf(opened) ? 500 : MAX_RUNS),
  needs: VOLUMES,
  access: duplicityAccess,
  open,
  restore: async (session, opened, files, sinks) => {
    const trees = treesOf(opened);
    const whole = trees && (await wholeTrees(session, trees, files, sinks));
    return whole ?? (await oneByOne(session, files, sinks));
  },
};

/** Each run of the program opens whole volumes: file by file only a few are worth it. */
const MAX_RUNS = 8;
/** Of what is restored with one run for a whole directory. */
const MAX_TREE_BYTES = 64 * 1024 * 1024;
const MAX_TREE_FILES = 20_000;
const MAX_TREES = 4;

/**
 * Directories, two levels deep, that hold all files and are small enough to be restored whole, as far as the host's own files
 * tell; undefined where there are too many, or too much. What they held besides and the host does not any more is bounded by
 * time and space alone: a run that has no room is given up.
 */
function treesOf({ files }: Pick<Opened, 'files'>): string[] | undefined {
  if (files.length > MAX_TREE_FILES) return undefined;
  const names = files.map(({ name }) => name.split('/').slice(0, -1));
  if (names.some((parts) => parts.length === 0)) return undefined;
  const first = new Set(names.map(([top = '']) => top));
  // One directory above all, as with a job that saves a single one: one deeper.
  const depth = first.size > 1 ? 1 : 2;
  const trees = new Set(names.map((parts) => parts.slice(0, depth).join('/')));
  const bytes = files.reduce(
    (sum, file) => sum + (fs.lstatSync(file.path, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  return trees.size <= MAX_TREES && bytes <= MAX_TREE_BYTES ? [...trees] : undefined;
}

/** Undefined where a run did not end well: then each file is asked for by itself, and says which of them it was. */
async function wholeTrees(
  session: Session,
  trees: readonly string[],
  files: readonly Listed[],
  sinks: Parameters<DrillTool['restore']>[3],
): Promise<readonly Restored[] | undefined> {
  const within = path.join(fs.realpathSync(session.scratch), 'tool');
  const targets = new Map<string, string>();
  try {
    for (const [index, tree] of trees.entries()) {
      if (!files.some(({ name }) => isBelow(name, tree))) continue;
      const target = path.join(within, `tree-${index}`);
      targets.set(tree, target);
      const ended = await session.run(['restore', ...own(session), `-r${tree}`, location(session), target], {
        environment: environment(session),
      });
      if (wrong(ended)) return undefined;
    }
    return files.map(({ name }, index): Restored => {
      const tree = trees.find((one) => isBelow(name, one)) ?? '';
      const at = path.join(targets.get(tree) ?? '', path.relative(tree, name));
      // A directory on the way that is a link would lead to the host's own file.
      return isReal(at) ? copyPlain(at, sinks(index)) : { problem: 'damaged' };
    });
  } finally {
    for (const target of targets.values()) fs.rmSync(target, { recursive: true, force: true });
  }
}

async function oneByOne(
  session: Session,
  files: readonly Listed[],
  sinks: Parameters<DrillTool['restore']>[3],
): Promise<readonly Restored[]> {
  const answers: Restored[] = [];
  for (const [index, file] of files.entries()) {
    const target = path.join(session.scratch, 'tool', `out-${index}`);
    const ended = await session.run(
      ['restore', ...own(session), `-r${file.name}`, location(session), target],
      {
        environment: environment(session),
      },
    );
    const problem = wrong(ended);
    if (problem) answers.push({ problem: problem === 'failed' ? 'damaged' : problem });
    else answers.push(copyPlain(target, sinks(index)));
    fs.rmSync(target, { recursive: true, force: true });
    const last = answers.at(-1);
    if (typeof last === 'object' && last.problem !== 'damaged') break;
  }
  return answers;
}

export async function duplicityAccess(host: Host, means: ResticAccess): Promise<Access | undefined> {
  const environment: Record<string, string> = {};
  for (const file of [means.environmentFile, means.repositoryFile, means.passwordFile])
    if (file !== undefined && !(await onlyRoots(host, file))) return undefined;
  if (means.environmentFile !== undefined) {
    const { text } = valueIn(await host.readText(means.environmentFile, { maxBytes: 64 * 1024 }));
    for (const [name, value] of Object.entries(environmentLines(text)))
      if (DUPLICITY_ALLOWED.test(name)) environment[name] = value;
  }
  const passphrase = await firstLine(host, means.passwordFile);
  if (passphrase !== undefined) environment.PASSPHRASE = passphrase;
  return { environment, location: means.repository ?? (await firstLine(host, means.repositoryFile)) };
}

const location = ({ access }: Session): string => access.location ?? '';
const own = ({ scratch, access }: Session): string[] => [
  ...['--archive-dir', path.join(scratch, 'tool/archive'), '--tempdir', path.join(scratch, 'tool/tmp')],
  ...(access.environment.PASSPHRASE === undefined ? ['--no-encryption'] : []),
];
/** Where root's jobs have their keys, unless they say otherwise. */
const KEYS = '/root/.gnupg';
const environment = ({ scratch }: Session) => ({
  GNUPGHOME: path.join(scratch, 'tool/gnupg'),
  // It writes local time without a zone.
  TZ: 'UTC',
});

async function open(session: Session): Promise<Opened | Problem> {
  // It takes the address as an argument, which every user sees: a password in it goes into FTP_PASSWORD.
  if (!/^[a-z][a-z0-9+.-]*:\/\/(?![^/@]*:[^/]*@)/i.test(location(session)))
    return { problem: 'unsafe-configuration' };
  const { host, access } = session;
  await bringKeys(host, access.environment.GNUPGHOME ?? KEYS, environment(session).GNUPGHOME);
  const status = await session.run(['collection-status', ...own(session), location(session)], {
    environment: environment(session),
  });
  const problem = wrong(status);
  if (problem) return { problem };
  const at = newestSet('stdout' in status ? status.stdout : '');
  if (at === undefined) return { problem: 'no-snapshot' };
  const listed = await session.run(['list-current-files', ...own(session), location(session)], {
    environment: environment(session),
  });
  const trouble = wrong(listed);
  if (trouble) return { problem: trouble };
  // A name that was left out may be any: then nothing can be missed.
  const { names, odd } = listedNames('stdout' in listed ? listed.stdout : '');
  const root = rootOf(names, session.roots);
  const files: Listed[] = [];
  for (const name of names) {
    const file = root === '/' ? `/${name}` : `${root}/${name}`;
    if (!isPlain(file) || !session.wanted.some((want) => isBelow(file, want))) continue;
    // What kind of thing it is, and how large, is not told: the host's own file says it.
    const stat = fs.lstatSync(file, { throwIfNoEntry: false });
    if (stat?.isFile()) files.push({ path: file, name, size: undefined });
    if (files.length >= MAX_LISTED) return { ...opened(at), files, besides: [], more: true };
  }
  return { ...opened(at), files, besides: [], more: odd };
}

const opened = (at: string) => ({ snapshot: { id: null, at }, handle: at });

const LINE = /^\w{3} (\w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}) (.*)$/;

/** The time of the newest set, full or incremental, in the table of collection-status. */
export function newestSet(text: string): string | undefined {
  const times = text
    .split('\n')
    .map(
      (line) =>
        /^\s*(?:Full|Incremental)\s+\w{3} (\w{3} +\d{1,2} \d\d:\d\d:\d\d \d{4})\s+\d+\s*$/.exec(line)?.[1],
    )
    .flatMap((time) => (time === undefined ? [] : Date.parse(`${time} UTC`)))
    .filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : new Date(Math.max(...times)).toISOString();
}

/** Names of list-current-files. One with a line break in it is left out: where it ends is anybody's guess. */
export function listedNames(text: string): { names: string[]; odd: boolean } {
  const names: string[] = [];
  let odd = false;
  let open = false;
  for (const line of text.split('\n').slice(0, MAX_LISTED * 4)) {
    const name = LINE.exec(line)?.[2];
    if (name !== undefined) {
      names.push(name);
      open = true;
    } else if (open && line !== '') {
      names.pop();
      open = false;
      odd = true;
    }
  }
  const seen = new Set<string>();
  const twice = new Set(names.filter((name) => seen.size === seen.add(name).size));
  return { names: names.filter((name) => name !== '.' && !twice.has(name)), odd: odd || twice.size > 0 };
}

/** Names are relative to what was saved: `/` with a choice of directories, or one directory. */
function rootOf(names: readonly string[], roots: readonly string[]): string {
  const [root] = roots;
  if (root === undefined || roots.length !== 1 || root === '/') return '/';
  return names.some((name) => isBelow(`/${name}`, root)) ? '/' : root;
}

/**
 * What it could not write it says and passes over, with status 0. Owners it can never set, being who it is: errno(3) 1.
 * Anything else, such as a full disk, leaves a file that is not whole.
 */
export function skipped(stderr: string): DrillProblem | undefined {
  const numbers = [...stderr.matchAll(/^(?:Error|Warning:?) .*\[Errno (\d+)\]/gim)].map(([, number]) =>
    Number(number),
  );
  if (numbers.some((number) => number === ENOSPC || number === EFBIG || number === EDQUOT)) return 'no-space';
  return numbers.every((number) => number === EPERM) ? undefined : 'damaged';
}
const { EPERM, EFBIG, ENOSPC, EDQUOT } = os.constants.errno;

function wrong(ended: Ended): DrillProblem | undefined {
  if ('problem' in ended) return ended.problem;
  if (ended.status === 0) return skipped(ended.stderr);
  const says = (pattern: RegExp): boolean => pattern.test(`${ended.stderr}\n${ended.stdout}`);
  // Of a key that it could not unlock, gpg also says that there is none.
  if (says(/bad session key|bad passphrase|no passphrase given/i)) return 'wrong-password';
  if (says(NO_SECRET_KEY)) return 'no-key';
  if (
    says(
      /hash mismatch|decryption failed|manipulated|not found in archive|invalid data|bad .*archive|crc check|unexpected end/i,
    )
  )
    return 'damaged';
  if (says(/file or directory .*does not exist|no such file|not a directory/i)) return 'no-repository';
  if (says(/connection|timed out|unreachable|could not resolve|authentication failed|permission denied/i))
    return 'unreachable';
  if (says(/no space left|file too large/i)) return 'no-space';
  // What gpg or the reader of its own files chokes on, with the right passphrase.
  if (says(/gpgerror|readerror|traceback/i)) return 'damaged';
  return 'failed';
}
