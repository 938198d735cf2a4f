/** Real files of every awkward kind, below an unpacked root and on the live system. */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { directIo, threadedIo } from '../../agent/host-io.ts';
import { linuxHost } from '../../agent/host-linux.ts';
import { aptConfig } from '../../checks/commands.ts';
import type { Fact } from '../../checks/fact.ts';

let base: string;
let root: string;
beforeEach(() => {
  base = fs.mkdtempSync(path.join(os.tmpdir(), 'nachweis-host-'));
  root = path.join(base, 'root');
  fs.mkdirSync(path.join(root, 'etc'), { recursive: true });
  fs.writeFileSync(path.join(base, 'outside'), 'secret of the outside');
});
afterEach(() => fs.rmSync(base, { recursive: true, force: true }));

const put = (name: string, text: string | Buffer, mode = 0o644): void => {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text, { mode });
};
const link = (target: string, name: string): void => fs.symlinkSync(target, path.join(root, name));
const why = (fact: Fact<unknown>): string => (fact.state === 'unreadable' ? fact.reason.en : fact.state);

describe.each([
  ['direct', directIo],
  ['threaded', threadedIo],
])('an unpacked root, %s calls', (_name, io) => {
  const host = () => linuxHost({ root, io });

  it('reads text with its stat, under the name that was asked for', async () => {
    put('etc/motd', 'grüß Gott\n', 0o640);
    fs.utimesSync(path.join(root, 'etc/motd'), 1_700_000_000, 1_700_000_000);
    expect(await host().readText('/etc/motd')).toEqual({
      state: 'known',
      value: {
        path: '/etc/motd',
        text: 'grüß Gott\n',
        stat: {
          type: 'file',
          mode: 0o640,
          uid: process.getuid?.(),
          gid: process.getgid?.(),
          size: 12,
          modified: '2023-11-14T22:13:20.000Z',
          changed: new Date(fs.statSync(path.join(root, 'etc/motd')).ctimeMs).toISOString(),
          identity: expect.stringMatching(/^\d+:\d+:12:1700000000000:[\d.]+$/),
        },
      },
    });
  });

  it('tells missing from not looked', async () => {
    put('etc/file', 'x');
    for (const name of ['/nothing', '/etc/nothing/deeper', '/etc/file/below', '/etc/file/../file']) {
      expect(await host().readText(name), name).toEqual({ state: 'absent', source: name });
    }
    expect(why(await host().readText('relative'))).toContain('not a usable path');
    expect(why(await host().readText('/etc/\0'))).toContain('not a usable path');
  });

  it('resolves absolute links, chains and dots inside the root', async () => {
    put('usr/etc/login.defs', 'inside');
    link('/usr/etc', 'etc/vendor');
    link('vendor/../../usr/./etc/login.defs', 'etc/login.defs');
    expect(await host().readText('/etc/login.defs')).toMatchObject({ value: { text: 'inside' } });
    expect(await host().realPath('/etc/login.defs')).toMatchObject({ value: '/usr/etc/login.defs' });
    expect(await host().lstat('/etc/login.defs')).toMatchObject({ value: { type: 'symlink' } });
    expect(await host().stat('/etc/login.defs')).toMatchObject({ value: { type: 'file', size: 6 } });
    expect(await host().realPath('/')).toMatchObject({ value: '/' });
  });

  it('never leaves the root', async () => {
    link(path.join(base, 'outside'), 'etc/absolute');
    link('../../outside', 'etc/climbing');
    link('../../../../../../../../etc/passwd', 'etc/far');
    expect(await host().readText('/etc/absolute')).toEqual({ state: 'absent', source: '/etc/absolute' });
    expect(why(await host().readText('/etc/climbing'))).toContain('out of the given root');
    expect(why(await host().stat('/etc/far'))).toContain('out of the given root');
    expect(why(await host().list('/../'))).toContain('out of the given root');
  });

  it('does not follow magic links of a mounted /proc', async () => {
    // `exe` is a magic link: the kernel would jump to the running program, outside of this root.
    const inside = linuxHost({ root: '/proc/self', io });
    expect((await inside.readText('/exe')).state).toBe('absent');
    expect((await inside.list('/root')).state).toBe('known');
    expect(await inside.realPath('/root')).toMatchObject({ value: '/' });
  });

  it('gives up on loops of links', async () => {
    link('loop-b', 'etc/loop-a');
    link('loop-a', 'etc/loop-b');
    expect(why(await host().readText('/etc/loop-a'))).toContain('too many symbolic links');
    expect((await host().lstat('/etc/loop-a')).state).toBe('known');
  });

  it('says what is written in a link, also one that leads nowhere', async () => {
    put('etc/file', 'x');
    link('/dev/null', 'etc/mask');
    link('../gone', 'etc/dangling');
    link('etc', 'conf');
    const read = (name: string) => host().readlink(name);
    expect(await read('/etc/mask')).toEqual({ state: 'known', value: '/dev/null' });
    expect(await read('/conf/dangling')).toEqual({ state: 'known', value: '../gone' });
    for (const name of ['/etc/nothing', '/etc/file/x']) expect((await read(name)).state, name).toBe('absent');
    for (const name of ['/etc/file', '/etc', '/', '/conf/.', '/conf/'])
      expect(why(await read(name)), name).toContain('not a symbolic link');
    expect(why(await read('/../etc/mask'))).toContain('leads out');
    fs.symlinkSync(Buffer.from([0x2f, 0xff]), path.join(root, 'etc/odd-link'));
    expect(why(await read('/etc/odd-link'))).toContain('not a usable path');
  });

  it('does not wait for FIFOs, sockets and devices', async () => {
    execFileSync('mkfifo', [path.join(root, 'etc/fifo')]);
    link('/etc/fifo', 'etc/to-fifo');
    for (const name of ['/etc/fifo', '/etc/to-fifo', '/etc']) {
      expect(why(await host().readText(name)), name).toContain('not a regular file');
    }
    expect(await host().stat('/etc/fifo')).toMatchObject({ value: { type: 'other' } });
    if (process.getuid?.() === 0) {
      execFileSync('mknod', [path.join(root, 'etc/zero'), 'c', '1', '5']);
      expect(why(await host().readText('/etc/zero'))).toContain('not a regular file');
    }
  });

  it('bounds size, and takes latin1 only where asked', async () => {
    put('etc/big', Buffer.alloc(1024 * 1024 + 1, 'a'));
    put('etc/fits', Buffer.alloc(1024 * 1024, 'a'));
    put('etc/latin1', Buffer.from('gr\xfc\xdfe', 'latin1'));
    expect(why(await host().readText('/etc/big'))).toContain('larger than 1048576 bytes');
    expect((await host().readText('/etc/fits')).state).toBe('known');
    expect((await host().readText('/etc/big', { maxBytes: 2 ** 21 })).state).toBe('known');
    expect(why(await host().readText('/etc/latin1'))).toContain('not valid UTF-8');
    expect(await host().readText('/etc/latin1', { encoding: 'latin1' })).toMatchObject({
      value: { text: 'grüße' },
    });
  });

  it('lists names sorted by code unit, and refuses too many and unsayable ones', async () => {
    for (const name of ['b', 'a', 'B', 'ä']) put(`etc/d/${name}`, '');
    expect(await host().list('/etc/d')).toEqual({ state: 'known', value: ['B', 'a', 'b', 'ä'] });
    expect(why(await host().list('/etc/d/a'))).toContain('not a directory');
    fs.writeFileSync(Buffer.concat([Buffer.from(`${root}/etc/d/`), Buffer.from([0xff])]), '');
    expect(why(await host().list('/etc/d'))).toContain('not UTF-8');
    fs.mkdirSync(path.join(root, 'many'));
    for (let i = 0; i <= 10_000; i += 1) fs.writeFileSync(path.join(root, 'many', String(i)), '');
    expect(why(await host().list('/many'))).toContain('more than 10000');
  });

  it('does not take a link target with broken UTF-8 for a missing file', async () => {
    fs.symlinkSync(Buffer.from([0x2f, 0xff]), path.join(root, 'etc/odd'));
    expect(why(await host().readText('/etc/odd'))).toContain('not a usable path');
  });

  it('runs no command', async () => {
    expect(why(await host().run(aptConfig, []))).toContain('no command of an unpacked system');
    expect(host().live).toBe(false);
  });

  it('leaks no descriptors', async () => {
    put('etc/motd', 'x');
    link('loop', 'etc/loop');
    const judged = host();
    const open = () => fs.readdirSync('/proc/self/fd').length;
    const before = open();
    for (let i = 0; i < 50; i += 1) {
      await judged.readText('/etc/motd');
      await judged.readText('/etc/loop');
      await judged.list('/etc');
      await judged.stat('/etc/../../x');
      await judged.readlink('/etc/loop');
      await judged.readlink('/etc/motd');
    }
    expect(open()).toBe(before);
  });
});

