/**
 * `npm run package`: executables, packages, bills of materials, checksums and their signature, into dist/package.
 *
 *   --arch x64|arm64   one architecture; default: both
 *   --only NAME        nachweis or nachweis-collector; default: both
 *   --verify           build everything once more in another directory and compare, byte by byte
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CodedError, errorLine } from '../../shared/errors.ts';
import { projectRoot } from './bundle.ts';
import { signingKey } from './checksums.ts';
import { runsHere } from './compiled-code.ts';
import type { Executable } from './executable.ts';
import { type MakeOptions, make } from './make.ts';
import { type Architecture, architectures, products } from './product.ts';
import { runTool } from './run-tool.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const output = join(projectRoot, 'dist/package');

const { values } = parseArgs({
  options: { arch: { type: 'string' }, only: { type: 'string' }, verify: { type: 'boolean' } },
});
const wanted = (Object.keys(architectures) as Architecture[]).filter(
  (one) => !values.arch || one === values.arch,
);
const chosen = products.filter(({ name }) => !values.only || name === values.only);
if (wanted.length === 0 || chosen.length === 0) {
  process.stderr.write(
    'USAGE: npm run package -- [--arch x64|arm64] [--only nachweis|nachweis-collector] [--verify]\n',
  );
  process.exit(2);
}

try {
  await build();
} catch (error) {
  if (!(error instanceof CodedError)) throw error;
  process.stderr.write(`${errorLine(error, 'en')}\n`);
  process.exitCode = 2;
}

async function build(): Promise<void> {
  for (const architecture of wanted.filter((one) => !runsHere(one))) {
    say(`${architecture}: without compiled code, slower to start and not the same bytes as with it. For it, install
  Debian's qemu-user-static, libc6-arm64-cross, libstdc++6-arm64-cross and libgcc-s1-arm64-cross.`);
  }
  if (chosen.some(({ name }) => name === 'nachweis-collector')) {
    say('Building the dashboard ...');
    const vite = join(projectRoot, 'node_modules/vite/bin/vite.js');
    const configuration = join(projectRoot, 'server/dashboard/vite.config.ts');
    runTool([process.execPath, vite, 'build', '--config', configuration, '--logLevel', 'error'], {
      cwd: projectRoot,
    });
  }
  rmSync(output, { recursive: true, force: true });
  const key = signingKey(process.env);
  const options: MakeOptions = {
    products: chosen,
    architectures: wanted,
    formats: ['deb', 'rpm'],
    output,
    cache: join(projectRoot, 'node_modules/.cache/nachweis-package'),
    seconds: sourceDate(),
    key,
    effort: 'small',
  };
  await make({ ...options, onMade: (name, executable) => say(described(name, executable)) });
  say(`\nAll of it is in ${output}. To verify:
  openssl pkeyutl -verify -pubin -inkey ${key.temporary ? 'temporary-key.pem' : 'key.pem'} -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
  sha256sum --check SHA256SUMS`);
  if (key.temporary) {
    say(
      'Signed with a key made for this build alone. For a release give one by NACHWEIS_SIGN_KEY or NACHWEIS_SIGN_KEY_FILE.',
    );
  }
  if (values.verify) await verify(options);
}

/** The moment of the last change, so that a build of the same sources is the same whenever it is made. */
function sourceDate(): number {
  const { SOURCE_DATE_EPOCH } = process.env;
  if (SOURCE_DATE_EPOCH) return Number(SOURCE_DATE_EPOCH);
  const { stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: projectRoot, encoding: 'utf8' });
  return Number(stdout?.trim()) || Date.UTC(2026, 0, 1) / 1000;
}

function described(name: string, executable?: Executable): string {
  const bytes = statSync(join(output, name)).size;
  const size = bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  if (!executable) return `${name.padEnd(44)} ${size.padStart(9)}`;
  const native = name.endsWith(`-${process.arch}`) ? `, starts in ${startTime(executable.path)} ms` : '';
  return `${name.padEnd(44)} ${size.padStart(9)}, ${(executable.compiledBytes / 1e6).toFixed(1)} MB of it compiled code${native}`;
}

/** `--help` to the end. The shortest of nine: what else the machine does only makes it longer. */
function startTime(path: string): string {
  const times = Array.from({ length: 9 }, () => {
    const before = performance.now();
    spawnSync(path, ['--help'], { stdio: 'ignore' });
    return performance.now() - before;
  });
  return Math.min(...times).toFixed(0);
}

async function verify(options: MakeOptions): Promise<void> {
  const again = mkdtempSync(join(tmpdir(), 'nachweis-package-'));
  try {
    const names = await make({ ...options, output: again });
    const differ = names.filter(
      (name) =>
        !existsSync(join(output, name)) ||
        !readFileSync(join(output, name)).equals(readFileSync(join(again, name))),
    );
    if (differ.length > 0) throw new Error(`not the same bytes in a second build: ${differ.join(', ')}`);
    say(`A second build gives the same bytes: ${names.length} files.`);
  } finally {
    rmSync(again, { recursive: true });
  }
}
