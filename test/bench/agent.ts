/**
 * `npm run bench -- agent [--runs N] [--executable FILE] [--lynis]`: what the agent weighs on this machine, beside its
 * peers in the same run: all checks live (nothing remembered, and again with nothing changed), the resident scheduler,
 * OpenSCAP's standard profile (packages openscap-scanner and ssg-debian) and, where it is asked for because it takes a
 * minute a run, a full lynis. Peers that are not installed are left out by name. The package manager's own simulation is
 * counted apart: whoever asks what is pending has to pay for it.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { agent, bareSimulation, measure, median, option, type Sample, whole } from './check.ts';
import { rememberingState } from './remembering-state.ts';

const SCAP_CONTENT = '/usr/share/xml/scap/ssg/content';
const SETTLE_MS = 4_000;

export async function bench(args: readonly string[]): Promise<void> {
  const runs = Math.max(1, Number(option(args, '--runs') ?? 5) || 5);
  const executable = option(args, '--executable');
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'nachweis-bench-'));
  try {
    const state = await rememberingState(path.join(directory, 'state'));
    const none = path.join(directory, 'none');
    const check = async (held: string): Promise<Sample> =>
      executable === undefined
        ? measure([...agent, 'check', '--format', 'json'], directory, { NACHWEIS_STATE: held })
        : // As its units start it.
          whole([executable, 'check', '--format', 'json'], { NACHWEIS_STATE: held, MALLOC_ARENA_MAX: '1' });
    const peers = [openScap(directory), ...(args.includes('--lynis') ? [lynis()] : [])];
    const rows: [string, () => Promise<Sample>][] = [
      ['bare Node (-e 0)', () => measure(['-e', '0'], directory)],
      ['all checks', () => check(none)],
      ['all checks, nothing changed', () => check(state)],
      ['apt-get -s dist-upgrade', async () => ({ ...NOTHING, cpuMs: bareSimulation() })],
      ...peers.flatMap((peer): [string, () => Promise<Sample>][] =>
        peer.command ? [[peer.name, () => whole(peer.command ?? [])]] : [],
      ),
    ];
    const samples = rows.map((): Sample[] => []);
    // One round to warm the caches of the disk, not counted.
    for (let run = 0; run <= runs; run += 1) {
      for (const [index, [, take]] of rows.entries()) {
        const sample = await take();
        if (run > 0) samples[index]?.push(sample);
      }
    }
    const figure = (name: string, field: keyof Sample): number => {
      const index = rows.findIndex(([row]) => row === name);
      return median((samples[index] ?? []).map((sample) => sample[field]));
    };
    const resident = await residentKb(
      executable ? [executable, 'run'] : [process.execPath, ...agent, 'run'],
      state,
    );
    const asleep = await residentKb([process.execPath, '-e', 'setInterval(() => undefined, 10_000)'], state);
    const own = figure('all checks', 'cpuMs') - figure('apt-get -s dist-upgrade', 'cpuMs');
    const lines = [
      `median of ${runs} runs each, in turn; ${os.cpus().length} processors, Node ${process.version}${executable ? `, ${path.basename(executable)}` : ', from source'}`,
      `${''.padEnd(30)}${['wall ms', 'CPU ms', 'peak MB'].map((name) => name.padStart(10)).join('')}`,
      ...rows.map(
        ([name]) =>
          `${name.padEnd(30)}${(['wallMs', 'cpuMs', 'peakMb'] as const)
            .map((field) => {
              const value = figure(name, field);
              return (Number.isNaN(value) ? '-' : value.toFixed(0)).padStart(10);
            })
            .join('')}`,
      ),
      ...peers.flatMap((peer) =>
        peer.command ? [] : [`${peer.name}: left out, ${peer.missing} is not installed`],
      ),
      `all checks without the simulation: ${own.toFixed(0)} ms CPU`,
      ...peers.flatMap(({ name, command, share, about }) =>
        command
          ? [
              `  of ${name}${about ? ` (${about()})` : ''}: ${(own / figure(name, 'cpuMs')).toFixed(3)} (at most ${share})`,
            ]
          : [],
      ),
      `nothing changed: ${figure('all checks, nothing changed', 'cpuMs').toFixed(0)} ms CPU (at most 600)`,
      `peak memory: ${figure('all checks', 'peakMb').toFixed(0)} MB (at most 110)`,
      `resident: ${(resident / 1024).toFixed(0)} MB, ${(resident / asleep).toFixed(2)} x a sleeping bare Node (at most 1.25)`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

const NOTHING: Sample = { wallMs: Number.NaN, cpuMs: Number.NaN, peakMb: Number.NaN, childMb: Number.NaN };

interface Peer {
  readonly name: string;
  /** Undefined where it is not installed. */
  readonly command: readonly string[] | undefined;
  readonly missing: string;
  /** Of its CPU time our checks may take this part. */
  readonly share: number;
  /** What it did, after a run. */
  readonly about?: () => string;
}

