/**
 * What the trust in each package source rests on: the signature below its index on disk, and the keys that apt takes for
 * it (Signed-By, or apt's own keyrings): sources.list(5), apt-secure(8). Nothing is verified again here: apt keeps no
 * index whose signature it refused, unless it is told to, and then that is what counts.
 */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, type GetFact, known, valueIn } from '../fact.ts';
import type { Host } from '../host.ts';
import { aptConfiguration, aptPath } from './apt-config.ts';
import { type AptIndex, aptIndexes } from './apt-index.ts';
import type { AptSource } from './apt-sources.ts';
import { type PgpKey, type PgpSignature, parseKeyFile, parseSignatures } from './openpgp.ts';

export interface HeldKey {
  readonly key: PgpKey;
  /** The keyring, or the file with the source where the key is written there. */
  readonly file: string;
}

export interface SourceTrust {
  readonly source: AptSource;
  /** The file whose signature this is; the one that apt would write where nothing was fetched yet. */
  readonly file: string;
  /** `never`: no index on disk. */
  readonly state: 'signed' | 'unsigned' | 'never';
  readonly signatures: readonly PgpSignature[];
  readonly keys: readonly HeldKey[];
  /** Keyrings that are missing, and those that could not be read or understood. */
  readonly missing: readonly string[];
  readonly unread: readonly Text[];
}

interface Keyring {
  readonly keys: readonly HeldKey[];
  readonly missing: readonly string[];
  readonly unread: readonly Text[];
}

const NONE: Keyring = { keys: [], missing: [], unread: [] };
const KEYRING_BYTES = 4 * 1024 * 1024;
const INDEX_BYTES = 16 * 1024 * 1024;

const notUnderstood = (file: string): Text => ({
  en: `${file} holds no OpenPGP keys that could be read`,
  de: `${file} enthält keine lesbaren OpenPGP-Schlüssel`,
});

const merge = (rings: readonly Keyring[]): Keyring => ({
  keys: rings.flatMap(({ keys }) => keys),
  missing: rings.flatMap((ring) => ring.missing),
  unread: rings.flatMap(({ unread }) => unread),
});

function parsed(latin1: string, file: string): Keyring {
  const keys = parseKeyFile(latin1);
  if (keys === undefined) return { ...NONE, unread: [notUnderstood(file)] };
  return { ...NONE, keys: keys.map((key) => ({ key, file })) };
}

async function readKeyring(host: Host, file: string): Promise<Keyring> {
  const found = await host.readText(file, { maxBytes: KEYRING_BYTES, encoding: 'latin1' });
  if (found.state === 'absent') return { ...NONE, missing: [file] };
  return found.state === 'known' ? parsed(found.value.text, file) : { ...NONE, unread: [found.reason] };
}

/** apt's own: trusted.gpg and all of trusted.gpg.d. Missing ones are none, for then there is nothing in them. */
async function ownKeyring(host: Host, get: GetFact): Promise<Keyring> {
  const config = valueIn(await get(aptConfiguration));
  const parts = aptPath(config, 'Dir::Etc::trustedparts', '/etc/apt/trusted.gpg.d');
  const names = await host.list(parts);
  const files = (names.state === 'known' ? names.value : [])
    .filter((name) => /^[^.].*\.(?:gpg|asc)$/.test(name))
    .map((name) => `${parts}/${name}`);
  const all = [aptPath(config, 'Dir::Etc::trusted', '/etc/apt/trusted.gpg'), ...files];
  const ring = merge(await Promise.all(all.map((file) => readKeyring(host, file))));
  const unread = names.state === 'unreadable' ? [names.reason] : [];
  return { ...ring, missing: [], unread: [...ring.unread, ...unread] };
}

/** One per source, in the order of the sources. Absent where apt is not installed. */
export const aptTrust = defineFact<readonly SourceTrust[]>({
  id: 'apt-trust',
  collect: async (host, get): Promise<Fact<readonly SourceTrust[]>> => {
    const indexes = await get(aptIndexes);
    if (indexes.state !== 'known') return indexes;
    const rings = new Map<string, Promise<Keyring>>();
    const once = (name: string, read: () => Promise<Keyring>): Promise<Keyring> => {
      const ring = rings.get(name) ?? read();
      rings.set(name, ring);
      return ring;
    };
    const own = () => once('', () => ownKeyring(host, get));
    const file = (path: string) => once(path, () => readKeyring(host, path));
    return known(
      await Promise.all(
        indexes.value.map(async (index) => ({
          source: index.source,
          ...(await signatureOf(host, index)),
          ...(await keysOf(index.source, own, file)),
        })),
      ),
    );
  },
});

async function keysOf(
  source: AptSource,
  own: () => Promise<Keyring>,
  file: (path: string) => Promise<Keyring>,
): Promise<Keyring> {
  const { signedBy } = source;
  if (signedBy === undefined) return own();
  // A blank line of the key is written as a dot.
  if (signedBy.includes('-----BEGIN PGP')) return parsed(signedBy.replace(/^\.$/gm, ''), source.file);
  const words = signedBy.split(/[\s,]+/).filter(Boolean);
  const paths = words.filter((word) => word.startsWith('/'));
  const prints = words.filter((word) => !word.startsWith('/')).map((word) => word.toUpperCase());
  const ring = paths.length > 0 ? merge(await Promise.all(paths.map(file))) : await own();
  if (prints.length === 0) return ring;
  const named = ({ key }: HeldKey): boolean =>
    prints.some((print) =>
      print.endsWith('!')
        ? key.fingerprint === print.slice(0, -1)
        : key.fingerprint === print || key.primary === print,
    );
  return { ...ring, keys: ring.keys.filter(named) };
}

/** InRelease holds its own signature, Release has it beside it. An index without either was taken unsigned. */
async function signatureOf(
  host: Host,
  { file, release, components }: AptIndex,
): Promise<Pick<SourceTrust, 'file' | 'state' | 'signatures'>> {
  if (release === undefined)
    return { file, state: components.length > 0 ? 'unsigned' : 'never', signatures: [] };
  const place = file.endsWith('InRelease') ? file : `${file}.gpg`;
  const text = await host.readText(place, { maxBytes: INDEX_BYTES, encoding: 'latin1' });
  if (text.state === 'absent') return { file, state: 'unsigned', signatures: [] };
  const signatures = parseSignatures(valueIn(text).text);
  return { file: place, state: signatures.length > 0 ? 'signed' : 'unsigned', signatures };
}
