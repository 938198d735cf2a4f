/**
 * With what the probe opens a repository: the job's own environment, of which only what the tool and its storage need is
 * taken, and only from files that nobody but root can change. Whoever could change one could have root run anything.
 */
import { valueIn } from '../checks/fact.ts';
import type { BackupCall } from '../checks/facts/backup-call.ts';
import type { ResticAccess } from '../checks/facts/backup-declared.ts';
import { environmentLines, shellCommands } from '../checks/facts/backup-shell.ts';
import { borgmaticCalls } from '../checks/facts/borgmatic-config.ts';
import type { Host } from '../checks/host.ts';

export interface Access {
  /** For the tool alone: holds secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** The repository as given; may hold a user name, so it is shown through `repositoryName` only. */
  readonly location: string | undefined;
  /** duplicity: what the names of its files begin with. */
  readonly prefix?: string;
}

/** Storage credentials and restic's own; nothing that changes which program runs. */
export const RESTIC_ALLOWED =
  /^(?:RESTIC_(?:REPOSITORY|REPOSITORY_FILE|PASSWORD|PASSWORD_FILE|PASSWORD_COMMAND|KEY_HINT|CACERT|TLS_CLIENT_CERT|REST_USERNAME|REST_PASSWORD)|(?:AWS|B2|AZURE|GOOGLE|OS|ST|RCLONE)_[A-Z0-9_]+|HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy)$/;

export const BORG_ALLOWED =
  /^BORG_(?:REPO|PASSPHRASE|PASSCOMMAND|KEYS_DIR|KEY_FILE|BASE_DIR|RSH|REMOTE_PATH|DISPLAY_PASSPHRASE)$/;

/** Where the tool finds its helpers: no directory of it belongs to anybody but root. */
export const PROBE_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** Undefined where a file, or the program of a password command, could be changed by others than root. */
export async function accessTo(host: Host, means: ResticAccess): Promise<Access | undefined> {
  const environment: Record<string, string> = {};
  if (means.environmentFile !== undefined) {
    if (!(await onlyRoots(host, means.environmentFile))) return undefined;
    const { text } = valueIn(await host.readText(means.environmentFile, { maxBytes: 64 * 1024 }));
    for (const [name, value] of Object.entries(environmentLines(text))) {
      if (RESTIC_ALLOWED.test(name)) environment[name] = value;
    }
  }
  if (means.repository !== undefined || means.repositoryFile !== undefined) {
    // restic takes the file and the name together as an error: what is declared here wins.
    delete environment.RESTIC_REPOSITORY;
    delete environment.RESTIC_REPOSITORY_FILE;
  }
  if (means.repository !== undefined) environment.RESTIC_REPOSITORY = means.repository;
  else if (means.repositoryFile !== undefined) environment.RESTIC_REPOSITORY_FILE = means.repositoryFile;
  if (means.passwordFile !== undefined) {
    delete environment.RESTIC_PASSWORD;
    delete environment.RESTIC_PASSWORD_COMMAND;
    environment.RESTIC_PASSWORD_FILE = means.passwordFile;
  }
  const files = [environment.RESTIC_REPOSITORY_FILE, environment.RESTIC_PASSWORD_FILE].filter(
    (file) => file !== undefined,
  );
  for (const file of files) if (!(await onlyRoots(host, file))) return undefined;
  if (!(await safeCommand(host, environment.RESTIC_PASSWORD_COMMAND))) return undefined;
  return {
    environment,
    location: environment.RESTIC_REPOSITORY ?? (await firstLine(host, environment.RESTIC_REPOSITORY_FILE)),
  };
}

/**
 * The same for borg: its passphrase as the job has it, in an environment file, a file of its own or borgmatic's
 * configuration. The job's keys are used; its cache and what it knows of repositories are not.
 */
