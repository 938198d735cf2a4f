/**
 * A hostile collector with the right keys against the real agent: nothing it says makes the agent run, read or write
 * anything that it would not with a friendly one. Processes run under strace, in one state directory each.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, RefusedByCollector } from '../../agent/collector.ts';
import { directly } from '../../agent/network/settings.ts';
import { CodedError } from '../../shared/errors.ts';
import { temporaryDirectory } from '../support/database.ts';
import { projectRoot } from '../support/import-graph.ts';
import { runProgram } from '../support/program-run.ts';
import { describeAsRoot } from '../support/programs.ts';
import { TestAgent } from './agent-at.ts';
import { answer, type Evil, type EvilCollector, evilCollector, HOST, receiptFor } from './evil-collector.ts';
import { listening } from './network/loopback.ts';

const main = path.join(projectRoot, 'agent/main.ts');
const MB = 1024 * 1024;
/** What steers a terminal, line feeds aside. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const STEERS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

/** Answers to a report; each with the code that the agent should give, or undefined where it is a receipt after all. */
const answers: readonly [name: string, evil: Evil, code: string | undefined][] = [
  ['a body of 20 MB', () => answer(`"${'x'.repeat(20 * MB)}"`), 'COLLECTOR_ANSWER_INVALID'],
  [
    'a body without end',
    (_asked, socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
      const more = (): void => {
        while (!socket.destroyed && socket.write(`10000\r\n${' '.repeat(0x10000)}\r\n`));
        if (!socket.destroyed) socket.once('drain', more);
      };
      more();
    },
    'COLLECTOR_ANSWER_INVALID',
  ],
  [
    'a gzip bomb',
    (_asked, socket) => {
      const bomb = gzipSync(Buffer.alloc(30 * MB, ' '));
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.write(bomb);
    },
    'COLLECTOR_ANSWER_INVALID',
  ],
  ['JSON a million levels deep', () => answer('['.repeat(900_000)), 'COLLECTOR_ANSWER_INVALID'],
  ['no JSON', () => answer('<html>', '', '502 Bad Gateway'), 'COLLECTOR_ANSWER_INVALID'],
  ['an empty body', () => answer(''), 'COLLECTOR_ANSWER_INVALID'],
  [
    'a receipt with a path for a host',
    ({ body }) => answer(receiptFor(body).replace(/h-[0-9a-z]+/, '../../../../tmp/evil')),
    'COLLECTOR_ANSWER_INVALID',
  ],
  [
    'a receipt with more than is asked for',
    ({ body }) => answer(receiptFor(body).replace('{', '{"__proto__":{"host":"x"},"run":"/bin/sh",')),
    'COLLECTOR_ANSWER_INVALID',
  ],
  ['headers without end', () => `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(100_000)}`, 'COLLECTOR_'],
  [
    'two lengths',
    ({ body }) => `HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 300\r\n\r\n${receiptFor(body)}`,
    'COLLECTOR_',
  ],
  [
    'a length and chunks',
    ({ body }) =>
      `HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${answer(receiptFor(body))}`,
    'COLLECTOR_',
  ],
  ['a folded header and a bare line feed', () => 'HTTP/1.1 200 OK\n\tx: y\n\n{}', 'COLLECTOR_'],
  [
    'another protocol',
    () => 'HTTP/1.1 101 Switching Protocols\r\nupgrade: shell\r\nconnection: upgrade\r\n\r\n',
    'COLLECTOR_',
  ],
  ['no HTTP at all', () => `SSH-2.0-x\r\n\r\n`, 'COLLECTOR_'],
  [
    'a second answer behind the first',
    ({ body }) => answer(receiptFor(body)) + answer('{"policy":"x"}'),
    undefined,
  ],
  [
    'a wrong kind of content',
    ({ body }) =>
      `HTTP/1.1 200 OK\r\ncontent-type: application/x-sh\r\ncontent-length: ${receiptFor(body).length}\r\n\r\n${receiptFor(body)}`,
    undefined,
  ],
];

