/** What has to be erased or disposed of, and which records count: one table, most of it about records that don't. */
import { describe, expect, it } from 'vitest';
import type { HostDisks, StatusHost } from '../../shared/clause-status.ts';
import { collectorResults } from '../../shared/collector-checks.ts';
import { contradiction, materials } from '../../shared/destruction.ts';
import { isPlaceholder, tellApart } from '../../shared/disks.ts';
import type { DisposalTerms } from '../../shared/disposal.ts';
import type { ErasureTerms } from '../../shared/erasure.ts';
import { type LedgerDisk, obligations } from '../../shared/obligations.ts';
import type { MediaRecord } from '../../shared/settlement.ts';
import { agent, contract, days, host, hours, NOW } from './status-input.ts';

const disk = (serial: string, more: Partial<LedgerDisk> = {}): LedgerDisk => ({
  ...{ serial, name: 'sda', model: 'ST4000NM', bytes: 4e12, rotational: true },
  ...{ firstSeenAt: days(-30), lastSeenAt: null, goneAt: null },
  ...more,
});
const gone = (serial: string, daysAgo: number, more: Partial<LedgerDisk> = {}) =>
  disk(serial, { lastSeenAt: days(-daysAgo - 1), goneAt: days(-daysAgo), ...more });

function server(id: string, ledger: readonly LedgerDisk[], more: Partial<StatusHost> = {}): StatusHost {
  const disks: HostDisks = {
    ledger,
    unidentified: [],
    nameless: 0,
    devices: ledger.filter(({ goneAt }) => goneAt === null).map(({ name, bytes }) => ({ name, bytes })),
  };
  return host({
    ...{ id, name: id, disks, contract: contract({ kind: 'server' }) },
    agent: agent({ kindDetected: 'server' }),
    ...more,
  });
}

let number = 0;
const base = (recordedAt: string) => ({
  ...{ id: `r-${++number}`, recordedAt, revokedAt: null, attachments: 1 },
});
const wiped = (next: 'reuse' | 'disposal' = 'reuse') =>
  ({ standard: 'nist-800-88-r1', action: 'purge', tool: 'nvme format -s 1', next }) as const;
const shredded = (changes: object = {}) =>
  ({
    ...{ standard: 'din-66399', action: 'destroy', class: 2, level: 4, material: 'H', firm: 'Fachfirma' },
    ...changes,
  }) as Extract<ErasureTerms, { kind: 'server' }>['disks'][number]['method'];

function erasure(
  serials: readonly string[],
  more: Partial<MediaRecord> & { at?: string; method?: object } = {},
) {
  const { at = days(-1), method = wiped(), ...changes } = more;
  const terms = {
    ...{ kind: 'server', host: 'h-1', at },
    disks: serials.map((serial) => ({ serial, method })),
  } as ErasureTerms;
  return { ...base(days(-1)), type: 'erasure', terms, ...changes } as MediaRecord;
}
function disposal(serial: string, more: Partial<MediaRecord> & { grade?: object; at?: string } = {}) {
  const { at = days(-1), grade = {}, ...changes } = more;
  const terms: DisposalTerms = {
    ...{ kind: 'certificate', standard: 'din-66399', firm: 'Fachfirma', at },
    disks: [{ serial, class: 3, level: 5, material: 'H', ...grade }],
  };
  return { ...base(days(-1)), type: 'disposal', terms, ...changes } as MediaRecord;
}
const warranty = (serial: string, more: Partial<MediaRecord> = {}) =>
  ({
    ...base(days(-1)),
    type: 'disposal',
    terms: {
      ...{ kind: 'warranty', agreedWith: 'k.kundin', agreedAt: days(-40), solution: 'Rückgabe' },
      disks: [{ serial }],
    },
    attachments: 0,
    ...more,
  }) as MediaRecord;

/** `erasure/disposal` of each obligation, in order. */
const states = (hosts: readonly StatusHost[], records: readonly MediaRecord[] = [], now = NOW) =>
  obligations(hosts, records, now).map((one) => `${one.erasure.state}/${one.disposal.state}`);

const removed = (more: Partial<LedgerDisk> = {}) => server('h-1', [disk('WD-1'), gone('WD-2', 3, more)]);

