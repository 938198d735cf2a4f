/** Which file imports what at run time, as esbuild resolves it. Type-only imports are gone, as in the running program. */

import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';

export const projectRoot = join(import.meta.dirname, '../..');

export interface Import {
  /** File, relative to the project. */
  readonly from: string;
  /** Another file, relative to the project, or a package or `node:` module by name. */
  readonly to: string;
}

export async function importGraph(modules: readonly string[]): Promise<Import[]> {
  const entryPoints = modules.flatMap((module) => globSync(`${module}/**/*.ts`, { cwd: projectRoot }));
  const { metafile } = await build({
    absWorkingDir: projectRoot,
    entryPoints,
    bundle: true,
    write: false,
    outdir: 'unused',
    format: 'esm',
    platform: 'node',
    packages: 'external',
    metafile: true,
    logLevel: 'silent',
    loader: { '.yaml': 'text' },
  });
  return Object.entries(metafile.inputs).flatMap(([from, { imports }]) =>
    imports.map((item) => ({ from, to: item.external ? item.path : relative('.', item.path) })),
  );
}