/** Refusals: the fields that steer what happens next. */
const refusal =
  (more: object, head = '', status = '503 No'): Evil =>
  () =>
    answer(JSON.stringify({ error: { code: 'X', message: 'm', next: 'n', ...more } }), head, status);

const refusals: readonly [name: string, evil: Evil][] = [
  ['that sets aside under a path', refusal({ code: '../../../../tmp/evil', action: 'set-aside' })],
  ['that sets aside under a steering code', refusal({ code: '\u001b]0;evil\u0007\n', action: 'set-aside' })],
  [
    'that names a last report beyond all numbers',
    refusal({ action: 'continue-after', last: { sequence: 2 ** 53 - 2, envelopeDigest: '0'.repeat(64) } }),
  ],
  ['that asks for the document for ever', refusal({ action: 'resend-with-document' })],
  [
    'with a message that steers terminals',
    refusal({ message: '\u001b[2J\u001b]52;c;ZXZpbA==\u0007\u009b31m\r\nfake', next: '\u202eevil' }),
  ],
  ['that asks for a pause of years', refusal({}, 'retry-after: 99999999999999999999\r\n')],
  ['that asks for a negative pause', refusal({}, 'retry-after: -99999\r\n')],
  ['that asks for a pause until 2099', refusal({}, 'retry-after: Wed, 21 Oct 2099 07:28:00 GMT\r\n')],
  ['with a clock beyond all time', refusal({}, 'date: Wed, 21 Oct 999999 07:28:00 GMT\r\n')],
];

const redirects = (to: string): readonly [name: string, evil: Evil][] =>
  ['301 Moved', '302 Found', '303 See Other', '307 Temporary', '308 Permanent', '300 Choices'].flatMap(
    (status) =>
      ['file:///etc/shadow', to, '//127.0.0.1:1/', '/v1/trust'].map((location) => [
        `${status} to ${location}`,
        () => answer('{}', `location: ${location}\r\n`, status),
      ]),
  );

