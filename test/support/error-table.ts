/** Writes the README's table of error codes from the catalogue: `node test/support/error-table.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCatalogue } from '../../shared/errors.ts';

const path = join(import.meta.dirname, '../../README.md');
const rows = Object.entries(errorCatalogue)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([code, { message, next }]) => `| \`${code}\` | ${message.en} | ${next.en} |`);
const table = ['| code | what happened | what to do |', '|---|---|---|', ...rows].join('\n');
writeFileSync(
  path,
  readFileSync(path, 'utf8').replace(
    /(<!-- errors -->)[\s\S]*(<!-- \/errors -->)/,
    (_, begin: string, end: string) => `${begin}\n\n${table}\n\n${end}`,
  ),
);
