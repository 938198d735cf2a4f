/** Files that no administrator writes: the right verdict or `unknown` with its reason, never a hang or a crash. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { memoryHost } from '../../../checks/host-memory.ts';
import { sudoAuthenticates } from '../../../checks/login/sudo-authenticates.ts';
import { sudoSession } from '../../../checks/login/sudo-session.ts';
import { judge } from '../../support/judge.ts';
import { describeAsRoot } from '../../support/programs.ts';

const PASSWD = 'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n';
const OPEN = 'alice ALL=(ALL) NOPASSWD: ALL\n';
const PROGRAM = '\x7fELF\x001.9.13p3\0';

const tree = (sudoers: string) =>
  memoryHost({
    files: {
      '/usr/bin/sudo': PROGRAM,
      '/etc/passwd': PASSWD,
      '/etc/group': 'root:x:0:\nalice:x:1000:\n',
      '/proc/sys/kernel/hostname': 'web1\n',
      '/etc/sudoers': sudoers,
    },
  });

const SIZE = 500_000;

describe('large and broken text', () => {
  it.each([
    ['nothing at all', '', 'pass'],
    ['a NUL ends its line', `alice ALL=(ALL) ALL\0 NOPASSWD: ALL\n`, 'pass'],
    ['one endless word', 'a'.repeat(SIZE), 'unknown'],
    ['an unbalanced quote', `Defaults badpass_message="${'x'.repeat(SIZE)}\n`, 'unknown'],
    ['an unbalanced quote before an open rule', `Defaults badpass_message="oh\n${OPEN}`, 'fail'],
    ['brackets', '('.repeat(SIZE), 'unknown'],
    ['continued for ever', '\\\n'.repeat(SIZE / 2), 'pass'],
    ['a regular expression without end', `alice ALL=^${'(a+)+'.repeat(SIZE / 5)}`, 'unknown'],
    ['a list of 100,000', `User_Alias A = ${'a,'.repeat(100_000)}alice\nA ALL=NOPASSWD: ALL\n`, 'fail'],
    ['bytes that are no UTF-8', `User_Alias \xff\xfe = \xc3\x28\n${OPEN}`, 'fail'],
    ['carriage returns', OPEN.replace('\n', '\r\n'), 'fail'],
    ['a carriage return after a path, which sudo refuses', 'alice ALL=NOPASSWD: /bin/ls\r\n', 'unknown'],
  ] as const)('%s', async (_name, text, outcome) => {
    const result = await judge(sudoAuthenticates, tree(text));
    expect(result.outcome, JSON.stringify(result.evidence).slice(0, 500)).toBe(outcome);
    expect(['pass', 'fail', 'unknown']).toContain((await judge(sudoSession, tree(text))).outcome);
  });

  it('an alias that contains itself, directly or not, is a plain name there', async () => {
    const text = `User_Alias A = B\nUser_Alias B = A, alice\nA ALL=(ALL) NOPASSWD: ALL\n`;
    expect((await judge(sudoAuthenticates, tree(text))).outcome).toBe('fail');
  });

  it('aliases that double at every step', async () => {
    const lines = Array.from({ length: 60 }, (_, n) => `Cmnd_Alias A${n} = A${n + 1}, A${n + 1}`);
    const text = `${lines.join('\n')}\nCmnd_Alias A60 = /bin/ls\nalice ALL=(ALL) A0\n`;
    const result = await judge(sudoAuthenticates, tree(text));
    expect(result.outcome).toBe('unknown');
    expect(result.reason?.en).toContain('too many');
  });

  it('aliases in aliases, 5,000 deep', async () => {
    const lines = Array.from({ length: 5_000 }, (_, n) => `User_Alias A${n} = A${n + 1}`);
    const result = await judge(sudoAuthenticates, tree(`${lines.join('\n')}\nA0 ALL=(ALL) NOPASSWD: ALL\n`));
    expect(result.outcome).toBe('unknown');
    expect(result.reason?.en).toContain('too many');
  });

  it('thousands of rules for one account', async () => {
    const text = Array.from({ length: 8_000 }, (_, n) => `alice ALL=(u${n}) /bin/c${n}`).join('\n');
    expect((await judge(sudoAuthenticates, tree(text))).outcome).toBe('unknown');
  });
});

describeAsRoot([], 'odd files in place of sudoers', () => {
  let root: string;
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: 0o440 });
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'nachweis-sudo-'));
    put('/usr/bin/sudo', PROGRAM);
    put('/etc/passwd', PASSWD);
    put('/etc/group', 'root:x:0:\n');
    put('/etc/hostname', 'web1\n');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const both = async () => {
    const host = linuxHost({ root });
    const results = [await judge(sudoAuthenticates, host), await judge(sudoSession, host)];
    for (const { outcome, reason } of results) if (outcome === 'unknown') expect(reason?.en).toBeTruthy();
    return results.map(({ outcome }) => outcome);
  };

  it('10 MB', async () => {
    put('/etc/sudoers', OPEN.repeat(350_000));
    expect(await both()).toEqual(['unknown', 'unknown']);
  });

  it('a FIFO, alone and in sudoers.d', async () => {
    spawnSync('/usr/bin/mkfifo', [join(root, 'etc/sudoers')]);
    expect(await both()).toEqual(['unknown', 'unknown']);
    rmSync(join(root, 'etc/sudoers'));
    put('/etc/sudoers', `Defaults use_pty, logfile=/var/log/sudo.log\n@includedir /etc/sudoers.d\n`);
    mkdirSync(join(root, 'etc/sudoers.d'));
    spawnSync('/usr/bin/mkfifo', [join(root, 'etc/sudoers.d/pipe')]);
    // sudo skips what is not a regular file.
    expect(await both()).toEqual(['pass', 'pass']);
  });

  it('a directory, a loop of links, a link out of the root', async () => {
    mkdirSync(join(root, 'etc/sudoers'));
    expect(await both()).toEqual(['unknown', 'unknown']);
    rmSync(join(root, 'etc/sudoers'), { recursive: true });
    symlinkSync('sudoers', join(root, 'etc/sudoers'));
    expect(await both()).toEqual(['unknown', 'unknown']);
    rmSync(join(root, 'etc/sudoers'));
    symlinkSync('../../../../../../../etc/nowhere', join(root, 'etc/sudoers'));
    expect(await both()).toEqual(['unknown', 'unknown']);
  });

  it('files that include each other', async () => {
    put('/etc/sudoers', '@include sudoers.a\n');
    put('/etc/sudoers.a', '@include /etc/sudoers.b\n');
    put('/etc/sudoers.b', '#include sudoers.a\n');
    expect((await both())[0]).toBe('unknown');
    put('/etc/sudoers.c', OPEN);
    rmSync(join(root, 'etc/sudoers.b'));
    put('/etc/sudoers.b', '#include sudoers.a\n@include sudoers.c\n');
    expect((await both())[0]).toBe('fail');
  });

  it('more files than anybody has', async () => {
    put('/etc/sudoers', '@includedir /etc/sudoers.d\n');
    for (let number = 0; number < 700; number += 1) put(`/etc/sudoers.d/f${number}`, '# nothing\n');
    expect((await both())[0]).toBe('unknown');
  });
});
