/**
 * Clause status as a table: what is given, which status it must have, and what the reason says.
 * Long because it is one table of more than a hundred cases; splitting it would hide which ones are missing.
 */
import { describe, expect, it } from 'vitest';
import { type ClauseState, fold } from '../../shared/clause-status.ts';
import type { Outcome } from '../../shared/outcome.ts';
import {
  agent,
  attestation,
  attestedBy,
  collected,
  contract,
  days,
  decidedBy,
  type Given,
  host,
  hours,
  result,
  statusOf,
  waiver,
} from './status-input.ts';

const two = { decides: [decidedBy('login.a'), decidedBy('login.b')] };
const mixed = { kind: 'mixed', decides: [decidedBy('login.a'), attestedBy('guideline', 365)] };
const organisational = { kind: 'organisational', decides: [attestedBy('training', 365)] };
const floored = { decides: [decidedBy('login.a', { max: { atMost: 4 } })] };
const commissioned = { when: { commissioned: 'backup' } };
const forServers = { when: { kind: 'server' } };
const atProvider = { when: { site: 'provider' }, elsewhere: 'customer' };
const erasure = {
  kind: 'mixed',
  when: { event: 'host-ended' },
  decides: [decidedBy('collector.erasure-recorded')],
};
const disposal = { ...erasure, when: { event: 'disk-removed' } };
const control = {
  kind: 'mixed',
  decides: [decidedBy('collector.coverage'), attestedBy('control', 365)],
};
const withErasure = new Set(['login.a', 'collector.erasure-recorded']);

/** A host with these outcomes of login.a, login.b, login.c, in this order. */
const judged = (...outcomes: Outcome[]) =>
  host({ results: outcomes.map((outcome, i) => result(`login.${'abc'[i]}`, outcome)) });
const last = (received: string, outcome: Outcome = 'pass') =>
  host({ agent: agent({ receivedAt: received }), results: [result('login.a', outcome)] });
const kinds = (detected: 'server' | 'vm' | 'unknown', set?: 'server' | 'vm') =>
  host({ agent: agent({ kindDetected: detected }), contract: contract(set ? { kind: set } : {}) });
const weak = (outcome: Outcome, params?: Record<string, number>) =>
  host({ results: [result('login.a', outcome, { params })] });
const over = (changes: Parameters<typeof host>[0] = {}) =>
  host({ contract: contract({ until: days(-20) }), ...changes });

