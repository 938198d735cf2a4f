/** `nachweis enrol`, `once`, `run`, `send` and `status` as processes, with a real collector over HTTPS. */

import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { neverSent } from '../../agent/back-off.ts';
import { readDisks } from '../../agent/disks.ts';
import { readKey } from '../../agent/key.ts';
import { RecordSpool } from '../../agent/record-spool.ts';
import { firstRound, nextRound } from '../../agent/schedule.ts';
import { openState, readEnrolment } from '../../agent/state.ts';
import { problemsOf, type Status } from '../../agent/status.ts';
import { memoryHost } from '../../checks/host-memory.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { signEnvelope } from '../../shared/envelope.ts';
import { startCollector, type TestCollector } from '../support/collector.ts';
import { temporaryDirectory } from '../support/database.ts';
import { stringFor, tokenFor } from './agent-at.ts';

const main = path.join(import.meta.dirname, '../../agent/main.ts');

/** A round asks everything that there is to ask on this machine, apt-get included, twice. */
const SLOW = { timeout: 180_000 };

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}
interface Place {
  state: string;
  config: string;
}

function place(): Place {
  const directory = temporaryDirectory();
  const config = path.join(directory, 'agent.yaml');
  fs.writeFileSync(config, 'interval: 10m\n');
  return { state: path.join(directory, 'state'), config };
}

function start(
  { state }: Place,
  args: string[],
  input?: string,
  env: Record<string, string> = {},
): ChildProcess {
  const child = spawn(process.execPath, [main, ...args, '--lang', 'en', '--state', state], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin?.end(input ?? '');
  return child;
}

function ended(child: ChildProcess): Promise<Ended> {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk) => {
      output[name] += chunk;
    });
  }
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, ...output })));
}

const nachweis = (at: Place, args: string[], input?: string, env?: Record<string, string>): Promise<Ended> =>
  ended(start(at, args, input, env));

/** The collector's clock has to be the real one: the agent's process has no other. */
const collectorNow = (): Promise<TestCollector> => startCollector({ now: new Date() });

async function enrolled(collector: TestCollector): Promise<Place> {
  const at = place();
  const { status, stderr } = await nachweis(
    at,
    ['enrol', '--config', at.config],
    stringFor(collector, await tokenFor(collector)),
  );
  if (status !== 0) throw new Error(stderr);
  return at;
}

describe('nachweis enrol', SLOW, () => {
  it('shows its stages, and takes the string from standard input, a file, the environment', async () => {
    const collector = await collectorNow();
    const strings: string[] = [];
    for (let n = 0; n < 3; n += 1) strings.push(stringFor(collector, await tokenFor(collector)));
    const file = path.join(temporaryDirectory(), 'string');
    fs.writeFileSync(file, `${strings[1]}\n`);
    const all = [
      await nachweis(place(), ['enrol'], `${strings[0]}\n`),
      await nachweis(place(), ['enrol', '--file', file]),
      await nachweis(place(), ['enrol'], '', { NACHWEIS_ENROL: strings[2] ?? '' }),
    ];
    for (const { status, stdout, stderr } of all) {
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/1\/3 .*fingerprint[\s\S]*2\/3 .*key-[\s\S]*3\/3 .*tenant example/);
    }
  });

  it('does nothing with --if-needed where it is enrolled there, and is refused where it is elsewhere', async () => {
    const [collector, other] = [await collectorNow(), await collectorNow()];
    const at = place();
    const args = ['enrol', '--if-needed'];
    const string = stringFor(collector, await tokenFor(collector));
    expect((await nachweis(at, args, string)).stdout).toContain('3/3');
    // The token is used up, and nobody asks: the collector is the one that the string names.
    const again = await nachweis(at, args, string);
    expect([again.status, again.stderr, again.stdout]).toEqual([
      0,
      '',
      expect.stringContaining('nothing to do'),
    ]);
    const elsewhere = await nachweis(at, args, stringFor(other, await tokenFor(other)));
    expect([elsewhere.status, elsewhere.stderr.split(':')[0]]).toEqual([2, 'ALREADY_ENROLLED']);
    expect(await collector.db.selectFrom('hosts').select('name').execute()).toHaveLength(1);
  });

  it('leaves nothing that others may read, whatever the umask', async () => {
    const collector = await collectorNow();
    const at = place();
    const before = process.umask(0);
    try {
      const { status } = await nachweis(at, ['enrol'], stringFor(collector, await tokenFor(collector)));
      expect(status).toBe(0);
    } finally {
      process.umask(before);
    }
    for (const name of ['', ...fs.readdirSync(at.state, { recursive: true, encoding: 'utf8' })])
      expect(fs.statSync(path.join(at.state, name)).mode & 0o077, name).toBe(0);
  });

  it('warns about a string on the command line, and shows no secret in errors', async () => {
    const collector = await collectorNow();
    const token = await tokenFor(collector);
    const at = place();
    const { status, stderr } = await nachweis(at, ['enrol', stringFor(collector, token)]);
    expect(status).toBe(0);
    expect(stderr).toContain('Warning');
    const again = await nachweis(at, ['enrol', '--again'], stringFor(collector, token));
    expect(again.status).toBe(2);
    expect(again.stderr).toMatch(/^TOKEN_REFUSED: /);
    expect(again.stderr + again.stdout).not.toContain(token);
  });

  it('says in one line what is wrong with the string, and with a machine that is enrolled', async () => {
    const at = place();
    const wrong = await nachweis(at, ['enrol'], 'https://collector.example.org/');
    expect([wrong.status, wrong.stderr.split(':')[0]]).toEqual([2, 'ENROLMENT_STRING_INVALID']);
    const nothing = await nachweis(at, ['status']);
    expect([nothing.status, nothing.stderr.split(':')[0]]).toEqual([2, 'NOT_ENROLLED']);
  });
});

