/** Readers behind login.console-autologin: agetty(8) itself as the judge of its options, and hostile input for all. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueIn } from '../../../checks/fact.ts';
import { gettyVerdict, hasForce, isForcedLogin, isShell, parseGetty } from '../../../checks/facts/agetty.ts';
import { parseCmdline } from '../../../checks/facts/cmdline.ts';
import { displayManagers } from '../../../checks/facts/display-manager.ts';
import { parseIni } from '../../../checks/facts/ini-file.ts';
import { parseInittab } from '../../../checks/facts/inittab.ts';
import { loginDefsNumber, parseLoginDefs } from '../../../checks/facts/login-defs.ts';
import { parseNsswitch } from '../../../checks/facts/nsswitch.ts';
import { execCommands, inForce, parseUnitFile } from '../../../checks/facts/systemd-unit-file.ts';
import { memoryHost } from '../../../checks/host-memory.ts';

describe('options of login', () => {
  it.each(['-f root', '-froot', '-pf', '-p -f x', '-h here -f x', "-p '-f' x", '-Hf'])(
    '%s is forced',
    (options) => {
      expect(hasForce(options)).toBe(true);
    },
  );
  it.each(['-p -- \\u', '-p', '-h f', '-hf', '-- -f root', '', 'f', '--f'])('%s is not', (options) => {
    expect(hasForce(options)).toBe(false);
  });
  it('sees login behind other programs, and shells without a script', () => {
    expect(isForcedLogin(['/bin/sh', '-c', 'exec /bin/login -f root </dev/tty1'])).toBe(true);
    expect(isForcedLogin(['/bin/login', '-p'])).toBe(false);
    expect(isShell(['/bin/bash', '-l'])).toBe(true);
    expect(isShell(['/bin/bash', '/usr/bin/backup'])).toBe(false);
  });
});

/** Options as one would write them in a unit, and whether agetty logs in by itself with them. */
const spellings = [
  '--autologin root',
  '-a root',
  '-aroot',
  '-Jaroot',
  '-8a root',
  '--auto=root',
  '--autol root',
  '--nohints -a root',
  '-L -a root',
  '--local-line -a root',
  '--erase-chars a -a root',
  '-E -a root',
  '-H h -i -p -a root',
  '-t 3 -N -a root',
  '--chdir / --delay 0 -a root',
  '-- -a root',
  '--host -a root',
  '-f a',
];

/** Runs agetty on a terminal of its own with echo in place of login; what it would have handed to login. */
function runAgetty(options: string): Promise<string> {
  // The login program comes first: options behind `--` are none, and one may be taken for another's value.
  const command = `/sbin/agetty --login-program /bin/echo --noissue --noclear ${options} -`;
  return new Promise((resolve) => {
    const child = spawn('/usr/bin/timeout', ['5', '/usr/bin/script', '-qec', command, '/dev/null'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { TERM: 'linux', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
    });
    child.on('close', () => resolve(out));
  });
}

describe.skipIf(process.getuid?.() !== 0 || !existsSync('/usr/bin/script') || !existsSync('/sbin/agetty'))(
  'agetty agrees on what logs in by itself [needs root, agetty, script]',
  () => {
    it('for every spelling', { timeout: 30_000 }, async () => {
      const outputs = await Promise.all(spellings.map(runAgetty));
      for (const [index, options] of spellings.entries()) {
        const real = /automatic login|-f root/.test(outputs[index] ?? '');
        const words = execCommands(`-/sbin/agetty ${options} --noclear -`)[0] ?? [];
        const getty = parseGetty(words);
        const ours = getty !== undefined && gettyVerdict(getty) !== undefined;
        expect([options, ours]).toEqual([options, real]);
      }
      expect(outputs.filter((output) => /automatic login|-f root/.test(output)).length).toBeGreaterThan(10);
    });
  },
);

describe('unit files', () => {
  it('keeps sections, continuation, comments and resets apart', () => {
    const settings = parseUnitFile(
      'ExecStart=outside\n[Service]\n; ExecStart=no\nExecStart=a \\\n# between\n  b\nExecStart =\nExecStart= c\n[X]\nExecStart=d\n',
      'u',
    );
    expect(
      settings.filter(({ section }) => section === 'Service').map(({ line, value }) => [line, value]),
    ).toEqual([
      [4, 'a    b'],
      [7, ''],
      [8, 'c'],
    ]);
    expect(inForce(settings, 'Service', 'ExecStart').map(({ value }) => value)).toEqual(['c']);
  });
});

it('login.defs: the tools take the last line, PAM the first, in any letter case', () => {
  const { tools, pam } = parseLoginDefs('A 1\na = 2 # x\nA "3"\n#A 4\n  B\t5\n', 'f');
  expect([tools.get('A')?.value, pam.get('A')?.value, tools.get('B')?.value]).toEqual(['3', '1', '5']);
  expect(['0x10', '010', '10', '-1', '08', 'x', ''].map(loginDefsNumber)).toEqual([
    16,
    8,
    10,
    -1,
    undefined,
    undefined,
    undefined,
  ]);
});

it('the kernel command line: quotes, bare words, and nothing behind --', () => {
  expect(parseCmdline('ro a="b c" "d=e f" -- g\n')).toEqual([
    { key: 'ro' },
    { key: 'a', value: 'b c' },
    { key: 'd', value: 'e f' },
  ]);
});

it('nsswitch.conf: actions and comments left out, the last line counts', () => {
  const { databases } = parseNsswitch('passwd: x\npasswd: files [NOTFOUND=return] sss # nis\n', 'f');
  expect(databases.get('passwd')?.services).toEqual(['files', 'sss']);
});

const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      '[',
      ']',
      '=',
      '\n',
      '\\\n',
      '"',
      "'",
      '\\',
      ';',
      '#',
      ' ',
      ':',
      '{',
      '}',
      '-a',
      '--',
      'agetty',
      'ExecStart=',
      '[Service]',
      '$',
      '\\x4',
      '\\u',
    ),
    fc.string(),
  ),
);

it('never throws, whatever the text', async () => {
  await fc.assert(
    fc.asyncProperty(pieces, async (parts) => {
      const text = parts.join('');
      parseUnitFile(text, 'f');
      for (const words of execCommands(text)) {
        const getty = parseGetty(words);
        if (getty) gettyVerdict(getty);
        isForcedLogin(words);
        isShell(words);
      }
      parseIni(text, 'f');
      parseInittab(text);
      parseCmdline(text);
      parseNsswitch(text, 'f');
      parseLoginDefs(text, 'f');
      const paths = [
        '/etc/gdm3/custom.conf',
        '/etc/lightdm/lightdm.conf',
        '/etc/sddm.conf',
        '/etc/slim.conf',
        '/etc/ly/config.ini',
        '/etc/greetd/config.toml',
      ];
      const host = memoryHost({ files: Object.fromEntries(paths.map((path) => [path, text])) });
      valueIn(await displayManagers.collect(host, () => Promise.reject(new Error()), new Date(0)));
    }),
    { numRuns: 1000, seed: 1 },
  );
});
