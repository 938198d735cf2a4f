/** login.remote-services on this machine: real processes with real sockets, found through /proc by the real host. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { factGetter } from '../../../checks/evaluate.ts';
import { valueIn } from '../../../checks/fact.ts';
import { listeningSockets, processes, socketsOf } from '../../../checks/facts/processes.ts';
import { remoteServices } from '../../../checks/facts/remote-services.ts';

const LISTEN = `import net from 'node:net';
const address = process.argv[2];
const server = net.createServer().listen(0, address, () => process.stdout.write(server.address().port + '\\n'));
`;

describe.skipIf(process.getuid?.() !== 0)('services that listen here [needs root]', () => {
  let directory: string;
  let children: ChildProcess[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'nachweis-listen-'));
    writeFileSync(join(directory, 'listen.mjs'), LISTEN);
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children = [];
    rmSync(directory, { recursive: true, force: true });
  });

  /** A program of that name that listens on a free port; its arguments stand in its command line. */
  async function start(name: string, address: string, ...args: string[]) {
    const program = join(directory, name);
    symlinkSync(process.execPath, program);
    const child = spawn(program, [join(directory, 'listen.mjs'), address, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const port = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.stdout?.once('data', (text) => resolve(Number(String(text))));
    });
    return { source: `/proc/${child.pid}`, port };
  }

  const found = async (source: string) => {
    const get = factGetter(linuxHost(), new Date('2026-06-15T12:00:00.000Z'));
    return valueIn(await get(remoteServices)).services.filter((service) => service.source === source);
  };

  it('VNC without authentication, on all addresses and on loopback alone', async () => {
    const open = await start('Xvnc', '0.0.0.0', '-SecurityTypes', 'None');
    expect(await found(open.source)).toMatchObject([
      { verdict: 'open', loopback: false, what: `Xvnc, TCP ${open.port}` },
    ]);
    const wide = await start('Xtightvnc', '::');
    expect(await found(wide.source)).toMatchObject([{ verdict: 'open', loopback: false }]);
    const inside = await start('x11vnc', '127.0.0.1');
    expect(await found(inside.source)).toMatchObject([{ verdict: 'open', loopback: true }]);
    const six = await start('Xtigervnc', '::1', '-SecurityTypes=None');
    expect(await found(six.source)).toMatchObject([{ verdict: 'open', loopback: true }]);
  });

  it('VNC with a password, and programs of no interest', async () => {
    const asks = await start('Xtigervnc', '0.0.0.0', '-SecurityTypes', 'VncAuth', '-rfbauth', '/nowhere');
    expect(await found(asks.source)).toMatchObject([{ verdict: 'asks' }]);
    const other = await start('some-server', '0.0.0.0');
    expect(await found(other.source)).toEqual([]);
  });

  it('a socket is matched with the process that holds it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const host = linuxHost();
      const get = factGetter(host, new Date(0));
      const socket = valueIn(await get(listeningSockets)).find((one) => one.port === port && one.loopback);
      expect(socket).toMatchObject({ address: '127.0.0.1' });
      expect((await socketsOf(host, process.pid))?.has(socket?.inode ?? -1)).toBe(true);
      expect(valueIn(await get(processes)).some(({ pid }) => pid === process.pid)).toBe(true);
    } finally {
      server.close();
    }
  });
});