describe('nachweis once, send and status', SLOW, () => {
  it('report, and tell what became of it', async () => {
    const collector = await collectorNow();
    const at = await enrolled(collector);
    expect((await nachweis(at, ['status'])).status).toBe(1);
    const once = await nachweis(at, ['once', '--config', at.config]);
    expect([once.status, once.stderr]).toEqual([0, '']);
    expect(once.stdout).toMatch(/^Report 1: \d+ checks: [\s\S]*Received by the collector; position 0/);
    const status = await nachweis(at, ['status', '--format', 'json']);
    const found = JSON.parse(status.stdout) as Status;
    expect(found).toMatchObject({ problems: [], waiting: 0, lastReceipt: { sequence: 1 } });
    expect([status.status, found.lastRound?.intervalSeconds]).toEqual([0, 600]);
    const text = await nachweis(at, ['status']);
    expect(text.stdout).toContain('In order.');
    expect((await nachweis(at, ['send'])).stdout).toBe('Nothing to send.\n');
  });

  it('keep the report when the collector is away, and send it when it is back', async () => {
    const collector = await collectorNow();
    const at = await enrolled(collector);
    const { port } = new URL(collector.endpoint.url);
    const file = path.join(at.state, 'enrolment.json');
    const enrolment = fs.readFileSync(file, 'utf8');
    // Where nobody listens.
    fs.writeFileSync(file, enrolment.replace(`:${port}`, ':1'));
    const away = await nachweis(at, ['once', '--config', at.config]);
    expect(away.status).toBe(3);
    expect(away.stdout).toMatch(/COLLECTOR_UNREACHABLE[\s\S]*1 waiting on this machine/);
    // Signed as a drill would be: what it says is the collector's to judge.
    const state = openState(at.state);
    const { host, keyFile } = readEnrolment(state);
    const records = new RecordSpool(state, host);
    await records.append(await signEnvelope(nodeCrypto, readKey(state.file(keyFile)), { says: 'nothing' }));
    const status = await nachweis(at, ['status']);
    expect(status.status).toBe(1);
    expect(status.stdout).toMatch(
      /Waiting +1 report, 1 record \(restore drills\), next try from[\s\S]*✗ COLLECTOR_UNREACHABLE/,
    );
    fs.writeFileSync(file, enrolment);
    const back = await nachweis(at, ['send', '--now']);
    expect(back.stdout).toContain('Received by the collector; position 0 in its log.\n');
    expect(back.stdout).toContain('refused for good (STATEMENT_INVALID)');
    expect((await nachweis(at, ['status'])).stdout).toMatch(/Waiting +nothing/);
  });
});

describe('nachweis run', SLOW, () => {
  it('makes a round at once, stays, and ends with its children when told to', async () => {
    const collector = await collectorNow();
    const at = await enrolled(collector);
    const child = start(at, ['run', '--config', at.config]);
    const end = ended(child);
    await new Promise<void>((resolve) => {
      child.stdout?.on('data', (chunk) => String(chunk).includes('Received') && resolve());
    });
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    const { status, stdout, stderr } = await end;
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Report 1: [\s\S]*Received by the collector[\s\S]*Ended\.\n$/);
  });

  it('holds neither checks nor network while it sleeps', async () => {
    const { importGraph } = await import('../support/import-graph.ts');
    const graph = await importGraph(['agent']);
    const reached = new Set(['agent/commands/run.ts', 'agent/program.ts']);
    // What is loaded for other commands, or to explain an error, is not loaded for this one.
    const lazily = (from: string, to: string) =>
      (from === 'agent/definitions.ts' && to.startsWith('agent/commands/')) ||
      (from === 'agent/program.ts' && to.startsWith('checks/evidence'));
    for (let size = 0; size !== reached.size; ) {
      size = reached.size;
      for (const { from, to } of graph) if (reached.has(from) && !lazily(from, to)) reached.add(to);
    }
    const packages = [...reached].filter((name) => !name.endsWith('.ts') && !name.startsWith('node:'));
    expect(packages.filter((name) => !name.endsWith('.json')).sort()).toEqual(['commander', 'node-cron']);
    expect([...reached].filter((name) => name.startsWith('checks/'))).toEqual([]);
  });
});

