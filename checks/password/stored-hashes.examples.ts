/** Examples of password.stored-hashes. */
import type { Example } from '../check.ts';

const S = 'exampleexampleex';
const B = 'exampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexample';
const YESCRYPT = `$y$j9T$${S}$${B.slice(0, 43)}`;
const BCRYPT = (cost: string) => `$2b$${cost}$${B.slice(0, 53)}`;
const tree = (field: string, os = 'ID=debian\nVERSION_ID="12"\n', inPasswd = 'x'): Example['tree'] => ({
  files: {
    '/etc/os-release': os,
    '/etc/passwd': `root:x:0:0::/root:/bin/bash\nanna:${inPasswd}:1000:1000::/home/anna:/bin/bash\n`,
    '/etc/shadow': {
      text: `root:*:20000:0:99999:7:::\nanna:${field}:20000:0:90:7:::\n`,
      mode: 0o640,
      gid: 42,
    },
  },
});

export const examples: readonly Example[] = [
  { name: 'yescrypt', outcome: 'pass', tree: tree(YESCRYPT), says: ['anna: yescrypt, cost 5'] },
  {
    name: 'scrypt',
    outcome: 'pass',
    tree: tree(`$7$CU..../....${S}$${B.slice(0, 43)}`),
    says: ['scrypt, cost 7'],
  },
  {
    name: 'yescrypt with a low cost',
    outcome: 'fail',
    tree: tree(`$y$j7T$${S}$${B.slice(0, 43)}`),
    says: ['yescrypt, cost 3'],
  },
  {
    name: 'scrypt with a low cost',
    outcome: 'fail',
    tree: tree(`$7$A6..../....${S}$${B.slice(0, 43)}`),
    says: ['scrypt, cost 3'],
  },
  {
    name: 'yescrypt with parameters of its own',
    outcome: 'unknown',
    tree: tree(`$y$jD5.7$${S}$${B.slice(0, 43)}`),
  },
  { name: 'no hashes at all: *, !, !!, !*, *LK*', outcome: 'pass', tree: tree('!*') },
  { name: 'bcrypt with cost 12', outcome: 'pass', tree: tree(BCRYPT('12')), says: ['cost 12'] },
  { name: 'SHA-512 with many rounds', outcome: 'pass', tree: tree(`$6$rounds=656000$${S}$${B}`) },
  {
    name: 'SHA-512 where there is nothing better',
    outcome: 'pass',
    tree: tree(`$6$${S}$${B}`, 'ID=rhel\nVERSION_ID="8.10"\n'),
  },
  {
    name: 'SHA-512 with default rounds on Debian 12',
    outcome: 'fail',
    tree: tree(`$6$${S}$${B}`),
    says: ['anna: sha512, 5000 rounds'],
  },
  {
    name: 'SHA-256 with fewer rounds than the default',
    outcome: 'fail',
    tree: tree(`$5$rounds=1000$${S}$${B.slice(0, 43)}`),
    says: ['1000 rounds'],
  },
  { name: 'MD5', outcome: 'fail', tree: tree(`$1$example$${B.slice(0, 22)}`), says: ['md5'] },
  {
    name: 'MD5 of a locked account',
    outcome: 'fail',
    tree: tree(`!$1$example$${B.slice(0, 22)}`),
    says: ['(locked)'],
  },
  { name: 'DES', outcome: 'fail', tree: tree('abExampleExam'), says: ['des'] },
  { name: 'bigcrypt', outcome: 'fail', tree: tree('abExampleExampleExampleE'), says: ['bigcrypt'] },
  { name: 'NTHASH', outcome: 'fail', tree: tree('$3$$0123456789abcdef0123456789abcdef') },
  {
    name: 'MD5 of Solaris',
    outcome: 'fail',
    tree: tree(`$md5,rounds=5000$${S}$$${B.slice(0, 22)}`),
    says: ['sunmd5'],
  },
  { name: 'bcrypt with cost 5', outcome: 'fail', tree: tree(BCRYPT('05')) },
  {
    name: 'a strong hash in passwd',
    outcome: 'fail',
    tree: tree('*', undefined, YESCRYPT),
    says: ['/etc/passwd', 'yescrypt'],
  },
  {
    name: 'SHA-512 on a distribution that is not known',
    outcome: 'unknown',
    tree: tree(`$6$${S}$${B}`, 'ID=mystery\nVERSION_ID=1\n'),
  },
  { name: 'a scheme that is not known', outcome: 'unknown', tree: tree(`$zz$${S}$${B}`) },
  {
    name: 'shadow not readable without root',
    outcome: 'unknown',
    tree: {
      files: { ...tree('*').files, '/etc/shadow': { unreadable: 'permission denied' } },
      privileged: false,
    },
  },
  {
    name: 'a line that is no account',
    outcome: 'unknown',
    tree: { files: { ...tree('*').files, '/etc/shadow': 'root:*:20000:0:99999:7:::\notto:*\n' } },
  },
];
