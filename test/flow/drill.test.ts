/**
 * From a backup to a clause: `nachweis drill restore` on a host, its signed record at the collector, the page that shows it,
 * and the check that passes by it. Real restic, real agent as a process of its own, real HTTPS. /etc, /var/lib and /var/cache
 * are the machine's own with a layer above them, in a mount namespace, so that nothing of it stays.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { createSignInLink, createUser } from '../../server/auth/sign-in-link.ts';
import { configSchema } from '../../server/config.ts';
import { createEnrolment } from '../../server/enrol/enrolment-line.ts';
import { serve } from '../../server/serve.ts';
import { drillStatementSchema } from '../../shared/drill-statement.ts';
import { BrowserSession } from '../server/dashboard/browser-session.ts';
import { temporaryDirectory } from '../support/database.ts';
import { projectRoot } from '../support/import-graph.ts';
import { canUnshare, describeInNamespace } from '../support/mount-namespace.ts';

const LAYERED = ['/etc', '/var/lib', '/var/cache'];
const PASSWORD = 'canary-correct-horse';

/** Runs a script of sh in the namespace; the agent is called `nachweis`. */
function inLayers(
  layers: string,
  script: string,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const mounts = LAYERED.map((directory) => {
    const at = join(layers, directory.replaceAll('/', '-'));
    return `mkdir -p ${at}/u ${at}/w; mount -t overlay overlay -o lowerdir=${directory},upperdir=${at}/u,workdir=${at}/w ${directory}`;
  });
  const agent = `nachweis() { '${process.execPath}' '${projectRoot}/agent/main.ts' "$@"; }`;
  const lines = ['set -e', `mount -t tmpfs none '${layers}'`, ...mounts, agent, script];
  const child = spawn('/usr/bin/unshare', ['-m', '/bin/sh', '-c', lines.join('\n')], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', HOME: '/root' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve) => {
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (part) => {
        output[name] += part;
      });
    child.once('close', (status) => resolve({ status, ...output }));
  });
}

