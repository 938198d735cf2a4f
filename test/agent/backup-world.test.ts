/** What the checks say of a job in each state of its life, with the real programs: made, run, aged, broken in every way. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyOfEtc, describeInNamespace, openDirectory } from '../support/mount-namespace.ts';

type Outcome = 'pass' | 'fail' | 'unknown' | 'not-applicable';
type Report = Record<string, Record<string, { outcome: Outcome; text: string }>>;

/** State -> check -> outcome, and what an operator must be able to read there. For all tools but those named. */
const STATES: readonly {
  state: string;
  check: string;
  outcome: Outcome;
  says?: RegExp;
  tools?: readonly string[];
}[] = [
  {
    state: 'nothing',
    check: 'backup.configured',
    outcome: 'fail',
    says: /no (?:backup job|configuration file)/,
  },
  { state: 'never', check: 'backup.configured', outcome: 'pass' },
  { state: 'never', check: 'backup.scheduled', outcome: 'pass', says: /OnCalendar=daily/ },
  {
    state: 'never',
    check: 'backup.recent',
    outcome: 'fail',
    says: /no snapshot|no backup has ended|there is no snapshot/,
  },
  { state: 'run', check: 'backup.recent', outcome: 'pass' },
  { state: 'run', check: 'backup.scope', outcome: 'pass' },
  { state: 'run', check: 'backup.off-host', outcome: 'fail', says: /this system/ },
  { state: 'run', check: 'backup.encrypted', outcome: 'pass', tools: ['restic', 'borg', 'duplicity'] },
  { state: 'run', check: 'backup.encrypted', outcome: 'fail', tools: ['rsnapshot'] },
  { state: 'run', check: 'backup.credentials-safe', outcome: 'pass' },
  { state: 'aged', check: 'backup.recent', outcome: 'fail', says: /\d{4}-\d\d-\d\dT/ },
  { state: 'locked', check: 'job', outcome: 'fail' },
  { state: 'locked', check: 'backup.recent', outcome: 'pass', says: /\d{4}-\d\d-\d\dT/ },
  { state: 'disabled', check: 'backup.scheduled', outcome: 'fail', says: /backup\.timer is not enabled/ },
  { state: 'masked', check: 'backup.scheduled', outcome: 'fail', says: /backup\.timer is masked/ },
  { state: 'excluded', check: 'backup.scope', outcome: 'fail', says: /\/etc\/shadow/ },
  {
    state: 'wrong passphrase',
    check: 'backup.recent',
    outcome: 'unknown',
    says: /does not open with the password/,
    tools: ['restic', 'borg', 'duplicity'],
  },
  { state: 'damaged pack', check: 'backup.verified', outcome: 'fail', says: /last check/, tools: ['restic'] },
  {
    state: 'damaged',
    check: 'backup.recent',
    outcome: 'unknown',
    says: /is damaged/,
    tools: ['restic', 'borg', 'duplicity'],
  },
  { state: 'damaged', check: 'backup.recent', outcome: 'fail', says: /no snapshot/, tools: ['rsnapshot'] },
  { state: 'full disk', check: 'job', outcome: 'fail' },
  { state: 'full disk', check: 'backup.recent', outcome: 'fail', says: /no snapshot|no success/ },
];

const child = join(import.meta.dirname, 'backup-world.ts');

/** Runs backup-world.ts with directories of its own in place of those of this machine. */
function live(tool: string): Promise<Report> {
  const { path, remove } = openDirectory();
  copyOfEtc(path);
  const shown = {
    etc: '/etc',
    root: '/root',
    srv: '/srv',
    cron: '/var/spool/cron',
    dpkg: '/var/lib/dpkg',
    state: '/var/lib/nachweis',
  };
  for (const name of Object.keys(shown))
    mkdirSync(join(path, name), { recursive: true, mode: name === 'root' ? 0o700 : 0o755 });
  writeFileSync(join(path, 'dpkg/status'), 'Package: base-files\nStatus: install ok installed\n');
  writeFileSync(join(path, 'cron/root'), '@daily true\n');
  rmSync(join(path, 'etc/systemd'), { recursive: true, force: true });
  mkdirSync(join(path, 'etc/systemd/system'), { recursive: true });
  const mounts = Object.entries(shown).map(
    ([name, over]) => `mkdir -p ${over}; mount --bind '${path}/${name}' ${over}`,
  );
  const script = [
    'set -e',
    'mount -t tmpfs none /var/spool',
    ...mounts,
    `exec '${process.execPath}' '${child}' ${tool}`,
  ];
  return new Promise<Report>((resolve, reject) => {
    const run = spawn('/usr/bin/unshare', ['-m', '/bin/sh', '-c', script.join('\n')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 380_000,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', HOME: '/root' },
    });
    let [out, errors] = ['', ''];
    run.stdout.on('data', (part) => {
      out += part;
    });
    run.stderr.on('data', (part) => {
      errors += part;
    });
    run.once('close', (status) => {
      remove();
      if (status === 0) resolve(JSON.parse(out));
      else reject(new Error(`${tool}: ${status} ${errors}`));
    });
  });
}

const TOOLS = ['restic', 'borg', 'duplicity', 'rsnapshot'] as const;

describeInNamespace([...TOOLS, 'rsync', 'systemd-analyze'], 'a job in each state of its life', () => {
  const reports: Record<string, Report> = {};
  beforeAll(async () => {
    // All at once: most of the time is waiting for keys to be derived.
    await Promise.all(
      TOOLS.map(async (tool) => {
        reports[tool] = await live(tool);
      }),
    );
  }, 400_000);
  afterAll(() => {
    for (const report of Object.values(reports)) expect(JSON.stringify(report)).not.toContain('canary');
  });

  describe.each(TOOLS)('%s', (tool) => {
    it.each(STATES.filter(({ tools }) => !tools || tools.includes(tool)))(
      '$state: $check $outcome',
      ({ state, check, outcome, says }) => {
        const found = reports[tool]?.[state]?.[check];
        expect(found?.outcome, found?.text).toBe(outcome);
        if (says) expect(found?.text).toMatch(says);
      },
    );
  });
});
