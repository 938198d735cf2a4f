/** Which unit files are in force: written cases, for machines where systemd can't be asked. */
import { expect, it } from 'vitest';
import { valueIn } from '../../../checks/fact.ts';
import {
  readUnit,
  readUnitTree,
  unitList,
  unitNames,
  unitValue,
} from '../../../checks/facts/systemd-unit.ts';
import { memoryHost, type Node } from '../../../checks/host-memory.ts';

const exec = (...words: string[]) => `[Service]\n${words.map((word) => `ExecStart=${word}`).join('\n')}\n`;

async function resolve(files: Readonly<Record<string, Node>>, name: string) {
  const host = memoryHost({ files: { '/dev/null': { type: 'other' }, ...files } });
  const tree = valueIn(await readUnitTree(host));
  const unit = valueIn(await readUnit(host, tree, name));
  return { ...unit, tree, commands: unitList(unit, 'Service', 'ExecStart').map(({ value }) => value) };
}

it('takes the first directory, and lists a merged /usr once', async () => {
  const unit = await resolve(
    {
      '/lib': { link: 'usr/lib' },
      '/usr/lib/systemd/system/a.service': exec('vendor'),
      '/run/systemd/system/a.service': exec('runtime'),
      '/etc/systemd/system/a.service': exec('admin'),
    },
    'a.service',
  );
  expect(unit.commands).toEqual(['admin']);
  expect(unit.tree.directories.map(({ path }) => path)).not.toContain('/lib/systemd/system');
});

it('falls back to the template, and reads drop-ins of instance, template, prefix and type by file name', async () => {
  const files = {
    '/usr/lib/systemd/system/x-y@.service': exec('template'),
    '/usr/lib/systemd/system/x-y@.service.d/2.conf': exec('two'),
    '/etc/systemd/system/x-y@1.service.d/3.conf': exec('three'),
    '/etc/systemd/system/x-.service.d/1.conf': exec('one'),
    '/etc/systemd/system/service.d/2.conf': exec('hidden by the unit’s own'),
    '/etc/systemd/system/service.d/4.conf': exec('four'),
    '/etc/systemd/system/x-y@2.service.d/5.conf': exec('another instance'),
    '/etc/systemd/system/x-y@1.service.d/notes.txt': exec('no drop-in'),
  };
  expect((await resolve(files, 'x-y@1.service')).commands).toEqual([
    'template',
    'one',
    'two',
    'three',
    'four',
  ]);
  expect(unitNames((await resolve(files, 'a.service')).tree, 'service')).toContain('x-y@2.service');
});

it('a drop-in of the same name hides those of lower directories, one linked to /dev/null takes them away', async () => {
  const vendor = {
    '/usr/lib/systemd/system/a.service': exec('a'),
    '/usr/lib/systemd/system/a.service.d/1.conf': exec('b'),
  };
  expect(
    (await resolve({ ...vendor, '/etc/systemd/system/a.service.d/1.conf': exec('c') }, 'a.service')).commands,
  ).toEqual(['a', 'c']);
  const masked = { ...vendor, '/etc/systemd/system/a.service.d/1.conf': { link: '/dev/null' } };
  expect((await resolve(masked, 'a.service')).commands).toEqual(['a']);
});

it.each<[string, Node]>([
  ['a link to /dev/null', { link: '/dev/null' }],
  ['an empty file', ''],
])('%s masks the unit', async (_what, node) => {
  const files = { '/usr/lib/systemd/system/a@.service': exec('a'), '/etc/systemd/system/a@.service': node };
  expect(await resolve(files, 'a@1.service')).toMatchObject({ state: 'masked', settings: [] });
});

it('follows aliases, with the drop-ins of all names', async () => {
  const files = {
    '/usr/lib/systemd/system/real@.service': exec('real'),
    '/usr/lib/systemd/system/alias@.service': { link: 'real@.service' },
    '/etc/systemd/system/alias@.service.d/1.conf': exec('by alias'),
    '/etc/systemd/system/real@.service.d/2.conf': exec('by name'),
  };
  const both = ['real', 'by alias', 'by name'];
  expect((await resolve(files, 'alias@1.service')).commands).toEqual(both);
  expect((await resolve(files, 'real@1.service')).commands).toEqual(both);
});

it('passes over links that lead nowhere or to another kind of unit', async () => {
  const files = {
    '/usr/lib/systemd/system/a.service': exec('a'),
    '/run/systemd/system/a.service': { link: 'b@.service' },
    '/run/systemd/system/b@.service': exec('b'),
    '/etc/systemd/system/a.service': { link: '/opt/gone.service' },
  };
  expect((await resolve(files, 'a.service')).commands).toEqual(['a']);
});

it('a single value is the last one, and none when that is empty', async () => {
  const files = { '/etc/systemd/system/a.service': '[Service]\nUser=a\nUser=b\nGroup=c\nGroup=\n' };
  const unit = await resolve(files, 'a.service');
  expect([unitValue(unit, 'Service', 'User')?.value, unitValue(unit, 'Service', 'Group')]).toEqual([
    'b',
    undefined,
  ]);
});

it('is unreadable when a drop-in is, and missing when there is nothing', async () => {
  const host = memoryHost({
    files: {
      '/etc/systemd/system/a.service': exec('a'),
      '/etc/systemd/system/a.service.d/1.conf': { unreadable: 'no' },
    },
  });
  const tree = valueIn(await readUnitTree(host));
  expect((await readUnit(host, tree, 'a.service')).state).toBe('unreadable');
  expect(valueIn(await readUnit(host, tree, 'nothing.service')).state).toBe('missing');
});
