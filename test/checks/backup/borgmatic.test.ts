/** What a configuration of borgmatic would copy, against borgmatic itself; and how its command line is read. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { linuxHost } from '../../../agent/host-linux.ts';
import type { BackupCall } from '../../../checks/facts/backup-call.ts';
import { selectionOf } from '../../../checks/facts/backup-selection.ts';
import { borgCall, borgmaticCall } from '../../../checks/facts/borg-call.ts';
import { borgmaticCalls } from '../../../checks/facts/borgmatic-config.ts';
import { describeWith } from '../../support/programs.ts';

const CALL: BackupCall = {
  tool: 'borgmatic',
  line: 1,
  program: 'borgmatic',
  actions: ['copy', 'prune', 'verify'],
  environment: {},
  options: [],
  paths: [],
};
const FILES = [
  'etc/passwd',
  'etc/ssl/key.pem',
  'etc/ssl/cert.pem',
  'etc/cache/CACHEDIR.TAG',
  'srv/a.tmp',
  'srv/b',
];

describeWith(['borgmatic'], 'borgmatic', () => {
  let base: string;
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'nachweis-borgmatic-'));
    for (const file of FILES) {
      mkdirSync(dirname(join(base, file)), { recursive: true });
      writeFileSync(join(base, file), 'Signature: 8a477f597d28d172789f06886806bc55');
    }
    spawnSync('borg', ['init', '-e', 'none', join(base, 'repo')], { env: env() });
  }, 30_000);
  afterAll(() => rmSync(base, { recursive: true, force: true }));
  const env = () => ({ PATH: '/usr/bin:/bin', HOME: base, BORG_BASE_DIR: join(base, 'home') });

  it('copies what is computed, for 12 configurations', { timeout: 120_000 }, async () => {
    const root = (path: string) => join(base, path);
    const patterns = fc.subarray(
      [
        'P fm',
        `- ${root('etc')}/*.pem`,
        `+ ${root('etc/ssl/key.pem')}`,
        `- ${root('etc/ssl')}`,
        `R ${root('srv')}`,
        '- sh:**/*.tmp',
        'P pp',
        `! ${root('etc/cache')}`,
      ],
      { maxLength: 5 },
    );
    const excludes = fc.subarray(['*.tmp', `${root('etc')}/*/key*`, 'sh:**/cache', `pp:${root('srv/b')}`], {
      maxLength: 2,
    });
    const sets = fc.sample(fc.tuple(patterns, excludes, fc.boolean()), { numRuns: 12, seed: 20261124 });
    for (const [lines, without, sections] of sets) {
      const location = {
        source_directories: [root('etc')],
        repositories: [root('repo')],
        ...(lines.length > 0 ? { patterns: lines } : {}),
        ...(without.length > 0 ? { exclude_patterns: without } : {}),
      };
      // borgmatic 1.7 knows sections only, 1.8 and newer both: the flat one is read by us alone.
      const file = root('config.yaml');
      writeFileSync(file, stringify({ location }));
      const { stdout, stderr } = spawnSync(
        'borgmatic',
        ['-c', file, '--no-color', 'create', '--dry-run', '--list', '-v', '2'],
        { env: env(), encoding: 'utf8' },
      );
      const taken = `${stdout}\n${stderr}`
        .split('\n')
        .flatMap((line) => /^(?:.*?: )?- (\/.*)$/.exec(line)?.[1] ?? [])
        .filter((path) => FILES.some((each) => path === root(each)))
        .sort();
      const read = await borgmaticCalls(stringify(sections ? { location } : location), CALL);
      const call = 'calls' in read ? read.calls[0] : undefined;
      if (!call) throw new Error('not read');
      const selection = await selectionOf(linuxHost(), call);
      const kept = FILES.map(root)
        .filter((path) => selection.roots.some((each) => selection.keeps(path, each.path, false)))
        .sort();
      expect(kept, JSON.stringify(location)).toEqual(taken);
    }
  });
});

describe('command lines', () => {
  const actions = (words: string) =>
    borgmaticCall('borgmatic', words.split(' ').filter(Boolean), {}, 1)?.actions;
  it.each([
    ['', ['copy', 'prune', 'verify']],
    ['--verbosity 1 --stats', ['copy', 'prune', 'verify']],
    ['create prune', ['copy', 'prune']],
    ['-c /etc/b.yaml --create', ['copy']],
    ['check --only data', ['verify']],
    ['list', undefined],
    ['--dry-run', undefined],
    ['create -n', undefined],
  ])('borgmatic %s', (words, expected) => expect(actions(words)).toEqual(expected));

  it.each([
    ['create /srv/r::x /etc /var', '/srv/r', ['/etc', '/var']],
    ['--verbose --remote-path borg1 create -vxC zstd,3 -e /tmp h:r::x /etc', 'h:r', ['/etc']],
    ['create --stats ::{now} /etc', '/from/env', ['/etc']],
    ['-r ssh://h/r create x /etc', 'ssh://h/r', ['/etc']],
  ])('borg %s', (words, repository, paths) => {
    const call = borgCall('borg', words.split(' '), { BORG_REPO: '/from/env' }, 1);
    expect([call?.repository, call?.paths]).toEqual([repository, paths]);
  });

  it.each(['list /srv/r', 'create --dry-run /srv/r::x /etc', 'create -n /srv/r::x /etc', 'serve', ''])(
    'no backup: borg %s',
    (words) => expect(borgCall('borg', words.split(' '), {}, 1)).toBeUndefined(),
  );

  it('never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.jsonValue(), async (text, json) => {
        await borgmaticCalls(text, CALL);
        await borgmaticCalls(stringify(json), CALL);
      }),
      { seed: 20261124, numRuns: 500 },
    );
  });
});