it('stays inside while somebody swaps a directory for a link to the outside', async () => {
  fs.writeFileSync(path.join(base, 'shadow'), 'outside');
  put('etc/sub/shadow', 'inside');
  put('etc/other/x', '');
  // A process of its own swaps as fast as it can: rename(2) is atomic, so each look meets one of the two.
  const swapper = spawn(process.execPath, [
    '-e',
    `const fs = require('node:fs'); process.chdir(${JSON.stringify(path.join(root, 'etc'))});
     fs.symlinkSync('../..', 'link'); process.stdout.write('ready');
     for (;;) { try { fs.renameSync('sub', 'kept'); fs.renameSync('link', 'sub');
       fs.renameSync('sub', 'link'); fs.renameSync('kept', 'sub'); } catch (e) { if (e.code !== 'ENOENT') throw e; } }`,
  ]);
  try {
    await new Promise((resolve) => swapper.stdout.once('data', resolve));
    const host = linuxHost({ root, io: threadedIo });
    const seen = new Set<string>();
    for (let i = 0; i < 3000; i += 1) {
      const fact = await host.readText('/etc/sub/shadow');
      seen.add(fact.state === 'known' ? fact.value.text : fact.state);
    }
    expect([...seen]).toContain('inside');
    expect([...seen]).toContain('unreadable');
    expect([...seen]).not.toContain('outside');
  } finally {
    swapper.kill('SIGKILL');
  }
});