describe('the schedule', () => {
  const hour = 3_600_000;
  it('starts at once, or an interval after the last round', () => {
    expect(firstRound(1000, undefined, hour).at).toBe(1000);
    expect(firstRound(10 * hour, 9.5 * hour, hour).at).toBe(10.5 * hour);
    expect(firstRound(10 * hour, 2 * hour, hour).at).toBe(10 * hour);
  });

  it('does not wait for a time that a wrong clock once set', () => {
    expect(firstRound(10 * hour, 99 * hour, hour).at).toBe(11 * hour);
    expect(nextRound({ due: 99 * hour, at: 99 * hour }, 10 * hour, hour, 0).due).toBe(11 * hour);
  });

  it('keeps its grid, with a delay of its own each time that does not add up', () => {
    let at = firstRound(0, undefined, hour);
    for (let n = 1; n <= 100; n += 1) {
      at = nextRound(at, at.at + 20_000, hour, n % 2);
      expect(at.due).toBe(n * hour);
      expect(at.at - at.due).toBe(n % 2 ? 300_000 : 0);
    }
  });

  it('starts a new grid after a suspend, instead of catching up', () => {
    expect(nextRound({ due: hour, at: hour }, 50 * hour, hour, 0)).toEqual({ due: 51 * hour, at: 51 * hour });
  });
});

describe('what status calls a problem', () => {
  const now = new Date('2026-06-15T12:00:00.000Z');
  const status = (more: Partial<Status>): Omit<Status, 'problems'> => ({
    collector: 'https://collector.example.org',
    host: `h-${'0'.repeat(32)}`,
    name: 'web1',
    tenant: 'example',
    enrolledAt: '2026-06-01T12:00:00.000Z',
    policy: null,
    policyValidUntil: null,
    confinement: null,
    lastRound: {
      round: '2026-06-15T11:30:00.000Z',
      sequence: 1,
      digest: '0'.repeat(64),
      intervalSeconds: 3600,
      privileged: true,
      counts: { pass: 1, fail: 0, unknown: 0, 'not-applicable': 0 },
      failing: [],
    },
    lastReceipt: null,
    waiting: 0,
    recordsWaiting: 0,
    decommissioning: null,
    gap: [],
    sending: neverSent,
    ...more,
  });
  const said = (more: Partial<Status>) => problemsOf(status(more), now, 'en').map(({ message }) => message);

  it('is nothing when all is well', () => expect(said({})).toEqual([]));
  it('is a clock that is off, in both directions', () => {
    expect(said({ sending: { ...neverSent, clockAheadSeconds: 301 } })[0]).toContain('301 s ahead');
    expect(said({ sending: { ...neverSent, clockAheadSeconds: -400 } })[0]).toContain('400 s behind');
    expect(said({ sending: { ...neverSent, clockAheadSeconds: 299 } })).toEqual([]);
  });
  it('is a round that is long ago, or never was', () => {
    expect(said({ lastRound: null })[0]).toContain('No round');
    const { lastRound } = status({});
    expect(
      said({ lastRound: lastRound && { ...lastRound, round: '2026-06-15T08:59:00.000Z' } })[0],
    ).toContain('three intervals ago');
  });
  it('is reports that wait for long although nothing else is wrong', () => {
    expect(said({ waiting: 5 })[0]).toContain('waiting');
  });
  it('is what kept records from being sent, and a decommissioning that was begun', () => {
    const problem = { code: 'COLLECTOR_UNREACHABLE', message: 'away', next: 'wait' };
    const sending = { ...neverSent, problem };
    expect([said({ sending }), said({ sending, recordsWaiting: 1 })]).toEqual([
      [],
      ['COLLECTOR_UNREACHABLE: away'],
    ]);
    expect(said({ decommissioning: 'report-waits' })[0]).toContain('its last report waits');
    expect(said({ decommissioning: 'key-not-retired' })[0]).toContain('still counts');
  });
});

it('asks systeminformation only about disks that say no serial number', async () => {
  const { withIdentity } = await import('../../agent/identity.ts');
  const host = memoryHost({
    files: {
      '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
      '/sys/block/vda/serial': 'disk-1\n',
      '/sys/block/vda/device': { directory: true },
    },
  });
  const disks = (await readDisks(host)) ?? [];
  const base = {
    hostname: 'h',
    os: { id: '', version: '', name: '', like: [] },
    kernel: '',
    arch: '',
    kind: 'vm' as const,
  };
  const machine = await withIdentity({ ...base, disks }, host);
  expect(machine.disks).toEqual(disks);
  // Never the id itself: machine-id(5).
  expect(machine.machineId).toMatch(/^[0-9a-f]{32}$/);
  expect(machine.machineId).not.toContain('0123456789abcdef');
  const silent = await withIdentity(
    { ...base, disks: [{ name: 'vdzz', serial: '', model: '', bytes: 1 }] },
    host,
  );
  expect(silent.disks).toEqual([{ name: 'vdzz', serial: '', model: '', bytes: 1 }]);
});
