/** Public keys of SSH: the wire format of RFC 4253 6.6, RFC 5656, RFC 8709 and OpenSSH's PROTOCOL.u2f. Pure. */
import { digestOf } from '../../shared/bytes-node.ts';

export interface PublicKey {
  /** As in its first field: `ssh-ed25519`. */
  readonly type: string;
  readonly kind: 'rsa' | 'dsa' | 'ecdsa' | 'ed25519' | 'other';
  /** Of the modulus (RSA, DSA) or the curve; 0 where the type is not known here. */
  readonly bits: number;
  /** `SHA256:` and base64 without padding, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** Kept in a security token (FIDO), `sk-`: asks for a touch, is no file to copy. */
  readonly hardware: boolean;
}

type Kind = Exclude<PublicKey['kind'], 'other'>;

/** The fields behind the name: `n` a number (mpint), `s` a string; and which of them is the modulus. */
const TYPES: Readonly<
  Record<string, { kind: Kind; fields: string; modulus?: number; bits?: number; curve?: string }>
> = {
  'ssh-rsa': { kind: 'rsa', fields: 'nn', modulus: 1 },
  'ssh-dss': { kind: 'dsa', fields: 'nnnn', modulus: 0 },
  'ssh-ed25519': { kind: 'ed25519', fields: 's', bits: 256 },
  'ecdsa-sha2-nistp256': { kind: 'ecdsa', fields: 'ss', bits: 256, curve: 'nistp256' },
  'ecdsa-sha2-nistp384': { kind: 'ecdsa', fields: 'ss', bits: 384, curve: 'nistp384' },
  'ecdsa-sha2-nistp521': { kind: 'ecdsa', fields: 'ss', bits: 521, curve: 'nistp521' },
  'sk-ssh-ed25519@openssh.com': { kind: 'ed25519', fields: 'ss', bits: 256 },
  'sk-ecdsa-sha2-nistp256@openssh.com': { kind: 'ecdsa', fields: 'sss', bits: 256, curve: 'nistp256' },
};

/** Names under which sshd also takes an RSA key. */
const RSA_NAMES = new Set(['ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512']);

export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${btoa(String.fromCharCode(...digestOf('sha256', blob))).replace(/=+$/, '')}`;
}

/** At most so long a key in base64; RSA of 16384 bits takes 2,800. */
const MAX_BASE64 = 16_384;

/**
 * The key that stands as `type base64`; undefined where sshd would see none there. A type that is not known here has
 * kind `other`: a newer sshd may take it.
 */
export function parsePublicKey(type: string, base64: string): PublicKey | undefined {
  const blob = decode(base64);
  if (!blob) return undefined;
  const fields = fieldsOf(blob);
  const name = fields?.[0] === undefined ? undefined : ascii(fields[0]);
  if (!fields || name === undefined || !/^[\x21-\x7e]{1,64}$/.test(name)) return undefined;
  if (name !== type && !(name === 'ssh-rsa' && RSA_NAMES.has(type))) return undefined;
  const fingerprint = fingerprintOf(blob);
  const hardware = name.startsWith('sk-');
  const known = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (!known) return { type: name, kind: 'other', bits: 0, fingerprint, hardware };
  const values = fields.slice(1);
  if (values.length !== known.fields.length) return undefined;
  if (known.curve !== undefined && ascii(values[0] ?? new Uint8Array()) !== known.curve) return undefined;
  if (known.kind === 'ed25519' && values[0]?.length !== 32) return undefined;
  const bits = known.modulus === undefined ? (known.bits ?? 0) : bitLength(values[known.modulus]);
  return { type: name, kind: known.kind, bits, fingerprint, hardware };
}

function decode(base64: string): Uint8Array | undefined {
  if (base64.length > MAX_BASE64 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** All length-prefixed fields; undefined where the lengths don't come out even. */
function fieldsOf(blob: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const fields: Uint8Array[] = [];
  let at = 0;
  while (at < blob.length) {
    if (at + 4 > blob.length || fields.length > 32) return undefined;
    const length = view.getUint32(at);
    if (length > blob.length - at - 4) return undefined;
    fields.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}

const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 200));

/** An mpint's size in bits, leading zeros left out. */
function bitLength(mpint: Uint8Array | undefined): number {
  const first = mpint?.findIndex((byte) => byte !== 0) ?? -1;
  if (!mpint || first < 0) return 0;
  return (mpint.length - first - 1) * 8 + (32 - Math.clz32(mpint[first] ?? 0));
}
