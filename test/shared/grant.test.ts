import { describe, expect, it } from 'vitest';
import {
  accountSchema,
  coversAccount,
  coversKey,
  coversPrivilege,
  fingerprintSchema,
  type Grant,
  grantSchema,
  grantState,
  liveGrants,
} from '../../shared/grant.ts';
import { zonedInstantSchema } from '../../shared/record.ts';
import { grant, KEY } from './policy-parts.ts';

describe('times with their zone', () => {
  it('reads one instant, however its zone is written', () => {
    const wanted = '2026-12-31T17:00:00.000Z';
    for (const text of ['2026-12-31T18:00:00+01:00', '2026-12-31T17:00:00Z', '2026-12-31T22:45:00+05:45'])
      expect(zonedInstantSchema.parse(text)).toBe(wanted);
  });

  it('refuses what would mean different instants to different readers, and days that are none', () => {
    for (const text of [
      '2026-12-31',
      '2026-12-31T18:00:00',
      '2026-12-31 18:00 CET',
      '2026-02-30T00:00:00Z',
      '',
    ])
      expect(zonedInstantSchema.safeParse(text).success, text).toBe(false);
  });
});

describe('what a grant covers', () => {
  it('holds from its first instant on and no longer at its last', () => {
    const span = { from: '2026-03-01T00:00:00.000Z', until: '2026-04-01T00:00:00.000Z' };
    const at = (text: string) => grantState(span, new Date(text));
    expect(at('2026-02-28T23:59:59.999Z')).toBe('not-yet');
    expect(at('2026-03-01T00:00:00.000Z')).toBe('live');
    expect(at('2026-03-31T23:59:59.999Z')).toBe('live');
    expect(at('2026-04-01T00:00:00.000Z')).toBe('ended');
    expect(liveGrants([grant(span), grant()], new Date('2026-04-01T00:00:00.000Z'))).toEqual([grant()]);
  });

  it('a key opens the accounts of its own grant alone', () => {
    const anna = grant({ accounts: ['anna'], keys: [KEY] });
    expect(coversAccount(anna, 'anna')).toBe(true);
    expect(coversAccount(anna, 'ANNA')).toBe(false);
    expect(coversKey(anna, 'anna', KEY)).toBe(true);
    expect(coversKey(anna, 'root', KEY)).toBe(false);
    expect(coversKey(grant({ keys: [] }), 'anna', KEY)).toBe(false);
  });

  it('root covers every way there, sudo the limited one, and nothing else covers more than itself', () => {
    const of = (privileges: Grant['privileges']) => grant({ accounts: ['anna'], privileges });
    expect(coversPrivilege(of(['root']), 'anna', 'docker')).toBe(true);
    expect(coversPrivilege(of(['root']), 'bert', 'docker')).toBe(false);
    expect(coversPrivilege(of(['sudo']), 'anna', 'sudo-commands')).toBe(true);
    expect(coversPrivilege(of(['sudo-commands']), 'anna', 'sudo')).toBe(false);
    expect(coversPrivilege(of(['sudo']), 'anna', 'docker')).toBe(false);
    expect(coversPrivilege(of([]), 'anna', 'adm')).toBe(false);
  });

  it('takes no patterns, no other fingerprints, no unknown members', () => {
    for (const name of ['*', 'an?a', 'a b', 'a:b', '', 'a\nb'])
      expect(accountSchema.safeParse(name).success, name).toBe(false);
    for (const name of ['anna', 'DOM\\anna', 'anna@example.org', 'backup$', 'jörg'])
      expect(accountSchema.safeParse(name).success, name).toBe(true);
    for (const key of [`${KEY}=`, 'MD5:00:11', KEY.slice(0, -1), `x${KEY}`])
      expect(fingerprintSchema.safeParse(key).success, key).toBe(false);
    expect(grantSchema.safeParse({ ...grant(), command: '/bin/sh' }).success).toBe(false);
    expect(grantSchema.safeParse({ ...grant(), until: '2026-04-01T00:00:00+01:00' }).success).toBe(false);
  });
});