const cases: readonly [name: string, wanted: ClauseState, given: Given, says?: RegExp][] = [
  // Outcomes of one check
  ['a fresh pass', 'kept', {}, /passed/],
  ['a fresh fail', 'violated', { hosts: [judged('fail')] }, /failed/],
  ['could not look', 'unproven', { hosts: [judged('unknown')] }, /could not be determined/],
  ['the question does not arise', 'not-applicable', { hosts: [judged('not-applicable')] }],
  [
    'the check says why itself',
    'unproven',
    {
      hosts: [
        host({ results: [result('login.a', 'unknown', { reason: { de: 'gesperrt', en: 'locked' } })] }),
      ],
    },
    /^locked$/,
  ],

  // Several checks
  ['two passes', 'kept', { clause: two, hosts: [judged('pass', 'pass')] }],
  ['a fail beside a pass', 'violated', { clause: two, hosts: [judged('pass', 'fail')] }],
  ['a fail beside an unknown', 'violated', { clause: two, hosts: [judged('unknown', 'fail')] }],
  [
    'a fail beside a check that is missing',
    'violated',
    { clause: two, hosts: [host({ results: [result('login.b', 'fail')] })] },
  ],
  ['an unknown beside a pass', 'unproven', { clause: two, hosts: [judged('pass', 'unknown')] }],
  ['not applicable beside a pass', 'kept', { clause: two, hosts: [judged('not-applicable', 'pass')] }],
  [
    'not applicable beside an unknown',
    'unproven',
    { clause: two, hosts: [judged('not-applicable', 'unknown')] },
  ],
  [
    'all not applicable',
    'not-applicable',
    { clause: two, hosts: [judged('not-applicable', 'not-applicable')] },
  ],
  [
    'the same check twice in the results: the worse one',
    'violated',
    { hosts: [host({ results: [result('login.a', 'fail'), result('login.a', 'pass')] })] },
  ],
  [
    'informing checks change nothing',
    'kept',
    { clause: { informs: ['login.b'] }, hosts: [judged('pass', 'fail')] },
  ],

  // What is missing
  [
    'a check missing in the report',
    'unproven',
    { hosts: [host({ results: [] })] },
    /does not contain this check/,
  ],
  [
    'a check that does not exist yet',
    'unproven',
    { clause: { decides: [decidedBy('login.later')] } },
    /does not exist in this version/,
  ],
  [
    'a check that does not exist yet, beside a pass',
    'unproven',
    { clause: { decides: [decidedBy('login.a'), decidedBy('login.later')] } },
    /does not exist/,
  ],
  [
    'a pass of a check that this version does not know',
    'unproven',
    { hosts: [judged('pass')], knownChecks: new Set() },
    /does not exist/,
  ],
  [
    'a fail of a check that this version does not know',
    'violated',
    { hosts: [judged('fail')], knownChecks: new Set() },
  ],
  ['no agent', 'unproven', { hosts: [host({ agent: null, results: [] })] }, /No agent/],
  [
    'an agent that never reported',
    'unproven',
    { hosts: [host({ agent: agent({ receivedAt: null }), results: [] })] },
    /never reported/,
  ],
  [
    'a retired agent on a host still in the contract',
    'unproven',
    { hosts: [host({ agent: agent({ retiredAt: hours(-1) }) })] },
    /retired/,
  ],
  [
    'a host in quarantine that passes',
    'unproven',
    { hosts: [host({ agent: agent({ quarantinedAt: hours(-1) }) })] },
    /Two machines/,
  ],
  [
    'a host in quarantine that fails',
    'violated',
    { hosts: [host({ agent: agent({ quarantinedAt: hours(-1) }), results: [result('login.a', 'fail')] })] },
  ],

  // Age: 3 intervals of an hour
  ['a pass exactly 3 intervals old', 'kept', { hosts: [last(hours(-3))] }],
  [
    'a pass a moment older',
    'unproven',
    { hosts: [last(new Date(Date.parse(hours(-3)) - 1).toISOString())] },
    /Stale/,
  ],
  ['a stale not-applicable', 'unproven', { hosts: [last(hours(-4), 'not-applicable')] }, /Stale/],
  [
    'a stale fail: silence improves nothing',
    'violated',
    { hosts: [last(days(-90), 'fail')] },
    /when last seen/,
  ],
  [
    'a daily report of 25 h',
    'kept',
    { hosts: [host({ agent: agent({ intervalSeconds: 86_400, receivedAt: hours(-25) }) })] },
  ],
  [
    'a daily report of 27 h: at most 26 h count',
    'unproven',
    { hosts: [host({ agent: agent({ intervalSeconds: 86_400, receivedAt: hours(-27) }) })] },
    /26 h/,
  ],
  ['received in the future', 'unproven', { hosts: [last(hours(1))] }, /future/],
  ['received four minutes ahead of this clock', 'kept', { hosts: [last(hours(4 / 60))] }],
  [
    'an old round received now: receipt decides',
    'kept',
    { hosts: [host({ agent: agent({ roundAt: days(-20) }) })] },
  ],

  // Time of the contract
  [
    'contracted from tomorrow',
    'not-applicable',
    { hosts: [host({ agent: null, results: [], contract: contract({ since: days(1) }) })] },
    /No host/,
  ],
  [
    'contracted from tomorrow and failing',
    'not-applicable',
    { hosts: [host({ contract: contract({ since: days(1) }), results: [result('login.a', 'fail')] })] },
  ],
  [
    'contracted from now on, no agent',
    'unproven',
    { hosts: [host({ agent: null, results: [], contract: contract({ since: hours(0) }) })] },
  ],
  [
    'the contract is over',
    'not-applicable',
    { hosts: [over({ results: [result('login.a', 'fail')] })] },
    /No host/,
  ],
  ['the contract ends later', 'kept', { hosts: [host({ contract: contract({ until: days(1) }) })] }],
  ['enrolled without a contract', 'kept', { hosts: [host({ contract: null })] }],
  [
    'enrolled without a contract, retired',
    'not-applicable',
    { hosts: [host({ contract: null, agent: agent({ retiredAt: days(-1) }) })] },
  ],
  ['no hosts', 'not-applicable', { hosts: [] }, /No host/],

  // Commissioned
  [
    'not commissioned and passing',
    'not-commissioned',
    { clause: commissioned, hosts: [host({ contract: contract({ backup: false }) })] },
    /not commissioned/,
  ],
  [
    'not commissioned and failing',
    'not-commissioned',
    {
      clause: commissioned,
      hosts: [host({ contract: contract({ backup: false }), results: [result('login.a', 'fail')] })],
    },
  ],
  ['commissioned and failing', 'violated', { clause: commissioned, hosts: [judged('fail')] }],
  [
    'commissioned: the other service does not count',
    'not-commissioned',
    { clause: { when: { commissioned: 'patch' } }, hosts: [host({ contract: contract({ patch: false }) })] },
    /Patch management/,
  ],
  [
    'whether it was commissioned is not known',
    'unproven',
    { clause: commissioned, hosts: [host({ contract: null })] },
    /not in the contract/,
  ],
  [
    'not commissioned, no agent',
    'not-commissioned',
    {
      clause: commissioned,
      hosts: [host({ agent: null, results: [], contract: contract({ backup: false }) })],
    },
  ],

  // Kind
  [
    'kind detected: a VM is no server',
    'not-applicable',
    { clause: forServers, hosts: [kinds('vm')] },
    /physical servers only/,
  ],
  ['kind detected: a server', 'kept', { clause: forServers, hosts: [kinds('server')] }],
  ['kind set against what was detected', 'kept', { clause: forServers, hosts: [kinds('vm', 'server')] }],
  ['kind set to the other one', 'not-applicable', { clause: forServers, hosts: [kinds('server', 'vm')] }],
  [
    'kind neither set nor detected',
    'unproven',
    { clause: forServers, hosts: [kinds('unknown')] },
    /neither set nor detected/,
  ],
  ['kind not known, but the clause does not ask', 'kept', { hosts: [kinds('unknown')] }],
  [
    'kind not known without an agent',
    'unproven',
    { clause: forServers, hosts: [host({ agent: null, results: [] })] },
    /neither set/,
  ],

  // Site
  ['at the provider', 'kept', { clause: atProvider }],
  [
    'at the customer',
    'customer',
    { clause: atProvider, hosts: [host({ contract: contract({ site: 'customer' }) })] },
    /customer’s premises/,
  ],
  [
    'at the customer, where the question does not arise',
    'not-applicable',
    { clause: { when: { site: 'provider' } }, hosts: [host({ contract: contract({ site: 'customer' }) })] },
  ],
  ['site not known', 'unproven', { clause: atProvider, hosts: [host({ contract: null })] }],
  [
    'a definite no counts before an open question',
    'not-applicable',
    { clause: { when: { site: 'provider', kind: 'server' } }, hosts: [host({ contract: null })] },
  ],

  // Responsibility
  [
    'the customer answers',
    'customer',
    { clause: { kind: 'responsibility', responsible: 'customer', decides: [] } },
    /customer answers/,
  ],
  [
    'the customer answers, no hosts',
    'customer',
    { clause: { kind: 'responsibility', responsible: 'customer', decides: [] }, hosts: [] },
  ],
  [
    'the provider answers, not attested',
    'unproven',
    { clause: { ...atProvider, kind: 'responsibility', decides: [attestedBy('housing')] } },
    /No record yet/,
  ],
  [
    'the provider answers, attested',
    'kept',
    {
      clause: { ...atProvider, kind: 'responsibility', decides: [attestedBy('housing')] },
      records: [attestation('housing')],
    },
  ],

  // Records
  ['not attested', 'unproven', { clause: organisational }, /No record yet/],
  ['attested', 'kept', { clause: organisational, records: [attestation('training')] }, /valid until/],
  [
    'attested without any host',
    'kept',
    { clause: organisational, records: [attestation('training')], hosts: [] },
  ],
  [
    'attested, about something else',
    'unproven',
    { clause: organisational, records: [attestation('parties')] },
  ],
  [
    'another type of record',
    'unproven',
    { clause: organisational, records: [attestation('training', { type: 'drill' })] },
  ],
  [
    'attested from tomorrow',
    'unproven',
    { clause: organisational, records: [attestation('training', { at: days(1) })] },
  ],
  [
    'due to be renewed',
    'unproven',
    { clause: organisational, records: [attestation('training', { at: days(-366) })] },
    /ceased to hold/,
  ],
  [
    'renewed',
    'kept',
    {
      clause: organisational,
      records: [attestation('training', { at: days(-366) }), attestation('training', { id: 'r-2' })],
    },
  ],
  [
    'ended by its own date',
    'unproven',
    { clause: organisational, records: [attestation('training', { until: days(-1) })] },
    /ceased to hold/,
  ],
  [
    'its own later date does not outlast the renewal',
    'unproven',
    { clause: organisational, records: [attestation('training', { at: days(-366), until: days(300) })] },
  ],
  [
    'revoked',
    'unproven',
    { clause: organisational, records: [attestation('training', { revokedAt: hours(-1) })] },
  ],
  ['mixed: both', 'kept', { clause: mixed, records: [attestation('guideline')] }],
  ['mixed: no attestation', 'unproven', { clause: mixed }, /No record yet/],
  [
    'mixed: attested but failing',
    'violated',
    { clause: mixed, hosts: [judged('fail')], records: [attestation('guideline')] },
  ],
  [
    'mixed: attested, check not applicable',
    'not-applicable',
    { clause: mixed, hosts: [judged('not-applicable')], records: [attestation('guideline')] },
  ],
  [
    'mixed: not attested, check not applicable',
    'unproven',
    { clause: mixed, hosts: [judged('not-applicable')] },
  ],
  [
    'attested for another host only',
    'unproven',
    { clause: mixed, records: [attestation('guideline', { hostId: 'h-2' })] },
  ],

  // Floors
  ['at the floor', 'kept', { clause: floored, hosts: [weak('pass', { max: 4 })] }],
  ['stricter than the floor', 'kept', { clause: floored, hosts: [weak('pass', { max: 1 })] }],
  [
    'a pass below the floor',
    'unproven',
    { clause: floored, hosts: [weak('pass', { max: 5 })] },
    /max = 5 \(<= 4\)/,
  ],
  ['a fail below the floor', 'violated', { clause: floored, hosts: [weak('fail', { max: 5 })] }],
  [
    'not applicable by a parameter below the floor',
    'unproven',
    { clause: floored, hosts: [weak('not-applicable', { max: 99 })] },
  ],
  ['a parameter that is not stated', 'unproven', { clause: floored, hosts: [weak('pass')] }, /not stated/],
  [
    'below the floor, waived',
    'waived',
    { clause: floored, hosts: [weak('pass', { max: 5 })], records: [waiver('login.a')] },
    /approved until/,
  ],

  // Waivers
  ['a fail, waived', 'waived', { hosts: [judged('fail')], records: [waiver('login.a')] }, /approved until/],
  [
    'a fail, waived for every host',
    'waived',
    { hosts: [judged('fail')], records: [waiver('login.a', { hostId: null })] },
  ],
  [
    'a waiver that has ended',
    'violated',
    { hosts: [judged('fail')], records: [waiver('login.a', { until: hours(0) })] },
  ],
  [
    'a waiver that starts tomorrow',
    'violated',
    { hosts: [judged('fail')], records: [waiver('login.a', { at: days(1) })] },
  ],
  [
    'a waiver without an end is none',
    'violated',
    { hosts: [judged('fail')], records: [waiver('login.a', { until: null })] },
  ],
  [
    'a waiver for another host',
    'violated',
    { hosts: [judged('fail')], records: [waiver('login.a', { hostId: 'h-2' })] },
  ],
  ['a waiver for another check', 'violated', { hosts: [judged('fail')], records: [waiver('login.b')] }],
  [
    'a waiver that was revoked',
    'violated',
    { hosts: [judged('fail')], records: [waiver('login.a', { revokedAt: hours(-1) })] },
  ],
  ['a waiver makes nothing known', 'unproven', { hosts: [judged('unknown')], records: [waiver('login.a')] }],
  [
    'a stale fail, waived: what was approved may have changed',
    'unproven',
    { hosts: [last(days(-2), 'fail')], records: [waiver('login.a')] },
    /stale/,
  ],
  [
    'one fail waived, another not',
    'violated',
    { clause: two, hosts: [judged('fail', 'fail')], records: [waiver('login.a')] },
  ],
  [
    'one fail waived beside a pass',
    'waived',
    { clause: two, hosts: [judged('fail', 'pass')], records: [waiver('login.a')] },
  ],
  [
    'one fail waived beside an unknown',
    'unproven',
    { clause: two, hosts: [judged('fail', 'unknown')], records: [waiver('login.a')] },
  ],

  // The collector's own checks
  [
    'a collector check passes, attested',
    'kept',
    {
      clause: control,
      collected: [collected('collector.coverage', 'pass')],
      records: [attestation('control')],
    },
  ],
  [
    'a collector check passes, not attested',
    'unproven',
    { clause: control, collected: [collected('collector.coverage', 'pass')] },
  ],
  [
    'a collector check fails',
    'violated',
    {
      clause: control,
      collected: [collected('collector.coverage', 'fail')],
      records: [attestation('control')],
    },
  ],
  [
    'a collector check without a result',
    'unproven',
    { clause: control, records: [attestation('control')] },
    /collector has no result/,
  ],
  [
    'a collector check that an agent claims to have done',
    'unproven',
    {
      clause: control,
      hosts: [host({ results: [result('collector.coverage')] })],
      records: [attestation('control')],
    },
  ],
  [
    'a collector check that does not exist yet',
    'unproven',
    { clause: { ...control, decides: [decidedBy('collector.tenant-separation')] } },
    /does not exist/,
  ],

  // Events
  [
    'erasure: no host ended',
    'not-applicable',
    { clause: erasure, knownChecks: withErasure },
    /taken out of service/,
  ],
  [
    'erasure: a host ended, the check does not exist yet',
    'unproven',
    { clause: erasure, hosts: [over()] },
    /does not exist/,
  ],
  [
    'erasure: a host ended, recorded',
    'kept',
    {
      clause: erasure,
      hosts: [over()],
      knownChecks: withErasure,
      collected: [collected('collector.erasure-recorded', 'pass', 'h-1')],
    },
  ],
  [
    'erasure: a host ended, overdue',
    'violated',
    {
      clause: erasure,
      hosts: [over()],
      knownChecks: withErasure,
      collected: [collected('collector.erasure-recorded', 'fail', 'h-1')],
    },
  ],
  [
    'erasure: recorded for another host',
    'unproven',
    {
      clause: erasure,
      hosts: [over()],
      knownChecks: withErasure,
      collected: [collected('collector.erasure-recorded', 'pass', 'h-2')],
    },
  ],
  [
    'erasure: not before the contract starts',
    'not-applicable',
    { clause: erasure, hosts: [host({ contract: contract({ since: days(1) }) })] },
    /No host/,
  ],
  ['disposal: nobody would notice a removed disk', 'unproven', { clause: disposal }, /does not see yet/],
  [
    'disposal: no disk was removed',
    'not-applicable',
    { clause: disposal, watchedEvents: new Set(['disk-removed'] as const) },
  ],
  [
    'disposal: a disk was removed',
    'unproven',
    { clause: disposal, hosts: [host({ events: [{ type: 'disk-removed', at: days(-1), subject: 's' }] })] },
    /does not exist/,
  ],
  [
    'disposal: a disk will be removed',
    'not-applicable',
    {
      clause: disposal,
      watchedEvents: new Set(['disk-removed'] as const),
      hosts: [host({ events: [{ type: 'disk-removed', at: days(1), subject: 's' }] })],
    },
  ],
];

