/** The patch checks on this very machine, through the agent's own host. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import { expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { evaluateRound } from '../../../checks/evaluate.ts';
import { patchChecks } from '../../../checks/patch/index.ts';
import { describeWith } from '../../support/programs.ts';

const isDebian = /^ID(?:_LIKE)?=.*(?:debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));

describeWith(['apt-get'], 'patch checks on this machine', () => {
  it.runIf(isDebian)(
    'name what apt itself calls a security update, and change nothing',
    async () => {
      const all = () =>
        ['/var/lib/apt/lists', '/var/cache/apt', '/var/lib/dpkg'].flatMap((directory) =>
          readdirSync(directory).map((name) => [name, statSync(`${directory}/${name}`).mtimeMs]),
        );
      const before = all();
      const { results } = await evaluateRound({
        host: linuxHost(),
        system: { id: 'debian', version: '', like: [], kind: 'unknown' },
        checks: patchChecks,
        params: {},
        now: new Date(),
        monotonic: () => performance.now(),
      });
      expect(all()).toEqual(before);
      expect(results).toHaveLength(patchChecks.length);
      expect(JSON.stringify(results)).not.toContain('internal error');

      const said = spawnSync('apt-get', ['-s', '-q', 'dist-upgrade'], {
        encoding: 'utf8',
        env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      });
      const pending = said.stdout.split('\n').filter((line) => /^Inst \S+ \[.*-[Ss]ecurity/.test(line));
      const updates = results.find(({ check }) => check === 'patch.security-updates');
      // Without memory it is not known since when they wait, unless the index itself is older than any deadline.
      if (pending.length > 0) expect(updates?.outcome).toMatch(/^(?:fail|unknown)$/);
      if (pending.length > 0 && pending.length < 40) {
        for (const line of pending)
          expect(JSON.stringify(updates)).toContain(` ${line.split(' ')[1]} `.trim());
      }

      const reboot = results.find(({ check }) => check === 'patch.reboot-pending');
      const images = execFileSync(
        'sh',
        ['-c', "dpkg -l 'linux-image-[0-9]*' 2>/dev/null | grep '^ii' || true"],
        {
          encoding: 'utf8',
        },
      );
      if (images.trim() === '') expect(reboot?.outcome).toMatch(/unknown|fail/);
      else if (reboot?.outcome === 'pass') expect(JSON.stringify(reboot)).toContain(os.release());
    },
    240_000,
  );
});
