/** The real program: what it prints, how it ends, and that what it acknowledged survives being killed. */
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCollectorKeys } from '../../server/tls/collector-keys.ts';
import { parseEnrolmentString } from '../../shared/enrolment.ts';
import { runCollector, type ServingProcess, serveCollector } from '../support/collector-process.ts';
import { temporaryDirectory } from '../support/database.ts';
import { type BuiltReport, codeOf, type Endpoint, get, post, TestHost } from '../support/host.ts';

async function endpointOf(serving: ServingProcess, data: string): Promise<Endpoint> {
  const { trust } = await openCollectorKeys(join(data, 'keys'), new Date());
  return { url: serving.agentsUrl, authorities: trust.authorities };
}

async function enrolled(endpoint: Endpoint, data: string, name: string): Promise<TestHost> {
  const { stdout, stderr } = await runCollector(['token', 'create', '--tenant', 'A', '--data', data]);
  const host = new TestHost(name);
  const reply = await host.enrol(endpoint, parseEnrolmentString(stdout || stderr).token, new Date());
  expect(reply.status, reply.text).toBe(201);
  return host;
}

/** Each starts several processes; a busy machine takes seconds for one. */
const TIMEOUT = 240_000;

describe('serve', { timeout: TIMEOUT }, () => {
  it('starts from nothing, serves while commands work beside it, and ends when told', async () => {
    const data = join(temporaryDirectory(), 'data');
    const serving = await serveCollector(data);
    onTestFinished(() => void serving.end('SIGKILL'));
    const endpoint = await endpointOf(serving, data);
    expect(serving.stdout()).toMatch(/^First sign-in, .*: http:\/\/127\.0\.0\.1:\d+\/link#\S+$/m);
    expect((await get(endpoint, '/readyz')).body).toEqual({ status: 'ok' });
    expect((await runCollector(['tenant', 'add', 'A', '--data', data])).status).toBe(0);
    const token = await runCollector(['token', 'create', '--tenant', 'A', '--data', data]);
    const line = parseEnrolmentString(token.stdout);
    expect(line.addresses).toEqual([serving.agentsUrl]);
    const bundle = await get(endpoint, '/v1/trust');
    expect(bundle.status).toBe(200);
    const host = await enrolled(endpoint, data, 'web-1');
    expect((await host.report(endpoint, { results: { 'login.banner': 'pass' } })).status).toBe(200);
    expect(await serving.end('SIGTERM')).toBe(0);

    const again = await serveCollector(data);
    onTestFinished(() => void again.end('SIGKILL'));
    expect(again.stdout()).not.toContain('First sign-in');
    expect((await host.report(await endpointOf(again, data), {})).status).toBe(200);
    expect(await again.end('SIGTERM')).toBe(0);
  });

  it.each(['port', 'dashboard-port'])('says so when --%s is in use', async (option) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const data = temporaryDirectory();
    const { status, stderr } = await runCollector([
      'serve',
      ...['--data', data, '--listen', '127.0.0.1', '--port', '0', '--dashboard-port', '0'],
      ...[`--${option}`, String(port)],
    ]);
    expect(stderr).toBe(
      `PORT_IN_USE: Port ${port} on 127.0.0.1 is in use. End the other program or choose a port with --${option}.\n`,
    );
    expect(status).toBe(1);
  });

  it('says so when another collector has the data, and not once that one was killed', async () => {
    const data = temporaryDirectory();
    const first = await serveCollector(data);
    onTestFinished(() => void first.end('SIGKILL'));
    const { status, stderr } = await runCollector(['serve', '--data', data, '--port', '0']);
    expect(stderr).toMatch(new RegExp(`^DATA_IN_USE: .*process ${first.pid}.*\\n$`));
    expect(status).toBe(1);
    await first.end('SIGKILL');
    const second = await serveCollector(data);
    expect(await second.end('SIGTERM')).toBe(0);
  });

  it.each([
    ['a configuration that is not valid', 'CONFIG_INVALID', 'agents: {port: many}\n'],
    ['a catalogue that is not there', 'FILE_UNREADABLE', 'catalogue: /does/not/exist.yaml\n'],
    ['an address of another machine', 'USAGE', 'agents: {address: 192.0.2.1, port: 0}\n'],
  ])('says so, in one line, for %s', async (_title, code, yaml) => {
    const directory = temporaryDirectory();
    const config = join(directory, 'config.yaml');
    writeFileSync(config, yaml);
    const { status, stderr } = await runCollector([
      ...['serve', '--data', join(directory, 'data'), '--config', config, '--dashboard-port', '0'],
    ]);
    expect(stderr).toMatch(new RegExp(`^${code}: [^\\n]+\\n$`));
    expect(status).toBe(code === 'USAGE' ? 2 : 1);
  });

  it('says so when a key can be read by others', async () => {
    const data = temporaryDirectory();
    await openCollectorKeys(join(data, 'keys'), new Date());
    chmodSync(join(data, 'keys', 'authority.pem'), 0o644);
    const { status, stderr } = await runCollector(['serve', '--data', data, '--port', '0']);
    expect(stderr).toMatch(/^STATE_UNSAFE: .*authority\.pem/);
    expect(status).toBe(1);
  });

  it.each(['/dev/null/data', '/proc/1/data'])('says so when nothing can be made at %s', async (data) => {
    const { status, stderr } = await runCollector(['serve', '--data', data, '--port', '0']);
    expect(stderr).toMatch(/^(?:NO_PERMISSION|FILE_UNREADABLE): [^\n]+\n$/);
    expect(status).toBe(1);
  });
});