export async function borgAccess(host: Host, means: ResticAccess): Promise<Access | undefined> {
  const environment: Record<string, string> = {};
  for (const file of [means.environmentFile, means.configuration, means.repositoryFile, means.passwordFile])
    if (file !== undefined && !(await onlyRoots(host, file))) return undefined;
  if (means.environmentFile !== undefined) {
    const { text } = valueIn(await host.readText(means.environmentFile, { maxBytes: 64 * 1024 }));
    for (const [name, value] of Object.entries(environmentLines(text)))
      if (BORG_ALLOWED.test(name)) environment[name] = value;
  }
  let location = means.repository ?? (await firstLine(host, means.repositoryFile));
  if (means.configuration !== undefined) {
    const { text } = valueIn(await host.readText(means.configuration, { maxBytes: 256 * 1024 }));
    const read = await borgmaticCalls(text, BORGMATIC);
    if ('problem' in read) return undefined;
    const call = read.calls.find(({ repository }) => location === undefined || repository === location);
    if (!call) return undefined;
    for (const [name, value] of Object.entries(call.environment))
      if (BORG_ALLOWED.test(name)) environment[name] = value;
    location ??= call.repository;
  }
  if (location !== undefined) environment.BORG_REPO = location;
  if (means.passwordFile !== undefined) {
    delete environment.BORG_PASSCOMMAND;
    const passphrase = await firstLine(host, means.passwordFile);
    if (passphrase !== undefined) environment.BORG_PASSPHRASE = passphrase;
  }
  if (environment.BORG_BASE_DIR !== undefined) {
    environment.BORG_KEYS_DIR ??= `${environment.BORG_BASE_DIR}/.config/borg/keys`;
    delete environment.BORG_BASE_DIR;
  }
  for (const command of [environment.BORG_PASSCOMMAND, environment.BORG_RSH])
    if (!(await safeCommand(host, command))) return undefined;
  return { environment, location: environment.BORG_REPO };
}

const BORGMATIC: BackupCall = {
  tool: 'borgmatic',
  line: 1,
  program: 'borgmatic',
  actions: ['copy'],
  environment: {},
  options: [],
  paths: [],
};

/** The program by absolute path or from root's own directories, and every other word that is a path: a script given to a shell is one. */
export async function safeCommand(host: Host, command: string | undefined): Promise<boolean> {
  if (command === undefined) return true;
  const words = shellCommands(command).flatMap(({ words: each }) => each);
  if (!words[0]?.startsWith('/') && !(await inPath(host, words[0] ?? ''))) return false;
  const paths = words.flatMap((word) => word.match(/\/[^\s;|&<>()'"=]+/g) ?? []);
  for (const path of paths) if (!(await onlyRoots(host, path))) return false;
  return true;
}

async function inPath(host: Host, name: string): Promise<boolean> {
  if (!/^[\w.+-]+$/.test(name)) return false;
  for (const directory of PROBE_PATH.split(':')) {
    if ((await host.stat(`${directory}/${name}`)).state === 'known')
      return onlyRoots(host, `${directory}/${name}`);
  }
  return false;
}

/** Undefined where there is no such file. */
export async function firstLine(host: Host, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const read = await host.readText(file, { maxBytes: 4096 });
  return read.state === 'known' ? read.value.text.split('\n')[0] : undefined;
}

/** The first program that only root can change. */
export async function firstSafe(host: Host, programs: readonly string[]): Promise<string | undefined> {
  for (const program of programs) if (await onlyRoots(host, program)) return program;
  return undefined;
}

/** Whether a file, and every directory on the way to it, as named and as resolved, can be changed by root alone. */
export async function onlyRoots(host: Host, path: string): Promise<boolean> {
  if (!path.startsWith('/')) return false;
  const real = await host.realPath(path);
  if (real.state !== 'known') return false;
  for (const each of new Set([...parts(path), ...parts(real.value)])) {
    const stat = await host.stat(each);
    const acl = await host.acl(each);
    if (stat.state !== 'known' || stat.value.uid !== 0 || (stat.value.mode & 0o022) !== 0) return false;
    if (acl.state !== 'known' || acl.value.some((entry) => /^(?:user|group):[^:]+:.*w/.test(entry)))
      return false;
  }
  return true;
}

function parts(path: string): string[] {
  const names = path.split('/').filter(Boolean);
  return ['/', ...names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)];
}
