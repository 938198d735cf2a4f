/**
 * Writes the README's table of systems from the golden reports: `node test/support/system-table.ts`, after each
 * `vitest run test/hosts -u`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rebuiltSystems } from '../hosts/trees/systems.ts';
import type { RebuiltSystem } from '../hosts/trees/unpacked.ts';

const OUTCOMES = ['pass', 'fail', 'unknown', 'not-applicable'] as const;

function row(system: string, judged: string, golden: string): string {
  const path = join(import.meta.dirname, '../hosts/golden', `${golden}.json`);
  const results: Readonly<Record<string, { outcome: string }>> = JSON.parse(readFileSync(path, 'utf8'));
  const counts = OUTCOMES.map(
    (wanted) => Object.values(results).filter(({ outcome }) => outcome === wanted).length,
  );
  return `| ${[system, judged, ...counts].join(' | ')} |`;
}

/** As the tree's own os-release has it. @throws Error where it has none */
function prettyName({ name, tree }: RebuiltSystem): string {
  const release = tree.files['/usr/lib/os-release'];
  const found = typeof release === 'string' ? /^PRETTY_NAME="(.*)"$/m.exec(release)?.[1] : undefined;
  if (found === undefined) throw new Error(`${name} does not say what it is`);
  return found;
}

/** Markdown: system, how it is judged, number of results by outcome. */
export function systemTable(): string {
  const debian = [11, 12, 13].flatMap((release) => [
    row(`Debian ${release}`, 'booted root, live', `debian-${release}.live`),
    row(`Debian ${release}`, 'the same root, `--root`', `debian-${release}.root`),
  ]);
  const rebuilt = rebuiltSystems.map((system) =>
    row(prettyName(system), 'rebuilt tree', `${system.name}.tree`),
  );
  return [
    '| system | judged | pass | fail | unknown | not applicable |',
    '|---|---|--:|--:|--:|--:|',
    ...debian,
    ...rebuilt,
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const path = join(import.meta.dirname, '../../README.md');
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(
      /(<!-- systems -->)[\s\S]*(<!-- \/systems -->)/,
      (_, begin: string, end: string) => `${begin}\n\n${systemTable()}\n\n${end}`,
    ),
  );
}
