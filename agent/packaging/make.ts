/** Makes what `npm run package` makes, into one directory. Tests call it too. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { type SigningKey, writeChecksums } from './checksums.ts';
import { makeDeb } from './deb.ts';
import { type Executable, makeExecutable } from './executable.ts';
import { packageTree } from './package-tree.ts';
import { type Architecture, architectures, type Product, version } from './product.ts';
import { makeRpm } from './rpm.ts';
import { sbomOf } from './sbom.ts';

export interface MakeOptions {
  readonly products: readonly Product[];
  readonly architectures: readonly Architecture[];
  readonly formats: readonly ('deb' | 'rpm')[];
  readonly output: string;
  readonly cache: string;
  /** Seconds since 1970 that files in packages bear. */
  readonly seconds: number;
  readonly key: SigningKey;
  /** Of compressing packages; `quick` is for tests. */
  readonly effort: 'small' | 'quick';
  readonly onMade?: (name: string, executable?: Executable) => void;
}

/** @returns names of the files, SHA256SUMS and its signature aside */
export async function make(options: MakeOptions): Promise<readonly string[]> {
  const { output, onMade = () => undefined } = options;
  mkdirSync(output, { recursive: true });
  const names: string[] = [];
  const made = (name: string, executable?: Executable): void => {
    names.push(name);
    onMade(name, executable);
  };
  for (const product of options.products) {
    const bundled = await bundle(product.entry);
    const sbom = sbomOf(product, bundled.inputs);
    writeFileSync(join(output, `${product.name}.cdx.json`), sbom);
    made(`${product.name}.cdx.json`);
    for (const architecture of options.architectures) {
      const name = `${product.name}-linux-${architecture}`;
      const executable = await makeExecutable({
        product,
        architecture,
        bundle: bundled,
        cache: options.cache,
        output: join(output, name),
      });
      made(name, executable);
      for (const format of options.formats) {
        const file = packageName(product, architecture, format);
        const zsh = `/usr/share/zsh/${format === 'deb' ? 'vendor-completions' : 'site-functions'}`;
        const files = packageTree({
          product,
          executable: executable.path,
          sbom,
          zsh,
          seconds: options.seconds,
        });
        const { effort } = options;
        const what = {
          effort,
          product,
          architecture,
          files,
          seconds: options.seconds,
          output: join(output, file),
        };
        (format === 'deb' ? makeDeb : makeRpm)(what);
        made(file);
      }
    }
  }
  writeChecksums(output, names, options.key);
  return names;
}

export function packageName(product: Product, architecture: Architecture, format: 'deb' | 'rpm'): string {
  const of = architectures[architecture];
  return format === 'deb'
    ? `${product.name}_${version}_${of.deb}.deb`
    : `${product.name}-${version}-1.${of.rpm}.rpm`;
}
