/**
 * What V8 has compiled of a program after a trial run: it halves the time of every start, and takes a tenth off its
 * memory. The bytes are the same in every build: hashes start from a fixed seed, files are read one after the other, and
 * there is so much room that no memory is used twice (what was in it would show in the gaps between values). V8 compares
 * flags when it takes the code: seed and nursery are not among them, and trial-run.cjs takes the other one back.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { examplesOf } from '../../checks/check.ts';
import { allChecks } from '../../checks/registry.ts';
import { CodedError } from '../../shared/errors.ts';
import { type Architecture, architectures, type Product } from './product.ts';
import { isThere, runTool } from './run-tool.ts';

/** Whether programs of that architecture run here. */
export const runsHere = (architecture: Architecture): boolean =>
  architecture === process.arch || architectures[architecture].run.slice(0, 1).some(isThere);

/**
 * Empty where the target's programs don't run here.
 * @param script file with the bundle
 * @param work an empty directory
 * @throws CodedError `COMPILED_CODE_REJECTED`
 */
export async function compiledCode(
  product: Product,
  architecture: Architecture,
  node: string,
  script: string,
  work: string,
): Promise<Buffer> {
  if (!runsHere(architecture)) return Buffer.alloc(0);
  const emulator = architecture === process.arch ? [] : architectures[architecture].run;
  const started = [...emulator, node, ...product.flags];
  const output = join(work, 'compiled');
  const calls = product.trial(await exampleRoot(join(work, 'root')));
  runTool(
    [
      ...started,
      '--random-seed=1',
      '--min-semi-space-size=512',
      '--max-semi-space-size=512',
      '--initial-old-space-size=2048',
      join(import.meta.dirname, 'trial-run.cjs'),
      ...[script, output, product.url, JSON.stringify(calls)],
    ],
    { env: { UV_THREADPOOL_SIZE: '1', ...PLAIN, TZ: 'UTC' } },
  );
  mustTake(started, script, output, `${product.name} (${architecture})`);
  return readFileSync(output);
}

/** Nothing of the builder's own environment. */
const PLAIN = { NODE_OPTIONS: '', NODE_COMPILE_CACHE: '' };

const TAKES = `const { readFileSync } = require('node:fs');
const [, source, compiled] = process.argv;
const script = new (require('node:vm').Script)(readFileSync(source, 'latin1'), { filename: 'nachweis.js', cachedData: readFileSync(compiled) });
process.stdout.write(script.cachedDataRejected ? 'rejected' : 'taken');`;

/**
 * V8 says nothing when it does not take compiled code: the program would only start slowly, on every host.
 * @param started Node with the flags that the program is started with
 * @throws CodedError `COMPILED_CODE_REJECTED`
 */
export function mustTake(
  started: readonly string[],
  script: string,
  compiled: string,
  program: string,
): void {
  const said = runTool([...started, '-e', TAKES, script, compiled], { env: PLAIN });
  if (said !== 'taken') throw new CodedError('COMPILED_CODE_REJECTED', { program });
}

/** An unpacked system on which every check finds something: the first passing example of each, one over the other. */
async function exampleRoot(root: string): Promise<string> {
  for (const check of allChecks) {
    const examples = await examplesOf(check);
    const files = examples.find(({ outcome }) => outcome === 'pass')?.tree.files ?? {};
    for (const [path, content] of Object.entries(files)) {
      const text = typeof content === 'string' ? content : content.text;
      if (text === undefined) continue;
      try {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      } catch {
        // One example's file is another one's directory: the first one stays.
      }
    }
  }
  return root;
}
