/**
 * What goes wrong on systems with dnf 4 and zypper, done to the real ones: damaged caches and databases, keys that ended,
 * programs that hang, locks of others, other languages. Nothing of it may look as if nothing waited.
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { factGetter } from '../../../checks/evaluate.ts';
import type { Fact } from '../../../checks/fact.ts';
import { dnf } from '../../../checks/facts/dnf-manager.ts';
import type { ManagerAnswer } from '../../../checks/facts/pending-updates.ts';
import { leftOver, rpmPackages } from '../../../checks/facts/rpm-installed.ts';
import { rpmTrust } from '../../../checks/facts/rpm-trust.ts';
import { zypper } from '../../../checks/facts/zypper-manager.ts';
import { judgeRpmSources } from '../../../checks/patch/rpm-sources.ts';
import { describeInNamespace } from '../../support/mount-namespace.ts';
import { type RpmWorld, rpmWorld } from './rpm-world.ts';

const old = { name: 'demo', version: '1.0-1' };
const fixed = { name: 'demo', version: '1.1-1' };
const core = ['bash', 'libzypp'].map((name) => ({ name, version: '5-1' }));
const advisory = (id = 'EX-1') => ({
  id,
  severity: 'Important',
  updated: '2026-11-20 06:00:00',
  packages: [fixed],
});

const kinds = {
  dnf: {
    manager: dnf,
    sources: '/etc/yum.repos.d',
    cache: '/var/cache/dnf',
    refresh: ['/usr/bin/dnf-3', '-q', '-y', '--refresh', 'makecache'],
    solv: '/var/cache/dnf/base.solv',
    german: ['/usr/bin/dnf-3', 'clean', 'all'],
  },
  zypper: {
    manager: zypper,
    sources: '/etc/zypp/repos.d',
    cache: '/var/cache/zypp',
    refresh: ['/usr/bin/zypper', '-n', '--gpg-auto-import-keys', 'refresh', '-f'],
    solv: '/var/cache/zypp/solv/base/solv',
    german: ['/usr/bin/zypper', '--no-refresh', 'list-patches'],
  },
} as const;

const programs = ['dnf', 'zypper', 'rpmbuild', 'createrepo_c', 'gpg', 'localedef', 'locales'] as const;

describeInNamespace(programs, 'trouble with', () => {
  describe.each(['dnf', 'zypper'] as const)('%s', (kind) => {
    const { manager, sources, cache, refresh, solv, german } = kinds[kind];
    let world: RpmWorld;
    let url = '';
    beforeEach(() => {
      world = rpmWorld();
    });
    afterEach(() => world.end());

    function source(more = 'gpgcheck=0\n'): void {
      world.write(`${sources}/base.repo`, `[base]\nname=base\nenabled=1\nbaseurl=${url}\n${more}`);
    }
    function offer(advisories = [advisory()]): void {
      url = world.publish('repo', [fixed, ...core], advisories);
    }
    const fetch = () => world.run(refresh[0], refresh.slice(1));
    const get = (timeoutMs?: number) => factGetter(world.host(timeoutMs), new Date(Date.now() + 10_000));
    const ask = (timeoutMs?: number) => get(timeoutMs)(manager.answer);
    const reached = async (): Promise<string | undefined> => {
      const indexes = await get()(manager.indexes);
      return indexes.state === 'known' ? indexes.value[0]?.reached : undefined;
    };
    /** What waits is told, or that it can't be: never that nothing waits. */
    function honest(answer: Fact<ManagerAnswer>, what: string): void {
      if (answer.state === 'unreadable') expect(answer.reason.en, what).not.toBe('');
      else if (answer.state !== 'known') throw new Error(`${what}: ${answer.state}`);
      else if (answer.value.updates.length === 0) expect(answer.value.doubt?.en, what).toBeTruthy();
    }
    function files(): string[] {
      const all = readdirSync(join(world.root, cache), { withFileTypes: true, recursive: true });
      return all.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
    }

    it('caches of every kind, half-written, empty or gone', async () => {
      world.install(old, ...core);
      offer();
      source();
      expect(fetch().status).toBe(0);
      expect(await ask()).toMatchObject({ value: { updates: [{ name: 'demo' }] } });
      const kept = new Map(files().map((path) => [path, readFileSync(path)]));
      const restore = (): void => {
        for (const path of files()) if (!kept.has(path)) rmSync(path);
        for (const [path, bytes] of kept)
          if (!existsSync(path) || !readFileSync(path).equals(bytes)) writeFileSync(path, bytes);
      };
      const each = [...kept.keys()].filter((path) => !/filenames|filelists|cookie|\.idx$/.test(path));
      expect(each.length).toBeGreaterThan(3);
      for (const path of each) {
        truncateSync(path, Math.floor((kept.get(path)?.length ?? 0) / 2));
        honest(await ask(), `${path} half`);
        restore();
      }
      // A disk that was full: what was to be written last, is not.
      for (const path of each) if (/solv|updateinfo|primary/.test(path)) truncateSync(path, 0);
      honest(await ask(), 'all empty');
      restore();
      const repomd = each.find((path) => path.endsWith('/repomd.xml')) ?? '';
      truncateSync(repomd, 100);
      const broken = await ask();
      const reason =
        broken.state === 'unreadable'
          ? broken.reason
          : broken.state === 'known'
            ? broken.value.doubt
            : undefined;
      expect(reason?.en).toMatch(kind === 'dnf' ? /dnf --refresh makecache/ : /zypper refresh --force/);
      for (const path of each) rmSync(path, { force: true });
      honest(await ask(), 'all gone');
    }, 120_000);

    it('a package database of which a part is damaged', async () => {
      const many = Array.from({ length: 40 }, (_, index) => ({ name: `p${index}`, version: '1-1' }));
      world.install(...many.slice(0, 20));
      world.install(old, ...core);
      world.install(...many.slice(20));
      url = world.publish('repo', [fixed, ...core, ...many], [advisory()]);
      source();
      expect(fetch().status).toBe(0);
      const before = world.listing();
      expect(await ask()).toMatchObject({ value: { updates: [{ name: 'demo' }] } });
      expect(world.listing()).toEqual(before);
      const database = join(world.root, 'var/lib/rpm/rpmdb.sqlite');
      const fold =
        "import sqlite3;c=sqlite3.connect('/var/lib/rpm/rpmdb.sqlite');c.execute('pragma wal_checkpoint(truncate)');c.close()";
      world.run('/usr/bin/python3', ['-c', fold]);
      const whole = readFileSync(database);
      let silent = 0;
      for (const tenth of [3, 5, 8, 9]) {
        for (const suffix of ['-wal', '-shm']) rmSync(database + suffix, { force: true });
        const bytes = Buffer.from(whole);
        const at = Math.floor((whole.length * tenth) / 10);
        bytes.fill(tenth % 2 ? 0 : 0x41, at, at + 8192);
        writeFileSync(database, bytes);
        for (const name of ['cookie', 'solv', 'solv.idx'])
          rmSync(join(world.root, `var/cache/zypp/solv/@System/${name}`), { force: true });
        const listed = world.run('/usr/bin/rpm', ['-qa']);
        const short = listed.status === 0 && listed.stdout.trim().split('\n').length < 43;
        if (short) silent += 1;
        honest(await ask(), `tenth ${tenth}`);
        const packages = await get()(rpmPackages);
        if (short)
          expect(packages, `tenth ${tenth}`).toMatchObject({
            reason: { en: expect.stringContaining('--rebuilddb') },
          });
      }
      // Otherwise this has shown nothing: rpm must have listed a part of them and called it all.
      expect(silent).toBeGreaterThan(0);
      writeFileSync(database, whole.subarray(0, whole.length / 2));
      expect(await ask()).toMatchObject({ reason: { en: expect.stringContaining('rpmdb --rebuilddb') } });
    }, 120_000);

    it('an index that its key did not sign, that was changed, that is not signed at all: it grows old', async () => {
      const home = join(world.root, '../gnupg');
      mkdirSync(home, { mode: 0o700 });
      const gpg = (...args: string[]) =>
        execFileSync(
          'gpg',
          ['--batch', '--quiet', '--yes', '--pinentry-mode', 'loopback', '--passphrase', '', ...args],
          { env: { ...process.env, GNUPGHOME: home, LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'ignore'] },
        );
      for (const who of ['one', 'two'])
        gpg('--quick-gen-key', `${who}@example.org`, 'rsa2048', 'sign', 'never');
      const key = join(world.root, '../key.asc');
      const repomd = () => join(url.slice('file://'.length), 'repodata/repomd.xml');
      const publish = (who?: string): void => {
        offer([advisory(), advisory(who ?? 'none')]);
        if (who)
          gpg('-u', `${who}@example.org`, '--armor', '--detach-sign', '-o', `${repomd()}.asc`, repomd());
        writeFileSync(key, gpg('--armor', '--export', 'one@example.org'));
        writeFileSync(`${repomd()}.key`, gpg('--armor', '--export', `${who ?? 'one'}@example.org`));
        source(`gpgcheck=1\nrepo_gpgcheck=1\ngpgkey=file://${key}\n`);
      };
      const again = () =>
        world.run(
          refresh[0],
          refresh.slice(1).filter((each) => each !== '--gpg-auto-import-keys'),
        );
      world.install(old, ...core);
      publish('one');
      expect(fetch().status).toBe(0);
      const first = await reached();
      expect(first).toBeDefined();
      const changes: Readonly<Record<string, () => void>> = {
        'another key': () => publish('two'),
        'not signed': () => publish(),
        changed: () => {
          publish('one');
          writeFileSync(repomd(), readFileSync(repomd(), 'utf8').replace('</repomd>', ' </repomd>'));
        },
      };
      await new Promise((resolve) => setTimeout(resolve, 1100));
      for (const [what, change] of Object.entries(changes)) {
        change();
        expect(again().status, what).not.toBe(0);
        expect(await reached(), what).toBe(first);
        expect(await ask(), what).toMatchObject({ value: { updates: [{ advisories: ['EX-1', 'one'] }] } });
      }
      publish('one');
      expect(again().status).toBe(0);
      expect(await reached()).not.toBe(first);
      if (kind === 'dnf') world.run('/bin/rm', ['-rf', '/etc/zypp/repos.d']);
      const trusted = async () => judgeRpmSources(await get()(rpmTrust), new Date());
      expect((await trusted()).outcome).toBe('pass');
      const listed = gpg('--list-keys', '--with-colons', 'one@example.org').toString();
      gpg('--quick-set-expire', /^fpr:+([0-9A-F]+):/m.exec(listed)?.[1] ?? '', 'seconds=3');
      publish('one');
      await new Promise((resolve) => setTimeout(resolve, 4000));
      // zypper takes it with a warning, dnf by the key that it knew before.
      again();
      const ended = await trusted();
      expect(ended.outcome).toBe('fail');
      expect(JSON.stringify(ended)).toMatch(/its key [0-9A-F]{16} ended/);
    }, 120_000);

    it('one that hangs is ended with all that it started, and nothing is said', async () => {
      world.install(old, ...core);
      offer();
      source();
      fetch();
      // Whoever opens it waits for somebody to write into it.
      world.run('/bin/sh', ['-c', `rm ${solv} && mkfifo ${solv}`]);
      const started = Date.now();
      expect(await ask(2_000)).toMatchObject({
        state: 'unreadable',
        reason: { en: expect.stringContaining('no answer within 2 s') },
      });
      expect(Date.now() - started).toBeLessThan(30_000);
      await vi.waitFor(() => expect(world.running()).toEqual([]), { timeout: 10_000 });
    }, 60_000);

    it('in the language of the system it is asked in English', async () => {
      world.install(old, ...core);
      offer();
      source();
      fetch();
      const places = join(world.root, '../locales');
      mkdirSync(places);
      execFileSync('localedef', ['-i', 'de_DE', '-f', 'UTF-8', join(places, 'de_DE.UTF-8')]);
      const languages = { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de', LOCPATH: places };
      // It does speak German here: otherwise this would show nothing.
      const spoken = world.run(german[0], german.slice(1), languages);
      expect(spoken.stdout + spoken.stderr).toMatch(/Dateien|Repository-Daten|Installierte|Warnung/);
      fetch();
      for (const [name, value] of Object.entries(languages)) vi.stubEnv(name, value);
      try {
        expect(await ask()).toMatchObject({ value: { updates: [{ name: 'demo', fate: 'installable' }] } });
      } finally {
        vi.unstubAllEnvs();
      }
    }, 60_000);
  });

  it('dnf killed in the middle of a transaction: both versions are registered, and it has no end', async () => {
    const world = rpmWorld();
    try {
      world.install(old, ...core);
      // Its script waits, so that it can be killed between installing the new version and removing the old one.
      const slow = { ...fixed, tags: ['%post -p <lua>', 'posix.sleep(60)'] };
      const url = world.publish('repo', [slow, ...core], [advisory()]);
      world.write('/etc/yum.repos.d/base.repo', `[base]\nname=base\nbaseurl=${url}\ngpgcheck=0\n`);
      const upgrade = world.start('/usr/bin/dnf-3', ['-y', 'upgrade']);
      const both = () => world.run('/usr/bin/rpm', ['-q', 'demo']).stdout.trim().split('\n').length;
      await vi.waitFor(() => expect(both()).toBe(2), { timeout: 40_000, interval: 500 });
      for (const pid of world.running()) process.kill(pid, 'SIGKILL');
      await new Promise((resolve) =>
        upgrade.exitCode === null ? upgrade.once('close', resolve) : resolve(0),
      );
      const get = factGetter(world.host(), new Date(Date.now() + 10_000));
      const answer = await get(dnf.answer);
      const packages = await get(rpmPackages);
      if (answer.state !== 'known' || packages.state !== 'known') throw new Error('no answer');
      expect(Math.abs(Date.parse(answer.value.unfinished ?? '') - Date.now())).toBeLessThan(120_000);
      expect(leftOver(packages.value).map((group) => group.map(({ evr }) => evr))).toEqual([
        ['1.0-1', '1.1-1'],
      ]);
      expect(world.run('/usr/bin/dnf-3', ['-y', 'remove', 'libzypp']).status).toBe(0);
      const after = await factGetter(world.host(), new Date(Date.now() + 10_000))(dnf.answer);
      expect(after.state === 'known' && after.value.unfinished).toBeUndefined();
    } finally {
      for (const pid of world.running()) process.kill(pid, 'SIGKILL');
      world.end();
    }
  }, 90_000);

  it('zypper at work elsewhere: its lock is neither waited for nor taken', async () => {
    const world = rpmWorld();
    try {
      world.install(old, ...core);
      const url = world.publish('repo', [fixed, ...core], [advisory()]);
      world.write(
        '/etc/zypp/repos.d/base.repo',
        `[base]\nname=base\nenabled=1\nbaseurl=${url}\ngpgcheck=0\n`,
      );
      const refresh = () => world.run('/usr/bin/zypper', ['-n', 'refresh']).status;
      expect(refresh()).toBe(0);
      const start = () => world.start('/usr/bin/zypper', ['--non-interactive', 'shell']);
      let shell = start();
      const locked = async () => {
        // It ends where the refresh before came first.
        if (shell.exitCode !== null) shell = start();
        await new Promise((resolve) => setTimeout(resolve, 1500));
        expect(refresh()).toBe(7);
      };
      await vi.waitFor(locked, { timeout: 60_000, interval: 100 });
      const answer = await factGetter(world.host(), new Date(Date.now() + 10_000))(zypper.answer);
      expect(answer).toMatchObject({ value: { updates: [{ name: 'demo' }] } });
      expect(refresh()).toBe(7);
      shell.stdin.end('exit\n');
      await new Promise((resolve) => shell.once('exit', resolve));
    } finally {
      for (const pid of world.running()) process.kill(pid, 'SIGKILL');
      world.end();
    }
  });
});
