/** Whether somebody of another customer can get onto a tenant's hosts: what is known, what is open, what is fine. */
import { expect, it } from 'vitest';
import type { GrantView, MatrixView, SeparationFacts } from '../../shared/collector/tenant-separation.ts';
import { collectorResults } from '../../shared/collector-checks.ts';
import type { Outcome } from '../../shared/outcome.ts';
import { agent, host, hours, NOW } from './status-input.ts';

const K = (letter: string) => `SHA256:${letter.repeat(43)}`;
const grants = (of: Partial<Record<keyof GrantView, string[]>> = {}): GrantView => ({
  keys: new Set(of.keys),
  subjects: new Set(of.subjects),
  accounts: new Set(of.accounts),
  staffKeys: new Set(of.staffKeys),
});
const entry = (account: string, key: string | null = null, granted = true) => ({ account, key, granted });
const matrix = (entries: MatrixView['entries'], incomplete = false): MatrixView => ({ entries, incomplete });

interface Case {
  readonly matrix?: MatrixView;
  readonly own?: GrantView;
  readonly foreign?: GrantView;
  readonly elsewhere?: string[];
  readonly stale?: boolean;
}
function judge({ matrix: of, own = grants(), foreign = grants(), elsewhere = [], stale }: Case) {
  const separation: SeparationFacts = {
    ...{ own, foreign, keysElsewhere: new Set(elsewhere) },
    matrices: new Map(of ? [['h-1', of]] : []),
  };
  const hosts = [host({ agent: agent(stale ? { receivedAt: hours(-9) } : {}) })];
  return collectorResults({ hosts, obligations: [], spotChecks: [], separation, now: NOW }).find(
    ({ check }) => check === 'collector.tenant-separation',
  );
}

it.each<[string, Case, Outcome]>([
  [
    'nobody but those who are granted',
    { matrix: matrix([entry('anna', K('a'))]), own: grants({ keys: [K('a')] }) },
    'pass',
  ],
  [
    'the provider’s staff serve many',
    { matrix: matrix([entry('anna', K('a'))]), own: grants({ staffKeys: [K('a')] }), elsewhere: [K('a')] },
    'pass',
  ],
  [
    'a customer’s own key that also stands on another’s host is that one’s trouble',
    { matrix: matrix([entry('kunde', K('c'))]), own: grants({ keys: [K('c')] }), elsewhere: [K('c')] },
    'pass',
  ],
  [
    'a local account of the same name, granted here, is another account',
    { matrix: matrix([entry('deploy')]), foreign: grants({ accounts: ['deploy'] }) },
    'pass',
  ],
  [
    'the key of another customer',
    { matrix: matrix([entry('anna', K('x'))]), foreign: grants({ keys: [K('x')] }) },
    'fail',
  ],
  [
    'the key of another customer, granted here as staff’s',
    {
      matrix: matrix([entry('anna', K('x'))]),
      own: grants({ staffKeys: [K('x')] }),
      foreign: grants({ keys: [K('x')] }),
    },
    'fail',
  ],
  [
    'a person granted as another customer’s too',
    {
      matrix: matrix([]),
      own: grants({ subjects: ['k.kunde'] }),
      foreign: grants({ subjects: ['k.kunde'] }),
    },
    'fail',
  ],
  [
    'the directory account of another customer',
    {
      matrix: matrix([entry('kunde@ad.example', null, false)]),
      foreign: grants({ accounts: ['kunde@ad.example'] }),
    },
    'fail',
  ],
  [
    'a fail also from a stale report',
    { matrix: matrix([entry('a', K('x'))]), foreign: grants({ keys: [K('x')] }), stale: true },
    'fail',
  ],
  [
    'a key nobody granted that opens another’s host',
    { matrix: matrix([entry('a', K('y'), false)]), elsewhere: [K('y')] },
    'unknown',
  ],
  [
    'an account nobody granted, called like another customer’s',
    { matrix: matrix([entry('deploy', null, false)]), foreign: grants({ accounts: ['deploy'] }) },
    'unknown',
  ],
  ['a host that has not said who can enter', {}, 'unknown'],
  ['ways in that could not be seen', { matrix: matrix([], true) }, 'unknown'],
  ['a stale report', { matrix: matrix([]), stale: true }, 'unknown'],
])('%s: %3$s', (_name, given, wanted) => {
  const result = judge(given);
  expect(result?.outcome).toBe(wanted);
  // Whose it is is nobody else's business.
  expect(JSON.stringify(result)).not.toContain('k.kunde@');
});
