/** What holds for clause status whatever is given: worse evidence never makes a better status, and kept is earned. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StatusRecord, StatusResult } from '../../shared/clause-basis.ts';
import {
  type ClauseState,
  type ClauseStatus,
  clauseStatus,
  type StatusHost,
} from '../../shared/clause-status.ts';
import { freshForMs } from '../../shared/freshness.ts';
import { type Outcome, outcomes } from '../../shared/outcome.ts';
import {
  agent,
  attestation,
  attestedBy,
  clause,
  contract,
  days,
  decidedBy,
  hours,
  known,
  NOW,
  result,
  waiver,
} from './status-input.ts';

const checks = ['login.a', 'login.b', 'login.later'];
const FLOOR = 10;
const clauses = [
  clause(),
  clause({
    id: 'I.1/two',
    decides: [decidedBy('login.a'), decidedBy('login.b', { max: { atMost: FLOOR } })],
  }),
  clause({ id: 'I.1/later', decides: [decidedBy('login.a'), decidedBy('login.later')] }),
  clause({ id: 'I.1/mixed', kind: 'mixed', decides: [decidedBy('login.b'), attestedBy('guideline', 365)] }),
  clause({ id: 'I.1/ordered', when: { commissioned: 'backup' } }),
  clause({ id: 'I.1/server', when: { kind: 'server', site: 'provider' }, elsewhere: 'customer' }),
];

interface World {
  readonly hosts: readonly StatusHost[];
  readonly records: readonly StatusRecord[];
}

const outcome = fc.constantFrom(...outcomes);
const results = fc
  .record({
    'login.a': fc.option(outcome),
    'login.b': fc.option(outcome),
    'login.later': fc.option(outcome),
    max: fc.constantFrom(FLOOR - 1, FLOOR, FLOOR + 1),
  })
  .map((given) =>
    checks.flatMap((check): StatusResult[] => {
      const value = given[check as 'login.a'];
      return value ? [result(check, value, { params: { max: given.max } })] : [];
    }),
  );
const host = fc
  .record({
    results,
    age: fc.constantFrom(0, 1, 2.9, 3.1, 24, 100),
    agent: fc.constantFrom('there', 'there', 'there', 'none', 'silent', 'retired', 'quarantined'),
    kind: fc.constantFrom('server', 'vm', 'unknown'),
    set: fc.constantFrom(undefined, 'server', 'vm'),
    site: fc.constantFrom('provider', 'customer'),
    backup: fc.boolean(),
    contracted: fc.constantFrom(true, true, true, false),
    since: fc.constantFrom(-30, -30, 0, 1),
    until: fc.constantFrom(null, null, 1, -1),
  })
  .map(
    (given): Omit<StatusHost, 'id' | 'name'> => ({
      contract: given.contracted
        ? contract({
            site: given.site as 'provider',
            backup: given.backup,
            since: days(given.since),
            until: given.until === null ? null : days(given.until),
            ...(given.set ? { kind: given.set as 'vm' } : {}),
          })
        : null,
      agent:
        given.agent === 'none'
          ? null
          : agent({
              kindDetected: given.kind as 'vm',
              receivedAt: given.agent === 'silent' ? null : hours(-given.age),
              retiredAt: given.agent === 'retired' ? hours(-1) : null,
              quarantinedAt: given.agent === 'quarantined' ? hours(-1) : null,
            }),
      results: given.agent === 'none' || given.agent === 'silent' ? [] : given.results,
    }),
  );
const hosts = fc
  .array(host, { maxLength: 4 })
  .map((list): StatusHost[] => list.map((given, i) => ({ ...given, id: `h-${i}`, name: `host ${i}` })));
const records = fc.subarray<StatusRecord>([
  attestation('guideline'),
  attestation('guideline', { id: 'r-old', at: days(-400) }),
]);
const waivers = fc.subarray<StatusRecord>([
  waiver('login.a', { id: 'w-0', hostId: 'h-0' }),
  waiver('login.b', { id: 'w-all', hostId: null }),
  waiver('login.a', { id: 'w-past', hostId: null, until: days(-1) }),
]);
const world = fc.record({ hosts, records });
const waivedWorld = fc
  .record({ hosts, records, waivers })
  .map((given): World => ({ hosts: given.hosts, records: [...given.records, ...given.waivers] }));

function statuses({ hosts: list, records: kept }: World): ClauseStatus[] {
  return clauseStatus({
    catalogue: { clauses },
    hosts: list,
    records: kept,
    collectorResults: [],
    now: NOW,
    knownChecks: known,
  });
}

/** How bad: what is left out is no proof and no fault, like kept. */
const rank: Record<ClauseState, number> = {
  violated: 3,
  unproven: 2,
  waived: 1,
  kept: 0,
  'not-applicable': 0,
  customer: 0,
  'not-commissioned': 0,
};

function neverBetter(before: World, after: World) {
  const worse = statuses(after);
  for (const [i, was] of statuses(before).entries()) {
    const is = worse[i];
    expect(is && rank[is.status], `${was.id}: ${was.status} became ${is?.status}`).toBeGreaterThanOrEqual(
      rank[was.status],
    );
  }
}

const changeHost = (given: World, index: number, change: (host: StatusHost) => StatusHost): World => ({
  ...given,
  hosts: given.hosts.map((one, i) => (i === index % Math.max(given.hosts.length, 1) ? change(one) : one)),
});
const worseOutcomes: Record<Outcome, readonly Outcome[]> = {
  pass: ['unknown', 'fail'],
  'not-applicable': ['unknown', 'fail'],
  unknown: ['fail'],
  fail: [],
};

const runs = { numRuns: 500, seed: 20260615 };

