/** What is inside an executable, as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): the same content, the same bytes. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './bundle.ts';
import { nodeVersion, type Product, version } from './product.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type: string };
}

/** @param inputs files in the bundle, relative to the project */
export function sbomOf(product: Product, inputs: readonly string[]): string {
  const folders = new Set(
    inputs.flatMap((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []),
  );
  const components = [...[...folders].sort().map(packageComponent), nodeComponent()];
  const main = component('application', product.name, version, 'Apache-2.0');
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: '',
    version: 1,
    metadata: { component: main },
    components,
    dependencies: [
      { ref: main['bom-ref'], dependsOn: components.map((one) => one['bom-ref']).sort() },
      ...components.map((one) => ({ ref: one['bom-ref'] })),
    ],
  };
  // Of the content and not of the moment, in the form of RFC 9562, version 8.
  const hex = createHash('sha256').update(JSON.stringify(document)).digest('hex');
  document.serialNumber = `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return `${JSON.stringify(document, null, 2)}\n`;
}

function component(type: string, name: string, of: string, license: string | undefined, purl?: string) {
  const licenses = license
    ? [/\s|\(/.test(license) ? { expression: license } : { license: { id: license } }]
    : undefined;
  return {
    type,
    'bom-ref': purl ?? `${name}@${of}`,
    ...(name.startsWith('@') ? { group: name.split('/')[0], name: name.split('/')[1] ?? name } : { name }),
    version: of,
    ...(licenses ? { licenses } : {}),
    ...(purl ? { purl } : {}),
  };
}

function packageComponent(folder: string) {
  const manifest = JSON.parse(readFileSync(join(projectRoot, folder, 'package.json'), 'utf8')) as Manifest;
  const license = typeof manifest.license === 'object' ? manifest.license.type : manifest.license;
  const purl = `pkg:npm/${manifest.name.replace('@', '%40')}@${manifest.version}`;
  const hashes = lockedHash(folder);
  return {
    ...component('library', manifest.name, manifest.version, license, purl),
    ...(hashes ? { hashes: [hashes] } : {}),
  };
}

/** As package-lock.json locks it: of the package as published. */
function lockedHash(folder: string): { alg: string; content: string } | undefined {
  const entry = lockedPackages()[folder];
  const digest = entry?.integrity?.match(/^sha512-(\S+)/)?.[1];
  return digest ? { alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') } : undefined;
}

function lockedPackages(): Record<string, { integrity?: string }> {
  const file = join(projectRoot, 'package-lock.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, { integrity?: string }> })
    .packages;
}

/** Node with the libraries that are built into it, as it names them itself. */
function nodeComponent() {
  const versions = process.versions as Record<string, string>;
  if (versions.node !== nodeVersion) throw new Error(`run by Node ${versions.node}, not by ${nodeVersion}`);
  const purl = `pkg:generic/nodejs@${nodeVersion}`;
  const inside = Object.entries(versions)
    .filter(([name]) => !['node', 'modules', 'napi'].includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, of]) => component('library', name, of, undefined, `pkg:generic/${name}@${of}`));
  return { ...component('application', 'nodejs', nodeVersion, 'MIT', purl), components: inside };
}
