/** Reads a catalogue: YAML from disk, bounded, every problem with the line it stands in. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Catalogue, catalogueSchema } from '../../shared/catalogue.ts';
import { CodedError } from '../../shared/errors.ts';
import { parseYaml } from '../yaml-file.ts';

/** The annex that this product starts from. */
export const defaultCataloguePath = fileURLToPath(new URL('./tom-managed-server-vm.yaml', import.meta.url));

export const MAX_CATALOGUE_BYTES = 1024 * 1024;
/**
 * @throws CodedError `FILE_UNREADABLE` or `CATALOGUE_INVALID` (with lines)
 */
export async function loadCatalogue(path: string = defaultCataloguePath): Promise<Catalogue> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const problem = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new CodedError('FILE_UNREADABLE', { path, problem }, { cause: error });
  }
  return parseCatalogue(bytes, path);
}

/** @throws CodedError `CATALOGUE_INVALID`; `path` is only said, nothing is read */
export function parseCatalogue(bytes: Uint8Array, path: string): Catalogue {
  return parseYaml(bytes, path, {
    schema: catalogueSchema,
    code: 'CATALOGUE_INVALID',
    maxBytes: MAX_CATALOGUE_BYTES,
  });
}
