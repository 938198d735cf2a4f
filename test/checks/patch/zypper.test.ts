/** zypper's facts against the real zypper, with packages and patches made here. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { factGetter } from '../../../checks/evaluate.ts';
import { valueIn } from '../../../checks/fact.ts';
import { zypper } from '../../../checks/facts/zypper-manager.ts';
import { describeInNamespace } from '../../support/mount-namespace.ts';
import { type Advisory, type RpmWorld, rpmWorld } from './rpm-world.ts';

const old = { name: 'demo', version: '1.0-1' };
const fixed = { name: 'demo', version: '1.1-1' };
const library = { name: 'libdemo', version: '1.1-1' };
const patch = (more: Partial<Advisory> = {}): Advisory => ({
  id: 'EX-SLE-2026-1',
  severity: 'important',
  updated: '2026-11-20 06:00:00',
  packages: [fixed, library],
  // What looks like a field or a tag inside a description is none.
  description: '&lt;update kind="patch"&gt;\nConflicts   : other &lt; 9\nName        : EX-OTHER',
  ...more,
});

describeInNamespace(['zypper', 'rpmbuild', 'createrepo_c'], 'zypper, asked for what waits', () => {
  let world: RpmWorld;
  beforeEach(() => {
    world = rpmWorld();
  });
  afterEach(() => world.end());

  const run = (...args: string[]) => world.run('/usr/bin/zypper', ['-n', ...args]);
  function source(id: string, url: string, more = ''): void {
    world.write(
      `/etc/zypp/repos.d/${id}.repo`,
      `[${id}]\nname=${id}\nenabled=1\nbaseurl=${url}\ngpgcheck=0\n${more}`,
    );
  }
  const get = () => factGetter(world.host(), new Date(Date.now() + 10_000));
  const ask = () => get()(zypper.answer);
  const index = async () => valueIn(await get()(zypper.indexes))[0];
  const rest = () => new Promise((resolve) => setTimeout(resolve, 1100));

  it('names packages, versions, patch, severity and day; once installed it is done', async () => {
    world.install(
      old,
      { name: 'libdemo', version: '1.0-1', from: 'demo' },
      { name: 'other', version: '1-1' },
    );
    const bug = patch({ id: 'EX-SLE-2026-2', type: 'bugfix', packages: [{ name: 'other', version: '2-1' }] });
    source(
      'update',
      world.publish(
        'repo',
        [fixed, library, { name: 'other', version: '2-1' }],
        [patch({ cves: ['CVE-2026-4711'] }), bug],
      ),
    );
    expect(run('refresh').status).toBe(0);
    const before = world.listing();
    const common = {
      arch: 'noarch',
      installed: '1.0-1',
      candidate: '1.1-1',
      origin: 'update',
      advisories: ['EX-SLE-2026-1'],
      severity: 'high',
      published: '2026-11-20T06:00:00.000Z',
      fate: 'installable',
    };
    expect(await ask()).toMatchObject({
      state: 'known',
      value: {
        updates: [
          { name: 'demo', ...common },
          { name: 'libdemo', source: 'demo', ...common },
        ],
        holes: { 'EX-SLE-2026-1': ['CVE-2026-4711'] },
      },
    });
    expect(world.listing()).toEqual(before);
    world.install(fixed, library);
    expect(await ask()).toMatchObject({ state: 'known', value: { updates: [] } });
  });

  it('a lock does not hide what waits', async () => {
    world.install(old);
    source('update', world.publish('repo', [fixed], [patch({ packages: [fixed] })]));
    run('refresh');
    expect(run('addlock', 'demo').status).toBe(0);
    expect(valueIn(await ask()).updates).toMatchObject([{ name: 'demo', fate: 'held' }]);
  });

  it('is not asked where it would fetch', async () => {
    world.install(old);
    source('update', world.publish('repo', [fixed], [patch({ packages: [fixed] })]));
    const before = world.listing();
    expect(await ask()).toMatchObject({
      state: 'unreadable',
      reason: { en: expect.stringContaining('update') },
    });
    expect(world.listing()).toEqual(before);
    expect(await index()).toMatchObject({ fetched: false });
  });

  it('the index is as old as its last success, not as the last attempt', async () => {
    source('update', world.publish('repo', [fixed], []));
    run('refresh');
    const first = await index();
    expect(first).toMatchObject({ fetched: true, security: true });
    await rest();
    expect(run('refresh').status).toBe(0);
    const again = await index();
    expect(Date.parse(again?.reached ?? '')).toBeGreaterThan(Date.parse(first?.reached ?? ''));
    const repository = join(world.root, '../repo');
    renameSync(repository, `${repository}.gone`);
    await rest();
    expect(run('refresh').status).not.toBe(0);
    expect((await index())?.reached).toBe(again?.reached);
  });

  it('a vendor’s source with patches is not the distribution’s: without those a doubt is left', async () => {
    const bash = { name: 'bash', version: '5-1' };
    world.install(old, bash);
    source('main-Pool', world.publish('main', [old, bash], 'none'));
    source('vendor', world.publish('vendor', [{ name: 'agent', version: '1-1' }], []));
    run('refresh');
    expect(valueIn(await ask())).toMatchObject({
      updates: [],
      doubt: { en: expect.stringContaining('distribution') },
    });
    source('main-Updates', world.publish('update', [bash], []));
    run('refresh');
    expect(valueIn(await ask())).toMatchObject({ updates: [] });
    expect(valueIn(await ask()).doubt).toBeUndefined();
    expect(valueIn(await get()(zypper.gap))).toBeUndefined();
    expect(run('modifyrepo', '-d', 'main-Updates').status).toBe(0);
    expect(valueIn(await get()(zypper.gap))?.en).toContain('main-Updates');
  });

  it('an update in a source without patches leaves a doubt', async () => {
    world.install(old);
    source('update', world.publish('repo', [], []));
    source('vendor', world.publish('vendor', [fixed], 'none'));
    run('refresh');
    expect(valueIn(await ask()).doubt?.en).toMatch(/vendor .* demo/);
  });

  it('without patches nothing can be said', async () => {
    source('update', world.publish('repo', [fixed], 'none'));
    run('refresh');
    expect(valueIn(await get()(zypper.gap))?.en).toContain('patches');
  });

  it('a package database that can not be read gives no answer', async () => {
    world.install(old);
    source('update', world.publish('repo', [fixed], [patch({ packages: [fixed] })]));
    run('refresh');
    world.write('/var/lib/rpm/rpmdb.sqlite', 'no database');
    expect(await ask()).toMatchObject({ state: 'unreadable' });
  });

  it('the last answer holds as long as nothing that it depends on has changed', async () => {
    const inputs = async () => valueIn(await get()(zypper.inputs));
    world.install(old);
    source('update', world.publish('repo', [fixed], [patch({ packages: [fixed] })]));
    run('refresh');
    let before = await inputs();
    await ask();
    expect(await inputs()).toBe(before);
    const changes: Readonly<Record<string, () => void>> = {
      installed: () => world.install(fixed),
      index: () => {
        source('update', world.publish('repo', [fixed, library], [patch()]));
        run('refresh', '-f');
      },
      locked: () => run('addlock', 'demo'),
      variable: () => {
        world.run('/bin/mkdir', ['-p', '/etc/zypp/vars.d']);
        world.write('/etc/zypp/vars.d/one', 'two\n');
      },
      'another source': () => source('vendor', world.publish('vendor', [], [])),
      'switched off': () => run('modifyrepo', '-d', 'update'),
    };
    for (const [name, change] of Object.entries(changes)) {
      change();
      const after = await inputs();
      expect(after, name).not.toBe(before);
      before = after;
    }
  });
});
