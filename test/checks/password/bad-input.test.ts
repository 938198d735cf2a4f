/** Broken files: every check of the family answers, none by an internal error, and none is content with what it can't read. */
import { describe, expect, it } from 'vitest';
import { evaluateRound } from '../../../checks/evaluate.ts';
import { memoryHost, type Node } from '../../../checks/host-memory.ts';
import { passwordChecks } from '../../../checks/password/index.ts';
import type { Result } from '../../../shared/outcome.ts';

const HASH = '$y$j9T$exampleexampleexampl$exampleexampleexampleexampleexampleexampleexa';
const QUALITY =
  'minlen = 12\nminclass = 4\nmaxrepeat = 3\nmaxclassrepeat = 4\nmaxsequence = 3\ndifok = 2\nenforce_for_root\n';

/** A host on which everything passes. */
const good: Readonly<Record<string, Node>> = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="13"\n',
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n',
  '/etc/group': 'root:x:0:\nanna:x:1000:\n',
  '/etc/gshadow': 'root:*::\nanna:!::\n',
  '/etc/shadow': { text: `root:*:20000:0:99999:7:::\nanna:${HASH}:20000:1:90:7:30::\n`, mode: 0o640 },
  '/etc/login.defs':
    'PASS_MAX_DAYS 90\nPASS_MIN_DAYS 1\nPASS_WARN_AGE 7\nENCRYPT_METHOD YESCRYPT\nYESCRYPT_COST_FACTOR 5\n',
  '/etc/default/useradd': 'INACTIVE=30\n',
  '/etc/pam.d/passwd':
    'password requisite pam_pwquality.so retry=3\npassword requisite pam_pwhistory.so use_authtok\npassword required pam_unix.so use_authtok yescrypt\n',
  '/etc/security/pwquality.conf': QUALITY,
  '/etc/security/pwhistory.conf': 'remember = 24\nenforce_for_root\n',
  '/etc/cloud/cloud.cfg': 'users:\n - default\nssh_pwauth: false\n',
  '/var/lib/cloud/instances/i-1/user-data.txt': '#cloud-config\npackages: [nginx]\n',
};

async function outcomes(files: Readonly<Record<string, Node>>): Promise<Readonly<Record<string, Result>>> {
  const { results } = await evaluateRound({
    host: memoryHost({ files, live: false }),
    system: { id: 'debian', version: '13', like: [], kind: 'vm' },
    checks: passwordChecks,
    params: {},
    now: new Date('2026-06-15T12:00:00.000Z'),
    monotonic: () => 0,
  });
  expect(JSON.stringify(results)).not.toContain('internal error');
  return Object.fromEntries(results.map((result) => [result.check, result]));
}

const text = (path: string): string => {
  const node = good[path];
  return typeof node === 'string' ? node : (node?.text ?? '');
};

/** Same for every run: mulberry32. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('broken files', () => {
  it('the host itself is right', async () => {
    const wrong = Object.values(await outcomes(good)).filter(({ outcome }) => outcome !== 'pass');
    expect(wrong).toEqual([]);
  });

  const ofShadow = [
    'password.stored-hashes',
    'password.change-dates',
    'password.max-age',
    'password.min-age',
    'password.warn-age',
    'password.inactive',
  ];
  it.each<readonly [string, string, 'unknown' | 'fail' | 'pass']>([
    ['no fields', 'anna\n', 'unknown'],
    ['no ageing', `anna:${HASH}\n`, 'unknown'],
    ['too few fields', `anna:${HASH}:20000:1\n`, 'unknown'],
    ['too many fields', `anna:${HASH}:20000:1:90:7:30:::::\n`, 'unknown'],
    ['a number without end', `anna:${HASH}:${'9'.repeat(40)}:1:90:7:30::\n`, 'unknown'],
    ['a negative number', `anna:${HASH}:-7:1:90:7:30::\n`, 'unknown'],
    ['words for numbers', `anna:${HASH}:today:1:90:7:30::\n`, 'unknown'],
    ['bytes of no text', `anna:${HASH}:20000:1:90:7:30::\n\u00ff\u0001:\n`, 'unknown'],
    ['line ends of Windows', `anna:${HASH}:20000:1:90:7:30::\r\n`, 'pass'],
    ['no line end at all', `anna:${HASH}:20000:1:90:7:30::`, 'pass'],
    ['markers of NIS', `anna:${HASH}:20000:1:90:7:30::\n+::::::::\n-bert::::::::\n`, 'pass'],
  ])('shadow: %s', async (_name, shadow, outcome) => {
    const said = await outcomes({ ...good, '/etc/shadow': { text: shadow, mode: 0o640 } });
    for (const id of ofShadow) expect([id, said[id]?.outcome]).toEqual([id, outcome]);
  });

  it.each(Object.keys(good))('%s can not be read', async (path) => {
    const before = await outcomes(good);
    const said = await outcomes({ ...good, [path]: { unreadable: 'permission denied' } });
    const other = Object.values(said).filter(({ check, outcome }) => outcome !== before[check]?.outcome);
    expect(other.map(({ outcome }) => outcome)).toEqual(other.map(() => 'unknown'));
    expect(other.length).toBeGreaterThan(0);
  });

  it.each(Object.keys(good))('%s, cut, mixed and filled with anything', async (path) => {
    const next = random(path.length);
    const pick = (below: number) => Math.floor(next() * below);
    const whole = text(path);
    for (let round = 0; round < 25; round += 1) {
      const at = pick(whole.length);
      const broken = [
        whole.slice(0, at),
        `${whole.slice(0, at)}${String.fromCharCode(pick(256))}${whole.slice(at + 1)}`,
        `${whole.slice(0, at)}${'['.repeat(5000)}`,
        `${whole.slice(0, at)}\r\n${'\\'.repeat(pick(9))}\u0000${whole.slice(at)}`,
        whole.replaceAll(/\d+/g, () => `${'9'.repeat(1 + pick(30))}`),
        whole.replaceAll(/[ :=]/g, () => ' :=#\n'[pick(5)] ?? ''),
      ][round % 6];
      await outcomes({ ...good, [path]: broken ?? '' });
    }
  });
});