describe('answers that no collector gives', { timeout: 120_000 }, () => {
  const limits = { ...directly, connectMs: 2000, wholeMs: 3000 };
  async function sent(evil: Evil): Promise<string | undefined> {
    const collector = await evilCollector();
    collector.behave({ '/v1/reports': evil });
    const trust = JSON.parse(await trustOf(collector));
    const link = connect(collector.origin, trust, 'en', { network: limits });
    const envelope = {
      payloadType: 'x',
      payload: Buffer.from(JSON.stringify({ predicate: { host: HOST, sequence: 1 } })).toString('base64'),
      signatures: [],
    };
    try {
      await link.send({ envelope } as never);
      return undefined;
    } catch (error) {
      if (error instanceof CodedError) return error.code;
      if (error instanceof RefusedByCollector) return 'REFUSED';
      throw error;
    } finally {
      await link.close();
    }
  }
  const trustOf = async ({ origin }: EvilCollector): Promise<string> => {
    const { Agent, request } = await import('undici');
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    const text = await (await request(`${origin}/v1/trust`, { dispatcher })).body.text();
    await dispatcher.destroy();
    return text;
  };

  it.each(answers)('%s', async (_name, evil, code) => {
    const found = await sent(evil);
    if (code === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(new RegExp(`^${code}`));
  });

  it.each([
    [
      'a byte now and then',
      (_asked, socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n');
        const drip = setInterval(() => socket.write(' '), 100);
        socket.once('close', () => clearInterval(drip));
      },
    ],
    [
      'hints without end before the answer',
      (_asked, socket) => {
        const hint = setInterval(
          () => socket.write('HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n'.repeat(100)),
          20,
        );
        socket.once('close', () => clearInterval(hint));
      },
    ],
    ['nothing', () => undefined],
  ] satisfies [string, Evil][])('%s: given up when the whole time is over', async (_name, evil) => {
    const started = performance.now();
    expect(await sent(evil)).toMatch(/^COLLECTOR_/);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('redirects are never followed', async () => {
    const other = await evilCollector();
    for (const [name, evil] of redirects(other.origin))
      expect(await sent(evil), name).toBe('COLLECTOR_ANSWER_INVALID');
    expect(other.asked.filter(({ path: asked }) => asked !== '/v1/trust')).toEqual([]);
  });
});

/** What a run of the agent did, as strace(1) saw it, with what changes from run to run taken out. */
interface Trace {
  readonly status: number;
  readonly output: string;
  /** Programs that were started. */
  readonly programs: ReadonlySet<string>;
  /** Files that were opened for reading. */
  readonly read: ReadonlySet<string>;
  /** Files that were made, written, moved or removed, or whose rights were changed. */
  readonly changed: ReadonlySet<string>;
  /** Sockets that wait for others, and those that lead anywhere but to the collector. */
  readonly sockets: ReadonlySet<string>;
}

const CALLS =
  'execve,open,openat,openat2,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,symlink,symlinkat,link,linkat,chmod,fchmodat,chown,lchown,fchownat,truncate,mknod,mknodat,bind,listen,connect';

async function traced(state: string, port: string, args: readonly string[]): Promise<Trace> {
  const file = path.join(temporaryDirectory(), 'trace');
  const node = [process.execPath, main, ...args, '--lang', 'en', '--state', state];
  const argv = ['/usr/bin/strace', '-f', '-qq', '-s', '400', '-o', file, '-e', `trace=${CALLS}`, ...node];
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const { status, stdout, stderr } = await runProgram(argv, { env, timeoutMs: 240_000 });
  const [programs, read, changed, sockets] = [
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
  ];
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    const [, call = '', rest = ''] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? [];
    if (!call || / = -1 E/.test(rest)) continue;
    // Ids, times and random names; the directory of this test.
    const names = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, name = '']) =>
      name.replaceAll(state, 'STATE').replace(/[0-9a-f]{12,}|\d+/g, 'N'),
    );
    if (call === 'execve') programs.add(names[0] ?? '');
    else if (call === 'connect') {
      if (/sin6?_port=htons\((\d+)\)/.exec(rest)?.[1] !== port) sockets.add(rest.replace(/\d+/g, 'N'));
    } else if (call === 'bind' || call === 'listen') sockets.add(`${call} ${rest.replace(/\d+/g, 'N')}`);
    else if (/^open/.test(call) && !/O_(?:WRONLY|RDWR|CREAT|TRUNC)/.test(rest)) read.add(names[0] ?? '');
    else for (const name of names) changed.add(name);
  }
  return { status, output: stdout + stderr, programs, read, changed, sockets };
}

/** Where Node keeps what it compiled, and the folder itself where it is new. */
const COMPILED = /\/node_modules\/\.cache(?:\/|$)/;
/** What Node looks at by itself, as it happens: how fast a processor's clock is. */
const OF_NODE = /^\/sys\/devices\/system\/cpu\//;
const beyond = (found: ReadonlySet<string>, friendly: ReadonlySet<string>): string[] =>
  [...found].filter((one) => !friendly.has(one) && !COMPILED.test(one) && !OF_NODE.test(one)).sort();
/** Its own directory, and where Node keeps what it compiled. */
const outside = (found: ReadonlySet<string>): string[] =>
  [...found].filter((one) => !one.startsWith('STATE') && !COMPILED.test(one) && one !== '/dev/null');

