/**
 * How the probe asks a duplicity backup: only the manifests are brought into an archive directory of its own that is thrown
 * away (`--file-prefix-signature` keeps the large signatures out) and decrypted, which also shows whether the passphrase is
 * right; then the volumes are counted. duplicity has no lock on its storage. duplicity(1)
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { valueIn } from '../checks/fact.ts';
import type { ResticAccess } from '../checks/facts/backup-declared.ts';
import type { SnapshotSeen } from '../checks/facts/backup-result.ts';
import { environmentLines } from '../checks/facts/backup-shell.ts';
import { manifestSource, manifestTime } from '../checks/facts/duplicity-record.ts';
import { repositoryPlace } from '../checks/facts/repository-place.ts';
import type { Host } from '../checks/host.ts';
import { type Access, firstLine, onlyRoots } from './backup-access.ts';
import {
  type Asked,
  type Ended,
  MAX_GROUPS,
  type ProbeProblem,
  type Prober,
  refused,
} from './backup-prober.ts';

const ALLOWED =
  /^(?:PASSPHRASE|FTP_PASSWORD|(?:AWS|B2|AZURE|GOOGLE|OS|SWIFT|RCLONE|CLOUDFILES|DPBX|PYRAX)_[A-Z0-9_]+|HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy)$/;
/** What gpg(1) says of data that are encrypted for a key, where only a passphrase is there. */
export const NO_SECRET_KEY = /decryption failed: no secret key|public key decryption failed/i;
const MAX_MANIFEST = 64 * 1024 * 1024;

export const duplicityProber: Prober = {
  tool: 'duplicity',
  programs: ['/usr/bin/duplicity', '/usr/local/bin/duplicity'],
  access: duplicityAccess,
  ask: async (run, snapshotHost, scratch, { location = '', prefix }): Promise<Asked> => {
    if (await isMissing(location)) return refused('no-repository');
    mkdirSync(`${scratch}/gnupg`, { mode: 0o700 });
    const common = [
      ...['--archive-dir', scratch, '--name', 'probe', '--gpg-options=--no-autostart', '--num-retries', '1'],
      ...(prefix === undefined ? [] : ['--file-prefix', prefix]),
    ];
    const environment = { GNUPGHOME: `${scratch}/gnupg`, TZ: 'UTC', TMPDIR: scratch };
    const fetched = await run(
      ['list-current-files', ...common, '--file-prefix-signature', 'none-', '--', location],
      environment,
    );
    if ('problem' in fetched) return refused(fetched.problem);
    // Without signatures there is nothing to list: that error is the expected end.
    const output = `${fetched.stdout}\n${fetched.stderr}`;
    if (fetched.status !== 0 && !/No signature chains found|No backup chains? found/.test(output))
      return refused(duplicityProblem(output));
    const status = await run(['collection-status', ...common, '--', location], environment);
    if ('problem' in status) return refused(status.problem);
    if (status.status !== 0) return refused(duplicityProblem(`${status.stdout}\n${status.stderr}`));
    return seenIn(path.join(scratch, 'probe'), prefix ?? '', snapshotHost, status, output);
  },
};

/**
 * The job's own variables, and the address; a secret part of it goes into the environment, for arguments are seen by all.
 * Undefined where a file could be changed by others than root.
 */
