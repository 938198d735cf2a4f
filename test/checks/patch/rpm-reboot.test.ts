/** What rpm says of installed packages, and what waits for a reboot, against the real rpm. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { factGetter } from '../../../checks/evaluate.ts';
import { type Fact, known, valueIn } from '../../../checks/fact.ts';
import { rebootRequired } from '../../../checks/facts/reboot-required.ts';
import { leftOver, rpmPackages } from '../../../checks/facts/rpm-installed.ts';
import type { Host, TextFile } from '../../../checks/host.ts';
import { describeInNamespace } from '../../support/mount-namespace.ts';
import { type RpmWorld, rpmWorld } from './rpm-world.ts';

describeInNamespace(['rpmbuild'], 'rpm, asked what was installed when', () => {
  let world: RpmWorld;
  beforeEach(() => {
    world = rpmWorld();
  });
  afterEach(() => world.end());

  /** The world as a RHEL-like system that was booted at this instant (seconds). */
  function host(booted: number): Host {
    const inner = world.host();
    const own: Readonly<Record<string, string>> = {
      '/etc/os-release': 'ID=almalinux\nID_LIKE="rhel centos fedora"\n',
      '/proc/stat': `cpu 1\nbtime ${booted}\n`,
    };
    return {
      ...inner,
      readText: async (path, options): Promise<Fact<TextFile>> => {
        const text = own[path];
        if (text === undefined) return inner.readText(path, options);
        return known({ path, text, stat: valueIn(await inner.stat('/proc/stat')) });
      },
      stat: async (path) => (path.startsWith('/run/') ? { state: 'absent', source: path } : inner.stat(path)),
    };
  }
  const ask = (booted: number) => factGetter(host(booted), new Date())(rebootRequired);
  const seconds = () => Math.floor(Date.now() / 1000);

  it('packages, versions with their epoch, and the second of their installation', async () => {
    const before = seconds();
    world.install(
      { name: 'glibc', version: '2.34-100' },
      { name: 'openssl-libs', version: '3.0-1', tags: ['Epoch: 1'] },
    );
    const packages = valueIn(await factGetter(world.host(), new Date())(rpmPackages));
    expect(packages.map(({ name, evr }) => `${name} ${evr}`).sort()).toEqual([
      'glibc 2.34-100',
      'openssl-libs 1:3.0-1',
    ]);
    for (const { installed } of packages) {
      expect(Date.parse(installed) / 1000).toBeGreaterThanOrEqual(before);
      expect(Date.parse(installed) / 1000).toBeLessThanOrEqual(seconds());
    }
  });

  it('a core package that was installed after the boot asks for another one; others do not', async () => {
    world.install({ name: 'demo', version: '1-1' });
    expect(await ask(seconds() - 3600)).toMatchObject({ state: 'absent' });
    world.install({ name: 'glibc', version: '2.34-100' });
    expect(await ask(seconds() - 3600)).toMatchObject({
      state: 'known',
      value: { path: 'rpm -qa', packages: ['glibc 2.34-100'] },
    });
    expect(await ask(seconds() + 3600)).toMatchObject({ state: 'absent' });
  });

  it('an old version that an interrupted update left behind is found, kernels are not', async () => {
    const packages = async () => valueIn(await factGetter(world.host(), new Date())(rpmPackages));
    world.install({ name: 'glibc', version: '2.34-99' }, { name: 'kernel-core', version: '5.14-1' });
    world.installBeside({ name: 'kernel-core', version: '5.14-2' });
    expect(leftOver(await packages())).toEqual([]);
    world.installBeside({ name: 'glibc', version: '2.34-100' });
    expect(leftOver(await packages())).toMatchObject([[{ evr: '2.34-99' }, { evr: '2.34-100' }]]);
  });

  it('a database of rpm on a system of apt says nothing of it', async () => {
    world.install({ name: 'glibc', version: '2.34-100' });
    world.write('/etc/os-release', 'ID=debian\nVERSION_ID="12"\n');
    const packages = await factGetter(world.host(), new Date())(rpmPackages);
    expect(packages).toMatchObject({ state: 'absent' });
  });

  it('a damaged database, or an empty one, is no answer', async () => {
    expect(await ask(seconds() - 3600)).not.toMatchObject({ state: 'absent' });
    world.install({ name: 'glibc', version: '2.34-100' });
    world.write('/var/lib/rpm/rpmdb.sqlite', 'no database');
    expect(await ask(seconds() - 3600)).not.toMatchObject({ state: 'absent' });
  });
});
