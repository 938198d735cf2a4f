import { X509Certificate } from 'node:crypto';
import { chmodSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCollectorKeys } from '../../server/tls/collector-keys.ts';
import { trustBundleSchema } from '../../shared/enrolment.ts';
import { temporaryDirectory } from '../support/database.ts';

const now = new Date('2026-03-01T00:00:00.000Z');
const days = (count: number) => new Date(now.getTime() + count * 86_400_000);

describe('keys of the collector', () => {
  it('are made once, for their owner alone', async () => {
    const directory = join(temporaryDirectory(), 'keys');
    const keys = await openCollectorKeys(directory, now);
    await keys.serverCertificate([], now);
    expect(trustBundleSchema.parse(keys.trust)).toEqual(keys.trust);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(readdirSync(directory).sort()).toEqual(['authority.pem', 'log.pem', 'policy.pem', 'server.pem']);
    for (const name of readdirSync(directory))
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    const again = await openCollectorKeys(directory, now);
    expect(again.fingerprint).toBe(keys.fingerprint);
    expect(again.logSigner.publicKey).not.toEqual(again.policySigner.publicKey);
  });

  it('are the same for two that start at once', async () => {
    const directory = join(temporaryDirectory(), 'keys');
    const both = await Promise.all([openCollectorKeys(directory, now), openCollectorKeys(directory, now)]);
    expect(both[0].fingerprint).toBe(both[1].fingerprint);
  });

  it('are refused when others can read them', async () => {
    const directory = join(temporaryDirectory(), 'keys');
    await openCollectorKeys(directory, now);
    chmodSync(join(directory, 'log.pem'), 0o640);
    await expect(openCollectorKeys(directory, now)).rejects.toMatchObject({ code: 'STATE_UNSAFE' });
  });

  it('are not silently made anew once hosts trust them', async () => {
    const directory = join(temporaryDirectory(), 'keys');
    await openCollectorKeys(directory, now);
    rmSync(join(directory, 'authority.pem'));
    await expect(openCollectorKeys(directory, now, { mustExist: true })).rejects.toMatchObject({
      code: 'STATE_UNREADABLE',
    });
  });

  it('say so when a file holds something else', async () => {
    const directory = join(temporaryDirectory(), 'keys');
    await openCollectorKeys(directory, now);
    writeFileSync(join(directory, 'policy.pem'), 'nothing');
    await expect(openCollectorKeys(directory, now)).rejects.toMatchObject({ code: 'STATE_UNREADABLE' });
  });
});

describe('the TLS certificate', () => {
  it('is kept, and renewed when its end is near, a name is added or the authority is another', async () => {
    const directory = join(temporaryDirectory(), 'keys');
    const keys = await openCollectorKeys(directory, now);
    const serial = async (names: string[], at: Date, from = keys) =>
      new X509Certificate((await from.serverCertificate(names, at)).cert).serialNumber;
    const first = await serial([], now);
    expect(await serial([], days(55))).toBe(first);
    const renewed = await serial([], days(65));
    expect(renewed).not.toBe(first);
    const named = await serial(['collector.example.org', '192.0.2.7'], days(65));
    expect(named).not.toBe(renewed);
    expect(await serial(['192.0.2.7'], days(65))).toBe(named);
    rmSync(join(directory, 'authority.pem'));
    const other = await openCollectorKeys(directory, days(65));
    expect(await serial([], days(65), other)).not.toBe(named);
  });

  it('is taken by a TLS client that knows the authority alone, for each of its names', async () => {
    const real = new Date();
    const keys = await openCollectorKeys(join(temporaryDirectory(), 'keys'), real);
    const server = createServer({ ...(await keys.serverCertificate(['collector.example.org'], real)) });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const handshake = (servername: string, ca: string[]) =>
      new Promise<string>((resolve) => {
        const socket = connect({ host: '127.0.0.1', port, servername, ca }, () => {
          resolve(socket.getProtocol() ?? '');
          socket.destroy();
        });
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      });
    expect(await handshake('localhost', keys.trust.authorities)).toBe('TLSv1.3');
    expect(await handshake('collector.example.org', keys.trust.authorities)).toBe('TLSv1.3');
    expect(await handshake('other.example.org', keys.trust.authorities)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    const stranger = await openCollectorKeys(join(temporaryDirectory(), 'keys'), real);
    expect(await handshake('localhost', stranger.trust.authorities)).toMatch(/CERT|VERIFY|ISSUER/);
  });
});
