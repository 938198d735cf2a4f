/** The collector's keys: certificate authority, TLS, log, policy. In a directory of their own, never in the database. */
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { toBase64, toHex, utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import type { Signer } from '../../shared/crypto.ts';
import { nodeCrypto, pemSigner } from '../../shared/crypto-node.ts';
import type { TrustBundle } from '../../shared/enrolment.ts';
import { CodedError } from '../../shared/errors.ts';
import type { KeyAndCertificate } from './certificate.ts';
import { keyFile, openKeyDirectory, readKeyFile, replaceKeyFile } from './key-files.ts';

const DAY_MS = 86_400_000;
/** A server certificate lives 90 days and is renewed with a third left. */
const RENEW_MS = 30 * DAY_MS;

export interface CollectorKeys {
  readonly trust: TrustBundle;
  /** SHA-256 of the canonical JSON of `trust`, hex: stands in every enrolment string. */
  readonly fingerprint: string;
  readonly logSigner: Signer;
  readonly policySigner: Signer;
  /** Key and certificate for TLS on `names`; makes new ones when the names changed or the end is near. */
  serverCertificate(names: readonly string[], now: Date): Promise<{ key: string; cert: string }>;
}

/**
 * Reads the keys in `directory`, making those that are not there.
 * @param mustExist agents trust these keys already: a missing one is an error, since a new one would lock them all out
 * @throws CodedError `STATE_UNSAFE`, `STATE_UNREADABLE`, `NO_PERMISSION`, `NO_SPACE`
 */
export async function openCollectorKeys(
  directory: string,
  now: Date,
  { mustExist = false } = {},
): Promise<CollectorKeys> {
  openKeyDirectory(directory);
  const paths = {
    authority: join(directory, 'authority.pem'),
    server: join(directory, 'server.pem'),
    log: join(directory, 'log.pem'),
    policy: join(directory, 'policy.pem'),
  };
  if (mustExist)
    for (const path of [paths.authority, paths.log, paths.policy])
      if (readKeyFile(path) === undefined)
        throw new CodedError('STATE_UNREADABLE', {
          path,
          problem: 'it is gone, while enrolled hosts trust it',
        });

  const authority = await keyFile(paths.authority, async () => {
    const { makeAuthority } = await import('./certificate.ts');
    return makeAuthority(now);
  });
  const logSigner = await signerFrom(paths.log);
  const policySigner = await signerFrom(paths.policy);
  const trust: TrustBundle = {
    format: 'nachweis.trust/1',
    authorities: [readable(paths.authority, () => new X509Certificate(authority).toString())],
    logKeys: [toBase64(logSigner.publicKey)],
    policyKeys: [toBase64(policySigner.publicKey)],
  };

  return {
    trust,
    fingerprint: toHex(nodeCrypto.sha256(utf8(canonicalJson(trust)))),
    logSigner,
    policySigner,
    async serverCertificate(names, now) {
      const wanted = serverNames(names);
      let both = readKeyFile(paths.server);
      if (both === undefined || !stillGood(both, authority, wanted, now)) {
        const { makeServerCertificate } = await import('./certificate.ts');
        both = await makeServerCertificate(authority, wanted, now);
        replaceKeyFile(paths.server, both);
      }
      return { key: both, cert: both };
    },
  };
}

/** Names that always work, and those that were set. */
export function serverNames(configured: readonly string[]): string[] {
  const own = hostname().toLowerCase();
  const always = ['localhost', '127.0.0.1', '::1', ...(/^[a-z0-9.-]{1,253}$/.test(own) ? [own] : [])];
  return [...new Set([...always, ...configured.map((name) => name.toLowerCase())])];
}

function stillGood(
  both: KeyAndCertificate,
  authority: KeyAndCertificate,
  names: readonly string[],
  now: Date,
): boolean {
  const certificate = new X509Certificate(both);
  return (
    certificate.verify(new X509Certificate(authority).publicKey) &&
    certificate.validToDate.getTime() - now.getTime() > RENEW_MS &&
    certificate.validFromDate <= now &&
    names.every(
      (name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined,
    )
  );
}

async function signerFrom(path: string): Promise<Signer> {
  const pem = await keyFile(path, async () =>
    generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  );
  return readable(path, () => pemSigner(pem));
}

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CodedError('STATE_UNREADABLE', { path, problem: 'it holds no key' }, { cause: error });
  }
}
