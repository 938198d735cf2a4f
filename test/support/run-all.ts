/**
 * `npm test`: everything that has to hold, in one run. The last line, alone, counts it.
 *
 * Types, style and the dashboard's build count as one test each. In CI a skipped test is a failure: there the real
 * programs must be had.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPrograms } from './debian-packages.ts';

const root = join(import.meta.dirname, '../..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const write = (line: string) => process.stdout.write(`${line}\n`);
const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH ?? ''}` };

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A step that passes or fails as a whole. */
function step(name: string, command: string, args: readonly string[]): Counts {
  const started = Date.now();
  const { status } = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const passed = status === 0;
  write(`${passed ? 'ok' : 'FAILED'}: ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 };
}

function vitest(args: readonly string[]): Counts {
  const directory = mkdtempSync(join(tmpdir(), 'nachweis-test-'));
  const report = join(directory, 'report.json');
  const { status } = spawnSync(
    bin('vitest'),
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
    { cwd: root, env: { ...env, NO_COLOR: '1' }, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTotalTests, testResults } = JSON.parse(
      readFileSync(report, 'utf8'),
    ) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      numTotalTests: number;
      testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
    };
    for (const { assertionResults } of testResults) {
      for (const test of assertionResults) {
        if (test.status !== 'passed' && test.status !== 'failed') write(`skipped: ${test.fullName}`);
      }
    }
    // A file that fails to load has no tests to count, and a run without tests is no run.
    const unseen = (status !== 0 && numFailedTests === 0) || numTotalTests === 0 ? 1 : 0;
    return { passed: numPassedTests, failed: numFailedTests + unseen, skipped: numPendingTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

installPrograms(write);
const parts = [
  step('types', bin('tsc'), ['--noEmit', '-p', 'tsconfig.json']),
  step('types of the dashboard', bin('tsc'), ['--noEmit', '-p', 'server/dashboard/tsconfig.json']),
  step('style', bin('biome'), ['check', '--error-on-warnings', '.']),
  step('dashboard build', bin('vite'), [
    'build',
    '--config',
    'server/dashboard/vite.config.ts',
    '--logLevel',
    'warn',
  ]),
  vitest(process.argv.slice(2)),
];
const sum = (key: keyof Counts) => parts.reduce((total, part) => total + part[key], 0);
const skippedIsFailure = Boolean(process.env.CI) && sum('skipped') > 0;
if (skippedIsFailure) write('FAILED: in CI every test must run; the skipped ones are named above.');
process.exitCode = sum('failed') > 0 || skippedIsFailure ? 1 : 0;
write(`tests: ${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
