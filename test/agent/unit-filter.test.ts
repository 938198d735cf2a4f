/** Which addresses the report unit may speak to. Whether the kernel then filters is systemd's to say. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { allowedAddresses } from '../../agent/unit-filter.ts';
import { temporaryDirectory } from '../support/database.ts';

const names: Record<string, readonly string[]> = {
  'collector.example.org': ['192.0.2.10', '2001:db8::10'],
  'proxy.example.org': ['192.0.2.3'],
};

async function resolve(name: string): Promise<readonly string[]> {
  const found = names[name];
  if (!found) throw new Error('ENOTFOUND');
  return found;
}

function allowed(
  collectors: readonly string[],
  more: { proxy?: string; environment?: Record<string, string>; resolvConf?: string } = {},
): Promise<readonly string[]> {
  const resolvConf = join(temporaryDirectory(), 'resolv.conf');
  writeFileSync(resolvConf, more.resolvConf ?? '');
  return allowedAddresses({
    collectors,
    proxy: more.proxy,
    environment: more.environment ?? {},
    resolve,
    resolvConf,
  });
}

it('are all of the collector, of both families, and the name servers', async () => {
  const resolvConf =
    '# by hand\nnameserver 192.0.2.53\nnameserver fe80::1%eth0\n nameserver 127.0.0.53\nnameserver odd\n';
  expect(await allowed(['https://collector.example.org:8443'], { resolvConf })).toEqual(
    ['192.0.2.10', '2001:db8::10', '192.0.2.53', 'fe80::1', '127.0.0.53'].sort(),
  );
});

it('are given ones as they are, and those of every address that has some', async () => {
  expect(
    await allowed(['https://192.0.2.9:8443', 'https://[2001:db8::9]:8443', 'https://gone.example.org']),
  ).toEqual(['192.0.2.9', '2001:db8::9']);
});

it('are those of the proxy, where one leads to the collector', async () => {
  const collectors = ['https://collector.example.org:8443'];
  expect(await allowed(collectors, { proxy: 'http://proxy.example.org:3128' })).toEqual(['192.0.2.3']);
  const environment = { https_proxy: 'http://proxy.example.org:3128' };
  expect(await allowed(collectors, { environment })).toEqual(['192.0.2.3']);
  expect(await allowed(collectors, { environment, proxy: 'none' })).toEqual(['192.0.2.10', '2001:db8::10']);
});

it('are none where no name is known: that is said, and nothing is changed', async () => {
  await expect(allowed(['https://gone.example.org'])).rejects.toMatchObject({
    code: 'COLLECTOR_NAME_UNKNOWN',
  });
});
