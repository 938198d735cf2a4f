/** What somebody with a stolen token, or with nothing, can do to a collector as a process: bodies without end, links. */
import { readFileSync, renameSync, symlinkSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCollectorKeys } from '../../server/tls/collector-keys.ts';
import { runCollector, serveCollector } from '../support/collector-process.ts';
import { temporaryDirectory } from '../support/database.ts';
import { type Endpoint, get } from '../support/host.ts';

const MB = 1024 * 1024;

/** Sends `megabytes` of an endless JSON string, in pieces, and gives the code of the answer and how much went out. */
function pour({ url, authorities }: Endpoint, path: string, megabytes: number, chunked: boolean) {
  return new Promise<{ code: string; sent: number }>((resolve) => {
    let sent = 0;
    let code = 'cut off';
    const headers = {
      'content-type': 'application/json',
      ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': megabytes * MB }),
    };
    const asked = request(
      new URL(path, url),
      { method: 'POST', ca: [...authorities], agent: false, headers },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          code = JSON.parse(Buffer.concat(parts).toString('utf8')).error.code;
          asked.destroy();
          resolve({ code, sent });
        });
      },
    );
    asked.on('error', () => resolve({ code, sent }));
    const piece = Buffer.alloc(MB, 'a');
    asked.write('{"x":"');
    const more = (): void => {
      while (sent < megabytes && !asked.destroyed) {
        sent += 1;
        if (!asked.write(piece)) return void asked.once('drain', more);
      }
    };
    more();
  });
}

/** Most memory that the process ever had, in bytes: proc_pid_status(5). */
const peak = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

describe('a collector as a process', { timeout: 120_000 }, () => {
  it('refuses 100 MB early and keeps none of it', async () => {
    const data = join(temporaryDirectory(), 'data');
    const serving = await serveCollector(data);
    onTestFinished(() => void serving.end('SIGKILL'));
    const { trust } = await openCollectorKeys(join(data, 'keys'), new Date());
    const endpoint = { url: serving.agentsUrl, authorities: trust.authorities };
    await get(endpoint, '/v1/trust');
    const before = peak(serving.pid);
    for (const path of ['/v1/reports', '/v1/enrol', '/v1/policy'])
      for (const chunked of [true, false]) {
        const { code, sent } = await pour(endpoint, path, 100, chunked);
        // Either the answer, or the connection is closed on somebody who does not stop.
        expect([path, ['BODY_TOO_LARGE', 'cut off'].includes(code)]).toEqual([path, true]);
        expect(sent, path).toBeLessThan(60);
      }
    // After six times 100 MB, less than one of them; what Node has not collected yet included.
    expect(peak(serving.pid) - before).toBeLessThan(100 * MB);
    expect((await get(endpoint, '/healthz')).status).toBe(200);
    expect(await serving.end('SIGTERM')).toBe(0);
  });

  it.each(['keys/log.pem', 'keys', 'collector.db'])('refuses a link in the place of %s', async (name) => {
    const data = join(temporaryDirectory(), 'data');
    expect((await runCollector(['tenant', 'add', 'A', '--data', data])).status).toBe(0);
    await openCollectorKeys(join(data, 'keys'), new Date());
    const elsewhere = join(temporaryDirectory(), 'elsewhere');
    try {
      renameSync(join(data, name), elsewhere);
    } catch {
      // Not there yet: the link leads to nothing that would be made.
    }
    symlinkSync(elsewhere, join(data, name));
    const { status, stderr } = await runCollector(['token', 'create', '--tenant', 'A', '--data', data]);
    expect([status === 0, stderr.split(':')[0]]).toEqual([false, 'STATE_LINK']);
  });
});
