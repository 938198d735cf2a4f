/** The checks that the collector makes about itself. */
import { describe, expect, it } from 'vitest';
import type { StatusHost } from '../../shared/clause-status.ts';
import {
  type CollectorFacts,
  collectorChecks,
  collectorResults as resultsOf,
} from '../../shared/collector-checks.ts';
import { evidenceSchema, MAX_EVIDENCE, type Outcome } from '../../shared/outcome.ts';
import { agent, contract, days, host, hours, NOW } from './status-input.ts';

/** Nothing but hosts, about which nothing else is known. */
const onlyHosts = (hosts: readonly StatusHost[]): CollectorFacts => ({
  hosts,
  obligations: [],
  spotChecks: [],
  separation: { matrices: new Map(), own: nobody, foreign: nobody, keysElsewhere: new Set() },
  now: NOW,
});
const nobody = {
  keys: new Set<string>(),
  subjects: new Set<string>(),
  accounts: new Set<string>(),
  staffKeys: new Set<string>(),
};
const collectorResults = (hosts: readonly StatusHost[]) => resultsOf(onlyHosts(hosts));

const bare = (since: string) =>
  host({ name: 'bare', agent: null, results: [], contract: contract({ since }) });
const silentFor = (span: number) => host({ name: 'quiet', agent: agent({ receivedAt: hours(-span) }) });
const never = (since: string) =>
  host({ name: 'never', agent: agent({ receivedAt: null }), contract: contract({ since }) });

const cases: readonly [string, string, readonly StatusHost[], Outcome, RegExp][] = [
  ['coverage', 'every host reports', [host(), host()], 'pass', /All 2/],
  ['coverage', 'no host', [], 'not-applicable', /No host/],
  ['coverage', 'one without an agent', [host(), bare(days(-2))], 'fail', /1 of 2/],
  ['coverage', 'one whose agent never reported', [never(days(-2))], 'fail', /1 of 1/],
  [
    'coverage',
    'one whose agent was retired',
    [host({ agent: agent({ retiredAt: days(-1) }) })],
    'fail',
    /1 of 1/,
  ],
  ['coverage', 'one in its first day', [host(), bare(hours(-23))], 'unknown', /1 of 2/],
  ['coverage', 'one whose first day is over', [host(), bare(hours(-24))], 'fail', /1 of 2/],
  ['coverage', 'one missing and one in its first day', [bare(days(-2)), bare(hours(-1))], 'fail', /1 of 2/],
  ['coverage', 'one contracted from tomorrow', [bare(days(1))], 'not-applicable', /No host/],
  [
    'coverage',
    'one whose contract is over',
    [host({ agent: null, contract: contract({ until: days(-1) }) })],
    'not-applicable',
    /No host/,
  ],
  ['coverage', 'one that is not in the contract', [host({ contract: null })], 'not-applicable', /No host/],
  ['coverage', 'a silent one is not missing', [silentFor(90)], 'pass', /All 1/],
  ['freshness', 'all recent', [host()], 'pass', /All|all 1/],
  ['freshness', 'one stale', [host(), silentFor(4)], 'fail', /1 of 2/],
  [
    'freshness',
    'one that never reported is a matter of coverage',
    [host(), never(days(-2))],
    'pass',
    /all 1/,
  ],
  ['freshness', 'nobody reported yet', [bare(days(-2))], 'not-applicable', /No host has reported/],
  ['freshness', 'one heard of in the future', [silentFor(-2)], 'unknown', /future/],
  [
    'freshness',
    'a retired one',
    [host({ agent: agent({ retiredAt: days(-1), receivedAt: days(-9) }) })],
    'not-applicable',
    /No host/,
  ],
];

describe('collector checks', () => {
  it.each(cases)('%s: %s', (name, _case, hosts, wanted, says) => {
    const result = collectorResults(hosts).find(({ check }) => check === `collector.${name}`);
    expect(result?.outcome).toBe(wanted);
    expect(result?.reason?.en).toMatch(says);
    expect(result?.reason?.de).not.toBe(result?.reason?.en);
    if (wanted === 'fail') expect(result?.evidence.length).toBeGreaterThan(0);
  });

  it('give a result per check, about the tenant or each host, with evidence of the ordinary form', () => {
    const many = Array.from({ length: 200 }, (_, i) => ({ ...bare(days(-2)), name: `bare${i}` }));
    const results = collectorResults(many);
    expect([...new Set(results.map(({ check }) => check))]).toEqual(collectorChecks.map(({ id }) => id));
    for (const { check, hostId, since, evidence } of results) {
      // Erasure, disposal and kind are about a host, everything else about the tenant.
      expect(hostId !== null).toBe(/erasure|disposal|kind/.test(check));
      expect(since).toBe(NOW);
      for (const item of evidence) evidenceSchema.parse(item);
    }
    expect(results[0]?.evidence).toHaveLength(MAX_EVIDENCE);
  });

  it('name in the evidence only the hosts that the outcome is about', () => {
    const [coverage] = collectorResults([host(), bare(days(-2)), bare(hours(-1))]);
    expect(coverage?.evidence.map(({ source, found }) => [source, found])).toEqual([
      ['bare', { de: 'kein Agent', en: 'no agent' }],
    ]);
  });
});