describe('a disk that vanished from a living server', () => {
  it.each<[string, readonly MediaRecord[], string]>([
    ['nothing recorded', [], 'open/open'],
    ['destroyed by a firm', [disposal('WD-2')], 'settled/settled'],
    ['the serial written otherwise', [disposal('wd - 2')], 'settled/settled'],
    ['erased and used on', [erasure(['WD-2'])], 'settled/not-needed'],
    ['erased, and to be disposed of', [erasure(['WD-2'], { method: wiped('disposal') })], 'settled/open'],
    [
      'erased, then disposed of',
      [erasure(['WD-2'], { method: wiped('disposal') }), disposal('WD-2')],
      'settled/settled',
    ],
    ['destroyed, in a record of erasure', [erasure(['WD-2'], { method: shredded() })], 'settled/settled'],
    [
      'destroyed under NIST, without class and level',
      [erasure(['WD-2'], { method: { standard: 'nist-800-88-r2', action: 'destroy', tool: 'shredder' } })],
      'settled/open',
    ],
    ['under warranty, as agreed', [warranty('WD-2')], 'settled/settled'],
    // None of these may count.
    ['another serial', [disposal('WD-3')], 'open/open'],
    ['protection class 1', [disposal('WD-2', { grade: { class: 1 } })], 'open/open'],
    ['security level 3', [disposal('WD-2', { grade: { level: 3 } })], 'open/open'],
    ['the letter of tapes', [disposal('WD-2', { grade: { material: 'T' } })], 'open/open'],
    [
      'an erasure by too weak a destruction',
      [erasure(['WD-2'], { method: shredded({ level: 3 }) })],
      'open/open',
    ],
    ['destroyed before it was last seen', [disposal('WD-2', { at: days(-5) })], 'open/open'],
    ['erased before it was last seen', [erasure(['WD-2'], { at: days(-5) })], 'open/open'],
    ['a time to come', [erasure(['WD-2'], { at: days(1) })], 'open/open'],
    ['without a certificate', [disposal('WD-2', { attachments: 0 })], 'open/open'],
    ['ended again', [disposal('WD-2', { revokedAt: hours(-1) })], 'open/open'],
    ['recorded later than now', [disposal('WD-2', { recordedAt: hours(1) })], 'open/open'],
    [
      'a warranty recorded while it was still there',
      [warranty('WD-2', { recordedAt: days(-10) })],
      'open/open',
    ],
  ])('%s', (_name, records, wanted) => {
    expect(states([removed()], records)).toEqual([wanted]);
  });

  it('takes the letter that fits: E for flash, H or E for what rotates', () => {
    const flash = removed({ rotational: false });
    expect(states([flash], [disposal('WD-2')])).toEqual(['open/open']);
    expect(states([flash], [disposal('WD-2', { grade: { material: 'E' } })])).toEqual(['settled/settled']);
    expect(states([removed()], [disposal('WD-2', { grade: { material: 'E' } })])).toEqual([
      'settled/settled',
    ]);
    expect(states([removed({ name: 'nvme0n1' })], [disposal('WD-2')])).toEqual(['open/open']);
  });

  it('says why a record does not count', () => {
    const [one] = obligations([removed()], [disposal('WD-2', { grade: { level: 3 } })], NOW);
    expect(one?.disposal.reason?.en).toContain('H-3');
    expect(one?.disposal.reason?.de).toContain('Sicherheitsstufe H-3');
  });

  it('is not gone when another host of the tenant has it since', () => {
    const there = server('h-2', [disk('WD-2')]);
    expect(states([removed(), there])).toEqual([]);
    // Another disk with the same number, by its size.
    expect(states([removed(), server('h-2', [disk('WD-2', { bytes: 1e12 })])])).toEqual(['open/open']);
  });

  it('is owed by the host that had it last', () => {
    const owing = (days: number) =>
      obligations([removed(), server('h-2', [gone('WD-2', days)])], [], NOW).map(({ hostId }) => hostId);
    expect(owing(1)).toEqual(['h-2']);
    expect(owing(10)).toEqual(['h-1']);
  });

  it('is one obligation for each: a second one is not covered by the first', () => {
    const two = server('h-1', [gone('WD-1', 3), gone('WD-2', 3)]);
    expect(states([two], [disposal('WD-1')])).toEqual(['settled/settled', 'open/open']);
  });
});

