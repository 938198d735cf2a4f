/**
 * The whole story, once: real agent, real collector, real HTTPS. A system is enrolled, reports, gets worse, is
 * mended; the clause status and the alerts follow. Then the collector is away while the agent goes on.
 */

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import pino from 'pino';
import { Webhook } from 'standardwebhooks';
import { expect, it, onTestFinished } from 'vitest';
import type { Message } from '../../server/alerts/message.ts';
import { loadCatalogue } from '../../server/catalogue/load.ts';
import { tenantStatus } from '../../server/catalogue/tenant-status.ts';
import { addTenant } from '../../server/commands/tenant.ts';
import { configSchema } from '../../server/config.ts';
import { setContract } from '../../server/enrol/contract-places.ts';
import { createEnrolment } from '../../server/enrol/enrolment-line.ts';
import { type Serving, serve } from '../../server/serve.ts';
import { contractBy } from '../support/contract.ts';
import { temporaryDirectory } from '../support/database.ts';
import { ownAgent } from './own-agent.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const HASH = '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7';

/** A small Debian whose accounts are in order. */
function system(shadowOfAlice = HASH): Record<string, string> {
  return {
    '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    '/etc/hostname': 'web-1\n',
    '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\n',
    '/etc/group': 'root:x:0:\nshadow:x:42:\nalice:x:1000:\n',
    '/etc/gshadow': 'root:*::\nshadow:*::\nalice:!::\n',
    '/etc/shadow': `root:*:20000:1:365:7:::\nalice:${shadowOfAlice}:20000:1:365:7:::\n`,
    '/etc/login.defs': 'PASS_MAX_DAYS 365\nENCRYPT_METHOD YESCRYPT\n',
    '/etc/pam.d/common-auth':
      'auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n',
    '/etc/pam.d/common-password':
      'password [success=1 default=ignore] pam_unix.so obscure yescrypt\npassword requisite pam_deny.so\n',
    '/etc/pam.d/login': '@include common-auth\n@include common-password\n',
    '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\n',
  };
}

function write(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
    if (path.endsWith('shadow')) chmodSync(join(root, path), 0o640);
  }
}

/** Takes webhooks as a customer's system would; the signature is checked with the standard's own library. */
async function webhookReceiver() {
  const messages: { type: string; data: Message }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      // Signed anew instead of `verify`, which holds the time against the real clock.
      const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request.headers;
      expect(signature).toBe(new Webhook(SECRET).sign(String(id), new Date(Number(at) * 1000), body));
      messages.push(JSON.parse(body));
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, messages };
}