/**
 * The newest content for Debian that is there. Where it is for another release, OpenSCAP alone sees this one under that
 * release's name (in a mount namespace of its own): else it would find no rule applicable, and do nothing.
 */
function openScap(directory: string): Peer {
  const names = fs.existsSync(SCAP_CONTENT) ? fs.readdirSync(SCAP_CONTENT) : [];
  const releases = names.flatMap((name) => /^ssg-debian(\d+)-ds\.xml$/.exec(name)?.[1] ?? []);
  const release = String(Math.max(0, ...releases.map(Number)));
  const there = release !== '0' && fs.existsSync('/usr/bin/oscap');
  const results = path.join(directory, 'oscap.xml');
  const evaluate = [
    '/usr/bin/oscap',
    'xccdf',
    'eval',
    '--profile',
    'xccdf_org.ssgproject.content_profile_standard',
    '--results',
    results,
    path.join(SCAP_CONTENT, `ssg-debian${release}-ds.xml`),
  ];
  return {
    name: 'OpenSCAP, standard profile',
    command: there ? [...namedAs(release, directory), ...evaluate] : undefined,
    missing: 'openscap-scanner or ssg-debian',
    share: 0.5,
    about: () => {
      const all = [...fs.readFileSync(results, 'utf8').matchAll(/<result>(\w+)<\/result>/g)];
      const judged = all.filter(([, result]) => !/^not/.test(result ?? ''));
      const rules = all.filter(([, result]) => result !== 'notselected');
      return `${judged.length} of ${rules.length} rules judged, content for Debian ${release}`;
    },
  };
}

/** What makes a program see this system under the name of another release of Debian; nothing where it has that name. */
function namedAs(release: string, directory: string): readonly string[] {
  const own = fs.readFileSync('/etc/os-release', 'utf8');
  if (new RegExp(`^VERSION_ID="?${release}"?$`, 'm').test(own)) return [];
  const [system, version] = [path.join(directory, 'os-release'), path.join(directory, 'debian_version')];
  fs.writeFileSync(system, own.replace(/^VERSION_ID=.*$/m, `VERSION_ID="${release}"`));
  fs.writeFileSync(version, `${release}.0\n`);
  const script =
    'mount --bind "$1" /etc/os-release && mount --bind "$2" /etc/debian_version && shift 2 && exec "$@"';
  return ['/usr/bin/unshare', '--mount', '/bin/sh', '-c', script, 'sh', system, version];
}

function lynis(): Peer {
  const there = fs.existsSync('/usr/sbin/lynis');
  return {
    name: 'lynis, full',
    command: there ? ['/usr/sbin/lynis', 'audit', 'system', '--quiet', '--no-colors'] : undefined,
    missing: 'lynis',
    share: 0.05,
  };
}

/** Resident set of one process alone once it sleeps, in KB: VmRSS of proc(5). It is ended afterwards. */
async function residentKb([program = '', ...args]: readonly string[], state: string): Promise<number> {
  const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, NACHWEIS_STATE: state } });
  try {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const status = fs.readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN);
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('close', resolve));
  }
}