describe('a host that ended', () => {
  const ended = (more: Partial<StatusHost> = {}) =>
    server('h-1', [disk('WD-1'), disk('WD-2')], {
      agent: agent({ kindDetected: 'server', roundAt: days(-4), receivedAt: days(-4), retiredAt: days(-3) }),
      ending: { state: 'decommissioned', at: days(-3) },
      ...more,
    });

  it('owes every disk, and is settled by a record of each', () => {
    expect(states([ended()])).toEqual(['open/open', 'open/open']);
    expect(states([ended()], [erasure(['WD-1'])])).toEqual(['settled/not-needed', 'open/open']);
    expect(states([ended()], [erasure(['WD-1', 'WD-2'])])).toEqual([
      'settled/not-needed',
      'settled/not-needed',
    ]);
  });

  it('owes as much when its contract ran out, its key was retired, or it is missing', () => {
    const owed = ['open/open', 'open/open'];
    const over = { contract: contract({ kind: 'server', until: days(-3) }), ending: null };
    expect(states([ended(over)])).toEqual(owed);
    expect(states([ended({ contract: null, ending: null })])).toEqual(owed);
    expect(states([ended({ ending: { state: 'missing', at: days(-3) } })])).toEqual(owed);
    const alive = { agent: agent({ kindDetected: 'server' }), ending: null };
    expect(states([ended(alive)])).toEqual([]);
  });

  it('owes disks without a serial number by their count', () => {
    const unidentified = tellApart([
      { name: 'sda', serial: '', model: 'PERC H730', bytes: 1 },
      { name: 'sdb', serial: '0000', model: '', bytes: 1 },
    ]).unidentified;
    const one = ended({ disks: { ledger: [disk('WD-1')], unidentified, nameless: 2, devices: [] } });
    expect(states([one], [erasure(['WD-1'])])).toEqual(['settled/not-needed', 'open/open']);
    expect(states([one], [erasure(['WD-1', 'X-1'])])).toEqual(['settled/not-needed', 'open/open']);
    expect(states([one], [erasure(['WD-1', 'X-1', 'X-2'])])).toEqual([
      'settled/not-needed',
      'settled/not-needed',
    ]);
    // Two names for one disk, or a record of another host, are not two disks of this one.
    expect(states([one], [erasure(['WD-1', 'X-1', 'x- 1'])])[1]).toBe('open/open');
    const other = erasure(['X-1', 'X-2']);
    const elsewhere = { ...other, terms: { ...other.terms, host: 'h-9' } } as MediaRecord;
    expect(states([one], [erasure(['WD-1']), elsewhere])[1]).toBe('open/open');
  });

  it('owes itself when nobody ever saw its disks', () => {
    const never = ended({ disks: { ledger: [], unidentified: [], nameless: 0, devices: [] } });
    expect(states([never])).toEqual(['open/open']);
    expect(states([never], [erasure(['X-1'])])).toEqual(['settled/not-needed']);
  });

  const vm = (more: Partial<StatusHost> = {}) =>
    host({
      ...{ id: 'h-1', ending: { state: 'closed', at: days(-3) } as const },
      agent: agent({ roundAt: days(-4), retiredAt: days(-3), machineId: 'm-1' }),
      disks: {
        ledger: [],
        unidentified: [],
        nameless: 0,
        devices: ['vda', 'vdb'].map((name) => ({ name, bytes: 1 })),
      },
      ...more,
    });
  const volumes = (...devices: string[]) =>
    ({
      ...base(days(-1)),
      type: 'erasure',
      terms: {
        ...{ kind: 'vm', host: 'h-1', at: days(-2), method: 'rbd rm', confirmedBy: 'c.beispiel' },
        volumes: devices.map((device) => ({ device, volume: `pool/${device}` })),
      },
    }) as MediaRecord;

  it('a VM owes every volume, to a record about itself', () => {
    expect(states([vm()])).toEqual(['open/not-needed', 'open/not-needed']);
    expect(states([vm()], [volumes('vda')])).toEqual(['settled/not-needed', 'open/not-needed']);
    expect(states([vm()], [volumes('vda', 'vdb')])).toEqual(['settled/not-needed', 'settled/not-needed']);
    const other = volumes('vda', 'vdb');
    const elsewhere = { ...other, terms: { ...other.terms, host: 'h-2' } } as MediaRecord;
    expect(states([vm()], [elsewhere])).toEqual(['open/not-needed', 'open/not-needed']);
    // The records of servers are about other things.
    expect(states([vm()], [erasure(['vda', 'vdb'])])).toEqual(['open/not-needed', 'open/not-needed']);
  });

  it('a VM that lives on under a new key owes nothing; a clone under another name is another VM', () => {
    const retired = vm({ contract: null, ending: null });
    const successor = (more: object) =>
      host({ id: 'h-2', agent: agent({ enrolledAt: days(-5), machineId: 'm-1', ...more }) });
    expect(states([retired, successor({})])).toEqual([]);
    expect(states([retired, { ...successor({}), name: 'clone' }])).toHaveLength(2);
    expect(states([retired, successor({ machineId: 'm-2' })])).toHaveLength(2);
    expect(states([retired, successor({ enrolledAt: days(-60) })])).toHaveLength(2);
    expect(states([retired, successor({ retiredAt: days(-1) })]).length).toBeGreaterThan(1);
  });
});

