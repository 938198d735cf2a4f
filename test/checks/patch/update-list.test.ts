/** The list of pending updates that goes into a report. */
import { expect, it } from 'vitest';
import { examplesOf } from '../../../checks/check.ts';
import { factGetter } from '../../../checks/evaluate.ts';
import { memoryHost } from '../../../checks/host-memory.ts';
import { securityUpdates } from '../../../checks/patch/security-updates.ts';
import { collectUpdates } from '../../../checks/patch/update-list.ts';
import { updateListSchema } from '../../../shared/update-list.ts';

const judged = (await examplesOf(securityUpdates)).filter(({ outcome }) => outcome === 'fail');

it.each(judged.map((example) => [example.name, example] as const))(
  'names what patch.security-updates fails for: %s',
  async (_name, example) => {
    const now = new Date(example.now ?? '2026-06-15T12:00:00.000Z');
    const get = factGetter(memoryHost(example.tree), now);
    const list = updateListSchema.parse(
      await collectUpdates(get, example.params ? { [securityUpdates.id]: example.params } : {}, now),
    );
    expect(list.entries.length).toBeGreaterThan(0);
    const names = JSON.stringify(example.says ?? []);
    const late = list.entries.filter(
      ({ deadline }) => deadline === undefined || Date.parse(deadline) < now.getTime(),
    );
    expect(late.length, names).toBeGreaterThan(0);
  },
);

it('is left out where no package manager could be asked', async () => {
  const now = new Date('2026-06-15T12:00:00.000Z');
  const host = memoryHost({ files: { '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n' } });
  expect(await collectUpdates(factGetter(host, now), {}, now)).toBeUndefined();
});

it('says that there may be more where the index is old, and what the advisories are about', async () => {
  const list = async (outcome: string, name: RegExp) => {
    const example = (await examplesOf(securityUpdates)).find(
      (each) => each.outcome === outcome && name.test(each.name),
    );
    if (!example) throw new Error(`no example ${name}`);
    const now = new Date(example.now ?? '2026-06-15T12:00:00.000Z');
    return updateListSchema.parse(
      await collectUpdates(factGetter(memoryHost(example.tree), now), example.params ?? {}, now),
    );
  };
  const fails = await list('fail', /dnf/);
  expect(fails.cves).toEqual({ 'EXSA-2026:0001': ['CVE-2026-4711'] });
  expect(fails.doubt).toBeUndefined();
  expect((await list('unknown', /dnf.*(?:old|stale|week)/)).doubt?.en).toContain('not up to date');
});
