/** This host's own Ed25519 key. It is made here and never leaves: PKCS#8 PEM, mode 0600. */
import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Signer } from '../shared/crypto.ts';
import { nodeCrypto, pemSigner } from '../shared/crypto-node.ts';
import { keyId } from '../shared/envelope.ts';
import { CodedError } from '../shared/errors.ts';
import { syncDirectory } from './durable.ts';

/** Makes a new key in `directory`, on the disk when this returns; never over another. @returns its file name */
export function createKey(directory: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const name = `key-${keyId(nodeCrypto, pemSigner(pem).publicKey).slice(0, 16)}.pem`;
  const fd = fs.openSync(path.join(directory, name), 'wx', 0o600);
  try {
    fs.writeFileSync(fd, pem);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  syncDirectory(directory);
  return name;
}

/** @throws CodedError `STATE_UNSAFE` when others may read it, `STATE_UNREADABLE` */
export function readKey(file: string): Signer {
  let pem: string;
  // Looked at and read through one descriptor: it is the file that was looked at.
  let fd: number | undefined;
  try {
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
    const { mode, uid } = fs.fstatSync(fd);
    if ((mode & 0o077) !== 0 || (uid !== 0 && uid !== process.geteuid?.())) {
      throw new CodedError('STATE_UNSAFE', { path: file });
    }
    pem = fs.readFileSync(fd, 'utf8');
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new CodedError('STATE_UNREADABLE', { path: file, problem: String(code) }, { cause: error });
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
  try {
    return pemSigner(pem);
  } catch {
    // Without the cause: what the parser says about a key is nobody's business.
    throw new CodedError('STATE_UNREADABLE', { path: file, problem: 'not an Ed25519 key' });
  }
}
