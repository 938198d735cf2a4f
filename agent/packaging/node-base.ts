/**
 * The pinned Node of an architecture, stripped. It comes from the npm packages that package-lock.json locks: this
 * machine's is in node_modules, the other one npm fetches, and it is checked against the lock file before it is opened.
 * Stripped before anything is put in: `strip` does not know what it would have to leave.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './bundle.ts';
import { type Architecture, architectures, nodeVersion } from './product.ts';
import { isThere, runTool } from './run-tool.ts';

export interface NodeBase {
  /** As published. */
  readonly original: string;
  readonly stripped: string;
  /** sha512, base64, as the lock file has it. */
  readonly integrity: string;
}

/** @param cache a directory of the build's own, kept between builds */
export function nodeBase(architecture: Architecture, cache: string): NodeBase {
  const name = `node-linux-${architecture}`;
  const integrity = lockedIntegrity(name);
  const installed = join(projectRoot, 'node_modules', name, 'bin/node');
  const original = existsSync(installed) ? installed : fetched(name, integrity, cache);
  const machine = readFileSync(original).subarray(0, 20).readUInt16LE(18);
  if (machine !== architectures[architecture].elf) throw new Error(`${original} is not for ${architecture}`);
  return { original, stripped: strip(original, architecture, integrity, cache), integrity };
}

function lockedIntegrity(name: string): string {
  const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  const entry = lock.packages[`node_modules/${name}`];
  if (entry?.version !== nodeVersion) throw new Error(`${name} ${nodeVersion} is not in package-lock.json`);
  return entry.integrity;
}

/** npm leaves out the package of a foreign architecture: fetched as a file, opened only with the locked digest. */
function fetched(name: string, integrity: string, cache: string): string {
  const directory = join(cache, `${name}-${nodeVersion}`);
  const program = join(directory, 'package/bin/node');
  if (existsSync(program)) return program;
  const building = join(cache, `${name}-${process.pid}`);
  mkdirSync(building, { recursive: true });
  const archive = `${name}-${nodeVersion}.tgz`;
  runTool(['npm', 'pack', '--silent', `${name}@${nodeVersion}`, '--pack-destination', building]);
  const digest = createHash('sha512')
    .update(readFileSync(join(building, archive)))
    .digest('base64');
  if (`sha512-${digest}` !== integrity) {
    rmSync(building, { recursive: true });
    throw new Error(`${archive} is not the one that package-lock.json locks`);
  }
  runTool(['tar', '-xzf', archive, 'package/bin/node'], { cwd: building });
  rmSync(join(building, archive));
  rmSync(directory, { recursive: true, force: true });
  renameSync(building, directory);
  return program;
}

function strip(original: string, architecture: Architecture, integrity: string, cache: string): string {
  const id = createHash('sha256').update(integrity).digest('hex').slice(0, 12);
  const stripped = join(cache, `node-${architecture}-${id}`);
  if (existsSync(stripped)) return stripped;
  const native = architecture === process.arch;
  const tool = native ? 'strip' : architectures[architecture].strip.find(isThere);
  if (!tool || !isThere(tool)) {
    throw new Error(
      `nothing here strips ${architecture}: install Debian's binutils and binutils-aarch64-linux-gnu`,
    );
  }
  mkdirSync(cache, { recursive: true });
  const beside = `${stripped}.${process.pid}`;
  copyFileSync(original, beside);
  runTool([tool, beside]);
  renameSync(beside, stripped);
  return stripped;
}
