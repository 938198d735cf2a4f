/** What the README shows must be what the programs take: its YAML is read, its commands and files exist. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readConfig as readAgentConfig } from '../../agent/config.ts';
import { parseDeclaration } from '../../checks/facts/backup-declared.ts';
import { allChecks } from '../../checks/registry.ts';
import { readConfig as readCollectorConfig } from '../../server/config.ts';
import { readWanted } from '../../server/policy/wanted.ts';
import { readRecordFile } from '../../server/records/record-file.ts';
import { adjustableChecks } from '../../shared/collector-checks.ts';
import { projectRoot } from '../support/import-graph.ts';

const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
const yamlBlocks = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? '');

function block(word: string): string {
  const found = yamlBlocks.find((text) => text.includes(word));
  if (!found) throw new Error(`the README shows no YAML with ${word}`);
  return found;
}

function file(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'nachweis-readme-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'file.yaml');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

it('the configuration of the collector is valid', async () => {
  const { alerts } = await readCollectorConfig(file(block('channels:')));
  expect(alerts.channels.map(({ type }) => type)).toEqual(['email', 'webhook']);
});

it('the configuration of the agent is valid, its checks and parameters exist', async () => {
  expect(await readAgentConfig(file(block('interval:')))).toMatchObject({ interval: 3600 });
  const { addresses, proxy } = await readAgentConfig(file(block('addresses:')));
  expect([addresses?.length, proxy]).toEqual([2, 'http://proxy.example.org:3128']);
});

it('the declared backup job is valid', async () => {
  expect(await parseDeclaration(block('lastSuccess:'))).toHaveProperty('job.name', 'etc');
});

it('the policy file is valid', () => {
  const [wanted] = readWanted(file(block('grants:')), [...allChecks, ...adjustableChecks]);
  expect(wanted?.grants.map(({ subject }) => subject)).toEqual(['a.example']);
});

it('the record is valid', () => {
  const path = file(block('attendance.pdf'));
  writeFileSync(join(path, '../attendance.pdf'), '');
  expect(readRecordFile(path, new Date(0)).record).toMatchObject({ from: '2026-05-04T07:00:00.000Z' });
});

it('files, folders and npm scripts that it names exist', () => {
  const paths = [...readme.matchAll(/`((?:agent|checks|server|shared|test)\/[\w./-]*)`/g)].map(
    ([, path]) => path ?? '',
  );
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([]);
  const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const used = [...readme.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name]) => name ?? '');
  expect(used.filter((name) => !(name in scripts))).toEqual([]);
});