export async function duplicityAccess(host: Host, means: ResticAccess): Promise<Access | undefined> {
  const environment: Record<string, string> = {};
  for (const file of [means.environmentFile, means.repositoryFile, means.passwordFile])
    if (file !== undefined && !(await onlyRoots(host, file))) return undefined;
  if (means.environmentFile !== undefined) {
    const { text } = valueIn(await host.readText(means.environmentFile, { maxBytes: 64 * 1024 }));
    for (const [name, value] of Object.entries(environmentLines(text)))
      if (ALLOWED.test(name)) environment[name] = value;
  }
  if (means.passwordFile !== undefined)
    environment.PASSPHRASE = (await firstLine(host, means.passwordFile)) ?? '';
  const given = (means.repository ?? (await firstLine(host, means.repositoryFile)))?.trim();
  const secret = /^([a-z0-9+]+:\/\/[^/@\s]*?):([^@\s]*)@(.*)$/i.exec(given ?? '');
  if (secret?.[2]) environment.FTP_PASSWORD = decoded(secret[2]);
  const location = secret ? `${secret[1]}@${secret[3]}` : given;
  const isAddress = /^[a-z0-9+]+:\/\/\S+$/i.test(location ?? '');
  return {
    environment,
    location: isAddress ? location : undefined,
    ...(means.filePrefix === undefined ? {} : { prefix: means.filePrefix }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** duplicity would make a directory that is not there. */
async function isMissing(location: string): Promise<boolean> {
  if (location === '') return true;
  const place = location.startsWith('file://') ? repositoryPlace(location) : undefined;
  if (place?.kind !== 'path') return false;
  try {
    readdirSync(place.path);
    return false;
  } catch {
    return true;
  }
}

function seenIn(
  directory: string,
  prefix: string,
  snapshotHost: string,
  status: Exclude<Ended, { problem: ProbeProblem }>,
  fetched: string,
): Asked {
  const manifests = readdirSync(directory).flatMap((name) => {
    const at = name.startsWith(prefix) ? manifestTime(name.slice(prefix.length)) : undefined;
    if (at === undefined) return [];
    const text = readFileSync(path.join(directory, name), 'latin1').slice(0, MAX_MANIFEST);
    return [
      { at, ...manifestSource(text.slice(0, 4096)), volumes: (text.match(/^Volume \d+:/gm) ?? []).length },
    ];
  });
  manifests.sort((a, b) => (a.at < b.at ? 1 : -1));
  const stored = storedVolumes(status.stdout);
  const [last] = manifests;
  if (last && (stored.get(last.at) ?? 0) < last.volumes) return refused('damaged');
  const short = (name: string): string => name.toLowerCase().split('.')[0] ?? '';
  const own = manifests.filter(({ host }) => host !== undefined && short(host) === short(snapshotHost));
  return {
    ...(manifests.length === 0
      ? {}
      : { encryption: /Copying \S+\.manifest\.gpg to local/.test(fetched) ? 'gpg' : 'none' }),
    outcome: {
      opened: true,
      newest: own.slice(0, MAX_GROUPS).map(
        ({ at, directory: source }): SnapshotSeen => ({
          at,
          // duplicity names a backup by its time.
          id: (Date.parse(at) / 1000).toString(16).padStart(8, '0'),
          paths: source === undefined ? [] : [source.slice(0, 1000)],
        }),
      ),
      own: own.length,
      others: manifests.length - own.length,
    },
  };
}

/** Instant of a backup -> how many of its volumes are stored, from the table of `collection-status`. */
export function storedVolumes(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const [, time = '', count] of text.matchAll(
    /^\s+(?:Full|Incremental)\s+\w{3} (\w{3}\s+\d+ [\d:]{8} \d{4})\s+(\d+)\s*$/gm,
  )) {
    const at = Date.parse(`${time} UTC`);
    if (!Number.isNaN(at)) found.set(new Date(at).toISOString(), Number(count));
  }
  return found;
}

/** By the words of duplicity and GnuPG. The text itself goes no further. */
export function duplicityProblem(text: string): ProbeProblem {
  const says = (pattern: RegExp): boolean => pattern.test(text);
  if (says(/no valid OpenPGP data|invalid packet|crc error|mdc packet|invalid armor|premature eof/i))
    return 'damaged';
  if (says(NO_SECRET_KEY)) return 'no-key';
  if (says(/bad session key|bad passphrase|PASSPHRASE variable not set|cannot use empty passphrase/i))
    return 'wrong-password';
  if (
    says(
      /connection (?:refused|reset|timed out|closed)|could not resolve|name or service not known|no route to host|network is unreachable|authentication failed|host key|BackendException|timed out/i,
    )
  )
    return 'unreachable';
  if (says(/no such file or directory/i)) return 'no-repository';
  if (says(/GPGError|UnicodeDecodeError|ManifestError|Non-zero exit/i)) return 'damaged';
  return 'failed';
}
