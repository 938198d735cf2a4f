/**
 * `npm start`: the whole product on this machine, for a first look. The collector runs in this process, this
 * machine's own agent beside it as the program it is everywhere else. Everything is kept in one directory.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import pino from 'pino';
import { CodedError } from '../shared/errors.ts';
import { nodeFlags } from '../shared/node-flags.ts';
import { createSignInLink, signInUrl } from './auth/sign-in-link.ts';
import { loadCatalogue } from './catalogue/load.ts';
import { tenantStatus } from './catalogue/tenant-status.ts';
import { language, wholeNumber } from './commands/store.ts';
import { addTenant } from './commands/tenant.ts';
import { configSchema } from './config.ts';
import { setContract } from './enrol/contract-places.ts';
import { createEnrolment } from './enrol/enrolment-line.ts';
import { fileError, makeDirectory } from './file-error.ts';
import { appendLeaf } from './log/append.ts';
import { reportFailure } from './main.ts';
import { type Serving, serve } from './serve.ts';

interface Options {
  data: string;
  port: number;
  dashboardPort: number;
}

const project = join(import.meta.dirname, '..');
const german = language() === 'de';
const say = (en: string, de: string): void => void process.stdout.write(`${german ? de : en}\n`);

async function start({ data, port, dashboardPort }: Options): Promise<void> {
  const directory = resolve(data);
  // Another program's Ctrl-C must not cut a round short: the children get their signal from here.
  const ended = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
  const { uid } = statSync(project);
  if (process.geteuid?.() === 0 && uid !== 0)
    say(
      `Note: this runs as root, and the user with the number ${uid} can change its files.`,
      `Hinweis: Dies läuft als root, und der Benutzer mit der Nummer ${uid} kann die Dateien ändern.`,
    );
  const log = openLog(directory);
  buildDashboard();
  const serving = await serve({
    data: join(directory, 'collector'),
    config: configSchema.parse({
      agents: { address: '127.0.0.1', port, names: ['localhost'] },
      dashboard: { port: dashboardPort },
    }),
    log,
    clock: () => new Date(),
    language: language(),
  });
  const agent = new OwnAgent(join(directory, 'agent'));
  try {
    const known = await isEnrolled(serving, agent);
    if (known) await sayWhere(serving);
    else await enrolOwn(serving, agent);
    if ((await agent.run(['once'])) > 3)
      throw new CodedError('INTERNAL', { id: join(directory, 'collector.log') });
    await sayVerdict(serving);
    if (!known) await sayWhere(serving);
    say(
      `Running; the agent reports every hour. Ctrl-C ends it. Data: ${directory}`,
      `Läuft; der Agent berichtet stündlich. Strg-C beendet. Daten: ${directory}`,
    );
    agent.stay();
    await ended;
  } finally {
    await agent.end();
    await serving.stop();
  }
}

function openLog(directory: string): pino.Logger {
  try {
    makeDirectory(directory);
    const file = pino.destination({ dest: join(directory, 'collector.log'), sync: true, mode: 0o600 });
    return pino({ name: 'nachweis-collector' }, file);
  } catch (error) {
    throw fileError(error, directory);
  }
}

/** Only when its sources changed: a later start has nothing to build. */
function buildDashboard(): void {
  const stamp = join(project, 'dist/dashboard/.sources');
  const hash = createHash('sha256');
  const sources = globSync(['server/dashboard/**/*', 'shared/*.ts', 'package-lock.json'], {
    cwd: project,
    withFileTypes: true,
  });
  for (const path of sources
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort())
    hash.update(path.slice(project.length)).update(readFileSync(path));
  const digest = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  say('Building the dashboard (once) ...', 'Das Dashboard wird gebaut (einmalig) ...');
  const vite = join(project, 'node_modules/vite/bin/vite.js');
  const args = [vite, 'build', '--config', 'server/dashboard/vite.config.ts', '--logLevel', 'error'];
  const { status } = spawnSync(process.execPath, args, {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new CodedError('DASHBOARD_NOT_BUILT');
  try {
    writeFileSync(stamp, digest);
  } catch (error) {
    throw fileError(error, stamp);
  }
}

/** This machine's agent: the same program as on any host, as a child. */
class OwnAgent {
  readonly state: string;
  #resident: ChildProcess | undefined;

  constructor(state: string) {
    this.state = state;
  }

  /** @returns the exit status */
  run(args: readonly string[], env: Record<string, string> = {}): Promise<number> {
    return new Promise((done) => {
      this.#spawn(args, env)
        .once('error', () => done(127))
        .once('close', (status) => done(status ?? 128));
    });
  }

  /** Goes on with a round every hour. */
  stay(): void {
    this.#resident = this.#spawn(['run'], {});
  }

  end(): Promise<void> {
    const child = this.#resident;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((done) => {
      child.once('close', () => done());
      child.kill('SIGTERM');
    });
  }

  #spawn(args: readonly string[], env: Record<string, string>): ChildProcess {
    const command = [...nodeFlags, join(project, 'agent/main.ts'), ...args, '--lang', language()];
    return spawn(process.execPath, command, {
      // A group of its own: Ctrl-C reaches it through `end`, in order.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        ...env,
        NACHWEIS_STATE: this.state,
        // Whoever started this as root from another user's clone runs that user's code already.
        NACHWEIS_TRUST_OWNER: String(statSync(project).uid),
        NODE_COMPILE_CACHE: join(project, 'node_modules/.cache/nachweis'),
      },
    });
  }
}

