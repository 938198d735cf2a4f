/** What the checks on sshd advise must help: the line is taken by sshd, and the check passes with it. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateRound } from '../../../checks/evaluate.ts';
import { memoryHost } from '../../../checks/host-memory.ts';
import { sshdChecks } from '../../../checks/login/sshd.ts';
import { unpacked } from '../../../checks/login/sshd-trees.ts';
import { hasSshd, type Laboratory, laboratory, SSHD, withRunDirectory } from '../facts/sshd-real.ts';

const GONE = 'login.sshd-use-privilege-separation';
/** What the remedy's note says about older versions. */
const earlier: Readonly<Record<string, string>> = {
  'login.sshd-kbd-interactive': 'ChallengeResponseAuthentication no',
  'login.sshd-pubkey-algorithms': 'PubkeyAcceptedKeyTypes -ssh-rsa*,ssh-dss*',
};
const advised = sshdChecks
  .filter(({ id }) => id !== GONE)
  .map((check) => {
    const line = /^Write "([^"]+)"/.exec(check.remedy.en)?.[1] ?? '';
    expect(check.remedy.de).toContain(`„${line}“`);
    return { id: check.id, check, line };
  });
// Lines that set one keyword twice would hide each other.
const lines = advised.map(({ line }) => line);

const outcomesWith = async (config: string, version: string) => {
  const { results } = await evaluateRound({
    host: memoryHost(unpacked(config, {}, version)),
    system: { id: 'debian', version: '12', like: [], kind: 'server' },
    checks: advised.map(({ check }) => check),
    params: {},
    now: new Date('2026-06-15T12:00:00Z'),
    monotonic: () => 0,
  });
  return Object.fromEntries(results.map(({ check, outcome }) => [check, outcome]));
};
const allPass = Object.fromEntries(advised.map(({ id }) => [id, 'pass']));

describe('what the checks on sshd advise', () => {
  it.each(['8.7', '9.2', '10.0'])('taken together, lets every one of them pass on %s', async (version) => {
    expect(await outcomesWith(lines.join('\n'), version)).toEqual(allPass);
  });

  it('does so on 8.4 with the names of that time', async () => {
    const config = advised.map(({ id, line }) => earlier[id] ?? line).join('\n');
    expect(await outcomesWith(config, '8.4')).toEqual(allPass);
    for (const [id, line] of Object.entries(earlier))
      expect(advised.find((one) => one.id === id)?.check.remedy.en).toContain(line.split(' ')[0]);
  });

  describe.skipIf(!hasSshd)('(needs root, /usr/sbin/sshd and ssh-keygen)', () => {
    let lab: Laboratory;
    beforeAll(() => {
      lab = laboratory();
    });
    afterAll(() => lab?.remove());

    it('is taken by the real sshd', () => {
      const path = join(lab.directory, 'sshd_config');
      writeFileSync(path, `${lines.join('\n')}\n`);
      const [program, args] = withRunDirectory([SSHD, '-t', '-f', path, '-h', lab.hostKey]);
      const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    });
  });
});
