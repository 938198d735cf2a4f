import { describe, expect, it } from 'vitest';
import { factGetter } from '../../../checks/evaluate.ts';
import { grants, policy as policyFact } from '../../../checks/facts/policy.ts';
import { memoryHost, type Tree } from '../../../checks/host-memory.ts';
import { grant, policy } from '../../shared/policy-parts.ts';

const { number, issuedAt, validUntil } = policy();
const view = { number, issuedAt, validUntil, grants: [grant()] };
const NOW = new Date('2026-03-02T00:00:00.000Z');

const read = (given: Tree['policy'], now = NOW) =>
  factGetter(memoryHost({ files: {}, ...(given ? { policy: given } : {}) }), now)(grants);

describe('the register of grants as checks see it', () => {
  it('is known where a valid policy names one, also an empty one', async () => {
    expect(await read(view)).toEqual({ state: 'known', value: [grant()] });
    expect(await read({ ...view, grants: [] })).toEqual({ state: 'known', value: [] });
  });

  it('is never absent, so that no check can take "no register" for "nobody is granted"', async () => {
    for (const given of [undefined, { ...view, grants: null }, { unreadable: 'not valid' }])
      expect(await read(given)).toMatchObject({ state: 'unreadable' });
    expect(await read(undefined)).toMatchObject({ reason: { en: expect.stringContaining('no register') } });
    expect(await read({ ...view, grants: null })).toMatchObject({
      reason: { de: expect.stringContaining('kein Register') },
    });
  });

  it('ends with its policy, at the instant', async () => {
    const end = Date.parse(validUntil);
    expect(await read(view, new Date(end - 1))).toMatchObject({ state: 'known' });
    expect(await read(view, new Date(end))).toMatchObject({ state: 'unreadable' });
    const get = factGetter(memoryHost({ files: {}, policy: view }), new Date(end));
    expect(await get(policyFact)).toMatchObject({ reason: { en: expect.stringContaining(validUntil) } });
  });
});