it('is unknown while the 14 days run, and fails at their end', () => {
  const since = days(-14);
  const one = server('h-1', [disk('WD-2', { lastSeenAt: days(-15), goneAt: since })]);
  const outcome = (now: string) =>
    collectorResults({
      ...{ hosts: [one], obligations: obligations([one], [], now), spotChecks: [], now },
      separation: { matrices: new Map(), own: none, foreign: none, keysElsewhere: new Set() },
    }).find(({ check }) => check === 'collector.disposal-recorded')?.outcome;
  expect(outcome(hours(-1))).toBe('unknown');
  expect(outcome(NOW)).toBe('fail');
});
const empty: ReadonlySet<string> = new Set();
const none = { keys: empty, subjects: empty, accounts: empty, staffKeys: empty };

describe('serial numbers', () => {
  it.each([
    '',
    '0000',
    'ffffffff',
    'QM00001',
    'drive-scsi0',
    'N/A',
    'To be filled by O.E.M.',
    '123',
    'QEMU HARDDISK',
    'none',
    '0123456789ABCDEF',
  ])('%j is nobody’s own', (serial) => expect(isPlaceholder(serial)).toBe(true));
  it.each(['WD-WCC4E1234567', 'S3Z9NB0K123456', '50026B7282A1B2C3', 'PHYS0123456789', '7000000F'])(
    '%s is',
    (serial) => expect(isPlaceholder(serial)).toBe(false),
  );
  it('are not told apart when two disks have the same, or a controller or hypervisor stands between', () => {
    const base = { name: 'sda', bytes: 1, model: 'ST4000' };
    const why = (disks: Parameters<typeof tellApart>[0]) =>
      tellApart(disks).unidentified.map((one) => one.why);
    expect(
      why([
        { ...base, serial: 'WD-1' },
        { ...base, serial: 'wd-1' },
      ]),
    ).toEqual(['duplicate', 'duplicate']);
    expect(why([{ ...base, serial: 'WD-1', model: 'QEMU HARDDISK' }])).toEqual(['virtual']);
    expect(why([{ ...base, serial: 'WD-1', model: 'LOGICAL VOLUME' }])).toEqual(['volume']);
    expect(why([{ ...base, serial: 'WD-1' }])).toEqual([]);
  });
});

it('takes no certificate that says less than its own protection class', () => {
  const said = [1, 2, 3].map((protection) =>
    [1, 2, 3, 4, 5, 6, 7].filter(
      (level) => contradiction({ class: protection, level, material: 'H' }) === undefined,
    ),
  );
  expect(said).toEqual([
    [1, 2, 3, 4, 5, 6, 7],
    [3, 4, 5, 6, 7],
    [4, 5, 6, 7],
  ]);
  for (const material of materials)
    expect(contradiction({ class: 3, level: 2, material })?.en).toContain(`${material}-2`);
});
