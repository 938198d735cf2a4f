/**
 * What cloud-init keeps on the disk of what it was given: cloud.cfg, user data, vendor data, seeds. Only what matters for
 * passwords is told, and never a value.
 */
import type { Text } from '../../shared/outcome.ts';
import { absent, defineFact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { type CloudFinding, readCloudData } from './cloud-data.ts';

export interface CloudInit {
  readonly findings: readonly (CloudFinding & { readonly source: string })[];
  /** Files that were read. */
  readonly read: readonly string[];
  /** What could not be read or understood. */
  readonly unclear: readonly { readonly source: string; readonly why: Text }[];
}

export const CLOUD_STATE = '/var/lib/cloud';
/** cloud-init writes it for ssh_pwauth. */
export const CLOUD_SSHD = '/etc/ssh/sshd_config.d/50-cloud-init.conf';
const CONFIG = '/etc/cloud/cloud.cfg';
/** What an instance keeps: as it came, unpacked (`.i`), and merged. */
const KEPT =
  /^(?:(?:user|vendor2?)-data2?\.txt(?:\.i)?|(?:vendor2?-)?cloud-config\.txt|(?:user|vendor|meta)-?data)$/;
const LETS_IN = /^\s*PasswordAuthentication[\s=]+"?yes\b/i;
const MAX_BYTES = 512 * 1024;
const MAX_FILES = 500;
const MAX_DEPTH = 4;

/** Absent where cloud-init has left nothing. */
export const cloudInit = defineFact<CloudInit>({
  id: 'cloud-init',
  collect: async (host) => {
    const unclear: { source: string; why: Text }[] = [];
    const paths: string[] = [];
    const main = await host.stat(CONFIG);
    if (main.state !== 'absent') paths.push(CONFIG);
    const add = async (directory: string, depth: number, fits: (name: string) => boolean) => {
      const found = await filesBelow(host, directory, depth, fits);
      paths.push(...found.paths);
      unclear.push(...found.unclear);
    };
    await add(`${CONFIG}.d`, 0, (name) => name.endsWith('.cfg'));
    await add(`${CLOUD_STATE}/instances`, 1, (name) => KEPT.test(name));
    await add(`${CLOUD_STATE}/seed`, MAX_DEPTH, () => true);
    const dropIn = await host.readText(CLOUD_SSHD, { encoding: 'latin1' });
    if (paths.length === 0 && unclear.length === 0 && dropIn.state === 'absent') return absent(CONFIG);
    if (paths.length > MAX_FILES) unclear.push({ source: CLOUD_STATE, why: MANY });
    const findings: (CloudFinding & { source: string })[] = [];
    const read: string[] = [];
    if (dropIn.state === 'unreadable') unclear.push({ source: CLOUD_SSHD, why: dropIn.reason });
    if (dropIn.state === 'known') {
      read.push(CLOUD_SSHD);
      const at = dropIn.value.text.split('\n').findIndex((line) => LETS_IN.test(line));
      const finding = { kind: 'drop-in', key: 'PasswordAuthentication', line: at + 1 } as const;
      if (at >= 0) findings.push({ ...finding, source: CLOUD_SSHD });
    }
    for (const source of paths.slice(0, MAX_FILES)) {
      const file = await host.readText(source, { encoding: 'latin1', maxBytes: MAX_BYTES });
      if (file.state === 'unreadable') unclear.push({ source, why: file.reason });
      if (file.state !== 'known') continue;
      read.push(source);
      const isConfig = source.startsWith('/etc/');
      const told = readCloudData(file.value.text, isConfig ? 'config' : 'data');
      findings.push(...told.findings.map((one) => ({ ...one, source })));
      unclear.push(...told.unclear.map((why) => ({ source, why })));
    }
    return known({ findings, read, unclear });
  },
});

/** Files in a directory and `depth` levels below; links are not followed into other directories. */
async function filesBelow(
  host: Host,
  directory: string,
  depth: number,
  fits: (name: string) => boolean,
): Promise<{ paths: string[]; unclear: { source: string; why: Text }[] }> {
  const names = await host.list(directory);
  if (names.state === 'absent') return { paths: [], unclear: [] };
  if (names.state === 'unreadable') return { paths: [], unclear: [{ source: directory, why: names.reason }] };
  const paths: string[] = [];
  const unclear: { source: string; why: Text }[] = [];
  for (const name of names.value) {
    if (paths.length > MAX_FILES) break;
    const path = `${directory}/${name}`;
    const stat = await host.lstat(path);
    if (stat.state === 'unreadable') unclear.push({ source: path, why: stat.reason });
    if (stat.state !== 'known') continue;
    if (stat.value.type === 'directory') {
      if (depth === 0) continue;
      const below = await filesBelow(host, path, depth - 1, fits);
      paths.push(...below.paths);
      unclear.push(...below.unclear);
    } else if (fits(name)) paths.push(path);
  }
  return { paths, unclear };
}

const MANY: Text = { en: `more than ${MAX_FILES} files`, de: `mehr als ${MAX_FILES} Dateien` };