describeAsRoot(['strace'], 'the agent as a process', () => {
  // A round looks at the machine, which other files' tests may change in between; what a collector brings about recurs.
  it('does, reads and writes nothing that it would not with a friendly collector', {
    timeout: 300_000,
    retry: 3,
  }, async () => {
    const collector = await evilCollector();
    const { port } = new URL(collector.origin);
    const agent = new TestAgent(() => new Date(), 'web1');
    await agent.enrol(collector.string);
    const send = async (behaviour: Parameters<EvilCollector['behave']>[0]) => {
      await agent.round();
      collector.behave(behaviour);
      return traced(agent.directory, port, ['send', '--now']);
    };
    const policies = (value: unknown) => ({
      '/v1/policy': async () => JSON.stringify({ policy: await collector.policy(value) }),
    });
    const good = { format: 'nachweis.policy/1', host: HOST, number: 7, issuedAt: new Date().toISOString() };
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const policy = { ...good, validUntil: until, params: { 'password.max-age': { days: 90 } }, grants: null };

    const friendly = await send(policies(policy));
    expect([friendly.status, friendly.programs.size]).toEqual([0, 1]);
    expect(outside(friendly.changed)).toEqual([]);
    const friendlyRound = await traced(agent.directory, port, ['round']);
    expect(friendlyRound.status).toBe(0);

    const evilPolicies: [string, unknown][] = [
      ['for another host', { ...policy, host: `h-${'b'.repeat(32)}`, number: 8 }],
      ['with a command', { ...policy, number: 8, run: ['/bin/sh', '-c', 'id'] }],
      [
        'with prototypes',
        `${JSON.stringify({ ...policy, number: 8 }).slice(0, -1)},"__proto__":{"privileged":true}}`,
      ],
    ];
    const traces: [string, Trace][] = [];
    for (const [name, value] of evilPolicies) traces.push([`policy ${name}`, await send(policies(value))]);
    for (const [name, evil] of [refusals[0], refusals[2], refusals[4]].filter((one) => one !== undefined))
      traces.push([`refusal ${name}`, await send({ '/v1/reports': evil })]);
    for (const [name, trace] of traces) {
      expect(trace.programs.size, name).toBe(1);
      expect(outside(trace.changed), name).toEqual([]);
      expect(
        beyond(trace.read, friendly.read).filter((one) => !one.startsWith('STATE')),
        name,
      ).toEqual([]);
      expect(beyond(trace.sockets, friendly.sockets), name).toEqual([]);
      expect(trace.output, name).not.toMatch(STEERS);
    }

    // One that is signed, for this host, newer and of the right form: its values are for checks that don't exist, or want the absurd.
    const absurd = {
      ...policy,
      number: 9,
      params: {
        'no.such-check': { path: '/etc/shadow', command: '$(id)' },
        'password.max-age': { days: '/bin/sh -c id' },
        'access.file-modes': {
          constructor: ['/bin/sh'],
          files: ['/etc/shadow', '../../root/.ssh/id_ed25519'],
        },
        'login.banner': { pattern: '^(a+)+$', text: 'a'.repeat(2000) },
        'backup.recent': { rpoHours: -1e300 },
      },
    };
    expect((await send(policies(absurd))).status).toBe(0);
    const round = await traced(agent.directory, port, ['round']);
    expect(round.status).toBe(0);
    expect(beyond(round.programs, friendlyRound.programs)).toEqual([]);
    expect(beyond(new Set(outside(round.changed)), new Set(outside(friendlyRound.changed)))).toEqual([]);
    expect(
      [...round.sockets].filter((one) => /^(?:bind|listen)/.test(one) && !/AF_(?:UNIX|NETLINK)/.test(one)),
    ).toEqual([]);
  });

  it('keeps its memory and ends in time, whatever comes', { timeout: 120_000 }, async () => {
    const collector = await evilCollector();
    const agent = new TestAgent(() => new Date(), 'web1');
    await agent.enrol(collector.string);
    const hook =
      "data:text/javascript,process.on('exit',()=>process.stderr.write('MAXRSS '+process.resourceUsage().maxRSS+'\\n'))";
    for (const name of ['a body without end', 'JSON a million levels deep']) {
      const evil = answers.find(([one]) => one === name)?.[1] ?? (() => undefined);
      await agent.round();
      collector.behave({ '/v1/reports': evil });
      const argv = [process.execPath, '--import', hook, main, 'send', '--now', '--state', agent.directory];
      const { status, stderr } = await runProgram(argv, { timeoutMs: 60_000 });
      expect([name, status]).toEqual([name, 3]);
      expect(Number(/MAXRSS (\d+)/.exec(stderr)?.[1]), name).toBeLessThan(200 * 1024);
    }
  });
});

