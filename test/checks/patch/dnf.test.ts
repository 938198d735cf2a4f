/** dnf's facts against the real dnf, with packages, advisories and modules made here. */
import { spawn } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { factGetter } from '../../../checks/evaluate.ts';
import { valueIn } from '../../../checks/fact.ts';
import { dnf } from '../../../checks/facts/dnf-manager.ts';
import { describeInNamespace } from '../../support/mount-namespace.ts';
import { type Advisory, moduleStreams, type RpmWorld, rpmWorld } from './rpm-world.ts';

const fix = (more: Partial<Advisory> = {}): Advisory => ({
  id: 'EXSA-2026:0001',
  severity: 'Important',
  updated: '2026-11-20 06:00:00',
  packages: [{ name: 'demo', version: '1.1-1' }],
  ...more,
});
const old = { name: 'demo', version: '1.0-1' };
const fixed = { name: 'demo', version: '1.1-1' };

describeInNamespace(['dnf', 'rpmbuild', 'createrepo_c'], 'dnf, asked for what waits', () => {
  let world: RpmWorld;
  beforeEach(() => {
    world = rpmWorld();
  });
  afterEach(() => world.end());

  function source(id: string, url: string, more = ''): void {
    world.write(`/etc/yum.repos.d/${id}.repo`, `[${id}]\nname=${id}\nbaseurl=${url}\ngpgcheck=0\n${more}`);
  }
  function makecache(): number {
    return world.run('/usr/bin/dnf-3', ['-q', '--refresh', 'makecache']).status;
  }
  const ask = () => factGetter(world.host(), new Date(Date.now() + 10_000))(dnf.answer);
  const indexes = async () => valueIn(await factGetter(world.host(), new Date())(dnf.indexes));

  it('names package, versions, advisory, severity and day; once installed it is done', async () => {
    world.install({ ...old, from: 'origin' }, { name: 'other', version: '1-1' });
    const cves = ['CVE-2026-4712', 'CVE-2026-4711'];
    source('base', world.publish('repo', [fixed, { name: 'other', version: '2-1' }], [fix({ cves })]));
    expect(makecache()).toBe(0);
    const before = world.listing();
    expect(await ask()).toMatchObject({
      state: 'known',
      value: {
        updates: [
          {
            name: 'demo',
            arch: 'noarch',
            source: 'origin',
            installed: '1.0-1',
            candidate: '1.1-1',
            origin: 'base',
            advisories: ['EXSA-2026:0001'],
            severity: 'high',
            published: '2026-11-20T06:00:00.000Z',
            fate: 'installable',
          },
        ],
        holes: { 'EXSA-2026:0001': ['CVE-2026-4711', 'CVE-2026-4712'] },
      },
    });
    expect(world.listing()).toEqual(before);
    world.install(fixed);
    expect(await ask()).toMatchObject({ state: 'known', value: { updates: [] } });
  });

  it('an advisory of a bug is none of security, and each severity has its own day', async () => {
    world.install(old);
    const later = { name: 'demo', version: '1.2-1' };
    source(
      'base',
      world.publish(
        'repo',
        [fixed, later],
        [
          fix({ severity: 'Low', updated: '2026-10-01 06:00:00' }),
          fix({ id: 'EXSA-2026:0002', severity: 'Critical', packages: [later] }),
          fix({ id: 'EXBA-2026:0003', type: 'bugfix', packages: [later] }),
        ],
      ),
    );
    makecache();
    expect(valueIn(await ask()).updates).toMatchObject([
      {
        severity: 'critical',
        candidate: '1.2-1',
        advisories: ['EXSA-2026:0002'],
        published: '2026-11-20T06:00:00.000Z',
      },
      {
        severity: 'low',
        candidate: '1.1-1',
        advisories: ['EXSA-2026:0001'],
        published: '2026-10-01T06:00:00.000Z',
      },
    ]);
  });

  it('exclude= and versionlock do not hide what waits', async () => {
    world.install(old);
    source('base', world.publish('repo', [fixed], [fix()]));
    makecache();
    world.write('/etc/dnf/dnf.conf', '[main]\nexclude=demo\n');
    expect(valueIn(await ask()).updates).toMatchObject([{ name: 'demo', fate: 'pinned' }]);
    world.write('/etc/dnf/dnf.conf', '[main]\n');
    world.run('/bin/mkdir', ['-p', '/etc/dnf/plugins']);
    world.write('/etc/dnf/plugins/versionlock.list', 'demo-0:1.0-1.*\n');
    expect(valueIn(await ask()).updates).toMatchObject([{ name: 'demo', fate: 'held' }]);
  });

  it('of a module only the enabled stream counts', async () => {
    const tags = (stream: string) => [`ModularityLabel: demo:${stream}:1:abc`];
    const one = { ...fixed, tags: tags('1') };
    const two = { name: 'demo', version: '2.0-1', tags: tags('2') };
    world.install({ ...old, tags: tags('1') });
    const advisories = [
      fix({ module: 'demo:1' }),
      fix({ id: 'EXSA-2026:0002', module: 'demo:2', packages: [two] }),
    ];
    const modules = moduleStreams('demo', { '1': one, '2': two });
    source('base', world.publish('repo', [one, two], advisories, modules));
    makecache();
    world.run('/bin/mkdir', ['-p', '/etc/dnf/modules.d']);
    world.write('/etc/dnf/modules.d/demo.module', '[demo]\nname=demo\nstream=1\nprofiles=\nstate=enabled\n');
    const { updates } = valueIn(await ask());
    expect(updates).toMatchObject([
      { candidate: '1.1-1', advisories: ['EXSA-2026:0001'], fate: 'installable' },
    ]);
    expect(valueIn(await ask()).doubt).toBeUndefined();
    // Reset: dnf would neither update nor name it any more.
    world.run('/bin/rm', ['/etc/dnf/modules.d/demo.module']);
    expect(valueIn(await ask())).toMatchObject({ doubt: { en: expect.stringContaining('demo') } });
  });

  it('a source without advisories that has updates leaves a doubt', async () => {
    world.install(old);
    source('base', world.publish('repo', [fixed], 'none'));
    makecache();
    expect(valueIn(await ask())).toMatchObject({
      updates: [],
      doubt: { en: expect.stringContaining('base') },
    });
    expect(valueIn(await factGetter(world.host(), new Date())(dnf.gap))?.en).toContain('updateinfo');
  });

  it('a source that was never fetched, and one without the distribution’s packages, leave a doubt', async () => {
    world.install(old, { name: 'bash', version: '5-1' });
    source('base', world.publish('repo', [fixed, { name: 'bash', version: '5-1' }], []));
    source('vendor', world.publish('vendor', [], []), 'enabled=0\n');
    makecache();
    expect(valueIn(await ask())).toMatchObject({ updates: [] });
    expect(valueIn(await ask()).doubt).toBeUndefined();
    source('new', world.publish('new', [], []));
    expect(valueIn(await ask()).doubt?.en).toContain('source new');
    expect(await indexes()).toMatchObject([
      { fetched: true, security: true },
      { place: expect.stringMatching(/^new /), fetched: false },
    ]);
    source('new', '', 'enabled=0\n');
    source('base', '', 'enabled=0\n');
    source('vendor', world.publish('vendor', [{ name: 'agent', version: '1-1' }], []));
    makecache();
    expect(valueIn(await ask()).doubt?.en).toContain('bash');
  });

  it('one of the distribution’s sources that is switched off leaves a doubt', async () => {
    const by = (vendor: string) => ({ version: '1-1', tags: [`Vendor: ${vendor}`] });
    const bash = { name: 'bash', ...by('Example') };
    const apps = Array.from({ length: 10 }, (_, index) => ({ name: `app${index}`, ...by('Example') }));
    const own = Array.from({ length: 10 }, (_, index) => ({ name: `own${index}`, ...by('Ourselves') }));
    world.install(bash, ...apps, ...own);
    source('base', world.publish('repo', [bash], []));
    source('apps', world.publish('apps', apps, []));
    makecache();
    expect(valueIn(await ask())).toMatchObject({ updates: [] });
    expect(valueIn(await ask()).doubt).toBeUndefined();
    source('apps', `file://${join(world.root, '../apps')}`, 'enabled=0\n');
    expect(valueIn(await ask()).doubt?.en).toMatch(/10 of the distribution.*app0/);
  });

  it('the index is as old as its last success, not as the last attempt', async () => {
    source('base', world.publish('repo', [fixed], []));
    makecache();
    const [first] = await indexes();
    const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
    await pause();
    expect(makecache()).toBe(0);
    const [again] = await indexes();
    expect(Date.parse(again?.reached ?? '')).toBeGreaterThan(Date.parse(first?.reached ?? ''));
    expect(again?.made).toBe(first?.made);
    const repository = join(world.root, '../repo');
    renameSync(repository, `${repository}.gone`);
    await pause();
    makecache();
    expect((await indexes())[0]?.reached).toBe(again?.reached);
  });

  it('what is damaged or half-written gives no answer, and none that looks whole', async () => {
    world.install(old);
    source('base', world.publish('repo', [fixed], [fix()]));
    makecache();
    const [index] = await indexes();
    writeFileSync(join(world.root, index?.file ?? ''), '<repomd>');
    expect((await indexes())[0]).toMatchObject({ fetched: false });
    expect(await ask()).toMatchObject({ value: { doubt: { en: expect.stringContaining('source base') } } });
    writeFileSync(join(world.root, '/var/lib/rpm/rpmdb.sqlite'), 'no database');
    expect(await ask()).toMatchObject({
      state: 'unreadable',
      reason: { en: expect.stringContaining('rpmdb') },
    });
  });

  it('the last answer holds as long as nothing that it depends on has changed', async () => {
    const inputs = async () =>
      valueIn(await factGetter(world.host(), new Date(Date.now() + 10_000))(dnf.inputs));
    world.install(old);
    source('base', world.publish('repo', [fixed], [fix()]));
    makecache();
    let before = await inputs();
    await ask();
    expect(await inputs()).toBe(before);
    const changes: Readonly<Record<string, () => void>> = {
      installed: () => world.install(fixed),
      'another package': () => world.install({ name: 'other', version: '1-1' }),
      index: () => {
        source('base', world.publish('repo', [fixed], [fix(), fix({ id: 'EXSA-2026:0002' })]));
        makecache();
      },
      exclude: () => world.write('/etc/dnf/dnf.conf', '[main]\nexclude=demo\n'),
      variable: () => world.write('/etc/dnf/vars/releasever', '8\n'),
      'switched off': () => source('base', `file://${join(world.root, '../repo')}`, 'enabled=0\n'),
      locked: () => {
        world.run('/bin/mkdir', ['-p', '/etc/dnf/plugins']);
        world.write('/etc/dnf/plugins/versionlock.list', 'demo-0:1.0-1.*\n');
      },
    };
    for (const [name, change] of Object.entries(changes)) {
      change();
      const after = await inputs();
      expect(after, name).not.toBe(before);
      before = after;
    }
  });

  it('somebody else’s lock on the package database is no reason to wait', async () => {
    world.install(old);
    source('base', world.publish('repo', [fixed], [fix()]));
    makecache();
    const hold = `import fcntl,sys,time\nf=open(sys.argv[1],'w')\nfcntl.lockf(f,fcntl.LOCK_EX)\nprint('held',flush=True)\ntime.sleep(60)`;
    const holder = spawn('/usr/bin/python3', ['-c', hold, join(world.root, '/var/lib/rpm/.rpm.lock')]);
    try {
      await new Promise((resolve) => holder.stdout.once('data', resolve));
      expect(valueIn(await ask()).updates).toMatchObject([{ name: 'demo' }]);
    } finally {
      holder.kill('SIGKILL');
    }
  });
});
