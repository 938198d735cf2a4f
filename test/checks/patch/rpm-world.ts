/**
 * A private world of RPM packages: real packages and repositories with advisories, and an installed system that dnf,
 * zypper and rpm see in a mount namespace of their own. Needs root.
 */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandRunner } from '../../../agent/host-command.ts';
import type { Command } from '../../../checks/commands.ts';
import type { Host } from '../../../checks/host.ts';
import { movedHost } from '../../support/moved-host.ts';

/** Directories of the machine that belong to the world. */
const OWN = [
  '/etc/dnf',
  '/etc/yum.repos.d',
  '/etc/rpm',
  '/etc/zypp',
  '/etc/products.d',
  '/var/lib/rpm',
  '/var/lib/dnf',
  '/var/lib/zypp',
  '/var/cache/dnf',
  '/var/cache/zypp',
  '/var/log',
] as const;

export interface Rpm {
  readonly name: string;
  readonly version: string;
  /** `Version-release` is `version`; further tags of the spec file. */
  readonly tags?: readonly string[];
  /** Of the source package, where that has another name. */
  readonly from?: string;
}

export interface Advisory {
  readonly id: string;
  readonly type?: 'security' | 'bugfix';
  readonly severity: string;
  /** `2026-11-20 06:00:00`: of the last revision, and of the first where `issued` does not say otherwise. */
  readonly updated: string;
  readonly issued?: string;
  readonly packages: readonly Rpm[];
  /** `name:stream` of the module that the packages belong to. */
  readonly module?: string;
  readonly description?: string;
  /** Numbers of the holes that it closes. */
  readonly cves?: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RpmWorld {
  readonly root: string;
  /** Makes the repository anew: what it holds now is all there is. */
  publish(
    name: string,
    packages: readonly Rpm[],
    advisories?: readonly Advisory[] | 'none',
    modules?: string,
  ): string;
  install(...packages: readonly Rpm[]): void;
  /** Leaves an older version where it is. */
  installBeside(...packages: readonly Rpm[]): void;
  write(path: string, text: string): void;
  run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Answer;
  /** Starts it, with standard input open: a shell of zypper keeps its lock that long. */
  start(program: string, args: readonly string[]): ChildProcessWithoutNullStreams;
  /** What the agent sees, asked through its own runner. `timeoutMs` of every command, where given. */
  host(timeoutMs?: number): Host;
  /** Process numbers of what runs in the world. */
  running(): readonly number[];
  /** Every file of the world with size, time and text: what must stay the same. */
  listing(): readonly string[];
  end(): void;
}

const split = (version: string): [string, string] => {
  const [number = '', release = '1'] = version.split('-');
  return [number, release];
};

export function rpmWorld(): RpmWorld {
  const base = mkdtempSync(join(tmpdir(), 'nachweis-rpm-'));
  const [root, pool] = [join(base, 'root'), join(base, 'pool')];
  for (const path of [...OWN, '/etc/zypp/repos.d']) mkdirSync(join(root, path), { recursive: true });
  mkdirSync(pool);
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
  write('/etc/os-release', 'ID=almalinux\nVERSION_ID="9.6"\nID_LIKE="rhel centos fedora"\n');
  write('/etc/rpm/macros', '%_dbpath /var/lib/rpm\n');
  write('/etc/dnf/dnf.conf', '[main]\ngpgcheck=1\nmodule_platform_id=platform:el9\n');
  mkdirSync(join(root, '/etc/dnf/vars'));
  write('/etc/dnf/vars/releasever', '9\n');
  if (existsSync('/etc/zypp/zypper.conf'))
    cpSync('/etc/zypp/zypper.conf', join(root, '/etc/zypp/zypper.conf'));

  const build = ({ name, version, tags = [], from }: Rpm): string => {
    const [number, release] = split(version);
    const path = join(pool, `${name}-${number}-${release}.noarch.rpm`);
    if (existsSync(path)) return path;
    const spec = join(base, `${name}.spec`);
    writeFileSync(
      spec,
      [
        `Name: ${from ?? name}`,
        `Version: ${number}`,
        `Release: ${release}`,
        'Summary: test',
        'License: MIT',
        'BuildArch: noarch',
        ...tags,
        '%description',
        'test',
        ...(from ? [`%package -n ${name}`, 'Summary: test', `%description -n ${name}`, 'test'] : []),
        from ? `%files -n ${name}` : '%files',
        '',
      ].join('\n'),
    );
    const macros = ['--define', `_topdir ${base}/build`, '--define', `_rpmdir ${pool}`];
    const naming = ['--define', '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm'];
    execFileSync('/usr/bin/rpmbuild', [...macros, ...naming, '-bb', spec], { stdio: 'ignore' });
    return path;
  };

  const mounts = [
    'set -e',
    // Where the machine lacks a directory, an upper layer of its parent has it, in this namespace only.
    ...[...new Set(OWN.map((path) => path.slice(0, path.lastIndexOf('/'))))].map(
      (parent, index) =>
        `mkdir -p "$W/over/${index}/up" "$W/over/${index}/work"; mount -t tmpfs none "$W/over/${index}"; mkdir "$W/over/${index}/up" "$W/over/${index}/work"; mount -t overlay -o "lowerdir=${parent},upperdir=$W/over/${index}/up,workdir=$W/over/${index}/work" none ${parent}`,
    ),
    ...OWN.map((path) => `mkdir -p ${path}; mount --bind "$W/root${path}" ${path}`),
    // Locks of zypper: those of other worlds are not ours.
    'mkdir -p "$W/run"; mount --bind "$W/run" /run',
    'exec "$@"',
  ];
  const inside = ['-m', '/bin/sh', '-c', mounts.join('\n').replaceAll('$W', base), 'sh'];
  const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/', LC_ALL: 'C' };

  const run: RpmWorld['run'] = (program, args, env = {}) => {
    const child = spawnSync('/usr/bin/unshare', [...inside, program, ...args], {
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 1 << 26,
      env: { ...environment, ...env },
    });
    return { status: child.status ?? -1, stdout: child.stdout, stderr: child.stderr };
  };

  return {
    root,
    write,
    run,
    publish: (name, packages, advisories = [], modules = '') => {
      const repository = join(base, name);
      rmSync(repository, { recursive: true, force: true });
      mkdirSync(repository);
      for (const each of packages) cpSync(build(each), join(repository, build(each).slice(pool.length + 1)));
      execFileSync('/usr/bin/createrepo_c', ['-q', repository]);
      const add = (type: string, text: string): void => {
        const file = join(base, type);
        writeFileSync(file, text);
        execFileSync('/usr/bin/modifyrepo_c', [`--mdtype=${type}`, file, join(repository, 'repodata')], {
          stdio: 'ignore',
        });
      };
      if (advisories !== 'none') add('updateinfo', updateinfo(advisories));
      if (modules) add('modules', modules);
      return `file://${repository}`;
    },
    install: (...packages) => {
      const done = run('/usr/bin/rpm', ['-U', '--nodeps', '--force', '--quiet', ...packages.map(build)]);
      if (done.status !== 0) throw new Error(done.stderr);
    },
    installBeside: (...packages) => {
      const done = run('/usr/bin/rpm', ['-i', '--nodeps', '--force', '--quiet', ...packages.map(build)]);
      if (done.status !== 0) throw new Error(done.stderr);
    },
    start: (program, args) => spawn('/usr/bin/unshare', [...inside, program, ...args], { env: environment }),
    host: (timeoutMs) => worldHost(root, inside, timeoutMs),
    running: () =>
      readdirSync('/proc').flatMap((name) => {
        if (!/^\d+$/.test(name)) return [];
        try {
          return readFileSync(`/proc/${name}/mountinfo`, 'utf8').includes(`${base}/`) ? [Number(name)] : [];
        } catch {
          return [];
        }
      }),
    listing: () => list(root, ''),
    end: () => rmSync(base, { recursive: true, force: true }),
  };
}

function list(root: string, below: string): string[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = `${below}/${entry.name}`;
    if (entry.isDirectory()) return [path, ...list(root, path)];
    if (!entry.isFile()) return [path];
    const { size, mtimeMs } = statSync(join(root, path));
    // sqlite's shared memory is rebuilt by every reader.
    return [/rpmdb\.sqlite-shm$/.test(path) ? path : `${path} ${size} ${mtimeMs}`];
  });
}