/** Root outside a container may mount; many others may not. */
const canMount =
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

/** A file system of that many kB, to fill. */
function smallDisk(kilobytes: number): string {
  const path = temporaryDirectory();
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=700`, 'tmpfs', path]);
  expect(status).toBe(0);
  onTestFinished(() => void spawnSync('umount', [path]));
  return path;
}

describe.skipIf(!canMount)('a full disk (needs the right to mount)', { timeout: TIMEOUT }, () => {
  it.each([
    ['with no room at all', 8, 8],
    ['with room for the lock alone', 96, 60],
    ['with room for half of the database', 160, 60],
  ])('%s stops the start with one line', async (_title, size, filled) => {
    const disk = smallDisk(size);
    writeFileSync(join(disk, 'other'), Buffer.alloc(filled * 1024));
    const data = join(disk, 'data');
    const { status, stderr } = await runCollector(['serve', '--data', data, '--port', '0']);
    expect(stderr).toMatch(/^NO_SPACE: [^\n]+\n$/);
    expect(status).toBe(1);
  });

  it('at run time acknowledges nothing, and everything again once there is room', async () => {
    const data = smallDisk(3000);
    const serving = await serveCollector(data);
    onTestFinished(() => void serving.end('SIGKILL'));
    const endpoint = await endpointOf(serving, data);
    await runCollector(['tenant', 'add', 'A', '--data', data]);
    const host = await enrolled(endpoint, data, 'web-1');
    const results = (n: number) =>
      Object.fromEntries(
        Array.from({ length: 100 }, (_, check) => [`login.c-${n}-${check}`, 'fail'] as const),
      );
    let reply = await host.report(endpoint, { results: results(0) });
    for (let n = 1; reply.status === 200 && n < 200; n++)
      reply = await host.report(endpoint, { results: results(n) });
    expect(codeOf(reply)).toBe('STORE_UNAVAILABLE');
    expect(codeOf(await get(endpoint, '/readyz'))).toBe('STORE_UNAVAILABLE');
    expect((await get(endpoint, '/healthz')).status).toBe(200);
    expect(spawnSync('mount', ['-o', 'remount,size=20000k', data]).status).toBe(0);
    expect((await host.report(endpoint, { results: results(0) })).status).toBe(200);
    await serving.end('SIGTERM');
    const db = new DatabaseSync(join(data, 'collector.db'), { readOnly: true });
    expect(db.prepare('select max(sequence) as last, count(*) as count from reports').get()).toEqual({
      last: host.sequence,
      count: host.sequence,
    });
    db.close();
  });
});

describe('kill -9', { timeout: TIMEOUT }, () => {
  const ROUNDS = 8;

  it('loses no acknowledged report and takes none twice', async () => {
    const data = temporaryDirectory();
    expect((await runCollector(['tenant', 'add', 'A', '--data', data])).status).toBe(0);
    const { stdout } = await runCollector([
      'token',
      'create',
      '--tenant',
      'A',
      '--uses',
      '4',
      '--data',
      data,
    ]);
    const { token } = parseEnrolmentString(stdout);
    const hosts = ['web-1', 'web-2', 'web-3', 'web-4'].map((name) => new TestHost(name));
    const acknowledged = new Map<string, { digest: string; index: number }>();
    const pending = new Map<TestHost, BuiltReport>();
    let lostReplies = 0;

    async function reportForEver(host: TestHost, endpoint: Endpoint, running: () => boolean): Promise<void> {
      while (running()) {
        const outcome = host.sequence % 2 === 0 ? 'fail' : 'pass';
        const results = Object.fromEntries(
          Array.from({ length: 40 }, (_, n) => [`login.check-${n}`, outcome] as const),
        );
        const built = pending.get(host) ?? (await host.build({ results }));
        // What an agent does: the same bytes again until there is an answer.
        pending.set(host, built);
        const reply = await post(endpoint, '/v1/reports', JSON.stringify(built.submission)).catch(
          () => undefined,
        );
        if (!reply) {
          lostReplies++;
          return;
        }
        expect(reply.status, reply.text).toBe(200);
        acknowledged.set(`${host.id}:${reply.body.sequence}`, {
          digest: built.digest,
          index: reply.body.log.index,
        });
        host.accepted(built);
        pending.delete(host);
      }
    }

    for (let round = 0; round < ROUNDS; round++) {
      const serving = await serveCollector(data);
      onTestFinished(() => void serving.end('SIGKILL'));
      const endpoint = await endpointOf(serving, data);
      for (const host of round === 0 ? hosts : []) {
        const reply = await host.enrol(endpoint, token, new Date());
        expect(reply.status, reply.text).toBe(201);
      }
      let running = true;
      const before = acknowledged.size;
      const sending = Promise.all(hosts.map((host) => reportForEver(host, endpoint, () => running)));
      while (acknowledged.size < before + 5) await sleep(2);
      await sleep(Math.random() * 120);
      await serving.end('SIGKILL');
      running = false;
      await sending;
    }
    const last = await serveCollector(data);
    const endpoint = await endpointOf(last, data);
    for (const host of hosts) {
      let once = true;
      await reportForEver(host, endpoint, () => {
        const go = once;
        once = false;
        return go;
      });
    }
    expect(await last.end('SIGTERM')).toBe(0);
    // The kills did fall into the middle of something.
    expect(lostReplies).toBeGreaterThan(0);

    const db = new DatabaseSync(join(data, 'collector.db'), { readOnly: true });
    onTestFinished(() => db.close());
    expect(db.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const reports = db.prepare('select * from reports order by log_index').all();
    const stored = new Map(
      reports.map((row) => [
        `${row.host_id}:${row.sequence}`,
        { digest: row.envelope_digest, index: row.log_index },
      ]),
    );
    expect(stored.size).toBe(reports.length);
    expect(acknowledged.size).toBeGreaterThanOrEqual(5 * ROUNDS);
    expect(Object.fromEntries(stored)).toEqual(Object.fromEntries(acknowledged));
    // No hole in the log, and every leaf has its report.
    expect(reports.map(({ log_index }) => log_index)).toEqual(reports.map((_, index) => index));
    expect(
      db
        .prepare('select content_ref from log_leaves order by log_index')
        .all()
        .map((row) => row.content_ref),
    ).toEqual(reports.map((row) => `report:${row.host_id}:${row.sequence}`));
    for (const host of hosts) {
      const outcomes = db.prepare('select distinct outcome from results where host_id = ?').all(host.id);
      expect(outcomes).toEqual([{ outcome: host.sequence % 2 === 1 ? 'fail' : 'pass' }]);
      const transitions = db
        .prepare('select count(*) as count from transitions where host_id = ?')
        .get(host.id);
      expect(transitions).toEqual({ count: 40 * host.sequence });
    }
    expect(readFileSync(join(data, 'collector.pid'), 'utf8')).toMatch(/^\d+\n$/);
  });
});
