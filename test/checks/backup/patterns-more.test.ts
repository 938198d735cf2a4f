/** Which files duplicity and rsnapshot (rsync) take after patterns, against the programs themselves. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { duplicityCall } from '../../../checks/facts/duplicity-call.ts';
import { duplicityKeeper, duplicityRules } from '../../../checks/facts/duplicity-select.ts';
import { readRsnapshot } from '../../../checks/facts/rsnapshot-config.ts';
import { rsyncKeeper, rsyncOptions, rsyncRule } from '../../../checks/facts/rsync-filter.ts';
import { describeWith } from '../../support/programs.ts';
import { COPIES, type PatternTree, patternTree, place, SEED, slashed } from './pattern-sets.ts';

let tree: PatternTree;
beforeAll(() => {
  tree = patternTree();
});
afterAll(() => rmSync(tree.base, { recursive: true, force: true }));

describeWith(['duplicity'], 'duplicity', () => {
  const RUNS = 14;
  let archive: string;
  beforeAll(() => {
    archive = mkdtempSync(join(tmpdir(), 'nachweis-duplicity-'));
  });
  afterAll(() => rmSync(archive, { recursive: true, force: true }));

  it(`takes what is computed, for ${RUNS * COPIES.length} sets of patterns`, {
    timeout: 120_000,
  }, async () => {
    const expression = fc.constantFrom('\\.pem$', 'ss[hl]', 'a.b', 'passwd$|status', 'etc/.*d', 'cr.+b');
    const pattern = fc
      .tuple(
        slashed,
        place,
        fc.constantFrom('in', 'ex', 'ex'),
        fc.constantFrom('', '', '', 'ignorecase:', 're'),
        expression,
      )
      .map(([text, copy, kind, style, regular]) =>
        style === 're'
          ? { option: `--${kind}clude-regexp`, value: regular }
          : {
              option: `--${kind}clude`,
              // Anything else can't lie below what is backed up, which duplicity refuses.
              value: style + (copy === undefined ? `**${text}` : tree.rooted(text, copy)),
            },
      );
    const sets = fc.sample(fc.array(pattern, { minLength: 3, maxLength: 9 }), { numRuns: RUNS, seed: SEED });
    let left = 0;
    for (const set of sets) {
      const words = [...set.flatMap(({ option, value }) => [option, value]), '--exclude', '**/never'];
      const { stdout, stderr, status } = spawnSync(
        'duplicity',
        [
          'full',
          '--dry-run',
          '--no-encryption',
          '-v9',
          '--archive-dir',
          archive,
          ...words,
          tree.base,
          `file://${archive}/repo`,
        ],
        {
          encoding: 'utf8',
          maxBuffer: 256 * 1024 * 1024,
          env: { PATH: '/usr/bin:/bin', HOME: archive, LC_ALL: 'C.UTF-8' },
        },
      );
      const call = duplicityCall('duplicity', ['full', ...words, tree.base, 'file:///r'], {}, 1);
      const read = await duplicityRules(call?.options ?? [], tree.base, async () => []);
      const shown = words.join(' ');
      if (status !== 0) {
        // Double slashes and bad ranges, which are not understood here either.
        expect(`${stdout}${stderr}`, shown).toMatch(/Fatal Error|error/);
        expect(read.odd, `${shown}\n${stdout}`).toBe(true);
        continue;
      }
      if (read.odd) continue;
      const taken = new Set(stdout.split('\n').flatMap((line) => /^Selecting (\/.*)$/.exec(line)?.[1] ?? []));
      const keeps = duplicityKeeper(read.rules);
      const kept = tree.files.filter((path) => keeps(path, tree.base, false));
      left += tree.files.length - kept.length;
      expect(kept, shown).toEqual(tree.files.filter((path) => taken.has(path)));
    }
    expect(left, 'patterns that leave something out').toBeGreaterThan(100);
  });

  it('reads lists of patterns as duplicity does', { timeout: 30_000 }, async () => {
    const list = join(archive, 'list');
    writeFileSync(
      list,
      `# comment\n\n- ${tree.base}/one/etc/ssh\n  + "${tree.base}/one/etc"  \n+ ${tree.base}/two/**/passwd\n- **\n`,
    );
    const { stdout } = spawnSync(
      'duplicity',
      [
        'full',
        '--dry-run',
        '--no-encryption',
        '-v9',
        '--archive-dir',
        archive,
        '--include-filelist',
        list,
        tree.base,
        `file://${archive}/repo`,
      ],
      { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, env: { PATH: '/usr/bin:/bin', HOME: archive } },
    );
    const taken = new Set(stdout.split('\n').flatMap((line) => /^Selecting (\/.*)$/.exec(line)?.[1] ?? []));
    const read = await duplicityRules([{ name: '--include-filelist', value: list }], tree.base, async () =>
      readFileSync(list, 'utf8').split('\n'),
    );
    const keeps = duplicityKeeper(read.rules);
    const kept = tree.files.filter((path) => keeps(path, tree.base, false));
    expect(kept).toEqual(tree.files.filter((path) => taken.has(path)));
    expect(kept.length).toBeGreaterThan(5);
  });
});

