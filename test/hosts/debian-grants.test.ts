/** Debian 11 to 13 unpacked, with a register of grants: ways to root that nobody granted, one at a time. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { linuxHost } from '../../agent/host-linux.ts';
import { judge } from '../../agent/judge.ts';
import { privilegesGranted } from '../../checks/access/privileges-granted.ts';
import { known } from '../../checks/fact.ts';
import { inLanguage } from '../../shared/outcome.ts';
import type { PolicyView } from '../../shared/policy.ts';
import { type DebianRoot, debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../support/debian-root.ts';
import { copyRoot } from '../support/root-copy.ts';
import { waysToRoot } from './defects.ts';

vi.setConfig({ testTimeout: 60_000 });

/** A register that grants no privilege to anybody. */
const policyAt = (now: Date): PolicyView => ({
  number: 1,
  issuedAt: now.toISOString(),
  validUntil: new Date(now.getTime() + 86_400_000).toISOString(),
  grants: [],
});

async function judged(root: DebianRoot, plant: string) {
  const copy = copyRoot(root);
  try {
    await copy.run(['sh', '-ec', plant]);
    const host = linuxHost({ root: copy.path, policy: known(policyAt(root.made)) });
    const checks = [privilegesGranted];
    const { results } = await judge({ host, checks, params: {}, now: root.made, monotonic: () => 0 });
    const [result] = results;
    return {
      outcome: result?.outcome,
      reason: result?.reason?.en,
      lines: (result?.evidence ?? []).map(
        ({ source, line, found }) => `${source}${line ? `:${line}` : ''} ${inLanguage(found, 'en')}`,
      ),
    };
  } finally {
    copy.remove();
  }
}

describeInDebian('Debian with one way to root', () => {
  describe.each([11, 12, 13] as const)('%s', (release) => {
    let root: DebianRoot;
    beforeAll(async () => {
      root = await debianRoot(release);
    }, ROOT_TIMEOUT_MS);

    it('as delivered has none; only capabilities can not be asked of an unpacked system', async () => {
      const { outcome, reason, lines } = await judged(root, ':');
      expect(lines).toEqual([]);
      expect([outcome, reason]).toEqual(['unknown', expect.stringContaining('getcap')]);
    });

    it.each(waysToRoot)('$name', async ({ plant, says }) => {
      const { outcome, lines } = await judged(root, plant);
      expect([outcome, lines.length]).toEqual(['fail', expect.any(Number)]);
      for (const pattern of says)
        expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${pattern}`)));
    });
  });
});
