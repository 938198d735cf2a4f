/**
 * A program as one script: everything that it imports, in one file of CommonJS, minified. What is imported where it is
 * needed (`await import`) is still run only then. The script is one function expression, for agent/packaging/loader.cjs.
 */
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

export const projectRoot = join(import.meta.dirname, '../..');

/** Checks' examples in files of their own are for tests: nothing on a host asks for them. */
const withoutExamples: Plugin = {
  name: 'without-examples',
  setup(setup) {
    setup.onLoad({ filter: /\/checks\/.*\.examples\.ts$/ }, () => ({ contents: 'export {};' }));
  },
};

export interface Bundle {
  /** Latin-1: esbuild escapes everything else. */
  readonly text: string;
  /** Files that are in it, relative to the project. */
  readonly inputs: readonly string[];
}

/** @param entry relative to the project */
export async function bundle(entry: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: projectRoot,
    entryPoints: [entry],
    outfile: 'unused.js',
    bundle: true,
    write: false,
    metafile: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    minify: true,
    charset: 'ascii',
    legalComments: 'none',
    define: { 'import.meta.url': '__url' },
    // What V8 compiled beforehand knows no import(): Node's own modules are required, where they are needed.
    supported: { 'dynamic-import': false },
    plugins: [withoutExamples],
    logLevel: 'warning',
    logOverride: { 'empty-import-meta': 'silent' },
  });
  const [output] = Object.values(metafile.outputs);
  const used = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const text = `(function(exports,require,module,__url){${outputFiles[0]?.text.trimEnd() ?? ''}\n})`;
  return { text, inputs: used.map(([input]) => input).sort() };
}
