/** The traps of sshd_config: what the reader must make of them, and where it must not make anything up. */
import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../../checks/facts/sshd-config.ts';
import { collectFiles, globPattern, includedBy, MAX_FILES } from '../../../checks/facts/sshd-files.ts';
import type { Build } from '../../../checks/facts/sshd-keywords.ts';
import { configurationLines, nextWord, splitArguments } from '../../../checks/facts/sshd-lexer.ts';
import type { Principal } from '../../../checks/facts/sshd-match.ts';
import { parseVersion } from '../../../checks/facts/sshd-version.ts';
import { memoryHost, type Node } from '../../../checks/host-memory.ts';

const MAIN = '/etc/ssh/sshd_config';
const ROOT: Principal = {
  user: 'root',
  groups: ['root'],
  host: 'client.example.org',
  addr: '192.0.2.7',
  laddr: '198.51.100.1',
  lport: 22,
  rdomain: '',
};

async function read(
  main: string,
  more: Readonly<Record<string, Node>> = {},
  version = '9.2',
  options: string[] = [],
) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const build: Build = { version: { major, minor }, vendor: 'other' };
  const files = await collectFiles(memoryHost({ files: { [MAIN]: main, ...more } }), MAIN);
  return readConfiguration(files, build, options);
}

/** `value` or `refused: words` or `unsure: reason`. */
async function rootLogin(...args: Parameters<typeof read>): Promise<string> {
  const reading = await read(...args);
  if (reading.state === 'refused') return `refused: ${reading.words}`;
  if (reading.state === 'unsure') return `unsure: ${reading.reason.en}`;
  return reading.configuration.effective(ROOT, 'permitrootlogin')?.value ?? 'none';
}

describe('effective values', () => {
  it.each([
    ['the first line counts', 'PermitRootLogin no\nPermitRootLogin yes\n', 'no'],
    ['letter case plays no part', 'PERMITROOTLOGIN No\n', 'no'],
    ['carriage returns', 'PermitRootLogin no\r\nX11Forwarding no\r\n', 'no'],
    ['no line feed at the end', 'PermitRootLogin no', 'no'],
    ['an equals sign', 'PermitRootLogin=no', 'no'],
    ['quotes', 'PermitRootLogin "no"', 'no'],
    ['an old name for a value', 'PermitRootLogin without-password', 'prohibit-password'],
    ['a comment is none', '#PermitRootLogin no\n', 'prohibit-password'],
    ['a quote that is never closed hides the line', '"PermitRootLogin no\n', 'prohibit-password'],
    ['a Match of somebody else', 'Match User anna\nPermitRootLogin yes\n', 'prohibit-password'],
    ['the line that landed in a Match at the end', 'Match User root\nPermitRootLogin no\n', 'no'],
    [
      'Match overrides what stands before',
      'PermitRootLogin no\nMatch User root\nPermitRootLogin yes\n',
      'yes',
    ],
    [
      'the first Match that fits counts',
      'Match User root\nPermitRootLogin no\nMatch all\nPermitRootLogin yes\n',
      'no',
    ],
    ['Match all', 'PermitRootLogin no\nMatch all\nPermitRootLogin yes\n', 'yes'],
    ['a negated element', 'Match User *,!root\nPermitRootLogin yes\n', 'prohibit-password'],
    [
      'several criteria must all fit',
      'Match User root Address 10.0.0.0/8\nPermitRootLogin yes\n',
      'prohibit-password',
    ],
  ])('%s', async (_name, text, wanted) => {
    expect(await rootLogin(text)).toBe(wanted);
  });

  it('an option on the command line comes first', async () => {
    expect(await rootLogin('PermitRootLogin no\n', {}, '9.2', ['PermitRootLogin=yes'])).toBe('yes');
  });

  it('names the line and the Match it comes from', async () => {
    const reading = await read('PermitRootLogin no\nMatch Address 192.0.2.0/24\n  PermitRootLogin yes\n');
    if (reading.state !== 'read') throw new Error(reading.state);
    expect(reading.configuration.effective(ROOT, 'permitrootlogin')).toEqual({
      value: 'yes',
      source: MAIN,
      line: 3,
      match: `${MAIN}:2`,
    });
  });
});