describe('worse evidence never makes a better status', () => {
  it('when an outcome gets worse', () => {
    fc.assert(
      fc.property(world, fc.nat(), fc.constantFrom(...checks), fc.nat(), (given, index, check, pick) => {
        const after = changeHost(given, index, (one) => ({
          ...one,
          results: one.results.map((each) => {
            const worse = worseOutcomes[each.outcome];
            const next = worse[pick % Math.max(worse.length, 1)];
            return each.check === check && next ? { ...each, outcome: next } : each;
          }),
        }));
        neverBetter(given, after);
      }),
      runs,
    );
  });

  it('when a result is not known, or not in the report any more', () => {
    fc.assert(
      fc.property(
        waivedWorld,
        fc.nat(),
        fc.constantFrom(...checks),
        fc.boolean(),
        (given, index, check, drop) => {
          const after = changeHost(given, index, (one) => ({
            ...one,
            results: one.results.flatMap((each) => {
              // A fail that is known not to be one any more is better evidence, not worse.
              if (each.check !== check || each.outcome === 'fail') return [each];
              return drop ? [] : [{ ...each, outcome: 'unknown' as const }];
            }),
          }));
          neverBetter(given, after);
        },
      ),
      runs,
    );
  });

  it('when a report gets older, or the machine is put into quarantine', () => {
    fc.assert(
      fc.property(
        waivedWorld,
        fc.nat(),
        fc.integer({ min: 1, max: 200 }),
        fc.boolean(),
        (given, index, older, quarantine) => {
          const after = changeHost(given, index, (one) => ({
            ...one,
            agent:
              one.agent?.receivedAt == null
                ? one.agent
                : {
                    ...one.agent,
                    receivedAt: new Date(Date.parse(one.agent.receivedAt) - older * 3_600_000).toISOString(),
                    quarantinedAt: quarantine ? NOW : one.agent.quarantinedAt,
                  },
          }));
          neverBetter(given, after);
        },
      ),
      runs,
    );
  });

  it('when a parameter gets weaker', () => {
    fc.assert(
      fc.property(waivedWorld, fc.nat(), (given, index) => {
        const after = changeHost(given, index, (one) => ({
          ...one,
          results: one.results.map((each) => ({ ...each, params: { max: Number(each.params?.max) + 1 } })),
        }));
        neverBetter(given, after);
      }),
      runs,
    );
  });

  it('when a record or waiver is gone', () => {
    fc.assert(
      fc.property(waivedWorld, fc.nat(), (given, drop) => {
        neverBetter(given, {
          ...given,
          records: given.records.filter((_, i) => i !== drop % Math.max(given.records.length, 1)),
        });
      }),
      runs,
    );
  });

  it('when one more contracted host has no agent', () => {
    fc.assert(
      fc.property(waivedWorld, (given) => {
        const bare: StatusHost = {
          id: 'h-bare',
          name: 'bare',
          contract: contract({ kind: 'server' }),
          agent: null,
          results: [],
        };
        neverBetter(given, { ...given, hosts: [...given.hosts, bare] });
      }),
      runs,
    );
  });
});

describe('kept', () => {
  it('means fresh passes at or above the floor, at least one, and live records', () => {
    let seen = 0;
    fc.assert(
      fc.property(waivedWorld, (given) => {
        for (const status of statuses(given)) {
          const { decides } = clauses.find(({ id }) => id === status.id) ?? clause();
          for (const { hostId } of status.hosts.filter((one) => one.status === 'kept')) {
            seen += 1;
            const one = given.hosts.find(({ id }) => id === hostId);
            const owner = one?.agent;
            expect(owner?.receivedAt && owner.retiredAt === null && owner.quarantinedAt === null).toBe(true);
            const age = Date.parse(NOW) - Date.parse(owner?.receivedAt ?? '');
            expect(age).toBeLessThanOrEqual(freshForMs(owner?.intervalSeconds ?? 0));
            const found = decides.flatMap((item) =>
              'check' in item ? [one?.results.find((r) => r.check === item.check)] : [],
            );
            expect(found.every((r) => r?.outcome === 'pass' || r?.outcome === 'not-applicable')).toBe(true);
            expect(found.some((r) => r?.outcome === 'pass')).toBe(true);
            for (const item of decides) {
              if ('record' in item) expect(given.records.some(({ id }) => id === 'r-1')).toBe(true);
              else if (item.floor)
                expect(one?.results.find((r) => r.check === item.check)?.params?.max).toBeLessThanOrEqual(
                  FLOOR,
                );
            }
          }
        }
      }),
      { ...runs, numRuns: 2000 },
    );
    // Or this would prove nothing.
    expect(seen).toBeGreaterThan(100);
  });
});

describe('the same evidence gives the same status', () => {
  it('in any order, and nothing given is changed', () => {
    fc.assert(
      fc.property(waivedWorld, (given) => {
        const before = JSON.stringify(given);
        const straight = statuses(given);
        const turned = statuses({
          hosts: given.hosts.map((one) => ({ ...one, results: one.results.toReversed() })).toReversed(),
          records: given.records.toReversed(),
        });
        expect(turned.map(({ id, status, counts }) => ({ id, status, counts }))).toEqual(
          straight.map(({ id, status, counts }) => ({ id, status, counts })),
        );
        expect(JSON.stringify(given)).toBe(before);
      }),
      runs,
    );
  });

  it('and the counts add up', () => {
    fc.assert(
      fc.property(waivedWorld, (given) => {
        for (const { counts, total, assessed, hosts: list } of statuses(given)) {
          expect(Object.values(counts).reduce((a, b) => a + b, 0)).toBe(total);
          expect(list).toHaveLength(total);
          expect(assessed).toBe(counts.violated + counts.unproven + counts.waived + counts.kept);
        }
      }),
      runs,
    );
  });
});
