/** `nachweis doctor` and `status` as processes, at a real collector, in good order and in bad. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { inReportUnit, isConfined } from '../../agent/confinement.ts';
import { type Finding, topics } from '../../agent/doctor/finding.ts';
import {
  filterFinding,
  lookAtCommands,
  lookAtSchedule,
  lookAtTimeService,
  needs,
} from '../../agent/doctor/system.ts';
import { commands } from '../../checks/commands.ts';
import { apply, filesAt, grantYaml } from '../server/policy/world.ts';
import { startCollector, type TestCollector } from '../support/collector.ts';
import { temporaryDirectory } from '../support/database.ts';
import { projectRoot } from '../support/import-graph.ts';
import { runProgram } from '../support/program-run.ts';
import { stringFor, tokenFor } from './agent-at.ts';
import { proxying } from './network/loopback.ts';

const SLOW = { timeout: 120_000 };
const main = path.join(projectRoot, 'agent/main.ts');

interface Place {
  readonly state: string;
  readonly config: string;
}

async function nachweis({ state, config }: Place, command: string, args: string[] = [], input = '') {
  const where = command === 'status' ? ['--state', state] : ['--state', state, '--config', config];
  const argv = [process.execPath, main, command, '--lang', 'en', ...where, ...args];
  return runProgram(argv, { input, env: { PATH: '/usr/bin:/bin' }, timeoutMs: 100_000 });
}

async function enrolled(): Promise<Place & { collector: TestCollector }> {
  const collector = await startCollector({ now: new Date() });
  const directory = temporaryDirectory();
  const at = { state: path.join(directory, 'state'), config: path.join(directory, 'agent.yaml') };
  fs.writeFileSync(at.config, '', { mode: 0o600 });
  const { status, stderr } = await nachweis(at, 'enrol', [], stringFor(collector, await tokenFor(collector)));
  if (status !== 0) throw new Error(stderr);
  return { ...at, collector };
}

interface Found {
  readonly topic: Finding['topic'];
  readonly level: Finding['level'];
  readonly found: string;
  readonly next?: string;
}

async function findings(at: Place): Promise<{ status: number; of(topic: Finding['topic']): Found[] }> {
  const { status, stdout } = await nachweis(at, 'doctor', ['--format', 'json']);
  const all = (JSON.parse(stdout) as { findings: Found[] }).findings;
  for (const { level, next } of all) expect(level === 'ok' || Boolean(next)).toBe(true);
  return { status, of: (topic) => all.filter((one) => one.topic === topic) };
}

describe('nachweis doctor', SLOW, () => {
  it('goes the whole way to the collector, and sends no report', async () => {
    const at = await enrolled();
    const { of } = await findings(at);
    for (const topic of ['program', 'state', 'enrolment', 'key', 'collector', 'version', 'clock'] as const)
      expect(of(topic)[0], topic).toMatchObject({ level: 'ok' });
    expect(of('version')[0]?.found).toBe('agent 0.1.0, collector 0.1.0');
    expect(await at.collector.db.selectFrom('reports').selectAll().execute()).toEqual([]);
    const { stdout } = await nachweis(at, 'doctor');
    expect(stdout).toMatch(/^✓ collector +https:\/\/127\.0\.0\.1:\d+ answers with the keys/m);
    expect(stdout).not.toContain('undefined');
  });

  it('says what is wrong: rights, a proxy, an address, a clock', async () => {
    const at = await enrolled();
    const proxy = await proxying({ refuse: () => 407 });
    fs.writeFileSync(at.config, `proxy: http://anna:geheim-1@127.0.0.1:${proxy.port}\n`, { mode: 0o600 });
    const behind = await findings(at);
    expect([behind.status, behind.of('proxy').at(-1)?.found]).toEqual([
      1,
      expect.stringContaining('PROXY_AUTH'),
    ]);
    const shown = (await nachweis(at, 'doctor')).stdout;
    expect(shown).toContain(`http://127.0.0.1:${proxy.port}`);
    expect(shown).not.toContain('geheim');
    // Its password in a file that others may read.
    fs.chmodSync(at.config, 0o644);
    expect((await findings(at)).of('config')[0]?.found).toContain('chmod 600');
    // One address of two is down: no failure.
    fs.writeFileSync(at.config, `addresses: ['https://127.0.0.1:1', '${at.collector.endpoint.url}']\n`);
    const two = await findings(at);
    expect(two.of('collector').map(({ level }) => level)).toEqual(['warn', 'ok']);
    const [key = ''] = fs.readdirSync(at.state).filter((name) => name.startsWith('key-'));
    fs.chmodSync(path.join(at.state, key), 0o644);
    expect((await findings(at)).of('key')[0]).toMatchObject({
      level: 'fail',
      found: expect.stringContaining('STATE_UNSAFE'),
    });
    fs.chmodSync(at.state, 0o777);
    expect((await findings(at)).of('state')[0]).toMatchObject({ level: 'fail' });
  });

  it('works where nothing is enrolled', async () => {
    const directory = temporaryDirectory();
    const { status, of } = await findings({
      state: path.join(directory, 'none'),
      config: path.join(directory, 'no.yaml'),
    });
    expect([status, of('enrolment')[0]?.found]).toEqual([1, expect.stringContaining('NOT_ENROLLED')]);
  });

  it('knows what stays unknown without each command that checks may ask', () => {
    expect(commands.filter(({ id }) => !needs.some(({ ids }) => ids.test(id))).map(({ id }) => id)).toEqual(
      [],
    );
    expect(lookAtCommands().every(({ topic }) => topic in topics)).toBe(true);
  });

  it('sees a time service, and a run that is alive, by what runs', async () => {
    const runs = (...argv: string[]) => [{ name: argv[0]?.split('/').at(-1) ?? '', argv }];
    expect(lookAtTimeService(runs('chronyd')).level).toBe('ok');
    expect(lookAtTimeService([]).level).toBe('warn');
    const levelOf = async (...argv: string[]) =>
      (await lookAtSchedule(runs(...argv), async () => false)).level;
    expect(await levelOf('/usr/bin/nachweis', 'run')).toBe('ok');
    expect(await levelOf('node', '/srv/nachweis/agent/main.ts', 'run', '--lang', 'de')).toBe('ok');
    expect(await levelOf('/usr/bin/vi', '/usr/bin/nachweis', 'x', 'run')).toBe('warn');
  });

  it('says that the network is filtered only where that was tried', () => {
    const tried = (confined: boolean) => ({
      format: 'nachweis.confinement/1' as const,
      confined,
      since: '2026-01-01T00:00:00.000Z',
    });
    const found = (...args: Parameters<typeof filterFinding>) => {
      const { level, found: text } = filterFinding(...args);
      return [level, text.en.split(/:| for /)[0]];
    };
    expect(found(tried(true), true)).toEqual(['ok', 'tried']);
    expect(found(undefined, true)).toEqual(['warn', 'not tried yet']);
    expect(found(tried(false), true)).toEqual(['warn', 'skipped']);
    expect(found(undefined, false)).toEqual(['warn', 'skipped']);
    expect(found(tried(false), false)).toEqual(['warn', 'skipped']);
  });

  it('nothing holds back what is sent where there is no filter', async () => {
    expect(inReportUnit()).toBe(false);
    expect(await isConfined()).toBe(false);
  });
});

describe('nachweis status', SLOW, () => {
  it('shows the policy on its one screen', async () => {
    const at = await enrolled();
    const { collector } = at;
    const tenantId = await collector.tenant('example');
    const files = filesAt({ 'p.yaml': { tenant: 'example', grants: [grantYaml('anna')] } });
    await apply(collector.db, tenantId, files, collector.now());
    expect((await nachweis(at, 'status')).stdout).toMatch(
      /^Policy +none; the defaults and agent\.yaml count$/m,
    );
    const sent = await nachweis(at, 'send', ['--now']);
    expect(sent.status).toBe(0);
    const { stdout } = await nachweis(at, 'status');
    expect(stdout).toMatch(
      /^Policy +no\. 1, valid until \d{4}-\d\d-\d\d \d\d:\d\d UTC; sets a register of 1 grant$/m,
    );
    expect(stdout.split('\n').length).toBeLessThan(24);
  });
});
