/** passwd, shadow and group as the C library reads them: written cases, hostile input, and getent(1) as the judge. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseId } from '../../../checks/facts/account-file.ts';
import { parseGroup, parseGshadow } from '../../../checks/facts/group.ts';
import { parsePasswd } from '../../../checks/facts/passwd.ts';
import { parseShadow } from '../../../checks/facts/shadow.ts';
import { copyOfEtc, describeInNamespace, inNamespace, openDirectory } from '../../support/mount-namespace.ts';

const CANARY = 'CANARYcanaryCANARY';

describe('written cases', () => {
  it.each([
    ['0', 0],
    ['00', 0],
    ['+0', 0],
    ['-0', 0],
    [' 0', 0],
    ['4294967295', 4294967295],
    ['-18446744073709551615', 1],
    ['0x0', undefined],
    ['', undefined],
    ['0 ', undefined],
    ['0a', undefined],
    ['-1', undefined],
    ['4294967296', undefined],
    ['18446744073709551616', undefined],
  ])('UID %j is %s', (text, id) => {
    expect(parseId(text)).toBe(id);
  });

  it('keeps accounts, network entries and what can not be read apart', () => {
    const file = parsePasswd(
      'root:x:0:0::/root:/bin/sh\r\n# c\n\n+::::::\n-@bad\nx:x:0x0:0::/:/bin/sh\nshort\n y::1:1\n',
    );
    expect(file.entries).toMatchObject([
      { line: 1, name: 'root', shell: '/bin/sh' },
      { line: 8, name: 'y', password: { kind: 'empty' }, shell: '' },
    ]);
    expect(file.network.map(({ name }) => name)).toEqual(['+', '-@bad']);
    expect(file.malformed).toEqual([
      { line: 6, name: 'x', passwordSet: true },
      { line: 7, passwordSet: false },
    ]);
  });

  it('keeps nothing of a hash, not even of one that slipped into the wrong place', () => {
    const hash = `$6$${CANARY}$${CANARY}`;
    const lines = `a:${hash}:1:1:${CANARY}:/:/\n${hash}\n!${hash}:x\nb:!${hash}:20000:0:1:7:::\nc:${CANARY}\n`;
    expect(JSON.stringify([parsePasswd(lines), parseShadow(lines), parseGroup(lines)])).not.toContain(CANARY);
    expect(JSON.stringify(parseGshadow(`sudo:${hash}::\nx:!${hash}::\n`))).not.toContain(CANARY);
  });

  it('reads ageing, and -1 and empty as "no rule"', () => {
    const [a, b] = parseShadow('a:*:20000:1:90:7:30:20100:\nb:*::-1:-1::::\n').entries;
    expect(a).toMatchObject({ lastChange: 20000, min: 1, max: 90, warn: 7, inactive: 30, expires: 20100 });
    expect(b).toEqual({ line: 2, name: 'b', password: { kind: 'none' } });
  });

  it('reads group passwords and members', () => {
    expect(parseGroup('sudo:x:27:anna,otto\n').entries).toMatchObject([
      { gid: 27, members: ['anna', 'otto'] },
    ]);
    expect(parseGshadow('sudo::adm:anna, otto\nx:!::\n')).toMatchObject([
      { password: { kind: 'empty' }, administrators: ['adm'], members: ['anna', 'otto'] },
      { password: { kind: 'none' } },
    ]);
  });
});

/** Bytes and pieces that account files are made of, in any order. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ':',
        '::',
        '\n',
        '\r\n',
        '\0',
        '+',
        '-',
        '#',
        '0',
        '00',
        '$6$',
        'x',
        ' ',
        '\t',
        '*',
        '!',
      ),
      fc.string(),
    ),
  )
  .map((pieces) => pieces.join(''));

it('never throws, whatever the text', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      for (const parse of [parsePasswd, parseShadow, parseGroup, parseGshadow]) parse(text);
    }),
    { numRuns: 2000, seed: 1 },
  );
});

const field = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '00',
    '+0',
    '-0',
    ' 0',
    '0 ',
    '\t0',
    '0x0',
    '0a',
    '1000',
    '4294967295',
    '4294967296',
    '7',
    'x',
    '*',
  ),
  fc.nat(70000).map(String),
);
const accountName = fc.constantFrom('a', 'b', ' c', '#d', 'e f', '+g', '-h', '');
const line = (name: string, fields: readonly string[], index: number): string =>
  `${name}${/^[+-]|^$/.test(name.trim()) ? '' : index}:${fields.join(':')}`;
const passwdLine = fc.tuple(
  accountName,
  fc.tuple(
    fc.constantFrom('x', '*', ''),
    field,
    field,
    fc.constant('c'),
    fc.constant('/'),
    fc.constant('/bin/sh'),
  ),
  fc.integer({ min: 1, max: 6 }),
);
const shadowLine = fc.tuple(
  accountName,
  fc.tuple(fc.constantFrom('*', '', '!'), field, field, field, field, field, field, fc.constant('')),
  fc.oneof(fc.constant(8), fc.integer({ min: 1, max: 8 })),
);

describeInNamespace([], 'the C library agrees (getent)', () => {
  const directory = openDirectory();
  afterAll(directory.remove);
  const etc = copyOfEtc(directory.path);
  const getent = (file: 'passwd' | 'shadow', text: string): string[] => {
    writeFileSync(join(etc, file), text);
    return inNamespace([{ from: etc, over: '/etc' }], `getent -s files ${file} || true`)
      .split('\n')
      .filter(Boolean);
  };
  /** getent stops at an error of the database only; the account lines are all there. */
  const lines = (shape: typeof passwdLine | typeof shadowLine) =>
    fc
      .sample(shape as fc.Arbitrary<[string, string[], number]>, { numRuns: 600, seed: 42 })
      .map(([name, fields, count], index) => line(name, fields.slice(0, count), index));

  it('on which lines of passwd are accounts, and on their UIDs', () => {
    const text = `${lines(passwdLine).join('\n')}\n`;
    const real = getent('passwd', text).filter((one) => !/^[+-]/.test(one));
    const ours = parsePasswd(text).entries.map(({ name, uid, gid }) => `${name}:${uid}:${gid}`);
    expect(real.length).toBeGreaterThan(100);
    expect(ours).toEqual(
      real.map((one) => one.split(':')).map(([name, , uid, gid]) => `${name}:${uid}:${gid}`),
    );
  });

  it('on which lines of shadow are accounts, and on their ageing', () => {
    const text = `${lines(shadowLine).join('\n')}\n`;
    const real = getent('shadow', text).filter((one) => !/^[+-]/.test(one));
    const ours = parseShadow(text).entries.map(
      ({ name, lastChange, max }) => `${name}:${lastChange ?? ''}:${max ?? ''}`,
    );
    expect(real.length).toBeGreaterThan(50);
    expect(ours).toEqual(
      real.map((one) => one.split(':')).map(([name, , change, , max]) => `${name}:${change}:${max}`),
    );
  });
});

