import { expect, it } from 'vitest';
import { searchWords, updateKeys } from '../../shared/update-search.ts';

const debian = {
  name: 'libssl3',
  source: 'openssl',
  installed: '3.0.11-1~deb12u2',
  advisories: ['DSA-5432-1'],
};
const rhel = {
  name: 'openssl-libs',
  source: 'openssl',
  installed: '1:3.0.7-27.el9',
  advisories: ['RHSA-2026:1234'],
};
const java = { name: 'openjdk-17-jre', installed: '17.0.9+9-1~deb12u1', advisories: [] };

/** As the collector's statement does it, without a database. */
function finds(
  search: string,
  entry: Parameters<typeof updateKeys>[0],
  cves: readonly string[] = [],
): boolean {
  const { names, versions } = updateKeys(entry, cves);
  return searchWords(search).every(
    (word) =>
      (!word.isNumber && names.includes(word.word)) || word.versions.some((each) => versions.includes(each)),
  );
}

it.each([
  ['openssl 3.0.11', true],
  ['OpenSSL 3.0', true],
  ['openssl 3', true],
  ['libssl3 3.0.11-1', true],
  ['libssl3:amd64 3.0.11-1~deb12u2', true],
  ['openssl=3.0.11-1~deb12u2', true],
  ['openssl-3.0.11', true],
  ['deb12u2', true],
  ['dsa-5432', true],
  ['5432', true],
  // Numbers are not cut, and begin where a version does.
  ['openssl 3.0.1', false],
  ['openssl 0.11', false],
  ['openssl 1', false],
  ['deb1', false],
  ['543', false],
  // What is on offer, the architecture and names of fields are not what is asked for.
  ['3.0.15', false],
  ['amd64', false],
  ['candidate', false],
  ['arch', false],
  ['installable', false],
])('%s in a library of Debian: %s', (search, expected) => {
  expect(finds(search, { ...debian, ...{ arch: 'amd64', candidate: '3.0.15-1~deb12u1' } })).toBe(expected);
});

it.each([
  ['openssl 3.0.7', true],
  ['openssl 1:3.0.7', true],
  ['openssl-libs-3.0.7-27.el9.x86_64', true],
  ['openssl-libs-1:3.0.7-27.el9.x86_64', true],
  ['el9', true],
  ['RHSA-2026:1234', true],
  ['2026:1234', true],
  ['CVE-2026-4711', true],
  ['cve-2026-47', true],
  ['openssl 1', false],
  ['openssl 27', false],
  ['2026:123', false],
])('%s in a library of RHEL: %s', (search, expected) => {
  expect(finds(search, rhel, ['CVE-2026-4711'])).toBe(expected);
});

it('a number in a name counts where it begins there', () => {
  for (const search of ['openjdk 17', 'openjdk-17', '17.0.9+9'])
    expect(finds(search, java), search).toBe(true);
  for (const search of ['openjdk 7', 'openjdk 1']) expect(finds(search, java), search).toBe(false);
});

it('what is no word finds everything or nothing, and never breaks', () => {
  expect(searchWords('  , ; = ')).toEqual([]);
  for (const odd of ['%', '_', '^^', '$', '\\', "' or 1=1 --", '(', '\u0000'])
    expect(() => searchWords(odd)).not.toThrow();
  expect(finds('%', debian)).toBe(false);
  expect(updateKeys({ name: 'a\nb', installed: '^1$', advisories: [] }).versions.split('\n')).toHaveLength(4);
});
