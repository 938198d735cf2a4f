/** The single executable, alone on systems on which nothing was installed: no file of the clone is there. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundle } from '../../agent/packaging/bundle.ts';
import { mustTake } from '../../agent/packaging/compiled-code.ts';
import { makeBlob } from '../../agent/packaging/executable.ts';
import { nodeBase } from '../../agent/packaging/node-base.ts';
import { products, version } from '../../agent/packaging/product.ts';
import { stringFor, tokenFor } from '../agent/agent-at.ts';
import { startCollector } from '../support/collector.ts';
import { debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../support/debian-root.ts';
import { architecture, foreignExecutable, packageBuild } from '../support/package-build.ts';
import { type ProgramOutput, runProgram } from '../support/program-run.ts';
import { describeWith } from '../support/programs.ts';
import { copyRoot } from '../support/root-copy.ts';

const BUILD_MS = 600_000;
const [agent] = products;
if (!agent) throw new Error('no agent');

let made = '';
async function built(): Promise<void> {
  made = await packageBuild();
}

/** In a root that is not booted, with its own /proc and the network of this machine. */
function inRoot(
  root: string,
  argv: readonly string[],
  env: Record<string, string> = {},
): Promise<ProgramOutput> {
  const script = 'mount -t proc proc "$1/proc" && exec chroot "$@"';
  return runProgram(['unshare', '--mount', 'sh', '-c', script, 'sh', root, ...argv], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', ...env },
    timeoutMs: 180_000,
  });
}

/** What doctor says of the code that was compiled for the program beforehand. */
const cacheLine = ({ stdout }: ProgramOutput): unknown =>
  (JSON.parse(stdout) as { findings: { topic: string }[] }).findings.find(({ topic }) => topic === 'cache');
const TAKEN = { level: 'ok', found: 'part of the program, in use' };