describeWith(['rsnapshot', 'rsync'], 'rsnapshot', () => {
  const RUNS = 24;
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'nachweis-rsnapshot-'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const conf = (lines: readonly string[]): string => {
    const path = join(root, 'rsnapshot.conf');
    const head = [
      'config_version\t1.2',
      `snapshot_root\t${join(root, 'snapshots')}`,
      'cmd_rsync\t/usr/bin/rsync',
      'retain\talpha\t3',
    ];
    writeFileSync(path, `${[...head, ...lines].join('\n')}\n`);
    return path;
  };
  /** What rsnapshot would have rsync do, and what that would copy. */
  const copied = (path: string): string[] => {
    const shown = execFileSync('rsnapshot', ['-c', path, '-t', 'alpha'], { encoding: 'utf8' });
    const commands = shown
      .replaceAll(' \\\n', ' ')
      .split('\n')
      .filter((line) => line.startsWith('/usr/bin/rsync '));
    const found: string[] = [];
    for (const command of commands) {
      const words = command.trim().split(/\s+/).slice(1);
      mkdirSync(words.at(-1) ?? '', { recursive: true });
      const isRelative = words.includes('--relative');
      const source = words.at(-2) ?? '';
      const out = execFileSync('rsync', ['-n', '--out-format=%n', ...words], { encoding: 'utf8' });
      for (const line of out.split('\n'))
        if (line !== '' && !line.endsWith('/')) found.push(isRelative ? join('/', line) : join(source, line));
    }
    return [...new Set(found)].filter((each) => tree.files.includes(each)).sort();
  };
  const computed = async (path: string): Promise<string[]> => {
    const read = await readRsnapshot(linuxHost(), path);
    if ('problem' in read) throw new Error(read.problem.en);
    const points = await Promise.all(
      read.points.map(async (point) => {
        const options = await rsyncOptions(point.words, async () => undefined);
        expect(options.odd, point.words.join(' ')).toBe(false);
        return { root: point.path.replace(/\/+$/, ''), keeps: rsyncKeeper(options.rules, options.relative) };
      }),
    );
    return tree.files.filter((file) =>
      points.some((point) => file.startsWith(`${point.root}/`) && point.keeps(file, point.root, false)),
    );
  };

  it(`has rsync take what is computed, for ${RUNS} configurations`, { timeout: 120_000 }, async () => {
    const pattern = fc
      .tuple(slashed, place, fc.constantFrom('exclude', 'exclude', 'include'))
      .map(([text, copy, key]) => ({ key, text: tree.rooted(text, copy).replaceAll(' ', '?') }));
    const backup = fc.tuple(
      fc.constantFrom(...COPIES.flatMap((copy) => [`${copy}/etc`, `${copy}/etc/`, `${copy}/var`])),
      fc.constantFrom(
        '',
        '',
        '',
        '\texclude=ss*,exclude=*.pem',
        '\t+rsync_long_args=--exclude=network',
        '\trsync_long_args=--delete --exclude=/ssh',
        '\tone_fs=1',
      ),
    );
    const sets = fc.sample(
      fc.tuple(
        fc.array(pattern, { minLength: 1, maxLength: 6 }),
        fc.array(backup, { minLength: 2, maxLength: 5 }),
        fc.constantFrom(
          '',
          '',
          'rsync_long_args\t--delete --numeric-ids',
          "rsync_long_args\t--relative '--exclude=**/info' --delete",
        ),
      ),
      { numRuns: RUNS, seed: SEED },
    );
    let left = 0;
    for (const [patterns, backups, long] of sets) {
      const path = conf([
        ...patterns.map(({ key, text }) => `${key}\t${text}`),
        ...(long === '' ? [] : [long]),
        ...backups.map(
          ([source, options], index) => `backup\t${join(tree.base, source)}\tlocalhost${index}/${options}`,
        ),
      ]);
      const kept = await computed(path);
      left += tree.files.length - kept.length;
      expect(kept, readFileSync(path, 'utf8')).toEqual(copied(path));
    }
    expect(left, 'patterns that leave something out').toBeGreaterThan(100);
  });

  it.each([
    ['whole', ['backup\t/etc/\tlocalhost/'], true],
    ['a line that goes on', ['backup\t/etc/', '   localhost/'], true],
    ['spaces in place of tabs', ['backup /etc/ localhost/'], false],
    ['no such source', ['backup\t/nowhere/\tlocalhost/'], false],
    ['an absolute destination', ['backup\t/etc/\t/localhost/'], false],
    ['no destination', ['backup\t/etc/'], false],
    ['a word that it does not know', ['backup\t/etc/\tlocalhost/', 'backups\t/var/\tlocalhost/'], false],
    ['no backup', [], false],
    ['ssh without cmd_ssh', ['backup\troot@web1.example.org:/etc/\tweb1/'], false],
    ['ssh', ['cmd_ssh\t/usr/bin/ssh', 'backup\troot@web1.example.org:/etc/\tweb1/'], true],
    ['rsync daemon', ['backup\trsync://web1.example.org/etc/\tweb1/'], true],
    ['an option that it does not know', ['backup\t/etc/\tlocalhost/\tnone=1'], false],
    ['a count that is none', ['retain\tbeta\tx', 'backup\t/etc/\tlocalhost/'], false],
    ['a reserved name', ['retain\tsync\t3', 'backup\t/etc/\tlocalhost/'], false],
    [
      'a command',
      ['backup_exec\t/bin/date', 'backup\t/etc/\tlocalhost/', 'backup_exec\t/bin/true\trequired'],
      true,
    ],
    ['a command with an odd word', ['backup_exec\t/bin/date\tperhaps', 'backup\t/etc/\tlocalhost/'], false],
    ['a script that is not there', ['backup_script\t/nowhere/x\tx/', 'backup\t/etc/\tlocalhost/'], false],
    [
      'a list of patterns that is not there',
      ['exclude_file\t/nowhere/x', 'backup\t/etc/\tlocalhost/'],
      false,
    ],
    ['a program that is not there', ['cmd_cp\t/nowhere/cp', 'backup\t/etc/\tlocalhost/'], false],
    ['a switch that is neither', ['link_dest\tyes', 'backup\t/etc/\tlocalhost/'], false],
    ['two dots in the source', ['backup\t/etc/../var/\tlocalhost/'], false],
    ['short arguments without a dash', ['rsync_short_args\ta', 'backup\t/etc/\tlocalhost/'], false],
    ['a relative lock', ['lockfile\tx', 'backup\t/etc/\tlocalhost/'], false],
  ])('is refused like rsnapshot itself does: %s', async (_, lines, isGood) => {
    const path = conf(lines as string[]);
    const { status } = spawnSync('rsnapshot', ['-c', path, 'configtest']);
    expect(status === 0, 'rsnapshot').toBe(isGood);
    expect(!('problem' in (await readRsnapshot(linuxHost(), path)))).toBe(isGood);
  });

  it('takes in other files', async () => {
    const more = join(root, 'more.conf');
    writeFileSync(more, 'backup\t/etc/\tlocalhost/\nexclude\t*.bak\n');
    const read = await readRsnapshot(linuxHost(), conf([`include_conf\t${more}`]));
    expect(read).toMatchObject({
      points: [{ path: '/etc/', words: expect.arrayContaining(['--exclude=*.bak']) }],
    });
    writeFileSync(more, `include_conf\t${more}\n`);
    expect(await readRsnapshot(linuxHost(), conf([`include_conf\t${more}`]))).toHaveProperty('problem');
    expect(await readRsnapshot(linuxHost(), conf(['include_conf\t`/bin/date`']))).toMatchObject({
      unread: true,
    });
  });
});

describe('what nobody would write', () => {
  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.boolean(), (pattern, path, is) => {
        rsyncRule(pattern, is)?.matches(path, is);
        rsyncKeeper([rsyncRule(pattern, false) ?? { include: true, matches: () => false }], is)(
          `/${path}`,
          '/',
          is,
        );
        duplicityCall('duplicity', [pattern, path], {}, 1);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });
});
