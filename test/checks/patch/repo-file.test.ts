import { expect, it } from 'vitest';
import { isUnproven, parseRepoFile } from '../../../checks/facts/repo-file.ts';

it.each([
  ['baseurl=https://repo.example.org/demo', false],
  ['baseurl=http://repo.example.org/demo', true],
  ['baseurl=https://repo.example.org/demo,ftp://repo.example.org/demo', true],
  ['baseurl=https://repo.example.org/demo\n        HTTP://repo.example.org/demo', true],
  ['mirrorlist=http://repo.example.org/list', true],
  ['metalink=https://repo.example.org/metalink\nbaseurl=http://repo.example.org/demo', false],
  ['baseurl=http://127.0.0.1:8080/demo', false],
  ['baseurl=http://localhost/demo', false],
  ['baseurl=http://[::1]/demo', false],
  ['baseurl=http://localhost.example.org/demo', true],
  ['baseurl=file:///srv/demo', false],
  ['', false],
])('an index from %j: %s', (lines, unproven) => {
  const [entry] = parseRepoFile(`[demo]\n${lines}\n`, '/etc/yum.repos.d/demo.repo');
  expect(entry && isUnproven(entry)).toBe(unproven);
});
