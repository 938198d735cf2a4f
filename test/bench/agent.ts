/**
 * `npm run bench -- agent [--runs N] [--source|--executable FILE] [--lynis]`: what the agent weighs on this machine, beside its
 * peers in the same run: all checks live (nothing remembered, and again with nothing changed), the resident scheduler,
 * OpenSCAP's standard profile (packages openscap-scanner and ssg-debian) and, where it is asked for because it takes a
 * minute a run, a full lynis. Peers that are not installed are left out by name. The package manager's own simulation is
 * counted apart: whoever asks what is pending has to pay for it.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  bareNode,
  fromSource,
  inTurn,
  measuredAgent,
  type Row,
  runsOf,
  seeing,
  simulation,
  table,
} from './processes.ts';
import { rememberingState } from './remembering-state.ts';

const SCAP_CONTENT = '/usr/share/xml/scap/ssg/content';
const SETTLE_MS = 4_000;

export async function bench(args: readonly string[]): Promise<void> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'nachweis-bench-'));
  try {
    const agent = await measuredAgent(args, directory);
    const { start, env } = agent;
    const state = await rememberingState(path.join(directory, 'state'));
    const check = (name: string, held: string): Row => ({
      name,
      command: [...start, 'check', '--format', 'json'],
      env: { ...env, NACHWEIS_STATE: held },
    });
    const all = check('all checks', path.join(directory, 'none'));
    const again = check('all checks, nothing changed', state);
    const peers = [openScap(directory), ...(args.includes('--lynis') ? [lynis()] : [])];
    const there = peers.flatMap((peer) => (peer.command ? [{ ...peer, command: peer.command }] : []));
    const source: Row = {
      name: 'all checks, from source',
      command: [...fromSource.start, 'check', '--format', 'json'],
      env: { ...fromSource.env, NACHWEIS_STATE: path.join(directory, 'none') },
    };
    const rows: readonly Row[] = [bareNode, all, again, simulation, ...there, source];
    const figures = await inTurn(rows, runsOf(args, 5), agent);
    const resident = await residentKb({ command: [...start, 'run'], env: { ...env, NACHWEIS_STATE: state } });
    const asleep = await residentKb({
      command: [process.execPath, '-e', 'setInterval(() => undefined, 10_000)'],
    });
    const own = (cpu: (name: string) => number): number => cpu(all.name) - cpu(simulation.name);
    const lines = [
      figures.heading,
      ...table(
        figures,
        rows.map(({ name }) => name),
        { wallMs: 'wall ms', cpuMs: 'CPU ms', peakMb: 'peak MB' },
      ),
      ...peers.flatMap((peer) =>
        peer.command ? [] : [`${peer.name}: left out, ${peer.missing} is not installed`],
      ),
      `all checks without the simulation: ${figures.each(own).toFixed(0)} ms CPU`,
      ...there.map(
        ({ name, share, about }) =>
          `  of ${name}${about ? ` (${about()})` : ''}: ${figures.each((cpu) => own(cpu) / cpu(name)).toFixed(3)} (at most ${share})`,
      ),
      `nothing changed: ${figures.of(again.name).cpuMs.toFixed(0)} ms CPU (at most 600)`,
      `peak memory: ${figures.of(all.name).peakMb.toFixed(0)} MB, ${figures.of(source.name).peakMb.toFixed(0)} from source (at most 110)`,
      `resident: ${(resident / 1024).toFixed(0)} MB, ${(resident / asleep).toFixed(2)} x a sleeping bare Node (at most 1.25)`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

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
  return seeing({ '/etc/os-release': system, '/etc/debian_version': version });
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
async function residentKb({ command: [program = '', ...args], env }: Omit<Row, 'name'>): Promise<number> {
  const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, ...env } });
  try {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const status = fs.readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN);
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('close', resolve));
  }
}
