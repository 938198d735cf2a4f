/** Our resolution of units against systemd's own, on random trees: `systemd --test` loads them and says what it found. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { valueIn } from '../../../checks/fact.ts';
import { readUnit, readUnitTree, unitList } from '../../../checks/facts/systemd-unit.ts';
import { execCommands } from '../../../checks/facts/systemd-unit-file.ts';
import { memoryHost, type Node } from '../../../checks/host-memory.ts';
import { describeInNamespace, inNamespace, openDirectory } from '../../support/mount-namespace.ts';

const DIRECTORIES = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
];
const WANTED = [
  'a.service',
  'b.service',
  'a-b-c.service',
  't@x.service',
  't@y.service',
  'u@x.service',
  'c-d@x.service',
];
const PLAIN = ['a.service', 'b.service', 'a-b-c.service'];
const FILES = [...PLAIN, 't@.service', 't@x.service', 'u@.service', 'c-d@.service', 'c-d@x.service'];
const DROP_INS = [...FILES, 'a-.service', 'a-b-.service', 'c-.service', 'service'];

interface Found {
  readonly state: string;
  readonly fragment: string;
  readonly dropIns: readonly string[];
  readonly commands: readonly string[];
}

const body = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 99 }).map((n) => `ExecStart=/bin/true ${n}`) },
      fc.constant('ExecStart='),
      fc.constant('# ExecStart=/bin/true comment'),
      fc.constant('[Unit]\nDescription=x\n[Service]'),
      fc.constant('ExecStart=/bin/true continued \\\n; comment\n  end'),
      fc.constant('ExecStart=-/bin/true "two words" \\x41 \'q\' ; /bin/false'),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((lines) => `[Service]\nType=oneshot\n${lines.join('\n')}\n`);

const fragment: fc.Arbitrary<[string, Node]> = fc
  .tuple(
    fc.constantFrom(...DIRECTORIES),
    fc.constantFrom(...FILES),
    body,
    fc.nat(9),
    fc.constantFrom(...FILES),
  )
  .map(([directory, name, text, kind, other]): [string, Node] => [
    `${directory}/${name}`,
    kind === 0
      ? { link: '/dev/null' }
      : kind === 1
        ? ''
        : kind < 5 && other !== name
          ? { link: other }
          : text,
  ]);

const dropIn: fc.Arbitrary<[string, Node]> = fc
  .tuple(
    fc.constantFrom(...DIRECTORIES),
    fc.constantFrom(...DROP_INS),
    fc.constantFrom('1', '2', '3'),
    body,
    fc.nat(9),
  )
  .map(([directory, name, file, text, kind]): [string, Node] => [
    `${directory}/${name}.d/${file}.conf`,
    kind === 0 ? { link: '/dev/null' } : text,
  ]);

const tree = fc
  .tuple(fc.array(fragment, { minLength: 3, maxLength: 12 }), fc.array(dropIn, { maxLength: 14 }))
  .map(([fragments, dropIns]) => Object.fromEntries([...fragments, ...dropIns]));

const unmerged = (path: string) => path.replace(/^\/lib\//, '/usr/lib/');

/** What `systemd --test` prints about each wanted unit. */
function bySystemd(files: Readonly<Record<string, Node>>, at: string): Map<string, Found> {
  for (const directory of DIRECTORIES) mkdirSync(join(at, directory), { recursive: true });
  for (const [path, node] of Object.entries(files)) {
    mkdirSync(dirname(join(at, path)), { recursive: true });
    if (typeof node === 'string') writeFileSync(join(at, path), node);
    else if (node.link) symlinkSync(node.link, join(at, path));
  }
  writeFileSync(join(at, '/etc/systemd/system/all.target'), `[Unit]\nWants=${WANTED.join(' ')}\n`);
  const text = inNamespace(
    DIRECTORIES.map((over) => ({ from: join(at, over), over })),
    'HOME=/nonexistent setpriv --reuid 65534 --regid 65534 --clear-groups /lib/systemd/systemd --test --system --unit=all.target 2>&1',
  );
  const found = new Map<string, Found>();
  for (const block of text.split(/\n\t-> Unit /).slice(1)) {
    const name = block.slice(0, block.indexOf(':'));
    const all = (label: string) =>
      [...block.matchAll(new RegExp(`\\n\\t+${label}: (.*)`, 'g'))].map((match) => match[1] ?? '');
    const names = [name, ...all('Alias')];
    for (const one of names)
      found.set(one, {
        state: all('Unit Load State')[0] ?? '',
        fragment: unmerged(all('Fragment Path')[0] ?? ''),
        dropIns: all('DropIn Path').map(unmerged),
        commands: all('Command Line'),
      });
  }
  return found;
}

describeInNamespace(['systemctl'], 'units as systemd resolves them', () => {
  const made: { remove: () => void }[] = [];
  afterAll(() => {
    for (const one of made) one.remove();
  });

  it('same unit file, same drop-ins in the same order, same commands', { timeout: 120_000 }, async () => {
    let compared = 0;
    for (const files of fc.sample(tree, { numRuns: 12, seed: 20260615 })) {
      const directory = openDirectory();
      made.push(directory);
      const truth = bySystemd(files, directory.path);
      const host = memoryHost({ files: { ...files, '/dev/null': { type: 'other' } } });
      const units = valueIn(await readUnitTree(host));
      for (const name of WANTED) {
        const real = truth.get(name);
        const ours = valueIn(await readUnit(host, units, name));
        if (real === undefined || real.state === 'not-found') {
          expect([name, ours.fragment, files]).toEqual([name, undefined, files]);
          continue;
        }
        if (real.state === 'masked') {
          expect([name, ours.state, files]).toEqual([name, 'masked', files]);
          continue;
        }
        // Two names of one unit with a file each: systemd gives up on one of them.
        if (real.state === 'error') continue;
        compared += 1;
        const commands = unitList(ours, 'Service', 'ExecStart').flatMap(({ value }) => execCommands(value));
        expect({
          name,
          fragment: ours.fragment ?? '',
          dropIns: ours.dropIns,
          commands: commands.map((words) => words.join('|')),
          files,
        }).toEqual({
          name,
          fragment: real.fragment,
          dropIns: real.dropIns,
          commands: real.commands.map((line) =>
            line
              .replace(/^-/, '')
              .replace('two words', 'two_words')
              .replace(/"two_words"/, 'two_words')
              .split(' ')
              .join('|')
              .replace('two_words', 'two words'),
          ),
          files,
        });
      }
    }
    expect(compared).toBeGreaterThan(25);
  });
});
