/**
 * A private apt world below a temporary directory: signed archives, sources, an installed system. The programs are
 * the real ones of this machine; only APT_CONFIG points them elsewhere.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linuxHost } from '../../../agent/host-linux.ts';
import { known } from '../../../checks/fact.ts';
import type { Host } from '../../../checks/host.ts';
import { movedHost } from '../../support/moved-host.ts';

export interface Package {
  readonly name: string;
  readonly version: string;
  /** Further control fields. */
  readonly fields?: readonly string[];
  /** Fields of the index entry only, such as Phased-Update-Percentage. */
  readonly index?: readonly string[];
}

export interface Archive {
  readonly suite: string;
  readonly label: string;
  readonly codename: string;
  readonly version?: string;
  readonly origin?: string;
  readonly packages: readonly Package[];
  /** In the form of the Release file. */
  readonly date?: string;
  readonly validUntil?: string;
  readonly components?: string;
}

export interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Run = (program: string, args: readonly string[]) => Promise<Answer>;

export interface AptWorld {
  readonly root: string;
  readonly repository: string;
  publish(archive: Archive): void;
  sources(lines: readonly string[]): void;
  install(
    packages: readonly { name: string; version: string; hold?: boolean; fields?: readonly string[] }[],
  ): void;
  write(path: string, text: string): void;
  apt(...args: string[]): Promise<Answer>;
  /** Reads the real files of this world, runs the real programs. System files look as if installed in 2020. */
  host(): Host;
  signedBy: string;
  /** The archive's key, here and as apt has it, expires within two seconds. */
  expireKey(): Promise<void>;
  end(): void;
}

export function aptWorld(): AptWorld {
  const base = mkdtempSync(join(tmpdir(), 'nachweis-apt-'));
  const [root, repository, keys] = [join(base, 'root'), join(base, 'repo'), join(base, 'keys')];
  for (const path of [
    'etc/apt/apt.conf.d',
    'etc/apt/preferences.d',
    'etc/apt/sources.list.d',
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
    'var/lib/dpkg/updates',
  ]) {
    mkdirSync(join(root, path), { recursive: true });
  }
  mkdirSync(repository);
  const key = join(root, 'etc/apt/archive.gpg');
  const signer = archiveSigner(keys, key);
  const configuration = join(base, 'apt.conf');
  writeFileSync(
    configuration,
    [
      `Dir "${root}";`,
      `Dir::State::status "${root}/var/lib/dpkg/status";`,
      'Dir::Bin::Methods "/usr/lib/apt/methods";',
      'APT::Architecture "amd64";',
      'APT::Architectures { "amd64"; };',
      'APT::Sandbox::User "root";',
      'Acquire::Languages "none";',
      'Acquire::Retries "0";',
      '',
    ].join('\n'),
  );
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/', LC_ALL: 'C', APT_CONFIG: configuration };
  // Not the blocking kind: the mirror that apt asks lives in this process.
  const run: Run = (program, args) =>
    new Promise((resolve) => {
      const child = execFile(program, args, { env, maxBuffer: 1 << 26 }, (_error, stdout, stderr) =>
        resolve({ status: child.exitCode ?? -1, stdout, stderr }),
      );
    });
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
  write('var/lib/dpkg/status', '');

  return {
    root,
    repository,
    signedBy: `[signed-by=${key}]`,
    write,
    apt: (...args) => run('/usr/bin/apt-get', args),
    sources: (lines) => write('etc/apt/sources.list', `${lines.join('\n')}\n`),
    install: (packages) =>
      write(
        'var/lib/dpkg/status',
        packages
          .map(
            ({ name, version, hold, fields = [] }) =>
              `${[`Package: ${name}`, `Status: ${hold ? 'hold' : 'install'} ok installed`, `Version: ${version}`, ...control, ...fields].join('\n')}\n\n`,
          )
          .join(''),
      ),
    publish: (archive) => publish(repository, archive, signer.sign),
    host: () => worldHost(root, run),
    expireKey: signer.expire,
    end: () => rmSync(base, { recursive: true, force: true }),
  };
}

export interface ArchiveSigner {
  /** InRelease, out of a Release file. */
  sign(path: string, out: string): void;
  /** The key expires within two seconds. */
  expire(): Promise<void>;
}

