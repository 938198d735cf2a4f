/** A collector killed between every two steps from a report to its alert's message: nothing is lost, nothing is told twice unseen. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../server/db/database.ts';
import { temporaryDirectory } from '../../support/database.ts';
import { seed } from './world.ts';

const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const script = fileURLToPath(new URL('./alerts-process.ts', import.meta.url));

async function start() {
  const path = join(temporaryDirectory(), 'collector.db');
  const db = await openDatabase(path);
  await seed(db);
  await db.destroy();

  const received: string[] = [];
  const state: { onMessage: (() => void) | undefined } = { onMessage: undefined };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    new Webhook(secret).verify(Buffer.concat(chunks).toString(), request.headers as Record<string, string>);
    received.push(String(request.headers['webhook-id']));
    if (state.onMessage) state.onMessage();
    else response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`;

  const run = (step: string) => {
    const child = spawn(process.execPath, [script, path, url, secret, step], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    return { child, ended };
  };
  const open = async () => {
    const again = await openDatabase(path);
    onTestFinished(() => again.destroy());
    return again;
  };
  return { received, state, run, open };
}

async function saying(child: ChildProcess, line: string): Promise<void> {
  if (!child.stdout) throw new Error('no standard output');
  for await (const said of createInterface(child.stdout)) if (said === line) return;
  throw new Error(`ended without saying ${line}`);
}

/** Runs `step` until `line`, kills it there, then starts anew and lets it send. */
async function killedAt(step: string, line: string) {
  const world = await start();
  const first = world.run(step);
  await saying(first.child, line);
  first.child.kill('SIGKILL');
  await first.ended;
  const [code] = await world.run('send').ended;
  expect(code).toBe(0);
  const db = await world.open();
  const outbox = await db.selectFrom('outbox').selectAll().execute();
  const alerts = await db.selectFrom('alerts').selectAll().execute();
  return { received: world.received, outbox, alerts: alerts.filter(({ kind }) => kind === 'check-failing') };
}

it('before the report is committed: neither the alert nor its message is there', async () => {
  const { received, outbox, alerts } = await killedAt('before-commit', 'written');
  expect([received, outbox, alerts]).toEqual([[], [], []]);
});

it('after the commit, before sending: sent by the next start, once', async () => {
  const { received, outbox, alerts } = await killedAt('before-send', 'committed');
  expect(alerts).toHaveLength(1);
  expect(outbox).toMatchObject([{ sent_at: expect.any(String), tries: 1 }]);
  expect(received).toEqual([`${alerts[0]?.id}.opened.hook`]);
});

it('after the receiver took it, before it is marked: sent again under the same id', async () => {
  const world = await start();
  const first = world.run('between');
  world.state.onMessage = () => first.child.kill('SIGKILL');
  await first.ended;
  world.state.onMessage = undefined;
  const [code] = await world.run('send').ended;
  expect(code).toBe(0);
  expect(world.received).toHaveLength(2);
  expect(new Set(world.received).size).toBe(1);
  const outbox = await (await world.open()).selectFrom('outbox').selectAll().execute();
  expect(outbox).toMatchObject([{ sent_at: expect.any(String), tries: 1 }]);
});

it('after it is marked: not sent again', async () => {
  const { received, outbox } = await killedAt('after', 'sent');
  expect(received).toHaveLength(1);
  expect(outbox).toMatchObject([{ sent_at: expect.any(String), tries: 1 }]);
});
