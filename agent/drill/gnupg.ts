/**
 * The keys of GnuPG with which a job encrypts, brought to where a contained duplicity may use them: copies, for gpg and its
 * agent write beside them, and nothing else of that directory, whose configuration names programs to run. The contained
 * account may read them anyway (agent/drill/contained.ts); they go with everything else of the drill. gpg(1), gpg-agent(1)
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Host } from '../../checks/host.ts';
import { onlyRoots } from '../backup-access.ts';
import { openPlain } from './plain-file.ts';

const SECRET = 'private-keys-v1.d';
const RINGS = ['pubring.kbx', 'pubring.gpg'];
const MAX_KEYS = 200;
const MAX_KEY = 64 * 1024;
const MAX_RING = 16 * 1024 * 1024;

/**
 * Does nothing where there is no secret key, or where others than root can change what is there.
 * @param from the job's GNUPGHOME
 * @param to belongs to the account that uses them
 */
export async function bringKeys(host: Host, from: string, to: string): Promise<void> {
  if (!(await onlyRoots(host, path.join(from, SECRET)))) return;
  if (!fs.statSync(path.join(from, SECRET)).isDirectory()) return;
  const names = fs.readdirSync(path.join(from, SECRET)).filter((name) => /^[0-9A-F]{40}\.key$/.test(name));
  if (names.length === 0) return;
  const { uid, gid } = fs.statSync(to);
  fs.mkdirSync(path.join(to, SECRET), { mode: 0o700 });
  fs.chownSync(path.join(to, SECRET), uid, gid);
  const copy = (name: string, most: number): void => {
    const bytes = content(path.join(from, name), most);
    if (bytes === undefined) return;
    // Made anew, and given away only when it is whole.
    const fd = fs.openSync(path.join(to, name), 'wx', 0o600);
    fs.writeFileSync(fd, bytes);
    fs.fchownSync(fd, uid, gid);
    fs.closeSync(fd);
  };
  for (const name of names.slice(0, MAX_KEYS)) copy(path.join(SECRET, name), MAX_KEY);
  for (const name of RINGS) copy(name, MAX_RING);
}

function content(file: string, most: number): Buffer | undefined {
  const fd = openPlain(file);
  if (fd === undefined) return undefined;
  try {
    return fs.fstatSync(fd).size <= most ? fs.readFileSync(fd) : undefined;
  } finally {
    fs.closeSync(fd);
  }
}
