/**
 * From a file in git to a result: a grant is applied, the host gets it in its signed policy, its accounts are judged by
 * it, and the grant ends. Real agent, real collector, real HTTPS, the command line as its own process.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pino from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { configSchema } from '../../server/config.ts';
import { createEnrolment } from '../../server/enrol/enrolment-line.ts';
import { serve } from '../../server/serve.ts';
import { runCollector } from '../support/collector-process.ts';
import { temporaryDirectory } from '../support/database.ts';
import { ownAgent } from './own-agent.ts';

const HASH = '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7';
const SYSTEM = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  '/etc/hostname': 'web-1\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\n',
  '/etc/group': 'root:x:0:\nalice:x:1000:\n',
  '/etc/shadow': `root:*:20000:1:365:7:::\nalice:${HASH}:20000:1:365:7:::\n`,
  '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\n',
};

it('from a grant in a file to the result of a host, and to its end', async () => {
  const root = temporaryDirectory();
  const directory = temporaryDirectory();
  for (const [path, text] of Object.entries(SYSTEM)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  // The commands run by the real clock, so the story begins now; what comes later is turned by hand.
  let ahead = 0;
  const clock = () => new Date(Date.now() + ahead);
  const data = join(directory, 'collector');
  const serving = await serve({
    data,
    config: configSchema.parse({
      agents: { address: '127.0.0.1', port: 0, names: ['localhost'] },
      dashboard: { port: 0 },
    }),
    log: pino({ level: 'silent' }),
    clock,
    language: 'en',
  });
  onTestFinished(() => serving.stop());
  const command = async (...args: string[]) => {
    const { status, stdout, stderr } = await runCollector([...args, '--data', data]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return stdout;
  };
  await command('tenant', 'add', 'Example');
  const { id: tenantId } = await serving.db.selectFrom('tenants').select('id').executeTakeFirstOrThrow();
  const { line } = await createEnrolment(
    serving.db,
    {
      ...{ tenantId, uses: 1, hours: 24 },
      ...{ collector: serving.agentsUrl, fingerprint: serving.keys.fingerprint },
    },
    clock(),
  );
  const agent = await ownAgent(root, directory, clock);
  await agent.enrol(line);

  const file = join(directory, 'policy.yaml');
  const until = new Date(Date.now() + 10 * 86_400_000).toISOString();
  const write = (grants: string) =>
    writeFileSync(
      file,
      `tenant: Example\nparams:\n  - scope: tenant\n    checks: { password.max-age: { max: 90 } }\ngrants:${grants}\n`,
    );
  const alice = `
  - subject: a.example
    party: provider
    accounts: [alice]
    privileges: [sudo]
    scope: { host: web-1 }
    approvedBy: b.example
    reason: TICKET-7
    from: 2026-01-01T00:00:00+01:00
    until: ${until}`;
  const judged = async () => {
    await agent.round();
    const sent = await agent.send();
    expect(sent.receipts).toHaveLength(1);
    const rows = await serving.db.selectFrom('results').select(['check_id', 'result']).execute();
    const of = (id: string) => JSON.parse(rows.find(({ check_id }) => check_id === id)?.result ?? '{}');
    const ways = await serving.db.selectFrom('access_entries').select(['account', 'grant_id']).execute();
    const alices = ways.filter(({ account }) => account === 'alice');
    return {
      granted: of('access.accounts-granted'),
      age: of('password.max-age'),
      policy: sent.policy,
      covered: alices.map(({ grant_id: id }) => id !== null),
    };
  };

  // Nobody keeps a register: unknown, never pass.
  const first = await judged();
  expect(first.granted.outcome).toBe('unknown');
  expect(first.granted.reason.en).toContain('no register');
  expect(first.policy).toBeUndefined();
  expect(first.covered).toContain(false);
  expect(await command('policy', 'suggest', 'web-1')).toMatch(/accounts:\s+- alice/);

  // A register in which nobody stands; then the draft that it makes possible.
  write(' []');
  expect(await command('policy', 'apply', file, '--yes')).toMatch(/\+ a register of grants[\s\S]*Applied/);
  expect((await judged()).policy).toEqual({ number: 1 });
  const bare = await judged();
  expect(bare.granted.outcome).toBe('fail');
  expect(JSON.stringify(bare.granted.evidence)).toContain('alice');
  expect(bare.age.params.max).toBe(90);
  expect(await command('policy', 'suggest', 'web-1')).toMatch(/accounts:\s+- alice/);

  // Alice is granted entry, by files and the command line.
  write(alice);
  expect(await command('policy', 'apply', file, '--yes')).toContain('+ grant a.example (provider): alice');
  expect(await command('policy', 'apply', file)).toContain('nothing changes');
  expect((await judged()).policy).toEqual({ number: 2 });
  const granted = await judged();
  expect(granted.granted.outcome).toBe('pass');
  expect(JSON.stringify(granted.granted.evidence)).toContain('a.example');
  expect(new Set(granted.covered)).toEqual(new Set([true]));
  expect(await command('policy', 'show', 'web-1')).toContain('policy 2');
  expect(await command('policy', 'show', '--tenant', 'Example')).toContain('TICKET-7');

  // The report names the very policy by which it was judged.
  const { envelope_digest: wanted } = await serving.db
    .selectFrom('policies')
    .select('envelope_digest')
    .where('number', '=', 2)
    .executeTakeFirstOrThrow();
  const { envelope } = await serving.db
    .selectFrom('reports')
    .select('envelope')
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  const statement = JSON.parse(Buffer.from(JSON.parse(envelope).payload, 'base64').toString());
  expect(statement.predicate.policyDigest).toBe(wanted);

  // Ten days on the grant has ended, though its policy is still valid; nobody had to do anything.
  ahead = 10 * 86_400_000 + 1000;
  const over = await judged();
  expect(over.granted.outcome).toBe('fail');
  expect(over.covered).toContain(false);
  expect(JSON.stringify(over.granted.evidence)).toContain('alice');
});
