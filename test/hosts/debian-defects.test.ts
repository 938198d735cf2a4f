/**
 * Debian 11 to 13 put right by the remedies, then with one defect at a time: exactly the right checks turn to fail,
 * and their evidence names the place. All defects unpacked; on Debian 12 also live, where both ways must agree.
 */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { bootWithAgent, type CheckResult, checkInside, checkRoot } from '../support/agent-run.ts';
import { type DebianRoot, debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../support/debian-root.ts';
import { hardenedCopy } from '../support/hardened-root.ts';
import { type Defect, defects, harmless } from './defects.ts';

// Several systems boot at once here, on whatever machine this is.
vi.setConfig({ testTimeout: 300_000 });

/** The age of the indexes decides here, not the defect: test/checks/patch has these with repositories of its own. */
const dated = ['patch.index-fresh', 'patch.latency', 'patch.release-supported', 'patch.security-updates'];

/** The roots are made without unattended-upgrades, and no drill was made in them: test/checks/patch and test/agent/drill have both. */
const lacking = ['patch.automatic-updates', 'backup.restore-drill'];

/** Live without those of `patch.*` that have the solver work for a second each time, and that none of the defects touches. */
const FAMILIES =
  'login.*,access.*,password.*,backup.*,patch.sources-trusted,patch.held-packages,patch.broken-packages';

type Outcomes = Readonly<Record<string, string>>;

const outcomes = (results: readonly CheckResult[]): Outcomes =>
  Object.fromEntries(
    results.filter(({ check }) => !dated.includes(check)).map(({ check, outcome }) => [check, outcome]),
  );

const lines = (results: readonly CheckResult[], id: string | undefined): string[] =>
  (results.find(({ check }) => check === id)?.evidence ?? []).map(
    ({ source, line, found }) => `${source}${line ? `:${line}` : ''} ${found}`,
  );

/** The root with `plant` carried out in it, judged unpacked, and live as well where asked. */
async function judged(
  root: DebianRoot,
  plant: string,
  live: boolean,
): Promise<{ unpacked: readonly CheckResult[]; live: readonly CheckResult[] }> {
  const copy = await hardenedCopy(root);
  try {
    await copy.run(['sh', '-ec', plant]);
    const unpacked = await checkRoot(copy.path, root.made);
    if (!live) return { unpacked, live: [] };
    const container = await bootWithAgent(copy.path);
    try {
      return { unpacked, live: (await checkInside(container, ['--only', FAMILIES])).results };
    } finally {
      await container.stop();
    }
  } finally {
    copy.remove();
  }
}

const withFails = (before: Outcomes, { fails, ends = [], blinds = [] }: Defect): Outcomes => ({
  ...before,
  ...Object.fromEntries(ends.map((id) => [id, 'not-applicable'])),
  // Live not all families are judged.
  ...Object.fromEntries(blinds.filter((id) => id in before).map((id) => [id, 'unknown'])),
  ...Object.fromEntries(fails.map((id) => [id, 'fail'])),
});

describeInDebian('Debian with one defect', () => {
  describe.each([11, 12, 13] as const)('%s', (release) => {
    const live = release === 12;
    let root: DebianRoot;
    let right: Awaited<ReturnType<typeof judged>>;
    beforeAll(async () => {
      root = await debianRoot(release);
      right = await judged(root, ':', true);
    }, ROOT_TIMEOUT_MS);

    it('put right, nothing fails', () => {
      for (const results of [right.unpacked, right.live]) {
        const open = results.filter(({ check }) => ![...dated, ...lacking].includes(check));
        expect(open.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
      }
    });

    it.each(defects)('$name', async (defect: Defect) => {
      const { plant, fails, says } = defect;
      const wrong = await judged(root, plant, live);
      expect(outcomes(wrong.unpacked)).toEqual(withFails(outcomes(right.unpacked), defect));
      for (const pattern of says) {
        expect(lines(wrong.unpacked, fails[0])).toContainEqual(expect.stringMatching(new RegExp(pattern)));
      }
      if (!live) return;
      expect(outcomes(wrong.live)).toEqual(withFails(outcomes(right.live), defect));
      for (const pattern of says) {
        expect(lines(wrong.live, fails[0])).toContainEqual(expect.stringMatching(new RegExp(pattern)));
      }
    });

    it.each(harmless)('no defect: $name', async ({ plant }) => {
      const same = await judged(root, plant, live);
      expect(outcomes(same.unpacked)).toEqual(outcomes(right.unpacked));
      if (live) expect(outcomes(same.live)).toEqual(outcomes(right.live));
    });
  });
});