describe('Include', () => {
  const drop = '/etc/ssh/sshd_config.d';

  it('files of a pattern come sorted, where the line stands', async () => {
    const files = {
      [`${drop}/20.conf`]: 'PermitRootLogin no\n',
      [`${drop}/10.conf`]: 'PermitRootLogin yes\n',
    };
    expect(await rootLogin('Include sshd_config.d/*.conf\nPermitRootLogin no\n', files)).toBe('yes');
    expect(await rootLogin('PermitRootLogin no\nInclude sshd_config.d/*.conf\n', files)).toBe('no');
  });

  it('inside a Match counts for that Match alone, and a Match inside ends with its file', async () => {
    const files = { [`${drop}/a.conf`]: 'Match User root\nPermitRootLogin yes\n' };
    expect(await rootLogin('Match User anna\nInclude sshd_config.d/a.conf\n', files)).toBe(
      'prohibit-password',
    );
    expect(await rootLogin('Match User root\nInclude sshd_config.d/a.conf\n', files)).toBe('yes');
    expect(await rootLogin('Include sshd_config.d/a.conf\nPort 22\n', files)).toBe('yes');
  });

  it('of nothing is nothing; hidden names and other endings do not match', async () => {
    expect(await rootLogin('Include sshd_config.d/*.conf\nPermitRootLogin no\n')).toBe('no');
    const files = {
      [`${drop}/.a.conf`]: 'PermitRootLogin yes\n',
      [`${drop}/b.conf.bak`]: 'PermitRootLogin yes\n',
    };
    expect(await rootLogin('Include sshd_config.d/*.conf\nPermitRootLogin no\n', files)).toBe('no');
  });

  it('of itself is refused, a link to nowhere too', async () => {
    expect(await rootLogin('Include sshd_config\n')).toContain('Too many recursive configuration includes');
    expect(await rootLogin('Include gone.conf\n', { '/etc/ssh/gone.conf': { link: '/nowhere' } })).toContain(
      'No such file',
    );
  });

  it('does not exist before 8.2', async () => {
    expect(await rootLogin('Include sshd_config.d/*.conf\n', {}, '8.0')).not.toBe('prohibit-password');
  });

  it('of what can not be read is not guessed', async () => {
    const files: Record<string, Node> = { [`${drop}/a.conf`]: { text: '', unreadable: 'permission denied' } };
    expect(await rootLogin('Include sshd_config.d/*.conf\nPermitRootLogin no\n', files)).toContain('unsure');
    expect(
      await rootLogin('Include sshd_config.d/*.conf\nPermitRootLogin no\n', {
        [drop]: { directory: true, unreadable: 'permission denied' },
      }),
    ).toContain('unsure');
  });

  it('of more files than are followed is not guessed', async () => {
    const many = Object.fromEntries(
      Array.from({ length: MAX_FILES + 10 }, (_, n) => [`${drop}/${1000 + n}.conf`, 'Port 22\n']),
    );
    expect(await rootLogin('Include sshd_config.d/*.conf\n', many)).toContain('unsure');
  });

  it('finds the selectors of all lines, whatever the block', () => {
    expect(includedBy('include a b\nMatch all\n InClude="c d"\n# Include e\n')).toEqual([
      '/etc/ssh/a',
      '/etc/ssh/b',
      '/etc/ssh/c d',
    ]);
  });

  it.each([
    ['*.conf', ['a.conf', 'x.y.conf'], ['.a.conf', 'a.conf~', 'aconf']],
    ['?0-[!b]*', ['10-a', '20-cd'], ['10-b', '10-']],
    ['[a-c].conf', ['b.conf'], ['d.conf', '-.conf']],
    ['a\\*', ['a*'], ['ab']],
    ['.*', ['.a'], ['a']],
    ['[z-a]', [], ['z', 'a']],
  ])('glob %s', (pattern, fits, others) => {
    for (const name of fits) expect(globPattern(pattern).test(name), name).toBe(true);
    for (const name of others) expect(globPattern(pattern).test(name), name).toBe(false);
  });
});

