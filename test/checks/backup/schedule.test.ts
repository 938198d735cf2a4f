/** backup.configured and backup.scheduled on unpacked systems, made ready with the real systemctl and run-parts. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { configured } from '../../../checks/backup/configured.ts';
import { scheduled } from '../../../checks/backup/scheduled.ts';
import { evaluateRound, factGetter } from '../../../checks/evaluate.ts';
import { valueIn } from '../../../checks/fact.ts';
import { cron } from '../../../checks/facts/cron.ts';
import { describeAsRoot } from '../../support/programs.ts';

describeAsRoot(['systemctl'], 'backup jobs of an unpacked system', () => {
  let root: string;
  const write = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), mode);
  };
  const systemctl = (...args: string[]) =>
    execFileSync('systemctl', [`--root=${root}`, ...args], { stdio: 'ignore' });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'nachweis-root-'));
    write('etc/os-release', 'ID=debian\n');
    write('etc/passwd', 'root:x:0:0::/root:/bin/sh\n');
    write('usr/bin/restic', '', 0o755);
    write('usr/sbin/cron', '', 0o755);
    write('usr/lib/systemd/systemd', '', 0o755);
    write(
      'usr/lib/systemd/system/cron.service',
      '[Service]\nExecStart=/usr/sbin/cron -f\n[Install]\nWantedBy=multi-user.target\n',
    );
    write(
      'etc/systemd/system/backup.service',
      '[Unit]\nDescription=Backup\n[Service]\nType=oneshot\nExecStart=/usr/bin/restic -r sftp:anna@vault.example.org:/web backup /etc\n',
    );
    write(
      'etc/systemd/system/backup.timer',
      '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n',
    );
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  async function judge() {
    const { results } = await evaluateRound({
      host: linuxHost({ root }),
      system: { id: 'debian', version: '12', like: [], kind: 'vm' },
      checks: [configured, scheduled],
      params: {},
      now: new Date('2026-11-23T09:30:00.000Z'),
      monotonic: () => 0,
    });
    expect(JSON.stringify(results)).not.toContain('anna');
    return results.map(({ outcome }) => outcome);
  }

  it('follows systemctl enable, disable, mask and edit', async () => {
    expect(await judge()).toEqual(['pass', 'fail']);
    systemctl('enable', 'backup.timer');
    expect(await judge()).toEqual(['pass', 'pass']);
    systemctl('disable', 'backup.timer');
    expect(await judge()).toEqual(['pass', 'fail']);
    systemctl('enable', 'backup.timer');
    rmSync(join(root, 'etc/systemd/system/backup.timer'));
    expect(await judge()).toEqual(['pass', 'fail']);
    write(
      'usr/lib/systemd/system/backup.timer',
      '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n',
    );
    expect(await judge()).toEqual(['pass', 'pass']);
    systemctl('mask', 'backup.timer');
    expect(await judge()).toEqual(['pass', 'fail']);
    systemctl('unmask', 'backup.timer');
    expect(await judge()).toEqual(['pass', 'pass']);
  });

  it('follows an instance of a template', async () => {
    rmSync(join(root, 'etc/systemd/system/backup.service'));
    rmSync(join(root, 'etc/systemd/system/backup.timer'));
    write(
      'etc/systemd/system/restic@.service',
      '[Service]\nEnvironment="RESTIC_REPOSITORY=/srv/%i"\nExecStart=restic backup /etc\n',
    );
    write(
      'etc/systemd/system/restic@.timer',
      '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n',
    );
    expect(await judge()).toEqual(['fail', 'fail']);
    systemctl('enable', 'restic@web.timer');
    expect(await judge()).toEqual(['pass', 'pass']);
  });

  it('needs a cron daemon that is switched on for a line of cron', async () => {
    rmSync(join(root, 'etc/systemd/system/backup.service'));
    write('etc/cron.d/backup', '0 3 * * * root restic -r /srv/x backup /etc\n');
    expect(await judge()).toEqual(['pass', 'fail']);
    systemctl('enable', 'cron.service');
    expect(await judge()).toEqual(['pass', 'pass']);
    systemctl('mask', 'cron.service');
    expect(await judge()).toEqual(['pass', 'fail']);
  });

  it('takes the scripts of cron.daily that run-parts takes', async () => {
    write('etc/crontab', '25 6 * * * root run-parts /etc/cron.daily\n');
    for (const name of [
      'plain',
      'with-dash',
      'with_underscore',
      'UPPER9',
      'dot.sh',
      'tilde~',
      '.hidden',
      'a b',
      'save.dpkg-old',
      '#x',
    ]) {
      write(`etc/cron.daily/${name}`, '#!/bin/sh\n', 0o755);
    }
    write('etc/cron.daily/not-executable', '#!/bin/sh\n', 0o644);
    const said = execFileSync('run-parts', ['--test', join(root, 'etc/cron.daily')], { encoding: 'utf8' });
    const facts = valueIn(await factGetter(linuxHost({ root }), new Date(0))(cron));
    const taken = facts.jobs
      .filter(({ schedule, problem }) => schedule === '@daily' && !problem)
      .map(({ source }) => source);
    expect(taken).toEqual(
      said
        .trim()
        .split('\n')
        .map((path) => path.slice(root.length))
        .sort(),
    );
    expect(taken.length).toBe(4);
  });

  it('is unknown, not fail, where a script can not be looked at', async () => {
    rmSync(join(root, 'etc/systemd/system/backup.service'));
    write('etc/systemd/system/nightly.service', '[Service]\nExecStart=/usr/local/bin/nightly\n');
    write('usr/local/bin/nightly', '#!/bin/sh\necho nothing\n', 0o755);
    expect(await judge()).toEqual(['fail', 'fail']);
    rmSync(join(root, 'usr/local/bin/nightly'));
    mkdirSync(join(root, 'var/spool/cron'), { recursive: true });
    writeFileSync(join(root, 'var/spool/cron/crontabs'), 'no directory');
    expect(await judge()).toEqual(['unknown', 'unknown']);
  });
});
