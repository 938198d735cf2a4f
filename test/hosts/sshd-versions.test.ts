/**
 * The reader of sshd_config against the sshd of other releases than this machine's: the same generated configurations
 * as in test/checks/facts/sshd-truth.test.ts, put to OpenSSH 8.4 (Debian 11) and 10.0 (Debian 13).
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare, SCRIPT, writeCases } from '../checks/facts/sshd-agreement.ts';
import type { GeneratedCase } from '../checks/facts/sshd-generate.ts';
import { debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../support/debian-root.ts';
import { copyRoot, type RootCopy } from '../support/root-copy.ts';

const INSIDE = '/tmp/laboratory';
const releases = [
  [11, { major: 8, minor: 4 }],
  [13, { major: 10, minor: 0 }],
] as const;

describeInDebian('the reader agrees with the sshd of', () => {
  describe.each(releases)('Debian %s', (release, version) => {
    let copy: RootCopy;
    let cases: readonly GeneratedCase[];
    const place = () => ({ outside: join(copy.path, INSIDE), inside: INSIDE });

    beforeAll(async () => {
      copy = copyRoot(await debianRoot(release));
      mkdirSync(place().outside, { recursive: true });
      mkdirSync(join(copy.path, 'run/sshd'), { recursive: true, mode: 0o755 });
      cases = writeCases(place());
      await copy.run(['sh', '-c', SCRIPT, 'sh', INSIDE, '/etc/ssh/ssh_host_ed25519_key'], {
        timeoutMs: 300_000,
      });
    }, ROOT_TIMEOUT_MS);
    afterAll(() => copy?.remove());

    it('on generated configurations, five logins each', async () => {
      const { seen, differences } = await compare(cases, place(), version, copy.path);
      expect(differences.slice(0, 5)).toEqual([]);
      // 8.4 refuses single quotes, and where a newer keyword stands in an old version the reader leaves it open.
      expect(seen.read).toBeGreaterThan(100);
      expect(seen.refused).toBeGreaterThan(60);
      expect(seen.unsure).toBeLessThan(60);
      expect(seen.inMatch).toBeGreaterThan(250);
    }, 120_000);
  });
});