describe('refusals', () => {
  it.each([
    ['PermitRootLogin never\n', 'unsupported option "never".'],
    ['PermitRootLogin\n', 'no argument'],
    ['PermitRootLogin no yes\n', 'extra arguments'],
    ['PermitRootLgin no\n', 'Bad configuration option: PermitRootLgin'],
    ['MaxAuthTries -1\n', 'too small'],
    ['Match User anna\nPort 22\n', 'not allowed within a Match block'],
    ['Match Address 192.0.2.1/24\n', 'Invalid Match address argument'],
    ['Match\n', 'no argument'],
    ["ForceCommand 'x\n", 'invalid quotes'],
  ])('%j', async (text, words) => {
    expect(await rootLogin(text)).toContain(words);
  });

  it('a megabyte of junk, bytes of every kind', async () => {
    const junk = Array.from({ length: 1_000_000 }, (_, n) =>
      String.fromCharCode((n * 7919 + (n >> 8)) % 256),
    ).join('');
    expect(await rootLogin(`PermitRootLogin no\n\u0001\n${junk}`)).toContain('refused');
    expect(await rootLogin(`PermitRootLogin no\n${'('.repeat(1_000_000)} x`)).toContain(
      'Bad configuration option',
    );
    expect(
      await rootLogin(`Match User ${'*a'.repeat(400)}\n${'Match User *a*a*a*a*a*a*b\n'.repeat(500)}`),
    ).toBe('prohibit-password');
  });

  it('names file and line', async () => {
    expect(await read('Port 22\n\nPermitRootLogin never\n')).toMatchObject({ source: MAIN, line: 3 });
  });

  it('a keyword of a newer version is not judged, one that no version knows is refused', async () => {
    expect(await rootLogin('RefuseConnection no\n')).toContain('unsure');
    expect(await rootLogin('RefuseConnection no\n', {}, '10.0')).toBe('prohibit-password');
    expect(await rootLogin('NoSuchKeyword no\n', {}, '10.0')).toContain('refused');
    expect(await rootLogin('NoSuchKeyword no\n', {}, '11.0')).toContain('unsure');
  });
});

it('algorithms of a Red Hat build or a newer version are taken as they are', async () => {
  const text = 'KexAlgorithms mlkem1024nistp384-sha384\nPermitRootLogin no\n';
  expect(await rootLogin(text, {}, '10.0')).toContain('refused');
  expect(await rootLogin(text, {}, '10.1')).toBe('no');
  const files = await collectFiles(memoryHost({ files: { [MAIN]: text } }), MAIN);
  const reading = readConfiguration(files, { version: { major: 9, minor: 9 }, vendor: 'redhat' });
  expect(reading.state).toBe('read');
});

describe('what changed between versions', () => {
  it.each([
    ['8.4', 'ForceCommand "a # b"\n', 'prohibit-password'],
    ['8.4', "PermitRootLogin 'no'\n", 'refused: unsupported option "\'no\'".'],
    ['9.2', "PermitRootLogin 'no'\n", 'no'],
    ['8.4', 'Match User anna\nChallengeResponseAuthentication no\n', 'refused: Directive'],
    ['9.2', 'Match User anna\nChallengeResponseAuthentication no\n', 'prohibit-password'],
    ['9.2', 'Match version OpenSSH_9*\n', 'unsure'],
    ['10.0', 'Match version OpenSSH_10.*\nPermitRootLogin yes\n', 'yes'],
    ['10.0', 'Match version OpenSSH_9.*\nPermitRootLogin yes\n', 'prohibit-password'],
    ['10.0', 'Match invalid-user\nPermitRootLogin yes\n', 'prohibit-password'],
    ['10.0', 'Match user=root address=192.0.2.0/24\nPermitRootLogin yes\n', 'yes'],
  ])('%s: %j', async (version, text, wanted) => {
    expect(await rootLogin(text, {}, version)).toContain(wanted);
  });

  it.each([
    ['OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19', { major: 9, minor: 2 }],
    ['OpenSSH_10.0p2', { major: 10, minor: 0 }],
    ['OpenSSH_2.*,OpenSSH_3.0*', undefined],
    ['', undefined],
  ])('version of %j', (text, version) => {
    expect(parseVersion(text)).toEqual(version);
  });
});

describe('words', () => {
  it('a NUL ends the line and swallows the line feed', () => {
    expect(configurationLines('a\0b\n  c\nd  \f\r\n')).toEqual(['ac', 'd', '']);
  });

  it.each([
    ['Key=Value', 'Key', 'Value'],
    ['Key = Value', 'Key', 'Value'],
    ['Key == Value', 'Key', '= Value'],
    ['"Key" Value', 'Key', 'Value'],
    ['Ke"y V"alue', 'Key V', 'alue'],
    ['"Key Value', undefined, undefined],
    ['Key', 'Key', undefined],
  ])('next word of %j', (text, word, rest) => {
    expect(nextWord(text)).toEqual({ word, rest });
  });

  it.each([
    ['a "b c" d#e # f', ['a', 'b c', 'd#e']],
    ['it\\\'s "a\\"b" c\\ d', ["it's", 'a"b', 'c d']],
    ['""', ['']],
    ['"open', undefined],
  ])('arguments of %j', (text, words) => {
    expect(splitArguments(text)).toEqual(words);
  });
});
