/** What a package installs, as files; .deb and .rpm are made from the same. */
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { STATE_FORMAT } from '../state.ts';
import { projectRoot } from './bundle.ts';
import { commandTree } from './command-tree.ts';
import { bashCompletion, fishCompletion, zshCompletion } from './completions.ts';
import { manPage } from './man-page.ts';
import { type Product, version } from './product.ts';

export interface TreeFile {
  /** Absolute, as installed. A directory ends with a slash. */
  readonly path: string;
  /** Text, bytes, or a file of this machine. */
  readonly content?: string | Buffer | { readonly from: string };
  /** Default 0644; directories 0755. */
  readonly mode?: number;
  /** The administrator's: kept as it is when the package is upgraded. */
  readonly config?: true;
}

export interface TreeOptions {
  readonly product: Product;
  readonly executable: string;
  readonly sbom: string;
  /** Where the package format keeps zsh completions. */
  readonly zsh: string;
  /** Of the sources, since 1970: the date of man pages. */
  readonly seconds: number;
}

export function packageTree({ product, executable, sbom, zsh, seconds }: TreeOptions): readonly TreeFile[] {
  const { name } = product;
  const doc = `/usr/share/doc/${name}`;
  const english = commandTree(product, 'en');
  const pages = product.languages.map((language): TreeFile => {
    const page = manPage({
      program: language === 'en' ? english : commandTree(product, language),
      version,
      date: new Date(seconds * 1000).toISOString().slice(0, 10),
      language,
      prose: source(product, `${name}.1.${language}.roff`),
    });
    const folder = language === 'en' ? '' : `/${language}`;
    return { path: `/usr/share/man${folder}/man1/${name}.1.gz`, content: zipped(page) };
  });
  return [
    { path: `/usr/bin/${name}`, content: { from: executable }, mode: 0o755 },
    ...units(product),
    ...pages,
    { path: `/usr/share/bash-completion/completions/${name}`, content: bashCompletion(english) },
    { path: `${zsh}/_${name}`, content: zshCompletion(english) },
    { path: `/usr/share/fish/vendor_completions.d/${name}.fish`, content: fishCompletion(english) },
    { path: `${doc}/copyright`, content: commonSource('copyright').replaceAll('@NAME@', name) },
    {
      path: `${doc}/changelog.gz`,
      content: zipped(commonSource('changelog').replaceAll('@NAME@', name).replaceAll('@VERSION@', version)),
    },
    {
      path: `${doc}/NODE-LICENSE.gz`,
      content: zipped(
        readFileSync(join(projectRoot, `node_modules/node-linux-${process.arch}/LICENSE`), 'utf8'),
      ),
    },
    { path: `${doc}/${name}.cdx.json`, content: sbom },
    ...(name === 'nachweis' ? agentFiles(product) : collectorFiles(product)),
  ];
}

const agentFiles = (product: Product): TreeFile[] => [
  { path: '/etc/nachweis/' },
  { path: '/etc/nachweis/agent.yaml', content: source(product, 'agent.yaml'), config: true },
  { path: '/etc/nachweis/backup.d/' },
  { path: '/var/lib/nachweis/', mode: 0o700 },
];

const collectorFiles = (product: Product): TreeFile[] => {
  const share = '/usr/share/nachweis-collector';
  const below = (from: string, to: string): TreeFile[] =>
    globSync('**', { cwd: join(projectRoot, from), withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => ({
        path: `${share}/${to}${file.slice(join(projectRoot, from).length)}`,
        content: { from: file },
      }));
  const catalogues = globSync('server/catalogue/*.yaml', { cwd: projectRoot }).sort();
  return [
    { path: '/etc/nachweis-collector/' },
    // Tokens and passwords may stand in it; its group is set when it is installed.
    {
      path: '/etc/nachweis-collector/collector.yaml',
      content: source(product, 'collector.yaml'),
      config: true,
      mode: 0o640,
    },
    { path: '/usr/lib/sysusers.d/nachweis-collector.conf', content: source(product, 'sysusers.conf') },
    ...catalogues.map((file) => ({
      path: `${share}/server/${file.split('/').at(-1)}`,
      content: { from: join(projectRoot, file) },
    })),
    ...below('dist/dashboard', 'dist/dashboard'),
  ];
};

const units = (product: Product): TreeFile[] =>
  globSync('*.{service,timer}', { cwd: join(projectRoot, product.files) })
    .sort()
    .map((name) => ({ path: `/usr/lib/systemd/system/${name}`, content: source(product, name) }));

/** A file of the product's own folder. */
export const source = (product: Product, name: string): string =>
  readFileSync(join(projectRoot, product.files, name), 'utf8').replaceAll(
    '@STATE_FORMAT@',
    String(STATE_FORMAT),
  );

export const hasSource = (product: Product, name: string): boolean =>
  existsSync(join(projectRoot, product.files, name));

const commonSource = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'common', name), 'utf8');

/** gzip(1) -9n: without name and time. */
const zipped = (text: string): Buffer => gzipSync(text, { level: 9 });

/** Writes all of them below `root`, with the one time that everything in a package has. */
export function writeTree(files: readonly TreeFile[], root: string, seconds: number): void {
  const touched = new Set<string>();
  for (const { path, content, mode } of files) {
    const target = join(root, path);
    const directory = path.endsWith('/');
    mkdirSync(directory ? target : dirname(target), { recursive: true, mode: 0o755 });
    if (!directory && content !== undefined) {
      if (typeof content === 'object' && 'from' in content) cpSync(content.from, target);
      else writeFileSync(target, content);
    }
    chmodSync(target, mode ?? (directory ? 0o755 : 0o644));
    for (let at = target; at.length >= root.length; at = dirname(at)) touched.add(at);
  }
  for (const path of [...touched].sort().reverse()) utimesSync(path, seconds, seconds);
}
