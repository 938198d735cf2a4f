/** What dnf and zypper themselves entered into their histories, and which packages no source has. */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { factGetter } from '../../../checks/evaluate.ts';
import { valueIn } from '../../../checks/fact.ts';
import { dnf } from '../../../checks/facts/dnf-manager.ts';
import type { ManagerAnswer, PackageManager } from '../../../checks/facts/pending-updates.ts';
import { zypper } from '../../../checks/facts/zypper-manager.ts';
import { describeInNamespace } from '../../support/mount-namespace.ts';
import { type RpmWorld, rpmWorld } from './rpm-world.ts';

const DAY_MS = 86_400_000;
const old = { name: 'demo', version: '1.0-1' };
const fixed = { name: 'demo', version: '1.1-1' };
const own = { name: 'own', version: '1-1' };

/** As updateinfo.xml writes it. */
const daysAgo = (days: number): string =>
  new Date(Date.now() - days * DAY_MS).toISOString().replace('T', ' ').slice(0, 19);
const ask = async (world: RpmWorld, manager: PackageManager): Promise<ManagerAnswer> =>
  valueIn(await factGetter(world.host(), new Date(Date.now() + 10_000))(manager.answer));

describeInNamespace(['dnf', 'rpmbuild', 'createrepo_c'], 'what dnf installed', () => {
  let world: RpmWorld;
  const repository = (issued: number) => {
    const advisory = { id: 'EXSA-1', severity: 'Important', packages: [fixed] };
    const url = world.publish(
      'repo',
      [old, fixed],
      [{ ...advisory, issued: daysAgo(issued), updated: daysAgo(1) }],
    );
    world.write('/etc/yum.repos.d/base.repo', `[base]\nname=base\nbaseurl=${url}\ngpgcheck=0\n`);
  };
  const install = (...args: string[]) => {
    const { status, stderr } = world.run('/usr/bin/dnf-3', ['-y', '--refresh', ...args]);
    expect([status, stderr]).toEqual([0, expect.any(String)]);
  };
  /** As if every transaction so far had happened so many days before. */
  const age = (days: number): void => {
    const script = `import sqlite3; c=sqlite3.connect('/var/lib/dnf/history.sqlite'); c.execute('update trans set dt_begin=dt_begin-${days * 86_400}, dt_end=dt_end-${days * 86_400}'); c.commit(); c.close()`;
    expect(world.run('/usr/bin/python3', ['-c', script]).status).toBe(0);
  };
  beforeEach(() => {
    world = rpmWorld();
  });
  afterEach(() => world.end());

  it('a wait begins with the advisory’s issue, not with its last revision', async () => {
    repository(20);
    install('install', 'demo-1.0-1');
    age(60);
    expect((await ask(world, dnf)).updates).toMatchObject([
      { name: 'demo', published: expect.stringContaining(daysAgo(20).slice(0, 10)) },
    ]);
    install('upgrade');
    const before = world.listing().filter((line) => !line.includes('history.sqlite-shm'));
    const { installs } = await ask(world, dnf);
    expect(world.listing().filter((line) => !line.includes('history.sqlite-shm'))).toEqual(before);
    expect(installs).toMatchObject({
      upgrades: [{ name: 'demo', version: '1.1-1', waited: 20 }],
      unexplained: [],
    });
  });

  it('what came late waits from then on, and what was new was no update', async () => {
    repository(20);
    install('install', 'demo-1.0-1');
    age(3);
    install('upgrade');
    expect((await ask(world, dnf)).installs?.upgrades).toMatchObject([{ waited: 3 }]);
    install('remove', 'demo');
    install('install', 'demo');
    const { installs } = await ask(world, dnf);
    expect(installs?.upgrades).toHaveLength(1);
    expect(installs?.unexplained).toEqual([]);
  });

  it('what rpm installed by itself is not explained, and without a history nothing is said', async () => {
    repository(20);
    install('install', 'demo-1.0-1');
    age(60);
    world.install(fixed);
    expect((await ask(world, dnf)).installs).toMatchObject({
      upgrades: [],
      unexplained: [expect.any(String)],
    });
    const path = join(world.root, 'var/lib/dnf/history.sqlite');
    for (const end of ['', '-wal', '-shm'])
      if (existsSync(path + end)) renameSync(path + end, `${path}.away${end}`);
    expect((await ask(world, dnf)).installs).toBeUndefined();
    world.write('/var/lib/dnf/history.sqlite', 'no database');
    expect((await ask(world, dnf)).installs).toBeUndefined();
  });

  it('packages that no source has, unless a source is missing', async () => {
    repository(20);
    install('install', 'demo-1.0-1');
    world.install(own);
    const listed = world.run('/usr/bin/dnf-3', ['-q', '-C', 'list', '--extras']).stdout;
    expect(listed).toMatch(/^own\.noarch/m);
    expect((await ask(world, dnf)).obsolete).toEqual([{ name: 'own', version: '1-1' }]);
    for (const name of readdirSync(join(world.root, 'var/cache/dnf')))
      rmSync(join(world.root, 'var/cache/dnf', name), { recursive: true });
    expect((await ask(world, dnf)).obsolete).toBeUndefined();
  });
});

describeInNamespace(['zypper', 'rpmbuild', 'createrepo_c'], 'what zypper installed', () => {
  let world: RpmWorld;
  const run = (...args: string[]) => {
    const { status, stdout } = world.run('/usr/bin/zypper', ['-n', ...args]);
    expect([status, stdout]).toEqual([0, expect.any(String)]);
  };
  const repository = (issued: number) => {
    const url = world.publish(
      'repo',
      [old, fixed],
      [{ id: 'EX-1', severity: 'important', updated: daysAgo(issued), packages: [fixed] }],
    );
    world.write('/etc/zypp/repos.d/base.repo', `[base]\nname=base\nenabled=1\nbaseurl=${url}\ngpgcheck=0\n`);
    run('refresh');
  };
  beforeEach(() => {
    world = rpmWorld();
  });
  afterEach(() => world.end());

  it('a wait begins with the patch’s issue', async () => {
    world.install(old);
    repository(12);
    run('patch');
    expect((await ask(world, zypper)).installs).toMatchObject({
      upgrades: [{ name: 'EX-1', waited: 12 }],
      unexplained: [],
    });
  });

  it('or with the package that needs it, where that came later', async () => {
    repository(12);
    run('install', '--oldpackage', 'demo-1.0-1');
    run('patch');
    expect((await ask(world, zypper)).installs?.upgrades).toMatchObject([{ name: 'EX-1', waited: 0 }]);
  });

  it('packages that no source has', async () => {
    world.install(old, own);
    repository(12);
    const before = world.listing();
    expect((await ask(world, zypper)).obsolete).toEqual([{ name: 'own', version: '1-1' }]);
    expect(world.listing()).toEqual(before);
    world.run('/usr/bin/rpm', ['-e', 'own']);
    expect((await ask(world, zypper)).obsolete).toEqual([]);
  });
});
