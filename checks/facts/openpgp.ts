/**
 * OpenPGP keyrings and signatures, as far as it takes to say which key signed something, when that key expires and
 * what kind it is: RFC 4880 and 9580. Pure, bounded, never throws. Nothing is verified: files of keys belong to root,
 * and an index is on disk because apt has verified it.
 */
import { digestOf, latin1Bytes } from '../../shared/bytes-node.ts';
import { armoured, packetsOf, subpackets, uint } from './openpgp-packets.ts';

export interface PgpKey {
  /** Of the key itself, upper case; a version 4 key's fingerprint has 40 digits. */
  readonly fingerprint: string;
  /** Fingerprint of the primary key that it belongs to: its own for a primary key. */
  readonly primary: string;
  /** `rsa4096`, `dsa1024`, `ed25519`, `nistp256` and the like, as gpg names them. */
  readonly algorithm: string;
  /** UTC instants. */
  readonly created: string;
  /** The earlier of its own end and that of its primary key. */
  readonly expires?: string;
  readonly revoked: boolean;
  /** Whether it may sign data. Encryption subkeys sign nothing, whatever their kind. */
  readonly signs: boolean;
}

export interface PgpSignature {
  /** Fingerprint, or the last 16 digits of one where the signature names no more. Upper case. */
  readonly issuer: string;
  /** `sha512` and the like; `hash` and a number for an unknown one. */
  readonly digest: string;
  /** UTC instant at which it was made. */
  readonly made?: string;
}

const HASHES: Readonly<Record<number, string>> = {
  1: 'md5',
  2: 'sha1',
  3: 'ripemd160',
  8: 'sha256',
  9: 'sha384',
  10: 'sha512',
  11: 'sha224',
  12: 'sha3-256',
  14: 'sha3-512',
};

const hex = (data: Uint8Array): string =>
  [...data]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();

const instant = (seconds: number): string => new Date(seconds * 1000).toISOString();

interface Signed {
  readonly type: number;
  readonly digest: string;
  readonly issuer: string;
  readonly made?: number;
  /** Seconds after the key was made; zero and absent mean never. */
  readonly keyExpires?: number;
  readonly flags?: number;
}

/** Versions 4 and 6. Undefined for others. */
function parseSignature(body: Uint8Array): Signed | undefined {
  const version = body[0];
  if (version === 3) {
    // 5 octets: hashed material's length, type, time; key ID; algorithms.
    return {
      type: body[2] ?? 0,
      digest: hashName(body[16] ?? 0),
      issuer: hex(body.subarray(7, 15)),
      made: uint(body, 3, 4),
    };
  }
  if (version !== 4 && version !== 6) return undefined;
  const size = version === 6 ? 4 : 2;
  const hashedLength = uint(body, 4, size);
  const hashed = body.subarray(4 + size, 4 + size + hashedLength);
  const rest = 4 + size + hashedLength;
  const unhashed = body.subarray(rest + size, rest + size + uint(body, rest, size));
  const [own, other] = [subpackets(hashed), subpackets(unhashed)];
  const named = own.get(33) ?? other.get(33);
  const short = own.get(16) ?? other.get(16);
  const made = own.get(2);
  const expires = own.get(9);
  const flags = own.get(27);
  return {
    type: body[1] ?? 0,
    digest: hashName(body[3] ?? 0),
    issuer: named ? hex(named.subarray(1)) : short ? hex(short) : '',
    ...(made ? { made: uint(made, 0, 4) } : {}),
    ...(expires ? { keyExpires: uint(expires, 0, 4) } : {}),
    ...(flags ? { flags: flags[0] ?? 0 } : {}),
  };
}

const hashName = (id: number): string => HASHES[id] ?? `hash ${id}`;

const CURVES: Readonly<Record<string, string>> = {
  '2B06010401DA470F01': 'ed25519',
  '2B060104019755010501': 'cv25519',
  '2A8648CE3D030107': 'nistp256',
  '2B81040022': 'nistp384',
  '2B81040023': 'nistp521',
  '2B2403030208010107': 'brainpoolP256r1',
  '2B240303020801010B': 'brainpoolP384r1',
  '2B240303020801010D': 'brainpoolP512r1',
  '2B8104000A': 'secp256k1',
  '2B656E': 'cv448',
  '2B6571': 'ed448',
};

/** By the algorithm's number and what follows it: RFC 4880, 9.1; RFC 6637; RFC 9580, 9.1. */
function algorithmOf(id: number, material: Uint8Array): string {
  const bits = uint(material, 0, 2);
  if (id === 1 || id === 2 || id === 3) return `rsa${bits}`;
  if (id === 17) return `dsa${bits}`;
  if (id === 16 || id === 20) return `elg${bits}`;
  if (id === 18 || id === 19 || id === 22) {
    const oid = hex(material.subarray(1, 1 + (material[0] ?? 0)));
    return CURVES[oid] ?? `curve ${oid.slice(0, 40)}`;
  }
  return { 25: 'cv25519', 26: 'cv448', 27: 'ed25519', 28: 'ed448' }[id] ?? `algorithm ${id}`;
}

interface OpenKey {
  fingerprint: string;
  algorithm: string;
  created: number;
  /** 16, 18, 25, 26 and RSA for encryption alone can not sign. */
  able: boolean;
  subkey: boolean;
  revoked: boolean;
  /** By a direct signature, and by the newest signature of each user ID. */
  direct?: Signed;
  users: (Signed | undefined)[];
}

