/**
 * dnf 5's answers against the real one, in a root of Debian's testing release: no stable one has it. Packages and
 * repositories are made here; the agent's own script is run in there as it is.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { factGetter } from '../../../checks/evaluate.ts';
import { known, valueIn } from '../../../checks/fact.ts';
import { dnf } from '../../../checks/facts/dnf-manager.ts';
import type { Host } from '../../../checks/host.ts';
import { dnf5Root, ROOT_TIMEOUT_MS } from '../../support/debian-root.ts';
import { movedHost } from '../../support/moved-host.ts';
import { runProgram } from '../../support/program-run.ts';
import { describeAsRoot } from '../../support/programs.ts';
import { copyRoot, type RootCopy } from '../../support/root-copy.ts';
import { type Advisory, type Rpm, type RpmWorld, rpmWorld } from './rpm-world.ts';

const DAY_MS = 86_400_000;
const old = { name: 'demo', version: '1.0-1' };
const fixed = { name: 'demo', version: '1.1-1' };
const daysAgo = (days: number): string =>
  new Date(Date.now() - days * DAY_MS).toISOString().replace('T', ' ').slice(0, 19);

describeAsRoot(
  ['debootstrap', 'debian-archive-keyring', 'rpmbuild', 'createrepo_c'],
  'dnf 5, asked for what waits',
  () => {
    let copy: RootCopy;
    let world: RpmWorld;
    beforeAll(async () => {
      copy = copyRoot(await dnf5Root());
      world = rpmWorld();
      mkdirSync(join(copy.path, 'etc/dnf/vars'), { recursive: true });
      writeFileSync(join(copy.path, 'etc/dnf/vars/releasever'), '43\n');
    }, ROOT_TIMEOUT_MS);
    afterAll(() => {
      world?.end();
      copy?.remove();
    });
    beforeEach(async () => {
      for (const path of ['etc/dnf/versionlock.toml', 'etc/dnf/repos.override.d', 'etc/yum.repos.d'])
        rmSync(join(copy.path, path), { recursive: true, force: true });
      writeFileSync(join(copy.path, 'etc/dnf/dnf.conf'), '[main]\ngpgcheck=1\nplugins=0\n');
      await copy.run(['sh', '-c', 'rpm -qa | xargs -r rpm -e --nodeps; rm -rf /var/cache/libdnf5/*']);
    });

    async function offer(packages: readonly Rpm[], advisories: readonly Advisory[] | 'none'): Promise<void> {
      const made = world.publish('repo', packages, advisories).replace('file://', '');
      rmSync(join(copy.path, 'repo'), { recursive: true, force: true });
      await runProgram(['cp', '-r', made, join(copy.path, 'repo')]);
      mkdirSync(join(copy.path, 'etc/yum.repos.d'), { recursive: true });
      writeFileSync(
        join(copy.path, 'etc/yum.repos.d/base.repo'),
        '[base]\nname=base\nbaseurl=file:///repo\ngpgcheck=0\n',
      );
      await copy.run(['dnf5', '-q', '--refresh', 'makecache']);
    }
    const fix = (more: Partial<Advisory> = {}): Advisory => ({
      id: 'EXSA-1',
      severity: 'Important',
      issued: daysAgo(20),
      updated: daysAgo(1),
      packages: [fixed],
      ...more,
    });

    function host(): Host {
      const files = linuxHost({ root: copy.path });
      return {
        ...movedHost((path) => path),
        readText: (path, options) => files.readText(path, options),
        stat: (path) => files.stat(path),
        list: (path) => files.list(path),
        realPath: (path) => files.realPath(path),
        run: async (command, args) => {
          const program = command.programs.find((each) => existsSync(join(copy.path, each))) ?? '';
          return known(await runProgram(['chroot', copy.path, program, ...command.argv, ...args]));
        },
      };
    }
    const get = () => factGetter(host(), new Date(Date.now() + 10_000));
    const ask = async () => valueIn(await get()(dnf.answer));

    it('names package, advisory, severity and fate; what it reads it leaves as it is', async () => {
      await offer([{ ...old, from: 'origin' }, fixed], [fix({ cves: ['CVE-2026-4711'] })]);
      await copy.run(['dnf5', '-q', '-y', 'install', 'demo-1.0-1']);
      await copy.run(['touch', '/stamp']);
      const answer = await ask();
      expect(answer.doubt).toBeUndefined();
      expect(answer.updates).toMatchObject([
        {
          name: 'demo',
          arch: 'noarch',
          source: 'origin',
          installed: '1.0-1',
          candidate: '1.1-1',
          origin: 'base',
          advisories: ['EXSA-1'],
          severity: 'high',
          fate: 'installable',
        },
      ]);
      expect(answer.holes).toEqual({ 'EXSA-1': ['CVE-2026-4711'] });
      // The index that every reader of a database in WAL mode renews.
      const written = await copy.run([
        'find',
        '/etc',
        '/usr',
        '/var',
        '-xdev',
        '-newer',
        '/stamp',
        '-type',
        'f',
      ]);
      expect(written.split('\n').filter((path) => path && !path.endsWith('.sqlite-shm'))).toEqual([]);
    }, 120_000);

    it('since when it waits is its issue, where that can be read, and never its last revision', async () => {
      await offer([old, fixed], [fix()]);
      await copy.run(['dnf5', '-q', '-y', 'install', 'demo-1.0-1']);
      const [update] = (await ask()).updates;
      const day = daysAgo(20).slice(0, 10);
      // createrepo_c packs with gzip or zstd, by its version; Python reads the latter from 3.14 on.
      if (update?.published) expect(update.published).toContain(day);
      else expect(update?.listed).toContain(daysAgo(1).slice(0, 10));
    });

    it('exclusions and version locks do not hide what waits', async () => {
      await offer([old, fixed], [fix()]);
      await copy.run(['dnf5', '-q', '-y', 'install', 'demo-1.0-1']);
      writeFileSync(join(copy.path, 'etc/dnf/dnf.conf'), '[main]\ngpgcheck=1\nplugins=0\nexcludepkgs=demo\n');
      expect((await ask()).updates).toMatchObject([{ name: 'demo', fate: 'pinned' }]);
      writeFileSync(join(copy.path, 'etc/dnf/dnf.conf'), '[main]\ngpgcheck=1\nplugins=0\n');
      await copy.run(['dnf5', '-q', '-y', 'versionlock', 'add', 'demo']);
      expect((await ask()).updates).toMatchObject([{ name: 'demo', fate: 'held' }]);
    });

    it('installed it is done, and its history tells how long that took', async () => {
      await offer([old, fixed], [fix()]);
      await copy.run(['dnf5', '-q', '-y', 'install', 'demo-1.0-1']);
      await copy.run(['dnf5', '-q', '-y', 'upgrade']);
      const { updates, installs, obsolete } = await ask();
      expect(updates).toEqual([]);
      expect(obsolete).toEqual([]);
      const counted = (installs?.upgrades.length ?? 0) + (installs?.unexplained.length ?? 0);
      expect(counted).toBeGreaterThan(0);
    });

    it('a source without advisories, one that was never fetched, and one switched off by an override', async () => {
      await offer([old, fixed], 'none');
      await copy.run(['dnf5', '-q', '-y', 'install', 'demo-1.0-1']);
      expect((await ask()).doubt?.en).toContain('base');
      expect(valueIn(await get()(dnf.gap))?.en).toContain('updateinfo');
      await offer([old, fixed], [fix()]);
      rmSync(join(copy.path, 'var/cache/libdnf5'), { recursive: true });
      expect((await ask()).doubt?.en).toContain('base');
      await offer([old, fixed], [fix()]);
      expect((await ask()).doubt).toBeUndefined();
      const overrides = join(copy.path, 'etc/dnf/repos.override.d');
      mkdirSync(overrides, { recursive: true });
      writeFileSync(join(overrides, '99.repo'), '[ba*]\nenabled=0\n');
      expect(valueIn(await get()(dnf.gap))?.en).toContain('no package source is switched on');
    }, 120_000);

    it('the index is as old as its last success', async () => {
      await offer([old, fixed], [fix()]);
      const reached = async () => Date.parse(valueIn(await get()(dnf.indexes))[0]?.reached ?? '');
      const first = await reached();
      await new Promise((resolve) => setTimeout(resolve, 20));
      await copy.run(['dnf5', '-q', '--refresh', 'makecache']);
      const again = await reached();
      expect(again).toBeGreaterThan(first);
      renameSync(join(copy.path, 'repo'), join(copy.path, 'gone'));
      await copy.run(['sh', '-c', 'dnf5 -q --refresh makecache || true']);
      renameSync(join(copy.path, 'gone'), join(copy.path, 'repo'));
      expect(await reached()).toBe(again);
    });

    it('what is damaged gives no answer that looks whole', async () => {
      await offer([old, fixed], [fix()]);
      await copy.run(['dnf5', '-q', '-y', 'install', 'demo-1.0-1']);
      const cache = join(copy.path, 'var/cache/libdnf5');
      const [directory = ''] = readdirSync(cache).filter((name) => name.startsWith('base-'));
      writeFileSync(join(cache, directory, 'repodata/repomd.xml'), '<repomd>');
      const answer = await get()(dnf.answer);
      expect(answer.state === 'unreadable' || (answer.state === 'known' && answer.value.doubt)).toBeTruthy();
      writeFileSync(join(copy.path, 'var/lib/rpm/rpmdb.sqlite'), 'no database');
      expect(await get()(dnf.answer)).toMatchObject({ state: 'unreadable' });
      rmSync(join(copy.path, 'var/lib/rpm'), { recursive: true });
      await copy.run(['rpm', '--initdb']);
    });
  },
);