/** @param home a directory that is not there yet; @param key where the public half is put for apt */
export function archiveSigner(home: string, key: string): ArchiveSigner {
  mkdirSync(home, { mode: 0o700 });
  const gnupg = { ...process.env, GNUPGHOME: home, LC_ALL: 'C' };
  const gpg = (...args: string[]) =>
    execFileSync('gpg', ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args], {
      env: gnupg,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  gpg('--quick-gen-key', 'Archive <archive@example.org>', 'ed25519', 'sign', 'never');
  writeFileSync(key, gpg('--export'));
  return {
    sign: (path, out) => {
      gpg('--yes', '--clearsign', '-o', out, path);
    },
    async expire() {
      const listed = gpg('--list-keys', '--with-colons').toString();
      gpg('--quick-set-expire', /^fpr:+([0-9A-F]+):/m.exec(listed)?.[1] ?? '', 'seconds=1');
      writeFileSync(key, gpg('--export'));
      await new Promise((resolve) => setTimeout(resolve, 2000));
    },
  };
}

const control = ['Architecture: all', 'Maintainer: Archive <archive@example.org>', 'Description: test'];

export function publish(repository: string, archive: Archive, sign: ArchiveSigner['sign']): void {
  const {
    suite,
    label,
    codename,
    version = '12',
    origin = 'Debian',
    packages,
    components = 'main',
  } = archive;
  const pool = join(repository, 'pool', suite);
  const dist = join(repository, 'dists', suite);
  rmSync(pool, { recursive: true, force: true });
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(pool, { recursive: true });
  for (const component of components.split(' '))
    mkdirSync(join(dist, component, 'binary-amd64'), { recursive: true });
  for (const { name, version: number, fields = [] } of packages) {
    const work = join(repository, 'work');
    mkdirSync(join(work, 'DEBIAN'), { recursive: true });
    const text = [`Package: ${name}`, `Version: ${number}`, ...control, ...fields, ''].join('\n');
    writeFileSync(join(work, 'DEBIAN/control'), text);
    execFileSync('dpkg-deb', ['-b', work, join(pool, `${name}_${number}_all.deb`)], { stdio: 'ignore' });
    rmSync(work, { recursive: true });
  }
  let index = execFileSync('apt-ftparchive', ['packages', `pool/${suite}`], {
    cwd: repository,
    encoding: 'utf8',
  });
  for (const { name, index: extra = [] } of packages) {
    for (const line of extra) index = index.replace(`Package: ${name}\n`, `Package: ${name}\n${line}\n`);
  }
  for (const component of components.split(' ')) {
    writeFileSync(join(dist, component, 'binary-amd64/Packages'), component === 'main' ? index : '');
  }
  const option = (name: string, value: string) => ['-o', `APT::FTPArchive::Release::${name}=${value}`];
  const options = [
    ...option('Origin', origin),
    ...option('Label', label),
    ...option('Suite', suite),
    ...option('Codename', codename),
    ...option('Version', version),
    ...option('Architectures', 'amd64'),
    ...option('Components', components),
  ];
  const release = execFileSync('apt-ftparchive', [...options, 'release', dist], { encoding: 'utf8' })
    .replace(/^Date: .*$/m, (line) => (archive.date ? `Date: ${archive.date}` : line))
    .replace(/^Date: .*$/m, (line) =>
      archive.validUntil ? `${line}\nValid-Until: ${archive.validUntil}` : line,
    );
  const unsigned = join(repository, 'Release.unsigned');
  writeFileSync(unsigned, release);
  sign(unsigned, join(dist, 'InRelease'));
}

function worldHost(root: string, run: Run): Host {
  const real = linuxHost();
  const files = new Map([
    ['/etc/os-release', `${root}/etc/os-release`],
    ['/var/lib/dpkg/status', `${root}/var/lib/dpkg/status`],
    ['/var/lib/dpkg/updates', `${root}/var/lib/dpkg/updates`],
  ]);
  const at = (path: string): string => files.get(path) ?? path;
  return movedHost(at, {
    stat: async (path) => {
      const found = await real.stat(at(path));
      const system = path.startsWith('/usr/') || path === '/etc/os-release';
      return system && found.state === 'known'
        ? known({ ...found.value, changed: '2020-01-01T00:00:00.000Z' })
        : found;
    },
    run: async (command, args) => known(await run(command.programs[0] ?? '', [...command.argv, ...args])),
  });
}

export interface Mirror {
  readonly url: string;
  /** Stops listening: connections are refused from now on. */
  close(): Promise<void>;
}

/** The repository over http on loopback, with Last-Modified and If-Modified-Since as a mirror has them. */
export async function mirror(repository: string): Promise<Mirror> {
  const server = createServer(async (request, response) => {
    try {
      const path = join(repository, decodeURIComponent(request.url ?? '/'));
      const { mtime } = await stat(path);
      const since = Date.parse(request.headers['if-modified-since'] ?? '');
      if (since >= Math.floor(mtime.getTime() / 1000) * 1000) {
        response.writeHead(304).end();
        return;
      }
      response.writeHead(200, { 'last-modified': mtime.toUTCString(), connection: 'close' });
      response.end(await readFile(path));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
