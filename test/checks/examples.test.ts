/** Every check's own examples, and that each check has enough of them and says who it is in both languages. */
import { describe, expect, it } from 'vitest';
import { type Check, type Example, examplesOf } from '../../checks/check.ts';
import { evaluateRound, factGetter } from '../../checks/evaluate.ts';
import { osRelease } from '../../checks/facts/os-release.ts';
import { memoryHost } from '../../checks/host-memory.ts';
import { allChecks } from '../../checks/registry.ts';
import { resultSchema } from '../../shared/outcome.ts';

const NOW = '2026-06-15T12:00:00.000Z';

async function judge(check: Check, example: Example) {
  const host = memoryHost(example.tree);
  const now = new Date(example.now ?? NOW);
  const os = await factGetter(host, now)(osRelease);
  const { id, version, like } = os.state === 'known' ? os.value : { id: 'debian', version: '12', like: [] };
  const { results } = await evaluateRound({
    host,
    system: { id, version, like, kind: 'vm' },
    checks: [check],
    params: example.params ? { [check.id]: example.params } : {},
    now,
    monotonic: () => 0,
  });
  return results[0];
}

it('no two checks share an id', () => {
  expect(allChecks.map(({ id }) => id)).toEqual([...new Set(allChecks.map(({ id }) => id))]);
});

const withExamples = await Promise.all(
  allChecks.map(async (check) => [check.id, check, await examplesOf(check)] as const),
);

describe.each(withExamples)('%s', (_id, check, examples) => {
  it('has a pass, a fail and an unknown among its examples', () => {
    const seen = new Set(examples.map(({ outcome }) => outcome));
    expect([...seen]).toEqual(expect.arrayContaining(['pass', 'fail', 'unknown']));
  });

  it('says title, why and remedy in German and English', () => {
    for (const text of [check.title, check.why, check.remedy]) {
      expect(text.de.length).toBeGreaterThan(5);
      expect(text.en.length).toBeGreaterThan(5);
      expect(text.de).not.toBe(text.en);
    }
    expect(check.references.length).toBeGreaterThan(0);
  });

  it('has a default for every parameter', () => {
    expect(check.params.safeParse({}).success).toBe(true);
    expect(check.params.safeParse({ 'no-such-parameter': 1 }).success).toBe(false);
  });

  it.each(examples.map((example) => [example.outcome, example.name, example] as const))(
    '%s: %s',
    async (outcome, _name, example) => {
      const result = await judge(check, example);
      expect(resultSchema.safeParse(result).error).toBeUndefined();
      expect(result?.outcome, JSON.stringify(result)).toBe(outcome);
      if (outcome === 'unknown' || outcome === 'not-applicable') expect(result?.reason).toBeDefined();
      if (outcome === 'pass' || outcome === 'fail') expect(result?.evidence.length).toBeGreaterThan(0);
      for (const words of example.says ?? []) expect(JSON.stringify(result)).toContain(words);
    },
  );
});
