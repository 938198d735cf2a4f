/** The roots and containers that other tests stand on: nothing of one test reaches another, and nothing is left over. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { bootContainer, type Container } from '../support/container.ts';
import { debianMirror } from '../support/debian-mirror.ts';
import { type DebianRoot, debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../support/debian-root.ts';
import { copyRoot, type RootCopy } from '../support/root-copy.ts';

// Several systems boot at once here, on whatever machine this is.
vi.setConfig({ testTimeout: 300_000 });

const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8');
/** Also of a process that has ended and waits for its parent to notice. */
const runs = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

async function until(what: string, condition: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not in 20 s: ${what}`);
    await sleep(20);
  }
}

describeInDebian('a Debian root and its containers', () => {
  let root: DebianRoot;
  let copy: RootCopy;
  let container: Container;
  beforeAll(async () => {
    root = await debianRoot(12);
    copy = copyRoot(root);
    container = await bootContainer(copy.path);
  }, ROOT_TIMEOUT_MS);
  afterAll(async () => {
    await container?.stop();
    copy?.remove();
  });

  it('changes a copy, never the original', async () => {
    const other = copyRoot(root);
    await other.run(['usermod', '-c', 'changed', 'anna']);
    expect(readFileSync(join(other.path, 'etc/passwd'), 'utf8')).toContain('changed');
    expect(readFileSync(join(root.path, 'etc/passwd'), 'utf8')).not.toContain('changed');
    expect(readFileSync(join(copy.path, 'etc/passwd'), 'utf8')).not.toContain('changed');
    other.remove();
    other.remove();
    expect(existsSync(other.path)).toBe(false);
    expect(mounts()).not.toContain(other.path);
    await expect(copy.run(['false'])).rejects.toThrow('status 1: chroot');
  });

  it('runs systemd as process 1, with users, services and a network of its own', async () => {
    expect(await container.run(['ps', '-p', '1', '-o', 'comm='])).toBe('systemd\n');
    expect(await container.run(['systemctl', 'is-active', 'ssh', 'cron'])).toBe('active\nactive\n');
    expect(await container.run(['id', '-un'], { user: 'anna' })).toBe('anna\n');
    expect(await container.run(['ip', '-o', 'link'])).toMatch(/^1: lo:[^\n]*,UP[^\n]*\n$/);
    expect(await container.run(['hostname'])).toBe('debian\n');
  });

  it('gives back status, both outputs and nothing of our environment', async () => {
    const script = 'read line; echo "$line"; echo bad >&2; exit 7';
    expect(await container.exec(['sh', '-c', script], { input: 'käse\n' })).toEqual({
      status: 7,
      stdout: 'käse\n',
      stderr: 'bad\n',
    });
    await expect(container.run(['sh', '-c', 'echo why >&2; exit 3'])).rejects.toThrow(/status 3.*\n.*why/s);
    const names = (await container.run(['env'], { env: { NAME: 'value' } })).match(/^\w+(?==)/gm);
    expect(names?.sort()).toEqual(['HOME', 'LC_ALL', 'NAME', 'PATH']);
  });

  it('ends a program that takes too long, with its children', async () => {
    const late = container.exec(['sh', '-c', 'sleep 4711; true'], { timeoutMs: 300 });
    await expect(late).rejects.toThrow('not ended within 300 ms');
    await until('sleep is gone', () => !readdirSync('/proc').some((pid) => isSleep(pid)));
  });

  it('keeps two containers apart, and leaves nothing behind', async () => {
    const other = copyRoot(root);
    const second = await bootContainer(other.path, { readOnly: { '/mnt/sup:port': import.meta.dirname } });
    expect(await second.run(['ls', '/mnt/sup:port'])).toContain('container.test.ts');
    expect((await second.exec(['touch', '/mnt/sup:port/x'])).stderr).toContain('Read-only');
    await second.run(['systemctl', 'stop', 'ssh']);
    expect(await container.run(['systemctl', 'is-active', 'ssh'])).toBe('active\n');
    await second.stop();
    await second.stop();
    other.remove();
    expect(runs(second.leader)).toBe(false);
    expect(runs(container.leader)).toBe(true);
    expect(mounts()).not.toContain(other.path);
    expect(await container.run(['systemctl', 'is-active', 'ssh'])).toBe('active\n');
  });

  it('says why a root does not boot', async () => {
    const other = copyRoot(root);
    writeFileSync(join(other.path, 'etc/systemd/system/broken.service'), '[Service]\nExecStart=/bin/false\n');
    await other.run(['systemctl', 'add-wants', 'multi-user.target', 'broken.service']);
    await expect(bootContainer(other.path)).rejects.toThrow(/degraded: broken.service/);
    other.remove();
  });

  it('takes everything with it when the test itself is killed', async () => {
    const at = (name: string) => JSON.stringify(resolve(import.meta.dirname, '../support', name));
    const script = `
      const { debianRoot } = await import(${at('debian-root.ts')});
      const { copyRoot } = await import(${at('root-copy.ts')});
      const { bootContainer } = await import(${at('container.ts')});
      const copy = copyRoot(await debianRoot(12));
      const { leader, exec } = await bootContainer(copy.path);
      process.stdout.write(JSON.stringify({ leader, path: copy.path }));
      await exec(['sleep', '1000']);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const { leader, path } = JSON.parse(said.toString()) as { leader: number; path: string };
    expect(runs(leader)).toBe(true);
    child.kill('SIGKILL');
    await until('the container is gone', () => !runs(leader));
    await until('its owner is gone', () => child.signalCode !== null);
    // What the kernel can't tidy up, the next process that makes a copy does.
    const next = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `const { debianRoot } = await import(${at('debian-root.ts')});
       const { copyRoot } = await import(${at('root-copy.ts')});
       copyRoot(await debianRoot(12));`,
    ]);
    expect(await once(next, 'close')).toEqual([0, null]);
    expect(existsSync(path)).toBe(false);
    expect(mounts()).not.toContain(path);
    expect(mounts()).not.toContain(`/copies/${next.pid}-`);
  });
});

function isSleep(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === 'sleep\x004711\0';
  } catch {
    return false;
  }
}

it('takes the Debian mirror of this machine, and no other source', () => {
  const etc = mkdtempSync(join(tmpdir(), 'nachweis-apt-'));
  try {
    expect(debianMirror(etc).archive).toBe('http://deb.debian.org/debian');
    writeFileSync(
      join(etc, 'sources.list'),
      'deb https://other.example.org/apt nodistro main\n# deb http://old.example.org/debian bookworm main\n' +
        'deb [signed-by=/usr/share/keyrings/x.gpg] http://mirror.example.org/debian/ bookworm main\n' +
        'deb http://ubuntu.example.org/ubuntu noble-security main\n' +
        'deb http://mirror.example.org/security/ bookworm-security main\n',
    );
    expect(debianMirror(etc)).toEqual({
      archive: 'http://mirror.example.org/debian',
      security: 'http://mirror.example.org/security',
    });
  } finally {
    rmSync(etc, { recursive: true, force: true });
  }
});
