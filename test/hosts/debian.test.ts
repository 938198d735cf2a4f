/**
 * What the checks say about Debian as its installer leaves it: unpacked, and live in a booted container. The golden
 * reports were read line by line against the systems; `vitest run test/hosts -u` writes them anew, to be read again.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bootWithAgent, type CheckResult, checkInside, checkRoot } from '../support/agent-run.ts';
import type { Container } from '../support/container.ts';
import { type DebianRoot, debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../support/debian-root.ts';
import { goldenReport } from '../support/golden-report.ts';
import { copyRoot, type RootCopy } from '../support/root-copy.ts';

// Several systems boot at once here, on whatever machine this is.
vi.setConfig({ testTimeout: 300_000 });

/** What these say depends on the day, on when the archive was last changed, and the root made. They have tests of their own. */
const datedUnpacked = ['patch.index-fresh', 'patch.latency', 'patch.release-supported'];
const datedLive = [...datedUnpacked, 'patch.security-updates'];

const golden = (name: string) => join(import.meta.dirname, 'golden', `${name}.json`);
const without = (results: readonly CheckResult[], ids: readonly string[]) =>
  results.filter(({ check }) => !ids.includes(check));
const outcomes = (results: readonly CheckResult[]) =>
  new Map(results.map(({ check, outcome }) => [check, outcome]));

describeInDebian('Debian as installed', () => {
  describe.each([11, 12, 13] as const)('%s', (release) => {
    let root: DebianRoot;
    let copy: RootCopy;
    let container: Container;
    let unpacked: readonly CheckResult[];
    let live: readonly CheckResult[];
    beforeAll(async () => {
      root = await debianRoot(release);
      unpacked = await checkRoot(root.path, root.made);
      copy = copyRoot(root);
      container = await bootWithAgent(copy.path);
      const report = await checkInside(container);
      expect(report.host.os).toMatchObject({ id: 'debian', version: String(release) });
      live = report.results;
    }, ROOT_TIMEOUT_MS);
    afterAll(async () => {
      await container?.stop();
      copy?.remove();
    });

    it('unpacked, is judged as in the golden report', async () => {
      await expect(goldenReport(without(unpacked, datedUnpacked))).toMatchFileSnapshot(
        golden(`debian-${release}.root`),
      );
    });

    it('live, is judged as in the golden report', async () => {
      await expect(goldenReport(without(live, datedLive))).toMatchFileSnapshot(
        golden(`debian-${release}.live`),
      );
    });

    it('is judged alike where both ways can know', () => {
      const elsewhere = outcomes(live);
      const both = without(unpacked, datedLive).filter(
        ({ check, outcome }) => outcome !== 'unknown' && elsewhere.get(check) !== 'unknown',
      );
      expect(both.length).toBeGreaterThan(0);
      for (const { check, outcome } of both) expect([check, elsewhere.get(check)]).toEqual([check, outcome]);
    });

    it('has no pending update by its own index, and no index that grows fresh with age', async () => {
      expect(outcomes(live).get('patch.security-updates')).not.toBe('fail');
      const later = new Date(root.made.getTime() + 10 * 86_400_000);
      expect(outcomes(await checkRoot(root.path, later)).get('patch.index-fresh')).not.toBe('pass');
    });

    it('says unknown, not pass or fail, about what an ordinary user may not read', async () => {
      const asUser = (await checkInside(container, [], { user: 'anna' })).results;
      const asRoot = outcomes(live);
      const unread = asUser.filter(({ reason }) => reason?.includes('run as root'));
      expect(unread.map(({ check }) => check)).toEqual(
        expect.arrayContaining(['login.empty-password', 'password.stored-hashes']),
      );
      for (const { check, outcome } of unread) expect([check, outcome]).toEqual([check, 'unknown']);
      // Where a user does see enough, it is the same that root sees.
      for (const { check, outcome } of without(asUser, datedLive)) {
        if (outcome !== 'unknown') expect([check, outcome]).toEqual([check, asRoot.get(check)]);
      }
    });
  });
});