it('from a file on a host to a clause, an alert, and back', async () => {
  const root = temporaryDirectory();
  const data = temporaryDirectory();
  const receiver = await webhookReceiver();
  // Only differences matter: the clock starts now, because TLS certificates are judged by the real one.
  let now = new Date();
  const clock = () => now;
  const later = (hours: number) => {
    now = new Date(now.getTime() + hours * 3_600_000);
  };
  let port = 0;
  const startCollector = (): Promise<Serving> =>
    serve({
      data: join(data, 'collector'),
      config: configSchema.parse({
        agents: { address: '127.0.0.1', port, names: ['localhost'] },
        dashboard: { port: 0 },
        alerts: { channels: [{ type: 'webhook', name: 'hook', url: receiver.url, secret: SECRET }] },
      }),
      log: pino({ level: 'silent' }),
      clock,
      language: 'en',
    });
  let serving = await startCollector();
  onTestFinished(() => serving.stop());
  port = Number(new URL(serving.agentsUrl).port);

  const tenantId = await addTenant(serving.db, 'Example', now);
  const terms = { site: 'provider', kind: 'vm', backup: false, patch: false } as const;
  await setContract(
    serving.db,
    { tenantId, name: 'web-1', ...terms, since: now.toISOString() },
    contractBy(now),
  );
  const { fingerprint } = serving.keys;
  const { line } = await createEnrolment(
    serving.db,
    { tenantId, uses: 1, hours: 24, collector: serving.agentsUrl, fingerprint },
    now,
  );

  write(root, system());
  const agent = await ownAgent(root, data, clock);
  const hostId = await agent.enrol(line);

  const catalogue = await loadCatalogue();
  const clause = async (id: string) => {
    const { clauses } = await tenantStatus(serving.db, catalogue, tenantId, now.toISOString());
    return clauses.find((one) => one.id === id)?.status;
  };
  const outcome = async (check: string) =>
    (
      await serving.db
        .selectFrom('results')
        .select('outcome')
        .where('host_id', '=', hostId)
        .where('check_id', '=', check)
        .executeTakeFirst()
    )?.outcome;
  const alerts = () =>
    serving.db.selectFrom('alerts').selectAll().where('check_id', '=', 'login.empty-password').execute();
  const changes = () =>
    serving.db
      .selectFrom('transitions')
      .select(['from_outcome', 'to_outcome', 'sequence'])
      .where('check_id', '=', 'login.empty-password')
      .orderBy('id')
      .execute();

  // In order: the first report. What was ordered is in the log before it.
  const first = await agent.round();
  expect((await agent.send()).receipts.map(({ sequence, log }) => [sequence, log.index])).toEqual([[1, 1]]);
  expect(await outcome('login.empty-password')).toBe('pass');
  // Other checks that this clause needs don't exist yet, so it is not kept either.
  expect(await clause('I.2.1/login-required')).toBe('unproven');
  // Without a commission the checks of backups inform and violate nothing; with one the same results do.
  expect(await outcome('backup.configured')).toBe('fail');
  const backup = async () => {
    const { clauses } = await tenantStatus(serving.db, catalogue, tenantId, now.toISOString());
    return clauses.find(({ id }) => id === 'III/backup-os');
  };
  const order = (ordered: boolean) =>
    setContract(
      serving.db,
      { tenantId, name: 'web-1', ...terms, backup: ordered, since: now.toISOString() },
      contractBy(now),
    );
  expect((await backup())?.status).toBe('not-commissioned');
  expect(JSON.stringify((await backup())?.hosts)).toContain('"backup.configured"');
  await order(true);
  expect((await backup())?.status).toBe('violated');
  await order(false);
  expect((await backup())?.status).toBe('not-commissioned');
  expect(await clause('I.2.2/responsibility')).toBe('customer');

  // An hour later, unchanged: the same document, byte for byte, and only the envelope travels.
  later(1);
  expect((await agent.round()).digest).toBe(first.digest);
  expect((await agent.send()).receipts).toHaveLength(1);
  const documents = await serving.db.selectFrom('documents').select('digest').execute();
  expect(documents.map(({ digest }) => digest)).toEqual([first.digest]);

  // Somebody takes alice's password away.
  later(1);
  write(root, system(''));
  await agent.round();
  await agent.send();
  expect(await outcome('login.empty-password')).toBe('fail');
  expect(await clause('I.2.1/login-required')).toBe('violated');
  expect(await alerts()).toMatchObject([{ kind: 'check-failing', host_id: hostId, resolved_at: null }]);
  await serving.app.alerts.tick();
  const evidence = await serving.db
    .selectFrom('results')
    .select('result')
    .where('check_id', '=', 'login.empty-password')
    .executeTakeFirstOrThrow();
  expect(evidence.result).toContain('alice');
  expect(evidence.result).toContain('/etc/shadow');

  // Mended.
  later(1);
  write(root, system());
  await agent.round();
  await agent.send();
  expect(await clause('I.2.1/login-required')).toBe('unproven');
  const [resolved] = await alerts();
  expect(resolved?.resolved_at).not.toBeNull();
  await serving.app.alerts.tick();
  expect(await changes()).toEqual([
    { from_outcome: null, to_outcome: 'pass', sequence: 1 },
    { from_outcome: 'pass', to_outcome: 'fail', sequence: 3 },
    { from_outcome: 'fail', to_outcome: 'pass', sequence: 4 },
  ]);
  const told = receiver.messages.filter(({ data: { kind } }) => kind === 'check-failing');
  expect(
    told.map(({ type, data: { checks, host } }) => [type, checks.map(({ id }) => id), host?.name]),
  ).toEqual([
    ['alert.opened', ['login.empty-password'], 'web-1'],
    // PAM accepts the empty password for a proof: its own check says so too.
    ['alert.opened', ['login.pam-authentication'], 'web-1'],
    ['alert.resolved', ['login.empty-password'], 'web-1'],
    ['alert.resolved', ['login.pam-authentication'], 'web-1'],
  ]);

  // The collector is away; the agent goes on and keeps what it has signed.
  await serving.stop();
  for (const sequence of [5, 6]) {
    later(1);
    expect((await agent.round()).sequence).toBe(sequence);
    const sent = await agent.send();
    expect(sent.receipts).toEqual([]);
    expect(sent.problem?.code).toBe('COLLECTOR_UNREACHABLE');
  }
  serving = await startCollector();
  later(1);
  const caughtUp = await agent.send();
  expect(caughtUp.receipts.map(({ sequence }) => sequence)).toEqual([5, 6]);
  expect(caughtUp.waiting).toBe(0);
  const reports = await serving.db
    .selectFrom('reports')
    .select(['sequence', 'log_index'])
    .orderBy('log_index')
    .execute();
  // Behind the first one the contract was changed twice.
  expect(reports.map(({ sequence, log_index }) => [sequence, log_index])).toEqual([
    [1, 1],
    [2, 4],
    [3, 5],
    [4, 6],
    [5, 7],
    [6, 8],
  ]);
});