describeInNamespace(canUnshare() ? ['restic'] : [], 'a restore drill', () => {
  it('goes from the backup to the check, the log and the page', async () => {
    const directory = temporaryDirectory();
    // Every directory above must be root's alone.
    const layers = mkdtempSync('/var/tmp/nachweis-layers-');
    onTestFinished(() => rmSync(layers, { recursive: true, force: true }));
    const serving = await serve({
      data: join(directory, 'collector'),
      config: configSchema.parse({
        agents: { address: '127.0.0.1', port: 0, names: ['localhost'] },
        dashboard: { port: 0 },
      }),
      log: pino({ level: 'silent' }),
      clock: () => new Date(),
      language: 'en',
    });
    onTestFinished(() => serving.stop());
    const { db } = serving;
    await db
      .insertInto('tenants')
      .values({ id: 't-example', name: 'Example', created_at: new Date().toISOString() })
      .execute();
    const { line } = await createEnrolment(
      db,
      {
        tenantId: 't-example',
        uses: 1,
        hours: 1,
        collector: serving.agentsUrl,
        fingerprint: serving.keys.fingerprint,
      },
      new Date(),
    );
    mkdirSync(join(directory, 'in'));
    writeFileSync(join(directory, 'in/line'), line, { mode: 0o600 });
    writeFileSync(
      join(directory, 'in/etc.yaml'),
      [
        'name: etc',
        'tool: restic',
        'what: [/etc/apt, /etc/issue, /var/lib/dpkg/status]',
        'to: /var/cache/vault',
        'when: { outside: by the test }',
        'lastSuccess: { probe: { environmentFile: /etc/restic.env } }',
        '',
      ].join('\n'),
    );
    writeFileSync(
      join(directory, 'in/restic.env'),
      `RESTIC_REPOSITORY=/var/cache/vault\nRESTIC_PASSWORD=${PASSWORD}\n`,
      { mode: 0o600 },
    );
    chmodSync(join(directory, 'in/etc.yaml'), 0o644);
    const { status, stdout, stderr } = await inLayers(
      layers,
      `
      mkdir -p /etc/nachweis/backup.d
      cp ${directory}/in/etc.yaml /etc/nachweis/backup.d/etc.yaml
      install -m 600 ${directory}/in/restic.env /etc/restic.env
      set -a; . /etc/restic.env; set +a
      restic -q --no-cache init; restic -q --no-cache backup /etc/apt /etc/issue /var/lib/dpkg/status
      unset RESTIC_REPOSITORY RESTIC_PASSWORD
      nachweis enrol --lang en --file ${directory}/in/line >/dev/null
      nachweis check --only backup.restore-drill --lang en || echo "check: $?"
      nachweis drill restore --files 4 --lang en
      nachweis check --only backup.restore-drill --lang en && echo "check: 0"
      nachweis drill restore --paths /etc/issue --lang de --format json
      nachweis once --lang en || true
      # The job's own words tell what must be there: what another backup left out is missed.
      echo '0 3 * * * root restic -r /var/cache/vault backup /etc/apt /etc/issue /var/lib/dpkg/status' >/etc/cron.d/vault
      (set -a; . /etc/restic.env; restic -q --no-cache backup --exclude /etc/issue /etc/apt /var/lib/dpkg/status)
      nachweis drill restore --files 2 --lang en || echo "drill: $?"
      nachweis check --only backup.restore-drill --lang en || echo "check: $?"
      ls -A /var/cache/nachweis-drill | sed 's/^/left: /'
      ls /var/lib/nachweis/h-*/records | sed 's/^/waiting: /'
      `,
    );
    expect(stderr).toBe('');
    expect(status, stdout).toBe(0);
    expect(stdout).toMatch(/no drill yet[\s\S]*check: 1\n/);
    expect(stdout).toMatch(
      /✓ etc \(restic\): restored, and equal[\s\S]*4 files: equal to the file on this host/,
    );
    expect(stdout).toContain('Record received by the collector; position 0 in its log.');
    expect(stdout).toMatch(/1 check: 1 pass[\s\S]*check: 0\n/);
    expect(stdout).toContain('"outcome": "equal"');
    expect(stdout).toMatch(
      /NOT as it should be[\s\S]*1 file: not in the backup\n +\/etc\/issue\n[\s\S]*drill: 1\n/,
    );
    expect(stdout).toMatch(/1 check: 1 fail[\s\S]*check: 1\n$/);
    expect(stdout).not.toMatch(/left:|waiting:|canary/);

    const rows = await db.selectFrom('drills').selectAll().orderBy('received_at').execute();
    expect(rows.map(({ outcome, tool, job }) => [outcome, tool, job])).toEqual([
      ['equal', 'restic', 'etc'],
      ['equal', 'restic', 'etc'],
      ['unequal', 'restic', 'etc'],
    ]);
    const envelope = JSON.parse(rows[1]?.envelope ?? '');
    const statement = drillStatementSchema.parse(
      JSON.parse(Buffer.from(envelope.payload, 'base64').toString()),
    );
    expect(statement.predicate.drill.sample.named).toEqual(['/etc/issue']);
    expect(JSON.stringify(rows)).not.toContain('canary');
    const result = await db
      .selectFrom('results')
      .select(['outcome'])
      .where('check_id', '=', 'backup.restore-drill')
      .executeTakeFirstOrThrow();
    expect(result.outcome).toBe('pass');

    const user = await createUser(
      db,
      { name: 'officer', role: 'officer', tenantId: null, language: 'en' },
      new Date(),
    );
    const session = await new BrowserSession(serving.dashboardUrl).enter(
      (await createSignInLink(db, user, new Date())).secret,
    );
    const { body } = await session.ask('/api/drills');
    expect(body).toMatchObject({
      total: 3,
      drills: [{ outcome: 'unequal', files: { missing: 1 } }, { outcome: 'equal' }, { outcome: 'equal' }],
    });
  }, 180_000);
});
