/**
 * The patch checks inside Debian 11, 12 and 13, with each release's own apt and dpkg (2.2, 2.6, 3.0) and a private, signed
 * archive. Everything is asked through the agent's own runner, in the root.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { commandRunner } from '../../../agent/host-command.ts';
import { linuxHost } from '../../../agent/host-linux.ts';
import type { Check } from '../../../checks/check.ts';
import type { Command } from '../../../checks/commands.ts';
import { known } from '../../../checks/fact.ts';
import type { Host } from '../../../checks/host.ts';
import { indexFresh } from '../../../checks/patch/index-fresh.ts';
import { securityUpdates } from '../../../checks/patch/security-updates.ts';
import { sourcesTrusted } from '../../../checks/patch/sources-trusted.ts';
import type { Result } from '../../../shared/outcome.ts';
import { debianReleases, debianRoot, ROOT_TIMEOUT_MS } from '../../support/debian-root.ts';
import { judge as judgeOne } from '../../support/judge.ts';
import { movedHost } from '../../support/moved-host.ts';
import { describeAsRoot } from '../../support/programs.ts';
import { copyRoot, type RootCopy } from '../../support/root-copy.ts';
import { type ArchiveSigner, archiveSigner, type Package, publish } from './apt-world.ts';

const DAY_MS = 86_400_000;
const programs = ['debootstrap', 'debian-archive-keyring', 'apt-ftparchive', 'dpkg-deb', 'gpg'] as const;

describeAsRoot(programs, 'apt and dpkg of', () => {
  describe.each([11, 12, 13] as const)('Debian %s', (release) => {
    const codename = debianReleases[release];
    let copy: RootCopy;
    let signer: ArchiveSigner;
    let repository: string;
    beforeAll(async () => {
      copy = copyRoot(await debianRoot(release));
      repository = join(copy.path, 'archive');
      mkdirSync(repository);
      for (const path of ['etc/apt/sources.list.d', 'etc/apt/preferences.d'])
        mkdirSync(join(copy.path, path), { recursive: true });
      rmSync(join(copy.path, 'etc/apt/sources.list'));
      for (const name of readdirSync(join(copy.path, 'var/lib/apt/lists')).filter((each) =>
        each.includes('_'),
      ))
        rmSync(join(copy.path, 'var/lib/apt/lists', name));
      signer = archiveSigner(join(copy.path, 'keys'), join(copy.path, 'etc/apt/archive.gpg'));
      source();
    }, ROOT_TIMEOUT_MS);
    afterAll(() => copy?.remove());

    function source(option = ''): void {
      const line = `deb [signed-by=/etc/apt/archive.gpg ${option}] file:/archive`;
      writeFileSync(
        join(copy.path, 'etc/apt/sources.list'),
        `${line} ${codename} main\n${line} ${codename}-security main\n`,
      );
    }
    const apt = (...args: string[]) =>
      copy.run(['apt-get', '-q', '-y', '-o', 'APT::Sandbox::User=root', ...args], {
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
      });
    async function offer(packages: readonly Package[], more: { validUntil?: string } = {}): Promise<void> {
      const common = { version: `${release}.1`, ...more };
      const filler = { name: 'filler', version: '1' };
      publish(
        repository,
        {
          ...common,
          suite: codename,
          codename,
          label: 'Debian',
          packages: [filler, { name: 'demo', version: '1.0' }],
        },
        signer.sign,
      );
      publish(
        repository,
        {
          ...common,
          suite: `${codename}-security`,
          codename: `${codename}-security`,
          label: 'Debian-Security',
          packages: [filler, ...packages],
        },
        signer.sign,
      );
      await apt('update');
    }
    const fix: Package = { name: 'demo', version: '1.1' };

    /** What the agent sees in there. The root's own files are as old as those of a system that has run for long. */
    function host(timeoutMs?: number): Host {
      const inside = ({ asNobody, ...command }: Command): Command => ({
        ...command,
        programs: ['/usr/sbin/chroot'],
        argv: [
          ...(asNobody ? ['--userspec=65534:65534'] : []),
          copy.path,
          command.programs[0] ?? '',
          ...command.argv,
        ],
        ...(timeoutMs && command.id.startsWith('apt-simulate') ? { timeoutMs } : {}),
      });
      const files = linuxHost({ root: copy.path });
      const real = movedHost((path) => path);
      return {
        ...real,
        readText: (path, options) => files.readText(path, options),
        scan: (path, maxBytes, take) => files.scan(path, maxBytes, take),
        list: (path) => files.list(path),
        lstat: (path) => files.lstat(path),
        realPath: (path) => files.realPath(path),
        readlink: (path) => files.readlink(path),
        stat: async (path) => {
          const found = await files.stat(path);
          const old = path.startsWith('/usr/') || path === '/etc/os-release' || path.endsWith('/lists/lock');
          return old && found.state === 'known'
            ? known({ ...found.value, changed: '2020-01-01T00:00:00.000Z' })
            : found;
        },
        run: (command, args) => {
          const there = inside(command);
          return commandRunner([there]).run(there, args);
        },
      };
    }
    const judge = (now = new Date(), check: Check = securityUpdates, timeoutMs?: number): Promise<Result> =>
      judgeOne(check, host(timeoutMs), check === securityUpdates ? { grace: 'none' } : {}, now);
    const later = (days: number): Date => new Date(Date.now() + days * DAY_MS);
    const said = ({ evidence }: Result): string => JSON.stringify(evidence);

    it('pending, installed by apt, done', async () => {
      await offer([]);
      await apt('install', 'demo');
      expect(await judge()).toMatchObject({ outcome: 'pass' });
      await offer([fix]);
      const pending = await judge();
      expect(pending.outcome).toBe('fail');
      expect(said(pending)).toMatch(/demo 1\.0, available 1\.1 from Debian-Security .*installable now/);
      await apt('install', 'demo');
      expect(await judge()).toMatchObject({ outcome: 'pass' });
      await apt('install', '--allow-downgrades', 'demo=1.0');
      expect((await judge()).outcome).toBe('fail');
    }, 120_000);

    it('in the language of the system it is asked in English', async () => {
      const languages = { LC_ALL: 'C.UTF-8', LANGUAGE: 'de' };
      const spoken = await copy.run(['apt-get', '-s', '-o', 'Debug::NoLocking=true', 'dist-upgrade'], {
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...languages },
      });
      // In Debian 13 apt stays English under C.UTF-8, and no other locale is installed in this root.
      if (release < 13) expect(spoken).toMatch(/\d+ aktualisiert, \d+ neu installiert/);
      for (const [name, value] of Object.entries(languages)) vi.stubEnv(name, value);
      try {
        expect(said(await judge())).toMatch(/demo 1\.0, available 1\.1 .*installable now/);
      } finally {
        vi.unstubAllEnvs();
      }
    });

    it('held, and phased', async () => {
      await copy.run(['apt-mark', 'hold', 'demo']);
      expect(said(await judge())).toContain('on hold');
      await copy.run(['apt-mark', 'unhold', 'demo']);
      await offer([{ ...fix, index: ['Phased-Update-Percentage: 0'] }]);
      const never = join(copy.path, 'etc/apt/apt.conf.d/90phase');
      writeFileSync(never, 'APT::Get::Never-Include-Phased-Updates "true";\n');
      const phased = await judge();
      expect(phased.outcome).toBe('fail');
      // apt 3 does not phase what comes from an archive of security: it says itself that it would install it.
      const fate = release === 13 ? 'installable now' : '(?:deferred by phasing|kept back|hidden by a pin)';
      expect(said(phased)).toMatch(new RegExp(`demo 1\\.0.*${fate}`));
      rmSync(never);
    });

    it('locks of somebody else are neither waited for nor taken', async () => {
      const hold = `import fcntl,sys,time\nfiles=[open(p,'w') for p in sys.argv[1:]]\n[fcntl.lockf(f,fcntl.LOCK_EX) for f in files]\nprint('held',flush=True)\ntime.sleep(60)`;
      const paths = ['dpkg/lock', 'dpkg/lock-frontend', 'apt/lists/lock'].map((path) =>
        join(copy.path, 'var/lib', path),
      );
      const holder = spawn('/usr/bin/python3', ['-c', hold, ...paths]);
      try {
        await new Promise((resolve) => holder.stdout.once('data', resolve));
        expect(said(await judge())).toContain('demo 1.0');
        expect(holder.exitCode).toBeNull();
      } finally {
        holder.kill('SIGKILL');
      }
    });

    it('an apt that hangs is ended, and what waits is told all the same', async () => {
      // A solver of somebody else's, as apt may be told to ask: one that never answers.
      const solvers = join(copy.path, 'usr/lib/apt/solvers');
      mkdirSync(solvers, { recursive: true });
      writeFileSync(join(solvers, 'sleepy'), '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 });
      const setting = join(copy.path, 'etc/apt/apt.conf.d/90solver');
      writeFileSync(setting, 'APT::Solver "sleepy";\n');
      const started = Date.now();
      const result = await judge(new Date(), securityUpdates, 1500);
      expect(Date.now() - started).toBeLessThan(30_000);
      expect(result.outcome).toBe('fail');
      expect(said(result)).toMatch(/demo 1\.0.*: pending/);
      await offer([]);
      expect(await judge(new Date(), securityUpdates, 1500)).toMatchObject({
        outcome: 'unknown',
        reason: { en: expect.stringContaining('no answer within 1.5 s') },
      });
      rmSync(setting);
    }, 120_000);

    it('half-written, damaged and enormous lists are unknown with that reason', async () => {
      // The list of a source of files is a link to it.
      const packages = join(repository, `dists/${codename}-security/main/binary-amd64/Packages`);
      await offer([{ name: 'other', version: '1' }]);
      expect((await judge()).outcome).toBe('pass');
      truncateSync(packages, 200);
      expect(await judge()).toMatchObject({
        outcome: 'unknown',
        reason: { en: expect.stringContaining('damaged') },
      });
      const started = Date.now();
      truncateSync(packages, 500 * 1024 * 1024);
      expect((await judge()).outcome).toBe('unknown');
      expect(Date.now() - started).toBeLessThan(60_000);
      await offer([]);
    }, 120_000);

    it('past its Valid-Until, and with a source that does not heed it', async () => {
      await apt('install', '--allow-downgrades', 'demo=1.0');
      await offer([], { validUntil: later(1).toUTCString().replace('GMT', 'UTC') });
      expect(await judge()).toMatchObject({ outcome: 'pass' });
      expect(await judge(later(1.5))).toMatchObject({ outcome: 'unknown' });
      expect((await judge(later(1.5), indexFresh)).outcome).toBe('fail');
      source('check-valid-until=no');
      expect(await judge(later(1.5))).toMatchObject({ outcome: 'unknown' });
      source();
    });

    it('a source that is gone, and a key that has expired', async () => {
      await offer([]);
      expect(await judge()).toMatchObject({ outcome: 'pass' });
      renameSync(repository, `${repository}.gone`);
      await apt('update').catch(() => undefined);
      expect((await judge()).outcome).not.toBe('pass');
      renameSync(`${repository}.gone`, repository);
      await apt('update');
      expect((await judge(new Date(), sourcesTrusted)).outcome).toBe('pass');
      await signer.expire();
      const expired = await judge(new Date(), sourcesTrusted);
      expect(expired.outcome).toBe('fail');
      expect(said(expired)).toMatch(/its key [0-9A-F]{16} ended/);
      await apt('update').catch(() => undefined);
      expect(await judge(later(3))).toMatchObject({ outcome: 'unknown' });
    }, 60_000);

    it('a package that is only unpacked', async () => {
      await copy.run(['sh', '-c', `dpkg --unpack /archive/pool/${codename}/demo_1.0_all.deb`]);
      expect(await judge()).toMatchObject({
        outcome: 'unknown',
        reason: { en: expect.stringContaining('dpkg --configure -a') },
      });
    });
  });
});
