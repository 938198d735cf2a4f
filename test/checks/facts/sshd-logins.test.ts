/** Which kinds of login there are, and which servers run. */
import { describe, expect, it } from 'vitest';
import { factGetter } from '../../../checks/evaluate.ts';
import { formatAddress, matchesAddressList, parseAddress } from '../../../checks/facts/sshd-address.ts';
import { listenerWords, parseArguments } from '../../../checks/facts/sshd-arguments.ts';
import { classifyRefusal, wordsOf } from '../../../checks/facts/sshd-ask.ts';
import { classify, listeningPorts, sshdDaemons, startOf } from '../../../checks/facts/sshd-daemons.ts';
import { loginsOf, MAX_LOGINS } from '../../../checks/facts/sshd-logins.ts';
import { parseMatch } from '../../../checks/facts/sshd-match.ts';
import { plannedSshd } from '../../../checks/facts/sshd-units.ts';
import { memoryHost, type Node } from '../../../checks/host-memory.ts';

const VERSION = { major: 9, minor: 2 };
const ACCOUNTS = [
  { name: 'daemon', uid: 1, person: false, groups: ['daemon'] },
  { name: 'root', uid: 0, person: true, groups: ['root'] },
  { name: 'anna', uid: 1000, person: true, groups: ['anna', 'admin'] },
  { name: 'bert', uid: 1001, person: true, groups: ['bert'] },
];
const blocks = (...lines: string[]) =>
  lines.map((line) => {
    const parsed = parseMatch(line, VERSION);
    if (!('criteria' in parsed)) throw new Error(line);
    return { at: line, criteria: parsed.criteria };
  });
const names = (...lines: string[]) => {
  const logins = loginsOf(blocks(...lines), ACCOUNTS, [22], VERSION);
  return logins === 'too many' ? logins : logins.map(({ principal: p }) => `${p.user} ${p.addr} ${p.host}`);
};

describe('kinds of login', () => {
  it('root and everybody else where no Match tells them apart', () => {
    expect(names()).toEqual(['root 203.0.113.10 client.example.net', 'anna 203.0.113.10 client.example.net']);
  });

  it('accounts that a Match tells apart, and one that does not exist yet', () => {
    const found = names('user bert', 'group admin', 'user deploy-*').toString();
    for (const user of ['root', 'anna', 'bert', 'daemon', 'deploy-x']) expect(found).toContain(`${user} `);
  });

  it('a second account with UID 0 is a root of its own', () => {
    const accounts = [...ACCOUNTS, { name: 'toor', uid: 0, person: true, groups: ['root'] }];
    const logins = loginsOf(blocks('user toor'), accounts, [22], VERSION);
    if (logins === 'too many') throw new Error(logins);
    expect(logins.filter(({ root }) => root).map(({ principal }) => principal.user)).toEqual([
      'root',
      'toor',
    ]);
  });

  it('every region that overlapping networks cut out', () => {
    const list = loginsOf(
      blocks('address 10.0.0.0/8', 'address 10.0.0.0/24', 'address 10.1.0.0/16'),
      ACCOUNTS,
      [22],
      VERSION,
    );
    if (list === 'too many') throw new Error(list);
    const seen = new Set(
      list.map(({ principal: { addr } }) =>
        ['10.0.0.0/8', '10.0.0.0/24', '10.1.0.0/16'].map((net) => matchesAddressList(addr, net)).join(),
      ),
    );
    expect([...seen].sort()).toEqual([
      'false,false,false',
      'true,false,false',
      'true,false,true',
      'true,true,false',
    ]);
  });

  it('everything and its opposite, where a block has several criteria', () => {
    const found = names('user anna address 2001:db8::/32 host *.example.org');
    expect(found).toEqual(
      expect.arrayContaining([expect.stringMatching(/^anna 2001:db8:: .*\.example\.org$/)]),
    );
  });

  it(`more than ${MAX_LOGINS} are too many`, () => {
    expect(names(...Array.from({ length: 40 }, (_, n) => `user u${n}`)).length).toBe(42);
    expect(names(...Array.from({ length: 70 }, (_, n) => `user u${n}`))).toBe('too many');
    const wide = Array.from({ length: 50 }, (_, n) => [
      `user u${n}`,
      `address 10.${n}.0.0/16`,
      `host h${n}`,
    ]).flat();
    expect(names(...wide)).toBe('too many');
  });
});