/** Whether the agent's key is one that this collector knows, at the address that it now has. */
async function isEnrolled({ db, agentsUrl }: Serving, { state }: OwnAgent): Promise<boolean> {
  const file = join(state, 'enrolment.json');
  if (!existsSync(file)) return false;
  const { host, collector } = JSON.parse(readFileSync(file, 'utf8')) as { host: string; collector: string };
  const row = await db
    .selectFrom('hosts')
    .select('id')
    .where('id', '=', host)
    .where('retired_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined && collector === agentsUrl;
}

/** The first start: a tenant, this machine in its contract with everything commissioned, and the agent enrolled. */
async function enrolOwn({ db, keys, agentsUrl }: Serving, agent: OwnAgent): Promise<void> {
  const now = new Date();
  const first = await db.selectFrom('tenants').select('id').orderBy('created_at').limit(1).executeTakeFirst();
  const tenantId = first?.id ?? (await addTenant(db, german ? 'Eigene Systeme' : 'Own hosts', now));
  await setContract(
    db,
    {
      ...{ tenantId, name: hostname().toLowerCase(), site: 'provider' },
      ...{ backup: true, patch: true, since: now.toISOString() },
    },
    { author: 'npm start', osUser: false, now, appendLeaf },
  );
  const { line } = await createEnrolment(
    db,
    { tenantId, uses: 1, hours: 1, collector: agentsUrl, fingerprint: keys.fingerprint },
    now,
  );
  const again = existsSync(join(agent.state, 'enrolment.json')) ? ['--again'] : [];
  const status = await agent.run(['enrol', ...again], { NACHWEIS_ENROL: line });
  // The agent has said why, with its code.
  if (status !== 0) throw new CodedError('START_FAILED', { step: 'enrol' });
}

async function sayWhere({ db, dashboardUrl }: Serving): Promise<void> {
  const admin = await db
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'administrator')
    .where('disabled_at', 'is', null)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst();
  say(`\nDashboard:          ${dashboardUrl}`, `\nDashboard:            ${dashboardUrl}`);
  if (!admin) return;
  const { secret } = await createSignInLink(db, admin.id, new Date());
  const link = signInUrl(dashboardUrl, secret);
  say(`Sign in once with:  ${link}\n`, `Einmalig anmelden mit: ${link}\n`);
}

/** What the annex says now, in one paragraph; the dashboard has the rest. */
async function sayVerdict({ db }: Serving): Promise<void> {
  const tenant = await db
    .selectFrom('tenants')
    .select('id')
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirstOrThrow();
  const { totals, clauses } = await tenantStatus(
    db,
    await loadCatalogue(),
    tenant.id,
    new Date().toISOString(),
  );
  const { kept, violated, unproven } = totals;
  const others = clauses.length - kept - violated - unproven;
  say(
    `Annex: of ${clauses.length} clauses ${kept} kept, ${violated} violated, ${unproven} unproven, ${others} the customer's or not applicable.`,
    `Anlage: von ${clauses.length} Maßnahmen ${kept} nachgewiesen, ${violated} verletzt, ${unproven} nicht nachgewiesen, ${others} beim Auftraggeber oder nicht anwendbar.`,
  );
  const names = clauses.filter(({ status }) => status === 'violated').map(({ id }) => id);
  if (names.length > 0) say(`Violated: ${names.join(', ')}`, `Verletzt: ${names.join(', ')}`);
}

const program = new Command('npm start --')
  .description('start the collector here and enrol this machine')
  .option('--data <directory>', 'where everything is kept', join(project, '.nachweis'))
  .option('--port <number>', 'HTTPS port for agents', wholeNumber(0, 65_535), 8443)
  .option(
    '--dashboard-port <number>',
    'HTTP port of the dashboard, on loopback',
    wholeNumber(0, 65_535),
    8080,
  )
  .exitOverride()
  .configureOutput({ writeErr: () => undefined, outputError: () => undefined })
  .action(start);

process.umask(0o077);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error);
}