const references = (cves: readonly string[]): string =>
  cves
    .map((id) => `<reference href="https://example.org/${id}" id="${id}" title="${id}" type="cve"/>`)
    .join('');

function updateinfo(advisories: readonly Advisory[]): string {
  const one = ({
    id,
    type = 'security',
    severity,
    updated,
    issued = updated,
    packages,
    module,
    description = 'x',
    cves = [],
  }: Advisory): string => {
    const [name, stream] = module?.split(':') ?? [];
    const of = name
      ? `<module name="${name}" stream="${stream}" version="1" context="abc" arch="x86_64"/>`
      : '';
    const list = packages.map((each) => {
      const [number, release] = split(each.version);
      const file = `${each.name}-${number}-${release}.noarch.rpm`;
      return `<package name="${each.name}" version="${number}" release="${release}" epoch="0" arch="noarch" src="${each.name}.src.rpm"><filename>${file}</filename></package>`;
    });
    return `<update from="security@example.org" status="final" type="${type}" version="1"><id>${id}</id><title>${id}</title><issued date="${issued}"/><updated date="${updated}"/><severity>${severity}</severity><description>${description}</description><references>${references(cves)}</references><pkglist><collection short="x"><name>x</name>${of}${list.join('')}</collection></pkglist></update>`;
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n<updates>${advisories.map(one).join('\n')}</updates>\n`;
}

/** `modules.yaml` of one module with the packages of each stream. */
export function moduleStreams(name: string, streams: Readonly<Record<string, Rpm>>): string {
  return Object.entries(streams)
    .map(([stream, { name: rpm, version }]) => {
      const [number, release] = split(version);
      return `---\ndocument: modulemd\nversion: 2\ndata:\n  name: ${name}\n  stream: "${stream}"\n  version: 1\n  context: abc\n  arch: x86_64\n  summary: x\n  description: x\n  license: {module: [MIT]}\n  artifacts: {rpms: ["${rpm}-0:${number}-${release}.noarch"]}\n...\n`;
    })
    .join('');
}

function worldHost(root: string, inside: readonly string[], timeoutMs?: number): Host {
  const at = (path: string): string =>
    [...OWN, '/etc/os-release'].some((own) => path === own || path.startsWith(`${own}/`))
      ? `${root}${path}`
      : path;
  return movedHost(at, {
    run: async (command, args) => {
      const program = command.programs.find((each) => existsSync(each));
      if (program === undefined) return { state: 'absent', source: command.id };
      const moved: Command = {
        ...command,
        programs: ['/usr/bin/unshare'],
        argv: [...inside, program, ...command.argv],
        ...(timeoutMs ? { timeoutMs } : {}),
      };
      return commandRunner([moved]).run(moved, args);
    },
  });
}
