/** The reader of sshd_config against the real sshd: generated configurations, effective values compared one by one. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseVersion } from '../../../checks/facts/sshd-version.ts';
import { CASES, compare, SCRIPT, writeCases } from './sshd-agreement.ts';
import type { GeneratedCase } from './sshd-generate.ts';
import { hasSshd, type Laboratory, laboratory, SSHD, withRunDirectory } from './sshd-real.ts';

describe.skipIf(!hasSshd)(
  'the reader agrees with the real sshd (needs root, /usr/sbin/sshd and ssh-keygen)',
  () => {
    let lab: Laboratory;
    let cases: readonly GeneratedCase[];
    const place = () => ({ outside: lab.directory, inside: lab.directory });

    beforeAll(() => {
      lab = laboratory();
      cases = writeCases(place());
      const [program, args] = withRunDirectory(['sh', '-c', SCRIPT, 'sh', lab.directory, lab.hostKey]);
      const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
    }, 300_000);
    afterAll(() => lab?.remove());

    it(`${CASES} generated configurations, five logins each`, async () => {
      const told = spawnSync(SSHD, ['-V'], { encoding: 'utf8' }).stderr;
      const { seen, differences } = await compare(
        cases,
        place(),
        parseVersion(told) ?? { major: 0, minor: 0 },
      );
      expect(differences.slice(0, 5)).toEqual([]);
      // The cases must be worth something: enough of each kind, and values that a Match block decides.
      expect(seen.read).toBeGreaterThan(200);
      expect(seen.refused).toBeGreaterThan(60);
      expect(seen.unsure).toBeLessThan(12);
      expect(seen.inMatch).toBeGreaterThan(1_000);
    }, 120_000);
  },
);