function openKey(body: Uint8Array, subkey: boolean): OpenKey | undefined {
  const version = body[0];
  if (version !== 4) return undefined;
  const id = body[5] ?? 0;
  const framed = new Uint8Array(body.length + 3);
  framed.set([0x99, body.length >>> 8, body.length & 0xff]);
  framed.set(body, 3);
  return {
    fingerprint: hex(digestOf('sha1', framed)),
    algorithm: algorithmOf(id, body.subarray(6)),
    created: uint(body, 1, 4),
    able: ![2, 16, 18, 25, 26].includes(id),
    subkey,
    revoked: false,
    users: [],
  };
}

const names = (issuer: string, fingerprint: string): boolean =>
  issuer.length >= 16 && fingerprint.endsWith(issuer);

const newer = (a: Signed | undefined, b: Signed): Signed =>
  (a?.made ?? -1) > (b.made ?? 0) ? (a as Signed) : b;

/**
 * The keys of a keyring, primary and subkeys in their order; binary or armoured. Undefined where it is neither. Keys of
 * versions other than 4 are left out. Which of several self-signatures sets the end is decided as gpg does: a direct one
 * first, then the newest one of a user ID that names an end.
 */
export function parseKeyring(data: Uint8Array): readonly PgpKey[] | undefined {
  const packets = packetsOf(data);
  if (packets === undefined) return undefined;
  const keys: PgpKey[] = [];
  let group: OpenKey[] = [];
  let current: OpenKey | undefined;
  const close = (): void => {
    keys.push(...closed(group));
    group = [];
  };
  for (const { tag, body } of packets) {
    if (tag === 6 || tag === 14) {
      if (tag === 6) close();
      current = openKey(body, tag === 14);
      // A subkey of a primary key that can't be read belongs to nothing.
      if (current && (tag === 6 || group.length > 0)) group.push(current);
    } else if (tag === 13 || tag === 17) group[0]?.users.push(undefined);
    else if (tag === 2 && current) attach(group[0], current, body);
  }
  close();
  return keys;
}

/** A signature behind a key or user ID; those of other people say nothing about it. */
function attach(primary: OpenKey | undefined, current: OpenKey, body: Uint8Array): void {
  const signed = parseSignature(body);
  if (!primary || !signed || !names(signed.issuer, primary.fingerprint)) return;
  const { type } = signed;
  if (type === 0x20) primary.revoked = true;
  else if (type === 0x28 && current.subkey) current.revoked = true;
  else if (type === 0x18 && current.subkey) current.direct = newer(current.direct, signed);
  else if (type === 0x1f) primary.direct = newer(primary.direct, signed);
  else if (type >= 0x10 && type <= 0x13 && primary.users.length > 0) {
    const last = primary.users.length - 1;
    primary.users[last] = newer(primary.users[last], signed);
  }
}

function closed(group: readonly OpenKey[]): PgpKey[] {
  const [primary] = group;
  if (!primary || primary.subkey) return [];
  const users = primary.users
    .flatMap((signed) => (signed ? [signed] : []))
    .sort((a, b) => (b.made ?? 0) - (a.made ?? 0));
  const all = [...(primary.direct ? [primary.direct] : []), ...users];
  const end = (key: OpenKey, after: number | undefined): number =>
    after ? key.created + after : Number.POSITIVE_INFINITY;
  const whole = end(primary, all.find(({ keyExpires }) => keyExpires)?.keyExpires);
  const primaryFlags = all.find(({ flags }) => flags !== undefined)?.flags;
  return group.map((key) => {
    const ends = Math.min(whole, key.subkey ? end(key, key.direct?.keyExpires) : whole);
    const flags = key.subkey ? key.direct?.flags : primaryFlags;
    return {
      fingerprint: key.fingerprint,
      primary: primary.fingerprint,
      algorithm: key.algorithm,
      created: instant(key.created),
      ...(Number.isFinite(ends) ? { expires: instant(ends) } : {}),
      revoked: primary.revoked || key.revoked,
      // A subkey without its binding is none; a key without flags may do all that its kind can.
      signs:
        key.able && (!key.subkey || key.direct !== undefined) && (flags === undefined || (flags & 2) !== 0),
    };
  });
}

/** The signatures in a detached signature or a signed text, as read in Latin-1; binary or armoured. */
export function parseSignatures(latin1: string): readonly PgpSignature[] {
  const blocks = armoured(latin1, 'SIGNATURE');
  return (blocks.length > 0 ? blocks : [latin1Bytes(latin1)]).flatMap((block) =>
    (packetsOf(block) ?? []).flatMap(({ tag, body }): PgpSignature[] => {
      const signed = tag === 2 ? parseSignature(body) : undefined;
      if (!signed || signed.issuer === '') return [];
      const { issuer, digest, made } = signed;
      return [{ issuer, digest, ...(made === undefined ? {} : { made: instant(made) }) }];
    }),
  );
}

/** The keys of a keyring file as read in Latin-1, whichever form it has. Undefined where it holds no keys at all. */
export function parseKeyFile(latin1: string): readonly PgpKey[] | undefined {
  const blocks = armoured(latin1, 'PUBLIC KEY BLOCK');
  if (blocks.length === 0) return parseKeyring(latin1Bytes(latin1));
  const keys = blocks.map(parseKeyring);
  return keys.every((each) => each !== undefined) ? keys.flat() : undefined;
}

/** Whether `issuer` of a signature is this key. */
export const isIssuer = (issuer: string, key: PgpKey): boolean => names(issuer, key.fingerprint);