it('pauses as asked, for a day at most, and keeps only words', { timeout: 120_000 }, async () => {
  const collector = await evilCollector();
  const now = new Date();
  const agent = new TestAgent(() => now, 'web1');
  await agent.enrol(collector.string);
  for (const [name, evil] of refusals) {
    await agent.round();
    collector.behave({ '/v1/reports': evil });
    const { notBefore, problem } = await agent.send({ now: true });
    if (notBefore) expect(Date.parse(notBefore) - now.getTime(), name).toBeLessThanOrEqual(86_400_000);
    expect(Object.values(problem ?? {}).join(' '), name).not.toMatch(STEERS);
    fs.rmSync(path.join(agent.directory, 'sending.json'), { force: true });
  }
  const names = fs.readdirSync(path.join(agent.directory, HOST, 'refused'));
  expect(names.filter((name) => !/^\d{10}-\w*\.json$/.test(name))).toEqual([]);
});

it('takes names from the collector as words, and a host id only as one', async () => {
  const collector = await evilCollector();
  const reply = {
    host: HOST,
    tenant: 'a\u001b]0;evil\u0007b',
    name: 'web1\r\n\u202efake',
    enrolledAt: '2026-06-01T08:00:00.000Z',
  };
  const state = path.join(temporaryDirectory(), 'state');
  const enrol = (said: object) => {
    collector.behave({ '/v1/enrol': () => JSON.stringify(said) });
    return runProgram([process.execPath, main, 'enrol', '--lang', 'en', '--state', state], {
      input: collector.string,
    });
  };
  for (const host of ['../../../../tmp/evil', 'h-..', '', 'h-A'])
    expect((await enrol({ ...reply, host })).stderr, host).toMatch(/^COLLECTOR_ANSWER_INVALID/);
  collector.behave({});
  const { status, stdout } = await enrol(reply);
  expect([status, STEERS.test(stdout)]).toEqual([0, false]);
});

describe('nachweis run', () => {
  /** Sockets of the process that wait for others, by /proc: state 0A of TCP, the accepting flag of local ones. */
  function listeningOf(pid: number | string): string[] {
    const inodes = new Set(
      fs.readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
        try {
          return /^socket:\[(\d+)\]/.exec(fs.readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
        } catch {
          return [];
        }
      }),
    );
    return ['tcp', 'tcp6', 'udp', 'udp6', 'unix'].flatMap((name) => {
      const file = `/proc/${pid}/net/${name}`;
      if (!fs.existsSync(file)) return [];
      return fs
        .readFileSync(file, 'utf8')
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(/\s+/))
        .filter((fields) =>
          name === 'unix'
            ? fields[3] === '00010000' && inodes.has(fields[6] ?? '')
            : inodes.has(fields[9] ?? '') && (fields[3] === '0A' || name.startsWith('udp')),
        )
        .map((fields) => `${name} ${fields[1]}`);
    });
  }

  it('waits for nobody: it has no port', { timeout: 60_000 }, async () => {
    // That the test would see one.
    await listening(createServer());
    expect(listeningOf(process.pid).length).toBeGreaterThan(0);
    const state = path.join(temporaryDirectory(), 'none');
    const child = spawn(process.execPath, [main, 'run', '--state', state], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    // Both children have ended: not enrolled.
    let said = '';
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (chunk) => {
        said += chunk;
        if (said.split('NOT_ENROLLED').length > 2) resolve();
      });
    });
    expect(listeningOf(child.pid ?? 0)).toEqual([]);
  });
});
