/** Homes that never answer, and odd files in place of keys: the round goes on, and nothing is judged wrong. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { homeDirectories } from '../../../checks/access/home-directories.ts';
import { keyStrength } from '../../../checks/access/key-strength.ts';
import { factGetter } from '../../../checks/evaluate.ts';
import { defineFact } from '../../../checks/fact.ts';
import { homes } from '../../../checks/facts/homes.ts';
import { patienceWith } from '../../../checks/facts/patience.ts';
import type { Host } from '../../../checks/host.ts';
import { memoryHost } from '../../../checks/host-memory.ts';
import { judge } from '../../support/judge.ts';
import { openDirectory } from '../../support/mount-namespace.ts';
import { describeAsRoot } from '../../support/programs.ts';

afterEach(() => vi.useRealTimers());

describe('homes on a dead mount', () => {
  const names = ['a', 'b', 'c', 'd'];
  const tree = {
    files: {
      '/etc/passwd': `root:x:0:0::/root:/bin/sh\n${names.map((name, at) => `${name}:x:${1000 + at}:100::/net/${name}:/bin/sh\n`).join('')}`,
      '/root': { directory: true as const, mode: 0o700 },
    },
  };

  it('are given up after seconds, and no more than two are asked', async () => {
    vi.useFakeTimers();
    const asked: string[] = [];
    const live = memoryHost(tree);
    const never = (path: string) => {
      asked.push(path);
      return new Promise<never>(() => {});
    };
    const host: Host = {
      ...live,
      stat: (path) => (path.startsWith('/net/') ? never(path) : live.stat(path)),
    };
    const get = factGetter(host, new Date(0));
    const collected = get(homes);
    await vi.advanceTimersByTimeAsync(30_000);
    const found = await collected;
    expect(asked).toEqual(['/net/a', '/net/b']);
    const states = found.state === 'known' ? found.value.map(({ directory }) => directory.state) : [];
    expect(states).toEqual(['known', 'unreadable', 'unreadable', 'unreadable', 'unreadable']);
    // Whoever asks next does not wait again.
    const again = await get(
      defineFact({
        id: 'again',
        collect: async (seen) => patienceWith(seen)('/net/a', () => seen.stat('/net/a')),
      }),
    );
    expect(again).toMatchObject({ state: 'unreadable' });
    expect(asked).toHaveLength(2);
  });
});

describeAsRoot(['ssh-keygen'], 'real homes', () => {
  const made: { remove: () => void }[] = [];
  afterEach(() => {
    for (const one of made.splice(0)) one.remove();
  });

  function system() {
    const directory = openDirectory();
    made.push(directory);
    const at = (path: string) => join(directory.path, path);
    for (const path of ['etc/ssh', 'usr/sbin', 'root', 'home/anna/.ssh'])
      mkdirSync(at(path), { recursive: true });
    writeFileSync(at('etc/passwd'), 'root:x:0:0::/root:/bin/sh\nanna:x:4711:4711::/home/anna:/bin/sh\n');
    writeFileSync(at('etc/group'), 'root:x:0:\nanna:x:4711:\n');
    writeFileSync(at('usr/sbin/sshd'), '\0OpenSSH_9.2p1 Debian\0');
    writeFileSync(at('etc/ssh/sshd_config'), 'UsePAM yes\n');
    chmodSync(at('root'), 0o700);
    for (const path of ['home/anna', 'home/anna/.ssh']) {
      chownSync(at(path), 4711, 4711);
      chmodSync(at(path), 0o700);
    }
    return { root: directory.path, at };
  }
  const keys = async (root: string) => judge(keyStrength, linuxHost({ root }));

  it('reads keys that ssh-keygen made, also through a link', async () => {
    const { root, at } = system();
    expect(await keys(root)).toMatchObject({ outcome: 'pass' });
    spawnSync('/usr/bin/ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', at('etc/ssh/weak')]);
    symlinkSync('/etc/ssh/weak.pub', at('home/anna/.ssh/authorized_keys'));
    const result = await keys(root);
    expect(result).toMatchObject({ outcome: 'fail' });
    expect(JSON.stringify(result)).toContain('ssh-rsa 2048');
  });

  it.each<[string, (path: string) => void]>([
    ['a FIFO', (path) => void spawnSync('/usr/bin/mkfifo', [path])],
    ['a file of 10 MB', (path) => writeFileSync(path, 'x'.repeat(10_000_000))],
    ['a loop of links', (path) => symlinkSync('authorized_keys', path)],
    ['a device', (path) => symlinkSync('/dev/zero', path)],
    ['a directory', (path) => void mkdirSync(path)],
  ])('%s in place of the keys is unknown, or nothing', async (what, make) => {
    const { root, at } = system();
    mkdirSync(at('dev'));
    spawnSync('/usr/bin/mknod', [at('dev/zero'), 'c', '1', '5']);
    make(at('home/anna/.ssh/authorized_keys'));
    const result = await keys(root);
    expect([what, result.outcome]).toEqual([what, 'unknown']);
    expect(result.reason?.en).toContain('authorized_keys');
  });

  it('bytes that are no UTF-8 do no harm to the lines beside them', async () => {
    const { root, at } = system();
    spawnSync('/usr/bin/ssh-keygen', ['-q', '-t', 'rsa', '-b', '1024', '-N', '', '-f', at('etc/ssh/weak')]);
    spawnSync('/bin/sh', [
      '-c',
      `printf '\\377\\376 noise\\n' >'${at('home/anna/.ssh/authorized_keys')}'; cat '${at('etc/ssh/weak.pub')}' >>'${at('home/anna/.ssh/authorized_keys')}'`,
    ]);
    expect(await keys(root)).toMatchObject({ outcome: 'fail', evidence: [{ line: 2 }] });
  });

  it('owners and modes of real homes', async () => {
    const { root, at } = system();
    const outcome = async () => judge(homeDirectories, linuxHost({ root }));
    expect(await outcome()).toMatchObject({ outcome: 'pass' });
    writeFileSync(at('home/anna/.bashrc'), '');
    chownSync(at('home/anna/.bashrc'), 4712, 4711);
    expect(JSON.stringify(await outcome())).toContain('belongs to UID 4712');
    chownSync(at('home/anna/.bashrc'), 4711, 4711);
    chmodSync(at('home/anna'), 0o755);
    expect(await outcome()).toMatchObject({ outcome: 'fail', evidence: [{ found: 'anna: 0755' }] });
  });
});
