/**
 * A single executable: the pinned Node, stripped, with the program in it (Node's single executable applications).
 *
 * Made with Node's own `--experimental-sea-config` and postject, the two steps that `@yao-pkg/pkg --sea` wraps. Its plain
 * mode passes no configuration on, so that flags could not be given and NODE_OPTIONS would be obeyed by a program of
 * root, and writes the build's directory into the file; its other mode unpacks a file system of 390 KB at every start.
 */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundle, bundle as makeBundle, projectRoot } from './bundle.ts';
import { compiledCode } from './compiled-code.ts';
import { nodeBase } from './node-base.ts';
import type { Architecture, Product } from './product.ts';
import { runTool } from './run-tool.ts';

export interface Executable {
  readonly path: string;
  readonly bytes: number;
  /** 0: the target's programs do not run here, so that nothing could be compiled beforehand. */
  readonly compiledBytes: number;
}

export interface ExecutableOptions {
  readonly product: Product;
  readonly architecture: Architecture;
  readonly bundle: Bundle;
  /** Where Node's programs are kept between builds. */
  readonly cache: string;
  /** The file to write. */
  readonly output: string;
}

const postject = join(projectRoot, 'node_modules/postject/dist/cli.js');
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

export async function makeExecutable(options: ExecutableOptions): Promise<Executable> {
  const { product, architecture, cache, output } = options;
  const base = nodeBase(architecture, cache);
  const work = `${output}.work`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const { compiledBytes } = await makeBlob(options, base.original, work);
  const building = join(work, product.name);
  copyFileSync(base.stripped, building);
  // It warns about notes of Node's own file that it can't name, and copies them as they are.
  runTool([
    process.execPath,
    postject,
    building,
    'NODE_SEA_BLOB',
    join(work, 'blob'),
    '--sentinel-fuse',
    FUSE,
  ]);
  chmodSync(building, 0o755);
  // A copy: postject writes all 110 MB at once, so that the kernel keeps them in its largest pieces, and whoever runs the
  // file while it is cached so maps 25 MB more of it. Any copy, and so any installation, comes in small ones.
  copyFileSync(building, output);
  rmSync(work, { recursive: true });
  return { path: output, bytes: readFileSync(output).length, compiledBytes };
}

/** What is put into Node. File names in it are relative: no directory of the build gets in. */
export async function makeBlob(
  { product, architecture, bundle }: Pick<ExecutableOptions, 'product' | 'architecture' | 'bundle'>,
  node: string,
  work: string,
): Promise<{ blob: Buffer; compiledBytes: number }> {
  const program = join(work, 'program');
  writeFileSync(program, bundle.text, 'latin1');
  const compiled = await compiledCode(product, architecture, node, program, work);
  writeFileSync(join(work, 'compiled'), compiled);
  writeFileSync(join(work, 'url'), product.url);
  const resident = product.resident === undefined ? '' : (await makeBundle(product.resident)).text;
  writeFileSync(join(work, 'resident'), resident, 'latin1');
  copyFileSync(join(import.meta.dirname, 'loader.cjs'), join(work, 'loader.cjs'));
  const configuration = {
    main: 'loader.cjs',
    output: 'blob',
    disableExperimentalSEAWarning: true,
    execArgv: product.flags,
    // NODE_OPTIONS could load any code into a program of root.
    execArgvExtension: 'none',
    assets: { program: 'program', compiled: 'compiled', url: 'url', resident: 'resident' },
  };
  writeFileSync(join(work, 'sea.json'), JSON.stringify(configuration));
  // The blob's form is that of the Node version, and the same on both architectures.
  runTool([process.execPath, '--experimental-sea-config', 'sea.json'], { cwd: work });
  return { blob: readFileSync(join(work, 'blob')), compiledBytes: compiled.length };
}
