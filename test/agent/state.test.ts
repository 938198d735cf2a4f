/** The state directory, its key and its lock, against other users and other processes. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKey, readKey } from '../../agent/key.ts';
import { birthOf, withLock } from '../../agent/lock.ts';
import { openState, readEnrolment } from '../../agent/state.ts';
import { utf8 } from '../../shared/bytes.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';

const isRoot = process.getuid?.() === 0;
let base: string;
beforeEach(() => {
  base = fs.mkdtempSync(path.join(os.tmpdir(), 'nachweis-state-'));
});
afterEach(() => fs.rmSync(base, { recursive: true, force: true }));
const at = (name: string): string => path.join(base, name);

describe('the state directory', () => {
  it('is made with 0700, below a sticky /tmp too', () => {
    openState(at('state'), { create: true });
    expect(fs.statSync(at('state')).mode & 0o777).toBe(0o700);
  });

  it('is not enrolled where there is none', () => {
    expect(() => openState(at('nothing'))).toThrow(/NOT_ENROLLED/);
    expect(() => readEnrolment(openState(base))).toThrow(/NOT_ENROLLED/);
  });

  it.each([
    ['itself', 'state', 0o702],
    ['a directory above it', '.', 0o777],
  ])('is refused when others can write to %s', (_what, name, mode) => {
    fs.mkdirSync(at('state'), { mode: 0o700 });
    fs.chmodSync(at(name), mode);
    expect(() => openState(at('state'))).toThrow(/STATE_UNSAFE/);
  });

  it('is refused when the way to it leads over a link in a directory that others can write to', () => {
    fs.mkdirSync(at('open'), { mode: 0o777 });
    fs.chmodSync(at('open'), 0o777);
    fs.mkdirSync(at('state'), { mode: 0o700 });
    fs.symlinkSync(at('state'), at('open/link'));
    expect(() => openState(at('open/link'))).toThrow(/STATE_UNSAFE/);
  });

  it.skipIf(!isRoot)('is refused when it belongs to somebody else, or to a group that is not its own', () => {
    fs.mkdirSync(at('state'), { mode: 0o700 });
    fs.chownSync(at('state'), 65534, 65534);
    expect(() => openState(at('state'))).toThrow(/STATE_UNSAFE/);
    fs.chownSync(at('state'), 0, 65534);
    fs.chmodSync(at('state'), 0o770);
    expect(() => openState(at('state'))).toThrow(/STATE_UNSAFE/);
  });

  it('says which file is damaged', () => {
    fs.writeFileSync(at('enrolment.json'), '{"format":"nachweis.enrolment/1"}');
    expect(() => readEnrolment(openState(base))).toThrow(/STATE_UNREADABLE.*enrolment\.json/);
    fs.writeFileSync(at('enrolment.json'), '{');
    expect(() => readEnrolment(openState(base))).toThrow(/STATE_UNREADABLE.*not JSON/);
  });
});

describe('the key', () => {
  it('is 0600, signs, and is never made twice under one name', async () => {
    const name = createKey(base);
    expect(fs.statSync(at(name)).mode & 0o777).toBe(0o600);
    const signer = readKey(at(name));
    const data = utf8('report');
    expect(await nodeCrypto.verifyEd25519(signer.publicKey, data, await signer.sign(data))).toBe(true);
    expect(createKey(base)).not.toBe(name);
  });

  it('is refused when others may read it, when it is a link, and when it is no key', () => {
    const name = createKey(base);
    fs.chmodSync(at(name), 0o640);
    expect(() => readKey(at(name))).toThrow(/STATE_UNSAFE/);
    fs.chmodSync(at(name), 0o600);
    fs.symlinkSync(at(name), at('link.pem'));
    expect(() => readKey(at('link.pem'))).toThrow(/STATE_UNREADABLE/);
    fs.writeFileSync(at(name), 'canary-not-a-key');
    expect(() => readKey(at(name))).toThrow(/STATE_UNREADABLE(?!.*canary)/);
  });
});

describe('the lock', () => {
  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = () =>
      withLock(at('lock'), 10_000, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 20 }, work));
    expect(most).toBe(1);
    expect(fs.readdirSync(base)).toEqual([]);
  });

  it('names the process that holds it', async () => {
    const holding = withLock(at('lock'), 0, () => withLock(at('lock'), 0, () => 1));
    await expect(holding).rejects.toThrow(new RegExp(`STATE_BUSY.*${process.pid}`));
  });

  it('takes over from a process that died, also when its number was given anew', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
    const pid = child.pid ?? 0;
    fs.writeFileSync(at('lock'), `${pid} ${birthOf(pid)}`);
    await expect(withLock(at('lock'), 0, () => 1)).rejects.toThrow(/STATE_BUSY/);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(await withLock(at('lock'), 0, () => 'mine')).toBe('mine');
    // This very process, but born at another time.
    fs.writeFileSync(at('lock'), `${process.pid} 1 00000000-0000-0000-0000-000000000000`);
    expect(await withLock(at('lock'), 0, () => 'mine')).toBe('mine');
  });

  it('is given back when the work fails', async () => {
    await expect(withLock(at('lock'), 0, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(fs.existsSync(at('lock'))).toBe(false);
  });
});