describeInNamespace(['chage'], 'chage agrees on when a password expires', () => {
  const directory = openDirectory();
  afterAll(directory.remove);
  const etc = copyOfEtc(directory.path);
  const cases = fc.sample(
    fc.tuple(
      fc.constantFrom('', '0', '19000', '20000'),
      fc.constantFrom('', '-1', '0', '1', '90', '365', '9999', '99998', '99999', '100000'),
    ),
    { numRuns: 40, seed: 3 },
  );

  it('for every combination of change day and limit', () => {
    const accounts = cases.map(([change, max], index) => ({ name: `u${index}`, change, max }));
    appendFileSync(
      join(etc, 'passwd'),
      accounts.map(({ name }, index) => `${name}:x:${5000 + index}:5000::/:/bin/sh\n`).join(''),
    );
    const text = accounts.map(({ name, change, max }) => `${name}:*:${change}:0:${max}:7:::\n`).join('');
    writeFileSync(join(etc, 'shadow'), text);
    const real = inNamespace(
      [{ from: etc, over: '/etc' }],
      `for u in ${accounts.map(({ name }) => name).join(' ')}; do echo "$u $(chage -l $u | grep '^Password expires')"; done`,
    );
    const entries = new Map(parseShadow(text).entries.map((entry) => [entry.name, entry]));
    for (const { name, change, max } of accounts) {
      // Today's glibc does not see an account with -1 at all; older ones read it as "never", and so do we.
      if (max === '-1') continue;
      const said = new RegExp(`^${name} Password expires\\s*: (.*)$`, 'm').exec(real)?.[1];
      const entry = entries.get(name);
      const never = entry?.lastChange === undefined || entry.max === undefined || entry.max >= 99_999;
      // chage also says never from 10000 days on; we do so where shadow-utils writes it. Longer is a fail either way.
      const chageNever = never || (entry?.max ?? 0) >= 10_000;
      expect([name, change, max, said]).toEqual([
        name,
        change,
        max,
        change === '0'
          ? 'password must be changed'
          : chageNever
            ? 'never'
            : dateOf((entry?.lastChange ?? 0) + (entry?.max ?? 0)),
      ]);
    }
  });
});

function dateOf(days: number): string {
  const date = new Date(days * 86_400_000);
  const month = date.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' });
  return `${month} ${String(date.getUTCDate()).padStart(2, '0')}, ${date.getUTCFullYear()}`;
}
