/**
 * What `npm run package` makes for this machine's architecture, made once for each state of the sources, in a cache
 * outside the clone. Compressed less, or it would take minutes.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { bundle } from '../../agent/packaging/bundle.ts';
import { signingKey } from '../../agent/packaging/checksums.ts';
import { makeExecutable } from '../../agent/packaging/executable.ts';
import { make } from '../../agent/packaging/make.ts';
import { type Architecture, products } from '../../agent/packaging/product.ts';
import { cacheDirectory } from './debian-root.ts';
import { withLock } from './file-lock.ts';
import { projectRoot } from './import-graph.ts';
import { mustRun } from './program-run.ts';

/** 2026-01-01. */
const SECONDS = 1_767_225_600;

export const architecture = process.arch as Architecture;

/** The directory with everything that was made. The first call takes a minute or two; others wait meanwhile. */
export async function packageBuild(): Promise<string> {
  const cache = join(cacheDirectory(), 'packages');
  mkdirSync(cache, { recursive: true });
  const made = join(cache, digestOfSources());
  if (!existsSync(made)) {
    await withLock(join(cache, 'lock'), async () => {
      if (existsSync(made)) return;
      removeOld(cache);
      await buildDashboard();
      const building = join(cache, 'building');
      rmSync(building, { recursive: true, force: true });
      await make({
        products,
        architectures: [architecture],
        formats: ['deb', 'rpm'],
        output: building,
        cache: join(cache, 'node'),
        seconds: SECONDS,
        key: signingKey({}),
        effort: 'quick',
      });
      renameSync(building, made);
    });
  }
  utimesSync(made, new Date(), new Date());
  return made;
}

/** The agent's executable for an architecture that is foreign to this machine, kept beside the rest in the same way. */
export async function foreignExecutable(foreign: Architecture): Promise<string> {
  const made = join(await packageBuild(), 'foreign', `nachweis-linux-${foreign}`);
  await withLock(join(cacheDirectory(), 'packages/lock'), async () => {
    const [product] = products;
    if (existsSync(made) || !product) return;
    mkdirSync(dirname(made), { recursive: true });
    await makeExecutable({
      product,
      architecture: foreign,
      bundle: await bundle(product.entry),
      cache: join(cacheDirectory(), 'packages/node'),
      output: `${made}.building`,
    });
    renameSync(`${made}.building`, made);
  });
  return made;
}

function digestOfSources(): string {
  const hash = createHash('sha256').update(process.version);
  const patterns = ['{agent,checks,shared,server}/**/*', 'package.json', 'package-lock.json'];
  for (const entry of globSync(patterns, { cwd: projectRoot, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .sort())
    hash.update(`${entry.slice(projectRoot.length)}\0`).update(readFileSync(entry));
  return hash.digest('hex').slice(0, 16);
}

async function buildDashboard(): Promise<void> {
  if (existsSync(join(projectRoot, 'dist/dashboard/index.html'))) return;
  const vite = join(projectRoot, 'node_modules/vite/bin/vite.js');
  const configuration = join(projectRoot, 'server/dashboard/vite.config.ts');
  await mustRun([process.execPath, vite, 'build', '--config', configuration, '--logLevel', 'error'], {
    timeoutMs: 300_000,
  });
}

/** Builds of other sources, a day after their last use: each has 900 MB. */
function removeOld(cache: string): void {
  const oldest = Date.now() - 86_400_000;
  for (const name of readdirSync(cache)) {
    if (!/^[0-9a-f]{16}$/.test(name)) continue;
    if (statSync(join(cache, name)).mtimeMs < oldest) rmSync(join(cache, name), { recursive: true });
  }
}