describe('addresses', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['10.1', '10.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['2001:DB8::0001', '2001:db8::1'],
    ['::', '::'],
    ['::ffff:192.0.2.7', '::ffff:c000:207'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('%s is %s', (text, wanted) => {
    const address = parseAddress(text);
    expect(address && formatAddress(address)).toBe(wanted);
  });

  it.each(['', '1.2.3.4.5', '256.1.1.1', '1::2::3', ':::', '12345::', 'example.org', '1.2.3.', '08.1.1.1'])(
    '%j is none',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );
});

describe('running servers', () => {
  it.each([
    [
      'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups\0\0',
      { program: '/usr/sbin/sshd', words: ['-D'] },
    ],
    [
      '/usr/sbin/sshd\0-D\0-f\0/etc/ssh/x\0',
      { program: '/usr/sbin/sshd', words: ['-D', '-f', '/etc/ssh/x'] },
    ],
    ['sshd: anna [priv]\0', undefined],
    ['sshd: anna@pts/0\0', undefined],
    ['sshd-session: anna [priv]\0', undefined],
    ['/usr/bin/ssh\0-D\x0880\0example.org\0', undefined],
    ['/usr/sbin/dropbear\0-p\x12\0', { other: 'dropbear' }],
    ['', undefined],
  ])('%j', (line, wanted) => {
    expect(classify(line)).toEqual(wanted);
  });

  it('a title has lost the borders of its words: what is no option belongs to the one before', () => {
    const words = listenerWords(
      'sshd: /usr/sbin/sshd -D -o PermitRootLogin yes -oPort=22 -f /a b [listener] 0 of 1',
    );
    expect(parseArguments(words ?? [])).toMatchObject({
      file: '/a b',
      options: ['PermitRootLogin yes', 'Port=22'],
    });
  });

  it('flags can stand together, a grace time is an option', () => {
    expect(parseArguments(['-De', '-g60', '-h', '/k', '-p', '2222'])).toEqual({
      file: undefined,
      options: ['LoginGraceTime=60'],
      hostKeys: ['/k'],
      flags: new Set(['D', 'e']),
    });
  });

  it('start of a process whose name has brackets', () => {
    const stat = `7 (a) b) S ${Array.from({ length: 18 }, () => '0').join(' ')} 12345 0`;
    expect(startOf(stat, 'btime 1700000000\n')).toBe('2023-11-14T22:15:23.450Z');
    expect(startOf('7 (x', 'btime 1')).toBeUndefined();
  });

  it('ports that listen', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue',
      '   0: 00000000:0016 00000000:0000 0A 00000000:00000000',
      '   1: 0100007F:1F90 0100007F:9C40 01 00000000:00000000',
    ].join('\n');
    expect(listeningPorts(table)).toEqual([22]);
  });

  it('those of a container, tests and single connections are left out', async () => {
    const files: Record<string, Node> = {
      '/proc/self/status': 'NSpid:\t99\n',
      '/proc/10/cmdline': 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups',
      '/proc/10/status': 'NSpid:\t10\t1\n',
      '/proc/11/cmdline': '/usr/sbin/sshd\0-T\0',
      '/proc/12/cmdline': '/usr/sbin/sshd\0-i\0',
      '/proc/13/cmdline': 'sshd: /usr/sbin/sshd -D -p 2222 [listener] 0 of 10-100 startups',
      '/proc/13/status': 'NSpid:\t13\n',
    };
    const host = memoryHost({ files });
    const found = await factGetter(host, new Date(0))(sshdDaemons);
    expect(found.state === 'known' && found.value.daemons.map(({ pid }) => pid)).toEqual([13]);
  });

  it('variables of a unit come from its environment files', async () => {
    const host = memoryHost({
      files: {
        '/usr/lib/systemd/system/sshd.service':
          '[Service]\nEnvironmentFile=-/etc/crypto-policies/back-ends/opensshserver.config\nEnvironmentFile=-/etc/sysconfig/sshd\nExecStart=/usr/sbin/sshd -D $OPTIONS $CRYPTO_POLICY\n',
        '/etc/crypto-policies/back-ends/opensshserver.config':
          "CRYPTO_POLICY='-oCiphers=aes256-ctr -oMACs=hmac-sha2-256'\n",
        '/etc/sysconfig/sshd': 'OPTIONS="-u0 -o PermitRootLogin=yes"\n# OPTIONS=""\n',
      },
    });
    const planned = await factGetter(host, new Date(0))(plannedSshd);
    expect(planned.state === 'known' && planned.value.map((one) => one.arguments.options)).toEqual([
      ['PermitRootLogin=yes', 'Ciphers=aes256-ctr', 'MACs=hmac-sha2-256'],
    ]);
  });
});

describe('why sshd did not answer', () => {
  it.each([
    ['/etc/ssh/sshd_config line 3: unsupported option "x".\n', 'configuration'],
    [
      '/etc/ssh/sshd_config: line 1: Bad configuration option: X\n/etc/ssh/sshd_config: terminating, 1 bad configuration options\n',
      'configuration',
    ],
    ['/etc/ssh/sshd_config: No such file or directory\n', 'configuration'],
    ['Missing privilege separation directory: /run/sshd\n', 'surroundings'],
    ['a line 3: Deprecated option Protocol\nsshd: no hostkeys available -- exiting.\n', 'surroundings'],
    ['/etc/ssh/sshd_config: Permission denied\n', 'surroundings'],
    ['/run/sshd must be owned by root and not group or world-writable.\n', 'surroundings'],
    ['/etc/ssh/sshd_config: line 4: Bad configuration option: HostKeyy\n', 'configuration'],
    ['Segmentation fault\n', 'other'],
  ])('%j', (words, wanted) => {
    expect(classifyRefusal(words)).toBe(wanted);
  });

  it('the telling words are neither remarks nor the count', () => {
    expect(
      wordsOf(
        'a line 1: Deprecated option Protocol\na: line 2: Bad configuration option: X\na: terminating, 1 bad configuration options\n',
      ),
    ).toBe('a: line 2: Bad configuration option: X');
  });
});
