/** Where a report stands after each kind of answer, as a table of stories. */
import { describe, expect, it } from 'vitest';
import {
  afterAccepted,
  afterBreak,
  afterSetAside,
  type Chain,
  isPlacedAt,
  MAX_GAP,
  newChain,
  type Place,
  placeAfterHead,
} from '../../agent/chain.ts';
import { movedTo } from '../../agent/report.ts';
import type { Statement } from '../../shared/report.ts';

const digest = (name: string): string => Buffer.from(name.padEnd(32, '.')).toString('hex');

function statementAt(place: Place, document = digest('document')): Statement {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'results.json', digest: { sha256: document } }],
    predicateType: 'urn:nachweis:report:1',
    predicate: {
      host: 'h-00000000000000000000000000000000',
      ...place,
      round: '2026-06-15T12:00:00.000Z',
      agentVersion: '0.1.0',
      policyDigest: null,
      intervalSeconds: 3600,
      durations: { total: 5 },
      counts: { pass: 1, fail: 0, unknown: 0, 'not-applicable': 0 },
    },
  };
}

const accepted = (chain: Chain, id: number): Chain => {
  const place = placeAfterHead(chain);
  return afterAccepted(chain, id, statementAt(place), digest(`envelope ${place.sequence}`));
};

describe('the place of a report', () => {
  it('starts at 1 with nothing before it', () => {
    expect(placeAfterHead(newChain)).toEqual({ sequence: 1, previous: null });
  });

  it('follows what was accepted', () => {
    const chain = accepted(accepted(newChain, 1), 2);
    expect(placeAfterHead(chain)).toEqual({ sequence: 3, previous: digest('envelope 2') });
    expect(chain).toMatchObject({ done: 2, document: digest('document') });
  });

  it('names what was set aside, and follows what was accepted before it', () => {
    const chain = afterSetAside(accepted(newChain, 1), 2, 2, 'CLOCK_AHEAD');
    const place = {
      sequence: 3,
      previous: digest('envelope 1'),
      gap: [{ sequence: 2, code: 'CLOCK_AHEAD' }],
    };
    expect(placeAfterHead(chain)).toEqual(place);
    // One that was signed as number 3 behind the refused one keeps its number, and nothing else of its place.
    expect(placeAfterHead(chain, 3)).toEqual(place);
  });

  it('names every gap until one report that says so is accepted', () => {
    const both = afterSetAside(afterSetAside(accepted(newChain, 1), 2, 2, 'A'), 3, 3, 'B');
    expect(placeAfterHead(both, 3)).toMatchObject({
      sequence: 4,
      gap: [
        { sequence: 2, code: 'A' },
        { sequence: 3, code: 'B' },
      ],
    });
    expect(placeAfterHead(accepted(both, 4)).gap).toBeUndefined();
  });

  it('keeps a gap that came up while a report before it was on its way', () => {
    const sent = placeAfterHead(accepted(newChain, 1));
    const meanwhile = afterSetAside(accepted(newChain, 1), 5, 5, 'SPOOL_FULL');
    const after = afterAccepted(meanwhile, 2, statementAt(sent), digest('envelope 2'));
    expect(after.gap).toEqual([{ sequence: 5, code: 'SPOOL_FULL' }]);
  });

  it('goes on behind the report that the collector names, and says from where', () => {
    const chain = afterBreak(accepted(newChain, 1), { sequence: 7, envelopeDigest: digest('theirs') });
    expect(placeAfterHead(chain, 2)).toEqual({
      sequence: 8,
      previous: digest('theirs'),
      rollback: { from: 1, to: 8 },
    });
    expect(placeAfterHead(accepted(chain, 2)).rollback).toBeUndefined();
  });

  it('never uses a number again, even if the collector has forgotten it', () => {
    const chain = afterBreak(accepted(accepted(newChain, 1), 2), { sequence: 0, envelopeDigest: null });
    expect(placeAfterHead(chain)).toEqual({ sequence: 3, previous: null, rollback: { from: 2, to: 3 } });
  });

  it('remembers the first head through several breaks', () => {
    const once = afterBreak(accepted(newChain, 1), { sequence: 7, envelopeDigest: digest('a') });
    const twice = afterBreak(once, { sequence: 9, envelopeDigest: digest('b') });
    expect(placeAfterHead(twice, 8)).toMatchObject({ sequence: 10, rollback: { from: 1, to: 10 } });
  });

  it('lists as many gaps as a statement holds, the newest', () => {
    let chain = newChain;
    for (let n = 1; n <= MAX_GAP + 5; n += 1) chain = afterSetAside(chain, n, n, 'SPOOL_FULL');
    const { gap = [], sequence } = placeAfterHead(chain);
    expect([gap.length, gap[0]?.sequence, sequence]).toEqual([MAX_GAP, 6, MAX_GAP + 6]);
  });

  it('moves a statement without touching what was judged', () => {
    const before = statementAt({ sequence: 2, previous: null, gap: [{ sequence: 1, code: 'X' }] });
    const place = { sequence: 4, previous: digest('x'), rollback: { from: 1, to: 4 } };
    const after = movedTo(before, place);
    expect(after.predicate).toEqual({ ...statementAt(place).predicate });
    expect(isPlacedAt(after, place)).toBe(true);
    expect(isPlacedAt(before, place)).toBe(false);
  });
});