describeInDebian('the executable on a plain Debian', () => {
  beforeAll(built, BUILD_MS);

  it.each([11, 12, 13] as const)(
    'Debian %i: version, check, enrol, once, status',
    async (release) => {
      const root = copyRoot(await debianRoot(release));
      onTestFinished(() => root.remove());
      copyFileSync(join(made, `nachweis-linux-${architecture}`), join(root.path, 'usr/bin/nachweis'));
      const nachweis = (...args: string[]) => inRoot(root.path, ['/usr/bin/nachweis', ...args]);

      expect(await nachweis('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
      const check = await nachweis('check', '--only', 'login.*', '--format', 'json');
      expect(check.stderr).toBe('');
      const { host, results } = JSON.parse(check.stdout) as { host: { os: unknown }; results: unknown[] };
      expect(host.os).toMatchObject({ id: 'debian', version: String(release) });
      expect(results.length).toBeGreaterThan(30);

      const collector = await startCollector({ now: new Date() });
      const line = stringFor(collector, await tokenFor(collector));
      const enrol = await inRoot(root.path, ['/usr/bin/nachweis', 'enrol'], { NACHWEIS_ENROL: line });
      expect(enrol).toMatchObject({ status: 0, stderr: '' });
      // Its round and its sending are processes of their own: the executable starts itself.
      const once = await nachweis('once');
      expect(once).toMatchObject({ status: 0, stderr: '' });
      expect(once.stdout).toContain('Received by the collector; position 0');
      expect((await nachweis('status')).stdout).toContain('In order.');
      expect(cacheLine(await nachweis('doctor', '--format', 'json'))).toMatchObject(TAKEN);
    },
    ROOT_TIMEOUT_MS,
  );

  it('takes no flags and no code from NODE_OPTIONS, and knows its own', async () => {
    const program = join(made, `nachweis-linux-${architecture}`);
    const run = (args: readonly string[]) =>
      runProgram([program, ...args], { env: { PATH: '', NODE_OPTIONS: '--require /nonexistent.cjs' } });
    expect(await run(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n` });
    // A flag of Node is no flag of the program.
    expect((await run(['--max-semi-space-size=1', 'check'])).stderr).toMatch(/^USAGE: /);
  });

  it('comes with a bill of materials, and sums that are signed', async () => {
    const sbom = JSON.parse(readFileSync(join(made, 'nachweis.cdx.json'), 'utf8')) as {
      specVersion: string;
      components: { name: string; version: string; licenses?: unknown[]; hashes?: unknown[] }[];
    };
    expect(sbom.specVersion).toBe('1.6');
    const packages = sbom.components.filter(({ name }) => name !== 'nodejs');
    expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(['zod', 'undici', 'commander']));
    // What tests and builds need is not inside.
    expect(packages.map(({ name }) => name)).not.toContain('esbuild');
    expect(packages.filter(({ licenses, hashes }) => !licenses || !hashes)).toEqual([]);
    expect(sbom.components.find(({ name }) => name === 'nodejs')).toMatchObject({
      version: process.versions.node,
    });

    const verify = (sums: string) =>
      spawnSync(
        'openssl',
        [
          'pkeyutl',
          '-verify',
          '-pubin',
          '-inkey',
          'temporary-key.pem',
          '-rawin',
          '-in',
          sums,
          '-sigfile',
          'SHA256SUMS.sig',
        ],
        { cwd: made },
      ).status;
    expect(verify('SHA256SUMS')).toBe(0);
    const other = mkdtempSync(join(tmpdir(), 'nachweis-sums-'));
    onTestFinished(() => rmSync(other, { recursive: true }));
    writeFileSync(
      join(other, 'sums'),
      readFileSync(join(made, 'SHA256SUMS'), 'utf8').replace(/^./, (one) => (one === '0' ? '1' : '0')),
    );
    expect(verify(join(other, 'sums'))).not.toBe(0);
    expect(spawnSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: made }).status).toBe(0);
  });
});

describeWith(['strip'], 'what is built', () => {
  beforeAll(built, BUILD_MS);

  it('is the same, byte by byte, wherever it is built', async () => {
    const bundled = await bundle(agent.entry);
    const node = nodeBase(architecture, join(made, '../node'));
    const work = mkdtempSync(join(tmpdir(), 'nachweis-blob-'));
    onTestFinished(() => rmSync(work, { recursive: true }));
    const { blob } = await makeBlob({ product: agent, architecture, bundle: bundled }, node.original, work);
    // What the executable has, which was built in another directory at another time. All files: npm run package -- --verify.
    const executable = readFileSync(join(made, `nachweis-linux-${architecture}`));
    expect(executable.includes(blob)).toBe(true);
    expect(executable.includes(Buffer.from(process.cwd()))).toBe(false);
  }, 120_000);

  it('is not made with compiled code that V8 does not take', () => {
    const work = mkdtempSync(join(tmpdir(), 'nachweis-rejected-'));
    onTestFinished(() => rmSync(work, { recursive: true }));
    const [script, compiled] = [join(work, 'script'), join(work, 'compiled')];
    const text = '(function(){return 1})';
    writeFileSync(script, text);
    const code = new Script(text, { filename: 'nachweis.js' }).createCachedData();
    writeFileSync(compiled, code);
    const take = (...flags: string[]) => mustTake([process.execPath, ...flags], script, compiled, 'x (x64)');
    take();
    // Another flag than those that it was compiled with; another version of V8.
    expect(() => take('--no-lazy')).toThrow('COMPILED_CODE_REJECTED');
    code.writeUInt32LE(code.readUInt32LE(4) + 1, 4);
    writeFileSync(compiled, code);
    expect(() => take()).toThrow('COMPILED_CODE_REJECTED');
  });

  it('loads the network only for commands that need it, and logging never', async () => {
    const { text, inputs } = await bundle(agent.entry);
    // It would fail only where it is called: a script knows no import().
    expect(text).not.toMatch(/\bimport\(/);
    expect(inputs.filter((input) => /node_modules\/(?:pino|vitest|esbuild)\//.test(input))).toEqual([]);
    expect(inputs.filter((input) => /^agent\/packaging\/(?!entry)|^server\/|^test\//.test(input))).toEqual(
      [],
    );
    const work = mkdtempSync(join(tmpdir(), 'nachweis-lazy-'));
    onTestFinished(() => rmSync(work, { recursive: true }));
    writeFileSync(join(work, 'bundle.js'), text, 'latin1');
    // undici leaves a mark on the global object when it is loaded.
    writeFileSync(
      join(work, 'start.cjs'),
      `const program = { exports: {} };
process.once('exit', () => process.stderr.write(String(Symbol.for('undici.globalDispatcher.1') in globalThis)));
require('node:vm').runInThisContext(require('node:fs').readFileSync(${JSON.stringify(join(work, 'bundle.js'))}, 'latin1'))(program.exports, require, program, '');
program.exports.main();`,
    );
    const loaded = async (...args: string[]) => {
      const { stderr } = await runProgram([process.execPath, join(work, 'start.cjs'), ...args]);
      return stderr.endsWith('true');
    };
    expect(await loaded('check', '--list')).toBe(false);
    expect(await loaded('round', '--state', '/nonexistent')).toBe(false);
    expect(await loaded('send', '--state', '/nonexistent')).toBe(true);
  });
});

/** Another machine has another one that is foreign to it, and no Debian package to emulate it with these names. */
const onX64: typeof describeWith = (names, title, define) =>
  process.arch === 'x64' ? describeWith(names, title, define) : describe.skip(`${title} [needs x64]`, define);

onX64(
  [
    'aarch64-linux-gnu-strip',
    'qemu-aarch64-static',
    'libc6-arm64-cross',
    'libstdc++6-arm64-cross',
    'libgcc-s1-arm64-cross',
  ],
  'the executable for arm64, emulated',
  () => {
    it('takes its compiled code, enrols, checks and reports', async () => {
      const path = await foreignExecutable('arm64');
      const state = join(mkdtempSync(join(tmpdir(), 'nachweis-arm64-')), 'state');
      onTestFinished(() => rmSync(dirname(state), { recursive: true }));
      const run = (args: readonly string[], env: Record<string, string> = {}) =>
        runProgram(['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu', path, ...args], {
          env: { PATH: '/usr/bin:/bin', NACHWEIS_STATE: state, ...env },
          timeoutMs: 180_000,
        });
      const collector = await startCollector({ now: new Date() });
      const line = stringFor(collector, await tokenFor(collector));
      expect(await run(['enrol'], { NACHWEIS_ENROL: line })).toMatchObject({ status: 0, stderr: '' });
      // `once` would start itself, which needs a kernel that knows the emulator.
      expect(await run(['round'])).toMatchObject({ status: 0, stderr: '' });
      expect((await run(['send', '--now'])).stdout).toContain('Received by the collector');
      expect(cacheLine(await run(['doctor', '--format', 'json']))).toMatchObject(TAKEN);
    }, 600_000);
  },
);
