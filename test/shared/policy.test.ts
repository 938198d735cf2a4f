import { describe, expect, it } from 'vitest';
import { fromUtf8 } from '../../shared/bytes.ts';
import { nodeCrypto as crypto } from '../../shared/crypto-node.ts';
import { envelopeSchema, openEnvelope, signEnvelope } from '../../shared/envelope.ts';
import { grantSchema } from '../../shared/grant.ts';
import {
  openPolicy,
  policyDigest,
  policyEnvelopeSchema,
  policySchema,
  readPolicyRequest,
  signPolicy,
  signPolicyRequest,
} from '../../shared/policy.ts';
import { recordSchema } from '../../shared/record.ts';
import { grant, HOST, newSigner, policy } from './policy-parts.ts';

const OTHER = `h-${'9'.repeat(32)}`;

describe('a signed policy', () => {
  it('opens with its key, for its host, and says what was signed', async () => {
    const key = newSigner();
    const envelope = policyEnvelopeSchema.parse(await signPolicy(crypto, key, policy()));
    expect(await openPolicy(crypto, envelope, [newSigner().publicKey, key.publicKey], HOST)).toEqual(
      policy(),
    );
    expect(policyDigest(crypto, envelope)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is refused with another key, for another host, or when a byte was changed', async () => {
    const key = newSigner();
    const envelope = await signPolicy(crypto, key, policy());
    await expect(openPolicy(crypto, envelope, [newSigner().publicKey], HOST)).rejects.toThrow(
      'BAD_SIGNATURE',
    );
    await expect(openPolicy(crypto, envelope, [key.publicKey], OTHER)).rejects.toThrow('another host');
    const changed = await signPolicy(crypto, key, policy({ number: 2 }));
    await expect(
      openPolicy(crypto, { ...changed, signatures: envelope.signatures }, [key.publicKey], HOST),
    ).rejects.toThrow('BAD_SIGNATURE');
  });

  it('is never taken for a report, nor a report for a policy, though the same key signed both', async () => {
    const key = newSigner();
    const envelope = await signPolicy(crypto, key, policy());
    expect(envelopeSchema.safeParse(envelope).success).toBe(false);
    const report = await signEnvelope(crypto, key, policy());
    expect(policyEnvelopeSchema.safeParse(report).success).toBe(false);
    const relabelled = { ...report, payloadType: envelope.payloadType };
    await expect(openPolicy(crypto, relabelled, [key.publicKey], HOST)).rejects.toThrow('BAD_SIGNATURE');
    const back = { ...envelope, payloadType: report.payloadType };
    await expect(openEnvelope(crypto, back, key.publicKey)).rejects.toThrow('BAD_SIGNATURE');
  });

  it('holds no waivers, commands or paths, and tells no register from an empty one', () => {
    for (const extra of ['waivers', 'command', 'path', 'program'])
      expect(policySchema.safeParse({ ...policy(), [extra]: [] }).success, extra).toBe(false);
    expect(policySchema.safeParse(policy({ grants: null })).success).toBe(true);
    expect(policySchema.safeParse(policy({ grants: [] })).success).toBe(true);
    const { grants: _grants, ...without } = policy();
    expect(policySchema.safeParse(without).success).toBe(false);
    expect(policySchema.safeParse({ ...policy(), params: { 'login.x': { 'rm -rf': 1 } } }).success).toBe(
      false,
    );
    expect(grantSchema.safeParse(grant({ privileges: ['wheel' as 'sudo'] })).success).toBe(false);
  });
});

describe('a request for a policy', () => {
  const now = new Date('2026-03-01T12:00:00.000Z');
  const request = {
    format: 'nachweis.policy-request/1',
    host: HOST,
    have: 0,
    at: now.toISOString(),
  } as const;

  it('opens with the key of its host, within five minutes either way', async () => {
    const key = newSigner();
    const envelope = await signPolicyRequest(crypto, key, request);
    const payload = fromUtf8(await openEnvelope(crypto, envelope, key.publicKey));
    for (const ms of [-300_000, 0, 300_000])
      expect(readPolicyRequest(payload, new Date(now.getTime() + ms))).toEqual(request);
    for (const ms of [-302_000, 302_000])
      expect(() => readPolicyRequest(payload, new Date(now.getTime() + ms))).toThrow(
        'POLICY_REQUEST_INVALID',
      );
    for (const other of ['', 'null', '{}', payload.replace('"have":0', '"have":-1')])
      expect(() => readPolicyRequest(other, now)).toThrow('POLICY_REQUEST_INVALID');
    await expect(openEnvelope(crypto, envelope, newSigner().publicKey)).rejects.toThrow('BAD_SIGNATURE');
  });
});

describe('a record', () => {
  it('is one form for all types, and takes no unknown member', () => {
    const record = {
      format: 'nachweis.record/1',
      id: `r-${'2'.repeat(32)}`,
      type: 'attestation',
      tenant: 'Kunde',
      scope: { host: 'web1.example.org' },
      subject: 'iso-27001',
      author: 'b.beispiel',
      approver: null,
      time: '2026-03-01T00:00:00.000Z',
      from: '2026-03-01T00:00:00.000Z',
      until: null,
      attachments: [{ name: 'certificate.pdf', sha256: '0'.repeat(64) }],
      text: '',
      ends: null,
      holds: true,
    };
    expect(recordSchema.parse(record)).toEqual(record);
    expect(recordSchema.safeParse({ ...record, colour: 'red' }).success).toBe(false);
    expect(recordSchema.safeParse({ ...record, subject: 'two\nlines' }).success).toBe(false);
    expect(recordSchema.safeParse({ ...record, scope: { group: 'web', host: 'x' } }).success).toBe(false);
  });
});
