/** `nachweis-collector policy` and `record` as people run them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCollector } from '../../support/collector-process.ts';
import { temporaryDirectory } from '../../support/database.ts';
import { filesAt, grantYaml } from '../policy/world.ts';

async function store() {
  const data = join(temporaryDirectory(), 'data');
  const run = (...args: string[]) => runCollector([...args, '--data', data]);
  expect((await run('tenant', 'add', 'Example')).status).toBe(0);
  return run;
}

it('applies nothing unasked: without a terminal it wants --yes, and --dry-run only shows', async () => {
  const run = await store();
  const path = filesAt({
    'p.yaml': { tenant: 'Example', grants: [grantYaml('anna', { scope: { host: 'wbe1' } })] },
  });
  const dry = await run('policy', 'apply', path, '--dry-run');
  expect([dry.status, dry.stdout]).toEqual([0, expect.stringContaining('+ grant anna')]);
  expect(dry.stdout).toContain('! wbe1 is no host of Example');
  const asked = await run('policy', 'apply', path);
  expect([asked.status, asked.stderr]).toEqual([2, expect.stringMatching(/^USAGE: .*--yes/)]);
  expect((await run('policy', 'show', '--tenant', 'Example')).stdout).not.toContain('anna');
  expect((await run('policy', 'apply', path, '--yes', '--author', 'c.tester')).status).toBe(0);
  expect((await run('policy', 'show', '--tenant', 'Example')).stdout).toContain('anna');
  const list = await run('record', 'list', '--tenant', 'Example', '--type', 'grant');
  expect(list.stdout).toMatch(/^r-[0-9a-f]{32}\tgrant\tanna\thost wbe1\t.*\tc\.tester\n$/);
  const [id = ''] = list.stdout.split('\t');
  const ended = await run('record', 'end', id, '--reason', 'x');
  expect([ended.status, ended.stderr]).toEqual([2, expect.stringContaining('policy apply')]);
});

it('refuses files with the line in one line, and tenants that there are not', async () => {
  const run = await store();
  const wrong = filesAt({ 'p.yaml': 'tenant: Example\ngrants:\n  - subject: anna\n' });
  const refused = await run('policy', 'apply', wrong, '--yes');
  expect([refused.status, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toMatch(/^FILE_INVALID: .*p\.yaml: line 3: .*\n$/);
  const other = filesAt({ 'p.yaml': { tenant: 'Nobody', grants: [] } });
  expect((await run('policy', 'apply', other, '--yes')).stderr).toMatch(/^TENANT_UNKNOWN/);
  expect((await run('policy', 'show', 'web1')).stderr).toMatch(/^NOT_FOUND/);
  expect((await run('policy', 'suggest', 'web1')).stderr).toMatch(/^NOT_FOUND/);
});

it('stores a record once, says where its subject is not asked for, and ends it', async () => {
  const run = await store();
  const path = join(temporaryDirectory(), 'r.yaml');
  const write = (...lines: string[]) =>
    writeFileSync(path, `${['tenant: Example', 'type: attestation', 'author: anna', ...lines].join('\n')}\n`);
  write('subject: data-protection-training');
  const first = await run('record', 'add', path);
  expect(first.stdout).toMatch(/^(r-[0-9a-f]{32}) stored for Example\.\n$/);
  expect((await run('record', 'add', path)).stdout).toContain('nothing was stored');
  write('subject: data-protection-traning');
  expect((await run('record', 'add', path)).stdout).toMatch(/No clause asks .*data-protection-training/);
  const id = first.stdout.split(' ')[0] ?? '';
  expect((await run('record', 'end', id, '--reason', 'not held')).stdout).toBe(`${id} ended.\n`);
  expect((await run('record', 'end', id, '--reason', 'again')).stderr).toMatch(/^NOT_FOUND/);
  write('subject: data-protection-training');
  expect((await run('record', 'add', path)).stdout).toContain('stored');
  writeFileSync(
    path,
    'tenant: Example\ntype: waiver\nauthor: a\nsubject: login.nothing\napprover: b\nuntil: 2099-01-01T00:00:00Z\n',
  );
  expect((await run('record', 'add', path)).stderr).toMatch(/^RECORD_INVALID: .*login\.nothing/);
});
