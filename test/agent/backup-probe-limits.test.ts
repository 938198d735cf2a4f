/** What the probe may and may not do, with the real programs: how often it runs, and that no secret shows while it does. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { probeBackups } from '../../agent/backup-probe.ts';
import { duplicityProblem, storedVolumes } from '../../agent/probe-duplicity.ts';
import { describeAsRoot } from '../support/programs.ts';
import { judgeRecent, probeHost } from './probe-host.ts';

const HOUR_MS = 3_600_000;
const NOW = new Date('2026-11-20T12:00:00.000Z');
const at = (hours: number): Date => new Date(NOW.getTime() + hours * HOUR_MS);

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(os.userInfo().homedir, '.nachweis-probe-'));
  mkdirSync(join(base, 'backup.d'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const declare = (tool: string, probe: Record<string, unknown>, to = 'vault.example.org'): void => {
  const file = join(base, 'backup.d/web.yaml');
  const job = {
    name: 'web',
    tool,
    what: [join(base, 'source')],
    to,
    when: { outside: 'x' },
    lastSuccess: { probe },
  };
  writeFileSync(file, stringify(job));
};
const probe = (now: Date, intervalMs = 0) =>
  probeBackups({
    host: probeHost(base),
    hostName: os.hostname(),
    now: () => now,
    directory: join(base, 'results'),
    intervalMs,
  });

describeAsRoot(['duplicity'], 'the probe with real duplicity', () => {
  const backup = (hours: number, ...more: string[]): void => {
    mkdirSync(join(base, 'source'), { recursive: true });
    writeFileSync(join(base, 'source/file'), String(hours));
    const time = String(Math.floor(at(hours).getTime() / 1000));
    const words = ['--current-time', time, '--archive-dir', join(base, 'archive'), ...more];
    execFileSync('duplicity', [...words, join(base, 'source'), `file://${join(base, 'repo')}`], {
      stdio: 'ignore',
      env: { PATH: '/usr/bin:/bin', HOME: base, PASSPHRASE: 'canary', LC_ALL: 'C.UTF-8' },
    });
  };
  const repository = () => ({ repository: `file://${join(base, 'repo')}` });

  it('sees the newest backup, tells that it is not encrypted, and changes nothing', async () => {
    backup(-50, '--no-encryption');
    backup(-5, '--no-encryption');
    declare('duplicity', repository());
    const all = () =>
      readdirSync(join(base, 'repo')).map((name) => [name, statSync(join(base, 'repo', name)).ctimeMs]);
    const before = all();
    const [probed] = await probe(NOW);
    expect(probed?.result).toMatchObject({
      tool: 'duplicity',
      repository: { encryption: 'none' },
      outcome: { opened: true, own: 2, others: 0, newest: [{ at: at(-5).toISOString() }, {}] },
    });
    expect(all()).toEqual(before);
    expect(await judgeRecent(base, NOW)).toMatchObject({ outcome: 'pass' });
    declare('duplicity', { ...repository(), snapshotHost: 'somebody-else' });
    expect((await probe(NOW))[0]?.result.outcome).toMatchObject({ opened: true, own: 0, others: 2 });
    expect(await judgeRecent(base, NOW)).toMatchObject({ outcome: 'fail' });
  }, 60_000);

  it('makes no directory where there is none', async () => {
    declare('duplicity', repository());
    expect((await probe(NOW))[0]?.result.outcome).toEqual({ opened: false, problem: 'no-repository' });
    expect(existsSync(join(base, 'repo'))).toBe(false);
  });

  it('opens a repository again only after a tenth of the time within which a backup is due', async () => {
    backup(-5, '--no-encryption');
    declare('duplicity', repository());
    const old = at(-1).getTime() / 1000;
    const interval = 2.6 * HOUR_MS;
    // The declaration is older than all of this; its time of change is the machine's own.
    const later = (hours: number) => new Date(Date.now() + (24 + hours) * HOUR_MS);
    utimesSync(join(base, 'backup.d/web.yaml'), old, old);
    const first = await probe(later(0), interval);
    expect(first[0]).not.toHaveProperty('notBefore');
    const file = join(base, 'results/duplicity-web.json');
    const written = statSync(file).mtimeMs;
    const again = await probe(later(2.5), interval);
    expect(again[0]?.notBefore).toBeDefined();
    expect(again[0]?.result).toEqual(first[0]?.result);
    expect(statSync(file).mtimeMs).toBe(written);
    expect((await probe(later(2.7), interval))[0]).not.toHaveProperty('notBefore');
    // The clock was set back: what was written in the future holds nobody up.
    expect((await probe(later(-2), interval))[0]).not.toHaveProperty('notBefore');
    // What was declared anew is opened at once.
    await probe(new Date(Date.now() - HOUR_MS), interval);
    declare('duplicity', repository());
    expect((await probe(new Date(), interval))[0]).not.toHaveProperty('notBefore');
  }, 60_000);
});

describeAsRoot(['restic', 'borg', 'duplicity'], 'secrets while the probe runs', () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    // Takes connections and says nothing, so that programs wait.
    server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as { port: number }).port;
  });
  afterEach(() => {
    server.close();
  });

  it.each([
    [
      'restic',
      () => `RESTIC_REPOSITORY=rest:http://anna:canary@127.0.0.1:${port}/x\nRESTIC_PASSWORD=canary\n`,
      () => ({}),
    ],
    ['borg', () => `BORG_REPO=ssh://anna@127.0.0.1:${port}/x\nBORG_PASSPHRASE=canary\n`, () => ({})],
    [
      'duplicity',
      () => 'PASSPHRASE=canary\nAWS_SECRET_ACCESS_KEY=canary\n',
      () => {
        writeFileSync(join(base, 'address'), `ftp://anna:canary@127.0.0.1:${port}/x\n`, { mode: 0o600 });
        return { repositoryFile: join(base, 'address') };
      },
    ],
  ])(
    'are in no argument, result or message: %s',
    async (tool, env, more) => {
      writeFileSync(join(base, 'env'), env(), { mode: 0o600 });
      declare(tool, { environmentFile: join(base, 'env'), timeoutSeconds: 4, ...more() });
      let ended = false;
      const done = probe(NOW).finally(() => {
        ended = true;
      });
      const seen = new Set<string>();
      while (!ended) {
        for (const line of argumentsOfAll(tool)) seen.add(line);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const results = await done;
      expect([...seen].join('\n'), 'the program ran').toContain(tool);
      expect([...seen].filter((line) => line.includes('canary'))).toEqual([]);
      expect(results[0]?.result.outcome).toMatchObject({ opened: false });
      expect(JSON.stringify(results)).not.toContain('canary');
      expect(readFileSync(join(base, `results/${tool}-web.json`), 'utf8')).not.toContain('canary');
      expect(JSON.stringify(await judgeRecent(base, NOW))).not.toContain('canary');
      // All of it has ended with the probe.
      await expect
        .poll(() => argumentsOfAll(String(port)).filter((line) => !line.includes('vitest')), {
          timeout: 5000,
        })
        .toEqual([]);
    },
    60_000,
  );
});

/** What every user can read of the processes that have a word in their arguments. */
function argumentsOfAll(word: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, 'latin1').replaceAll('\0', ' ');
      } catch {
        return [];
      }
    })
    .filter((line) => line.includes(word));
}

it('knows what it does not know', () => {
  expect(duplicityProblem('something new')).toBe('failed');
  expect(storedVolumes('').size).toBe(0);
  expect([
    ...storedVolumes('                Full         Fri Nov 27 08:29:08 2026                 2\n'),
  ]).toEqual([['2026-11-27T08:29:08.000Z', 2]]);
});
