/** patch.obsolete-packages against apt's own `?obsolete`. */
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { factGetter } from '../../../checks/evaluate.ts';
import { valueIn } from '../../../checks/fact.ts';
import { obsoletePackages } from '../../../checks/facts/patch-state.ts';
import { describeWith } from '../../support/programs.ts';
import { type AptWorld, aptWorld } from './apt-world.ts';

describeWith(
  ['apt-get', 'apt-ftparchive', 'dpkg-deb', 'gpg'],
  'packages from no source, with real apt',
  () => {
    let world: AptWorld;
    beforeEach(() => {
      world = aptWorld();
      world.write('etc/os-release', 'ID=debian\nVERSION_ID="12"\n');
    });
    afterEach(() => world.end());

    const ours = async () =>
      valueIn(await factGetter(world.host(), new Date())(obsoletePackages)).packages.map(({ name }) => name);
    async function theirs(): Promise<string[]> {
      const { stdout, status } = await world.apt('-s', 'remove', '?obsolete');
      expect(status).toBe(0);
      return [...stdout.matchAll(/^Remv (\S+)/gm)].map(([, name = '']) => name).sort();
    }

    it.each([['as they are'], ['packed with lz4']])('lists %s', async (way) => {
      world.publish({
        suite: 'one',
        label: 'Demo',
        codename: 'one',
        packages: [
          { name: 'newer', version: '2' },
          { name: 'older', version: '1' },
          { name: 'same', version: '1' },
        ],
      });
      if (way !== 'as they are') world.write('etc/apt/apt.conf.d/99lz4', 'Acquire::GzipIndexes "true";\n');
      world.sources([`deb ${world.signedBy} file:${world.repository} one main`]);
      world.install([
        { name: 'newer', version: '1' },
        { name: 'older', version: '2' },
        { name: 'same', version: '1' },
        { name: 'gone', version: '1' },
        { name: 'new', version: '1' },
      ]);
      await world.apt('update');
      expect(await ours()).toEqual(['gone', 'new']);
      expect(await theirs()).toEqual(['gone', 'new']);
    });

    it('a damaged list gives no answer', async () => {
      world.publish({
        suite: 'one',
        label: 'Demo',
        codename: 'one',
        packages: [{ name: 'a', version: '2' }],
      });
      world.write('etc/apt/apt.conf.d/99lz4', 'Acquire::GzipIndexes "true";\n');
      world.sources([`deb ${world.signedBy} file:${world.repository} one main`]);
      world.install([{ name: 'a', version: '1' }]);
      await world.apt('update');
      const lists = join(world.root, 'var/lib/apt/lists');
      const name = readdirSync(lists).find((each) => each.endsWith('.lz4')) ?? '';
      expect(name).not.toBe('');
      appendFileSync(join(lists, name), 'x');
      expect((await factGetter(world.host(), new Date())(obsoletePackages)).state).toBe('unreadable');
    });
  },
);
