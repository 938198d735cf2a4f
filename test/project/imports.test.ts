/** Who may import whom: the table of the README, enforced. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Import, importGraph, projectRoot } from '../support/import-graph.ts';

let imports: Import[] = [];
beforeAll(async () => {
  imports = await importGraph(['shared', 'checks', 'agent', 'server']);
});

/** Tools that make the packages: no part of what runs on a host. */
const isBuild = (from: string) => from.startsWith('agent/packaging/') && from !== 'agent/packaging/entry.ts';
const isFile = (to: string) => to.endsWith('.ts');
const outside = (from: RegExp, allowed: (item: Import) => boolean) =>
  imports.filter((item) => from.test(item.from) && !allowed(item)).map(({ from: a, to }) => `${a} -> ${to}`);
const feature = (path: string) => /^server\/([^/]+)\//.exec(path)?.[1];

describe('import rules', () => {
  it('sees the whole project', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it('shared imports zod and itself; what Node does better comes in through two files', () => {
    expect(
      outside(
        /^shared\//,
        ({ from, to }) =>
          to === 'zod' ||
          to.startsWith('shared/') ||
          (from === 'shared/crypto-node.ts' && to === 'node:crypto') ||
          (from === 'shared/bytes-node.ts' && /^node:(?:crypto|zlib)$/.test(to)),
      ),
    ).toEqual([]);
  });

  it('checks import shared, themselves, zod and yaml (pure)', () => {
    expect(
      outside(/^checks\//, ({ to }) => to === 'zod' || to === 'yaml' || /^(?:shared|checks)\//.test(to)),
    ).toEqual([]);
  });

  it('checks and shared never read the clock', () => {
    const reading = globSync('{checks,shared}/**/*.ts', { cwd: projectRoot }).filter((file) =>
      /\bDate\.now\(|\bnew Date\(\)|\bperformance\b|\bMath\.random\(/.test(
        readFileSync(join(projectRoot, file), 'utf8'),
      ),
    );
    expect(reading).toEqual([]);
  });

  it('the agent does not import the server', () => {
    expect(outside(/^agent\//, ({ to }) => !to.startsWith('server/'))).toEqual([]);
  });

  it('the agent starts programs in four places: the host, its own rounds, backup programs, systemctl for its unit', () => {
    const starting = imports.filter(
      ({ from, to }) => from.startsWith('agent/') && !isBuild(from) && to === 'node:child_process',
    );
    const allowed = ['agent/backup-run.ts', 'agent/child.ts', 'agent/host-command.ts', 'agent/systemctl.ts'];
    expect(starting.map(({ from }) => from).filter((from) => !allowed.includes(from))).toEqual([]);
  });

  it('what runs on a host does not import the tools that package it', () => {
    expect(outside(/^/, ({ from, to }) => isBuild(from) || !isBuild(to))).toEqual([]);
  });

  it('the server sees of the checks their metadata only, and nothing of the agent', () => {
    expect(
      outside(
        /^server\//,
        ({ to }) => !to.startsWith('agent/') && (!to.startsWith('checks/') || to === 'checks/registry.ts'),
      ),
    ).toEqual([]);
  });

  it('features of the server know db/ and shared/ and not each other: app.ts wires them', () => {
    expect(
      outside(/^server\/[^/]+\//, ({ from, to }) => {
        if (!isFile(to) || !to.startsWith('server/')) return true;
        const target = feature(to);
        // Commands are wiring too; files directly in server/ are what features share (deps, config).
        return (
          target === undefined || target === 'db' || target === feature(from) || feature(from) === 'commands'
        );
      }),
    ).toEqual([]);
  });

  it('clause status and alert decisions are pure: shared types only', () => {
    expect(
      outside(/^(?:shared\/clause-status|server\/alerts\/decide)\.ts$/, ({ to }) => to.startsWith('shared/')),
    ).toEqual([]);
  });
});