describe('clause status', () => {
  it.each(cases)('%s: %s', (_name, wanted, given, says) => {
    const status = statusOf(given);
    expect(status.status, JSON.stringify(status, null, 1)).toBe(wanted);
    expect(status.reason.de).not.toBe('');
    if (says) expect(status.reason.en).toMatch(says);
  });

  it('folds hosts, and counts each state with its denominator', () => {
    const hosts = [
      host({ id: 'h-1', name: 'fails', results: [result('login.a', 'fail')] }),
      host({ id: 'h-2', name: 'passes' }),
      host({ id: 'h-3', name: 'silent', agent: agent({ receivedAt: days(-3) }) }),
      host({ id: 'h-4', name: 'unordered', contract: contract({ backup: false }) }),
      host({ id: 'h-5', name: 'tomorrow', contract: contract({ since: days(1) }) }),
      host({ id: 'h-6', name: 'waived', results: [result('login.a', 'fail')] }),
    ];
    const status = statusOf({ clause: commissioned, hosts, records: [waiver('login.a', { hostId: 'h-6' })] });
    expect(status).toMatchObject({ status: 'violated', scope: 'host', assessed: 4, total: 5, basis: [] });
    expect(status.counts).toEqual({
      violated: 1,
      unproven: 1,
      waived: 1,
      kept: 1,
      'not-commissioned': 1,
      customer: 0,
      'not-applicable': 0,
    });
    expect(status.hosts.map(({ name, status: state }) => `${name} ${state}`)).toEqual([
      'fails violated',
      'passes kept',
      'silent unproven',
      'unordered not-commissioned',
      'waived waived',
    ]);
  });

  it.each<[ClauseState[], ClauseState]>([
    [['kept', 'violated', 'unproven'], 'violated'],
    [['kept', 'waived', 'unproven'], 'unproven'],
    [['kept', 'waived'], 'waived'],
    [['kept', 'not-commissioned', 'customer', 'not-applicable'], 'kept'],
    [['customer', 'customer'], 'customer'],
    [['not-applicable', 'not-commissioned'], 'not-commissioned'],
    [[], 'not-applicable'],
  ])('folds %j to %s', (states, wanted) => {
    expect(fold(states)).toBe(wanted);
  });

  it('says what each status rests on', () => {
    const given = {
      clause: mixed,
      hosts: [
        host({
          agent: agent({ receivedAt: hours(-2) }),
          results: [result('login.a', 'pass', { since: days(-9) })],
        }),
      ],
      records: [attestation('guideline')],
    };
    const [first] = statusOf(given).hosts;
    expect(first?.basis).toMatchObject([
      {
        kind: 'check',
        check: 'login.a',
        outcome: 'pass',
        stale: false,
        since: days(-9),
        receivedAt: hours(-2),
        status: 'kept',
      },
      {
        kind: 'record',
        record: 'attestation',
        subject: 'guideline',
        at: days(-10),
        until: days(355),
        status: 'kept',
      },
    ]);
    expect(first?.basis.every(({ because }) => because.de.length > 0)).toBe(true);
  });

  it('marks a stale outcome as such and names the waiver it rests on', () => {
    expect(statusOf({ hosts: [last(days(-9), 'fail')] }).hosts[0]?.basis).toMatchObject([
      { outcome: 'fail', stale: true },
    ]);
    expect(statusOf({ hosts: [judged('fail')], records: [waiver('login.a')] }).hosts[0]?.basis).toMatchObject(
      [{ status: 'waived', waiver: 'w-1' }],
    );
  });

  it('shows the checks of a service that was not commissioned, for information', () => {
    const status = statusOf({
      clause: commissioned,
      hosts: [host({ contract: contract({ backup: false }), results: [result('login.a', 'fail')] })],
    });
    expect(status.hosts[0]?.basis).toMatchObject([{ check: 'login.a', outcome: 'fail', status: 'violated' }]);
    expect(status.counts.violated).toBe(0);
  });

  it('asks clauses without a host in them once', () => {
    const status = statusOf({ clause: organisational, hosts: [host(), host({ id: 'h-2' })] });
    expect(status).toMatchObject({ scope: 'tenant', hosts: [], total: 0 });
    expect(status.basis).toHaveLength(1);
  });

  it('says who answers: where every host is the customer’s, the customer', () => {
    const away = host({ contract: contract({ site: 'customer' }) });
    expect(statusOf({ clause: atProvider, hosts: [away] }).responsible).toBe('customer');
    expect(statusOf({ clause: atProvider, hosts: [away, host({ id: 'h-2' })] })).toMatchObject({
      responsible: 'provider',
      status: 'kept',
      counts: { customer: 1, kept: 1 },
    });
  });
});
