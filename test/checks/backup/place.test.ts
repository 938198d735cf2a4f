/** This system's own addresses and mounts as read from /proc, against what the kernel says otherwise. */
import { lookup } from 'node:dns/promises';
import { readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import { expect, it } from 'vitest';
import { mountAt, parseMountinfo } from '../../../checks/facts/mount-table.ts';
import { inet6Addresses, localAddresses, plainAddress } from '../../../checks/facts/own-names.ts';
import { mountedHost, repositoryPlace } from '../../../checks/facts/repository-place.ts';

it('knows every address of this machine', () => {
  const all = Object.values(os.networkInterfaces()).flatMap((list) => list ?? []);
  const four = localAddresses(readFileSync('/proc/net/fib_trie', 'utf8'));
  for (const { address, family } of all) if (family === 'IPv4') expect(four).toContain(address);
  const six = all.filter(({ family }) => family === 'IPv6').map(({ address }) => address);
  if (six.length > 0)
    expect(inet6Addresses(readFileSync('/proc/net/if_inet6', 'utf8'))).toEqual(expect.arrayContaining(six));
  expect(inet6Addresses('20010db8000000010000000000000001 02 40 00 80 eth0\n')).toEqual(['2001:db8:0:1::1']);
});

it('knows on which device a path lies', () => {
  const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
  for (const path of ['/', '/proc', '/proc/self/status', '/dev/null', '/etc', '/tmp']) {
    const { dev } = statSync(path);
    const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
    const mount = mountAt(mounts, path);
    if (mount?.type !== 'btrfs') expect(mount?.device, path).toBe(`${major}:${minor}`);
  }
});

it.each([
  ['/srv/x', 'path'],
  ['file:///srv/x', 'path'],
  ['sftp:a@v.example.org:/x', 'host'],
  ['rest:https://a:b@v.example.org:8000/', 'host'],
  ['s3:s3.example.org/b', 'host'],
  ['a@v.example.org:x', 'host'],
  ['ssh://[2001:db8::1]:22/./x', 'host'],
  ['vault', 'host'],
  ['gs:bucket:/', 'service'],
  ['rclone:r:x', 'rclone'],
  ['sftp://a@v.example.org//srv', 'host'],
  ['boto3+s3://bucket/x', 'service'],
  ['par2+sftp://v.example.org/x', 'host'],
  ['par2+file:///srv/x', 'path'],
  ['rclone://r:/x', 'rclone'],
  ['multi:///etc/d.json', undefined],
  ['pbs://[2001:db8::1]/store', 'host'],
  ['relative/path', undefined],
  ['$X', undefined],
  ['', undefined],
])('%s is of the kind %s', (location, kind) => expect(repositoryPlace(location)?.kind).toBe(kind));

it('takes the host from the source of a mount', () => {
  expect(['v:/x', '//v/x', 'a@v:/x', '[2001:db8::1]:/x', 'tmpfs'].map(mountedHost)).toEqual([
    'v',
    'v',
    'v',
    '2001:db8::1',
    undefined,
  ]);
});

it.each(['127.1', '2130706433', '0x7f.0.0.1', '0177.0.0.1', '0x7f000001', '127.0.1'])(
  'the kernel’s own library takes %s for one address',
  async (text) => {
    // getaddrinfo(3) reads numbers as inet_aton(3) does, and asks nobody.
    const { address } = await lookup(text);
    expect(plainAddress(text)).toBe(address);
  },
);

it('knows one address by all its spellings', () => {
  expect(
    ['::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:0:0:1', 'LOCALHOST.', 'v.example.org'].map(plainAddress),
  ).toEqual(['127.0.0.1', '127.0.0.1', '::1', 'localhost', 'v.example.org']);
});
