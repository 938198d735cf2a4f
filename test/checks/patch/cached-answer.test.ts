/** The answer of the real apt is used again while nothing that it depends on has changed, and no longer. */
import { copyFileSync, readdirSync, renameSync, rmSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { evaluateRound } from '../../../checks/evaluate.ts';
import { known } from '../../../checks/fact.ts';
import { digestInputs } from '../../../checks/facts/input-digest.ts';
import { type Memory, memorySchema } from '../../../checks/memory.ts';
import { obsoletePackages } from '../../../checks/patch/obsolete-packages.ts';
import { securityUpdates } from '../../../checks/patch/security-updates.ts';
import { describeWith } from '../../support/programs.ts';
import { type AptWorld, aptWorld } from './apt-world.ts';

const EMPTY: Memory = { format: 'nachweis.memory/1', waiting: [] };
/** Past the time in which a change may go unseen. */
const soon = (seconds = 10): Date => new Date(Date.now() + seconds * 1000);

describeWith(['apt-get', 'apt-ftparchive', 'dpkg-deb', 'gpg'], 'answers that are remembered', () => {
  let world: AptWorld;
  beforeEach(async () => {
    world = aptWorld();
    world.write('etc/os-release', 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n');
    world.publish({
      suite: 'bookworm-security',
      label: 'Debian-Security',
      codename: 'bookworm-security',
      packages: [
        { name: 'demo', version: '1.1' },
        { name: 'filler', version: '1' },
      ],
    });
    world.sources([`deb ${world.signedBy} file:${world.repository} bookworm-security main`]);
    world.write('etc/apt/apt.conf.d/copy', 'Acquire::GzipIndexes "true";\n');
    world.install([
      { name: 'demo', version: '1.0' },
      { name: 'own', version: '1' },
    ]);
    expect(await world.apt('update')).toMatchObject({ status: 0, stderr: '' });
  });
  afterEach(() => world.end());

  async function round(
    memory: Memory,
    now = soon(),
    params: Record<string, unknown> = {},
    meanwhile: () => unknown = () => undefined,
  ) {
    let simulations = 0;
    const host = world.host();
    const outcome = await evaluateRound({
      host: {
        ...host,
        memory: known(memory),
        run: (command, args) => {
          if (!command.id.startsWith('apt-simulate')) return host.run(command, args);
          simulations += 1;
          meanwhile();
          return host.run(command, args);
        },
      },
      system: { id: 'debian', version: '12', like: [], kind: 'vm' },
      checks: [obsoletePackages, securityUpdates],
      params: { 'patch.security-updates': params },
      now,
      monotonic: () => 0,
      remember: true,
    });
    const [obsolete, updates] = outcome.results;
    return { simulations, obsolete, updates, memory: memorySchema.parse(outcome.memory) };
  }

  it('asks once, then says when it was asked', async () => {
    const first = await round(EMPTY);
    expect(first.simulations).toBe(1);
    expect(first.memory.answer?.updates).toMatchObject([{ name: 'demo', candidate: '1.1' }]);
    const again = await round(first.memory, soon(3600));
    expect(again.simulations).toBe(0);
    expect(again.memory.answer).toEqual(first.memory.answer);
    expect(again.obsolete).toEqual(first.obsolete);
    expect(JSON.stringify(again.obsolete)).toContain('own 1: from no source');
    expect(again.updates?.outcome).toBe(first.updates?.outcome);
    const later = await round({ ...first.memory, looked: soon().toISOString(), waiting: [] }, soon(60));
    expect(later.updates?.outcome).toBe('pass');
    expect(JSON.stringify(later.updates)).toContain(`asked ${first.memory.answer?.asked}`);
  });

  const list = (): string => {
    const lists = join(world.root, 'var/lib/apt/lists');
    return join(lists, readdirSync(lists).find((name) => name.includes('_Packages')) ?? '');
  };
  const config = 'APT::Get::Never-Include-Phased-Updates "true";\n';
  const changes: [string, () => unknown][] = [
    ['a package was upgraded', () => world.install([{ name: 'demo', version: '1.1' }])],
    ['a package was put on hold', () => world.install([{ name: 'demo', version: '1.0', hold: true }])],
    [
      'a pin came',
      () => world.write('etc/apt/preferences.d/pin', 'Package: *\nPin: version 1\nPin-Priority: 1\n'),
    ],
    ['the configuration changed', () => world.write('etc/apt/apt.conf.d/more', config)],
    ['a source went', () => world.sources(['# none'])],
    ['a source came', () => world.write('etc/apt/sources.list.d/new.list', 'deb http://192.0.2.1/ x main\n')],
    [
      'a list was fetched anew, with the same bytes',
      () => {
        copyFileSync(list(), `${list()}.new`);
        renameSync(`${list()}.new`, list());
      },
    ],
    ['a list has another time only', () => utimesSync(list(), new Date(0), new Date(0))],
    ['a list is gone', () => rmSync(list())],
    ['dpkg was interrupted', () => world.write('var/lib/dpkg/updates/0001', '')],
  ];
  it.each(changes)('asks again where %s', async (_name, change) => {
    const first = await round(EMPTY);
    expect((await round(first.memory, soon(20))).simulations).toBe(0);
    change();
    expect((await round(first.memory, soon(20))).simulations).toBe(1);
  });

  it('asks again where the remembered answer is from the future, and keeps none given while things move', async () => {
    const first = await round(EMPTY, soon(100));
    expect((await round(first.memory, soon(50))).simulations).toBe(1);
    world.install([{ name: 'demo', version: '1.0' }]);
    expect((await round(EMPTY, new Date())).memory.answer).toBeUndefined();
  });

  it('keeps no answer while which something changed', async () => {
    const renew = () => {
      copyFileSync(list(), `${list()}.new`);
      renameSync(`${list()}.new`, list());
    };
    const { simulations, memory } = await round(EMPTY, soon(), {}, renew);
    expect([simulations, memory.answer]).toEqual([1, undefined]);
  });

  it('keeps no answer that is in doubt', async () => {
    world.write('var/lib/dpkg/updates/0001', '');
    const { updates, memory } = await round(EMPTY);
    expect(updates?.outcome).toBe('unknown');
    expect(memory.answer).toBeUndefined();
  });

  it.each([
    ['half-written', (path: string) => truncateSync(path, 100)],
    ['empty', (path: string) => truncateSync(path, 0)],
    ['of 500 MB', (path: string) => truncateSync(path, 500 * 1024 * 1024)],
  ])('a list that is %s is unknown before long, and nothing of it is kept', async (_name, damage) => {
    damage(list());
    const started = performance.now();
    const { updates, obsolete, memory } = await round(EMPTY);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect([updates?.outcome, obsolete?.outcome]).toEqual(['unknown', 'unknown']);
    expect(memory.answer).toBeUndefined();
  });

  it('the digest of inputs tells files apart by their identity, texts by what they say', async () => {
    const host = world.host();
    const path = join(world.root, 'etc/apt/x');
    const digest = async (now = soon()) =>
      digestInputs(
        host,
        { files: [path], directories: [join(world.root, 'etc')], contents: [`${path}y`] },
        now,
      );
    const seen = new Set<string>();
    const none = await digest();
    expect(none.state).toBe('known');
    for (const write of [
      () => undefined,
      () => world.write('etc/apt/x', 'a'),
      () => world.write('etc/apt/x', 'b'),
      () => world.write('etc/apt/xy', 'a'),
      () => world.write('etc/apt/xy', 'b'),
      () => world.write('etc/more', ''),
    ]) {
      write();
      const found = await digest();
      if (found.state === 'known') seen.add(found.value);
      expect(await digest()).toEqual(found);
    }
    expect(seen.size).toBe(6);
    world.write('etc/apt/x', 'c');
    expect((await digest(new Date())).state).toBe('unreadable');
  });
});
