/** Examples of password.max-age. */
import type { Example } from '../check.ts';

const HASH = '$y$j9T$exampleexampleexampl$exampleexampleexampleexampleexampleexampleexa';
const tree = (shadow: string, defs = 'PASS_MAX_DAYS\t365\n'): Example['tree'] => ({
  files: {
    '/etc/login.defs': defs,
    '/etc/passwd':
      'root:x:0:0::/root:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\nanna:x:1000:1000::/home/anna:/bin/bash\n',
    '/etc/shadow': { text: shadow, mode: 0o640, gid: 42 },
  },
});
const line = (name: string, rest: string) => `${name}:${rest}\n`;
const ANNA = line('anna', `${HASH}:20000:1:90:7:::`);

export const examples: readonly Example[] = [
  {
    name: 'limits for new and existing accounts; locked ones need none',
    outcome: 'pass',
    tree: tree(line('root', '*:20000:0:99999:7:::') + line('daemon', `!${HASH}:20000:0:99999:7:::`) + ANNA),
    says: ['anna: 90 days', 'PASS_MAX_DAYS 365'],
  },
  {
    name: 'login.defs below /usr/etc, as on SUSE',
    outcome: 'pass',
    tree: { files: { ...tree(ANNA).files, '/usr/etc/login.defs': 'PASS_MAX_DAYS 300\n' } },
  },
  {
    name: 'an octal number, as the tools read it',
    outcome: 'pass',
    tree: tree(ANNA, 'PASS_MAX_DAYS 0365\n'),
    says: ['PASS_MAX_DAYS 245'],
  },
  {
    name: 'a longer time that was allowed',
    outcome: 'pass',
    tree: tree(ANNA, 'PASS_MAX_DAYS 700\n'),
    params: { max: 730 },
  },
  {
    name: 'no forced changes by policy',
    outcome: 'not-applicable',
    tree: tree(ANNA, ''),
    params: { ageing: 'none' },
  },
  {
    name: 'as delivered: 99999 days',
    outcome: 'fail',
    tree: tree(ANNA, 'PASS_MAX_DAYS\t99999\n'),
    says: ['PASS_MAX_DAYS 99999'],
  },
  {
    name: 'the last line of login.defs counts',
    outcome: 'fail',
    tree: tree(ANNA, 'PASS_MAX_DAYS 365\nPASS_MAX_DAYS 999\n'),
    says: ['"line":2'],
  },
  { name: 'only in a comment', outcome: 'fail', tree: tree(ANNA, '#PASS_MAX_DAYS 365\n') },
  {
    name: 'an account of its own that never expires',
    outcome: 'fail',
    tree: tree(ANNA + line('root', `${HASH}:20000:0:99999:7:::`)),
    says: ['root: never'],
  },
  { name: 'an empty field means never', outcome: 'fail', tree: tree(line('anna', `${HASH}:20000:0::7:::`)) },
  { name: '-1 means never', outcome: 'fail', tree: tree(line('anna', `${HASH}:20000:0:-1:7:::`)) },
  {
    name: 'a limit without a day of last change',
    outcome: 'fail',
    tree: tree(line('anna', `${HASH}::0:90:7:::`)),
    says: ['no day of last change'],
  },
  {
    name: 'a limit that is too long',
    outcome: 'fail',
    tree: tree(line('anna', `${HASH}:20000:0:366:7:::`)),
    says: ['366 days'],
  },
  {
    name: 'shadow not readable without root',
    outcome: 'unknown',
    tree: {
      files: { ...tree('').files, '/etc/shadow': { unreadable: 'permission denied' } },
      privileged: false,
    },
  },
  { name: 'a line with too few fields', outcome: 'unknown', tree: tree(`${ANNA}otto:${HASH}:20000\n`) },
];
