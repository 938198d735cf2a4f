/**
 * Keys that sources of dnf and zypper are verified with, as far as they lie on this system: files that `gpgkey` names, and
 * what zypper fetched beside an index, with the signature of that index. A key in the package database has no end of its
 * own there that could be read without rpm; zypper renews it from the one beside the index. dnf.conf(5), zypper(8).
 */
import type { Host } from '../host.ts';
import { type PgpKey, type PgpSignature, parseKeyFile, parseSignatures } from './openpgp.ts';
import type { RepoFileEntry } from './repo-file.ts';
import { rawOf } from './zypp-repos.ts';

export interface HeldRpmKey {
  readonly key: PgpKey;
  readonly file: string;
}

export interface RpmKeys {
  /** None where they lie elsewhere, or are of a kind that can't be read here. */
  readonly keys: readonly HeldRpmKey[];
  /** Of the index on disk; only zypper keeps it. */
  readonly signatures: readonly PgpSignature[];
}

const KEY_BYTES = 4 * 1024 * 1024;

async function read(host: Host, file: string): Promise<readonly HeldRpmKey[]> {
  const found = await host.readText(file, { maxBytes: KEY_BYTES, encoding: 'latin1' });
  const keys = found.state === 'known' ? parseKeyFile(found.value.text) : undefined;
  return (keys ?? []).map((key) => ({ key, file }));
}

/** Paths of `file:` addresses without variables. Pure. */
export const keyFiles = ({ values }: RepoFileEntry): readonly string[] =>
  (values.get('gpgkey') ?? '')
    .split(/[\s,]+/)
    .map((word) => /^file:(?:\/\/)?(\/[^$?#]+)$/.exec(word)?.[1] ?? '')
    .filter(Boolean)
    .slice(0, 20);

export async function dnfKeys(host: Host, entry: RepoFileEntry): Promise<RpmKeys> {
  const keys = await Promise.all(keyFiles(entry).map((file) => read(host, file)));
  return { keys: keys.flat(), signatures: [] };
}

export async function zyppKeys(host: Host, entry: RepoFileEntry): Promise<RpmKeys> {
  const path = entry.values.get('path')?.replace(/^\/+|\/+$/g, '') ?? '';
  const index = `${rawOf(entry.id)}/${path ? `${path}/` : ''}repodata/repomd.xml`;
  const signed = await host.readText(`${index}.asc`, { maxBytes: KEY_BYTES, encoding: 'latin1' });
  if (signed.state !== 'known') return dnfKeys(host, entry);
  return {
    keys: [...(await read(host, `${index}.key`)), ...(await dnfKeys(host, entry)).keys],
    signatures: parseSignatures(signed.value.text),
  };
}
