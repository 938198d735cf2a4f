/** From what a unit, a table or a script calls to jobs; scripts are followed one level deep. */
import { latin1Text } from '../../shared/bytes-node.ts';
import type { Text } from '../../shared/outcome.ts';
import type { BackupCall } from './backup-call.ts';
import type { FoundJob } from './backup-job.ts';
import { type Reading, readScript } from './backup-script.ts';
import { type CallPlace, type JobSearch, MAX_SCRIPT, toJob } from './backup-search.ts';
import { type Environment, environmentLines } from './backup-shell.ts';
import { namesBackupTool } from './backup-tools.ts';
import { borgmaticJobs } from './borgmatic-jobs.ts';
import { rsnapshotJobs } from './rsnapshot-jobs.ts';

export const SYSTEMD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Programs that come with systemd and the distribution's own helpers are no backup scripts. */
const VENDOR =
  /^\/(?:usr\/)?lib\/(?:systemd|apt|polkit-1|dbus-1\.0)\/|^\/(?:usr\/)?s?bin\/(?:systemctl|systemd-\S+|test|true|mkdir|install|rm|kill|touch|run-parts)$/;

/** A command `.` or `source` somewhere. */
const READS_IN = /(?:^|[\s;&|({])(?:\.|source)[ \t]+\S/m;

/** The calls of a reading and of the scripts that it names. */
export async function followed(search: JobSearch, reading: Reading, from: CallPlace): Promise<FoundJob[]> {
  const found: FoundJob[] = (
    await Promise.all(reading.calls.map((call) => toJobs(search, call, from)))
  ).flat();
  for (const path of reading.programs) {
    const text = VENDOR.test(path) ? undefined : await script(search, path);
    if (text === undefined) continue;
    const named = namesBackupTool(text) || Object.values(reading.environment).some(namesBackupTool);
    // Most programs that units and tables start make no backups: a variable of a file read in could still name one.
    if (!named && !READS_IN.test(text)) continue;
    const first = readScript(text, reading.environment);
    const environment: Record<string, string> = { ...reading.environment };
    for (const file of first.sourced) Object.assign(environment, await environmentFile(search, file));
    if (!named && !Object.values(environment).some(namesBackupTool)) continue;
    const inner = first.sourced.length > 0 ? readScript(text, environment) : first;
    const path_ = inner.environment.PATH?.includes('$')
      ? SYSTEMD_PATH
      : (inner.environment.PATH ?? from.path);
    const stopped = reading.interpreted.has(path) ? undefined : await notExecutable(search, path);
    const jobs = await Promise.all(
      inner.calls.map((call) => toJobs(search, call, { source: path, path: path_ }, first.sourced)),
    );
    found.push(...jobs.flat().map((job) => (stopped ? { ...job, problem: stopped } : job)));
  }
  return found;
}

async function notExecutable({ host }: JobSearch, path: string): Promise<Text | undefined> {
  const stat = await host.stat(path);
  if (stat.state !== 'known' || (stat.value.mode & 0o111) !== 0) return undefined;
  return { en: `${path} is not executable`, de: `${path} ist nicht ausführbar` };
}

/** Tools whose own configuration says what a call does: the jobs that come of one call. */
export type Expand = (search: JobSearch, call: BackupCall, from: CallPlace) => Promise<FoundJob[]>;
const EXPAND: Readonly<Record<string, Expand>> = { borgmatic: borgmaticJobs, rsnapshot: rsnapshotJobs };

async function toJobs(
  search: JobSearch,
  call: BackupCall,
  from: CallPlace,
  files: readonly string[] = [],
): Promise<FoundJob[]> {
  const expand = Object.hasOwn(EXPAND, call.tool) ? EXPAND[call.tool] : undefined;
  return expand ? expand(search, call, from) : [{ ...(await toJob(search, call, from)), files }];
}

/** The text of a script, once a round; undefined for programs and for what is not there. */
function script(search: JobSearch, path: string): Promise<string | undefined> {
  const before = search.scripts.get(path);
  if (before) return before;
  const read = (async () => {
    const stat = await search.host.stat(path);
    if (stat.state !== 'known' || stat.value.type !== 'file' || stat.value.size > MAX_SCRIPT)
      return undefined;
    let text = '';
    // A compiled program gives itself away in its first piece: the rest is not read.
    const read = await search.host.scan(path, MAX_SCRIPT, (bytes) => {
      const program = bytes.includes(0);
      text = program ? '\0' : text + latin1Text(bytes);
      return !program;
    });
    if (read.state === 'unreadable') search.gaps.push(read.reason);
    return read.state === 'known' && text !== '\0' ? text : undefined;
  })();
  search.scripts.set(path, read);
  return read;
}

/** `NAME=value` lines, as EnvironmentFile= and `.` read them. What can't be read leaves the repository untold, no more. */
export async function environmentFile(search: JobSearch, path: string): Promise<Environment> {
  if (!/^\/[^*?$]*$/.test(path)) return {};
  const file = await search.host.readText(path, { maxBytes: 64 * 1024 });
  if (file.state !== 'known') return {};
  return environmentLines(file.value.text);
}
