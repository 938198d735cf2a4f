/** The README's table of systems is that of the golden reports. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemTable } from '../support/system-table.ts';
import { rebuiltSystems } from './trees/systems.ts';

it('is up to date in the README: node test/support/system-table.ts writes it', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  const [, table] = /<!-- systems -->\n\n([\s\S]*)\n\n<!-- \/systems -->/.exec(readme) ?? [];
  expect(table).toBe(systemTable());
});

it('has a row for every golden report', () => {
  const reports = readdirSync(join(import.meta.dirname, 'golden')).filter((name) => name.endsWith('.json'));
  expect(reports.filter((name) => name.endsWith('.tree.json')).sort()).toEqual(
    rebuiltSystems.map(({ name }) => `${name}.tree.json`).sort(),
  );
  expect(systemTable().split('\n').slice(2)).toHaveLength(reports.length);
});