describe('the live system', () => {
  const host = linuxHost();

  it('reads /proc, whose files have no size', async () => {
    const status = await host.readText('/proc/self/status');
    expect(status).toMatchObject({ state: 'known', value: { text: expect.stringContaining('VmHWM') } });
    expect((await host.readText('/proc/4194304999/status')).state).toBe('absent');
  });

  it('says what is written in a link', async () => {
    link('nowhere', 'etc/link');
    expect(await host.readlink(path.join(root, 'etc/link'))).toEqual({ state: 'known', value: 'nowhere' });
  });

  it('does not open devices, and does not wait for kernel files', async () => {
    expect(why(await host.readText('/dev/zero'))).toContain('not a regular file');
    expect((await host.readText('/proc/kmsg')).state).not.toBe('known');
  });

  it('says that root is needed where it is', async () => {
    if (process.getuid?.() !== 0) return;
    put('etc/shadow', 'root:*:19000:0:99999:7:::\n', 0o600);
    fs.chmodSync(base, 0o755);
    // Another process, because a process that has given up root can not take it back.
    const script = `process.setgid(65534); process.setuid(65534);
      const { linuxHost } = await import(${JSON.stringify(path.resolve('agent/host-linux.ts'))});
      const host = linuxHost({ root: ${JSON.stringify(root)} });
      process.stdout.write(JSON.stringify([host.privileged, await host.readText('/etc/shadow')]));`;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(JSON.parse(out)).toEqual([
      false,
      {
        state: 'unreadable',
        source: '/etc/shadow',
        reason: {
          en: 'no permission to read /etc/shadow; run as root',
          de: 'keine Berechtigung, /etc/shadow zu lesen; als root ausführen',
        },
      },
    ]);
  });
});

it('refuses a root that is not a directory', () => {
  expect(() => linuxHost({ root: path.join(base, 'outside') })).toThrow(/ROOT_INVALID/);
  expect(() => linuxHost({ root: path.join(base, 'nowhere') })).toThrow(/ROOT_INVALID/);
});
