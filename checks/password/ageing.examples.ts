/** Examples of password.min-age, password.warn-age and password.inactive. */
import type { Example } from '../check.ts';

const HASH = '$y$j9T$exampleexampleexampl$exampleexampleexampleexampleexampleexampleexa';
const DEFS = 'PASS_MIN_DAYS 1\nPASS_WARN_AGE 7\n';
const ageing = (fields: string, more: Example['tree']['files'] = {}): Example['tree'] => ({
  files: {
    '/etc/login.defs': DEFS,
    '/etc/default/useradd': 'INACTIVE=30\n',
    '/etc/passwd': 'root:x:0:0::/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\n',
    '/etc/shadow': { text: `root:*:20000::99999::::\nanna:${HASH}:${fields}\n`, mode: 0o640, gid: 42 },
    ...more,
  },
});
const GOOD = '20000:1:90:7:30::';
const both = (): Example[] => [
  {
    name: 'no forced changes by policy',
    outcome: 'not-applicable',
    tree: ageing('20000::::::', { '/etc/login.defs': '' }),
    params: { ageing: 'none' },
  },
  {
    name: 'the password is in passwd, where nothing ages',
    outcome: 'fail',
    tree: ageing(GOOD, { '/etc/passwd': `anna:${HASH}:1000:1000::/home/anna:/bin/bash\n` }),
    says: ['/etc/passwd', 'anna'],
  },
  {
    name: 'shadow not readable without root',
    outcome: 'unknown',
    tree: { ...ageing(GOOD, { '/etc/shadow': { unreadable: 'permission denied' } }), privileged: false },
    says: ['permission denied'],
  },
  {
    name: 'a line that is no account',
    outcome: 'unknown',
    tree: ageing(`${GOOD}\notto:*`),
    says: ['"line":3'],
  },
  {
    name: 'a number that no day can be',
    outcome: 'unknown',
    tree: ageing('99999999999999999999:1:90:7:30::'),
  },
];

export const minAgeExamples: readonly Example[] = [
  { name: 'one day', outcome: 'pass', tree: ageing(GOOD), says: ['anna: 1 day"', 'PASS_MIN_DAYS 1'] },
  { name: 'the line ends of Windows', outcome: 'pass', tree: ageing(`${GOOD}\r`) },
  {
    name: 'login.defs with 0',
    outcome: 'fail',
    tree: ageing(GOOD, { '/etc/login.defs': 'PASS_MIN_DAYS\t0\n' }),
    says: ['PASS_MIN_DAYS 0'],
  },
  { name: 'an account with 0', outcome: 'fail', tree: ageing('20000:0:90:7:30::'), says: ['anna: 0 days'] },
  {
    name: 'an account with nothing',
    outcome: 'fail',
    tree: ageing('20000::90:7:30::'),
    says: ['anna: none'],
  },
  { name: '-1 means none', outcome: 'fail', tree: ageing('20000:-1:90:7:30::') },
  {
    name: 'without a day of last change it does nothing',
    outcome: 'fail',
    tree: ageing(':1:90:7:30::'),
    says: ['without effect'],
  },
  {
    name: 'a number in login.defs that is none',
    outcome: 'fail',
    tree: ageing(GOOD, { '/etc/login.defs': 'PASS_MIN_DAYS one\n' }),
    says: ['not a number'],
  },
  ...both(),
];

export const warnAgeExamples: readonly Example[] = [
  { name: 'a week', outcome: 'pass', tree: ageing(GOOD), says: ['anna: 7 days', 'PASS_WARN_AGE 7'] },
  {
    name: 'a password that never expires needs no warning',
    outcome: 'pass',
    tree: ageing('20000:1:99999:::::'.slice(0, -1)),
  },
  {
    name: 'an account with 3 days',
    outcome: 'fail',
    tree: ageing('20000:1:90:3:30::'),
    says: ['anna: 3 days'],
  },
  {
    name: 'an account with nothing',
    outcome: 'fail',
    tree: ageing('20000:1:90::30::'),
    says: ['no warning'],
  },
  {
    name: 'login.defs without a word',
    outcome: 'fail',
    tree: ageing(GOOD, { '/etc/login.defs': '#PASS_WARN_AGE 7\n' }),
    says: ['not set'],
  },
  { name: 'fewer than were asked for', outcome: 'fail', tree: ageing(GOOD), params: { min: 14 } },
  ...both().filter(({ name }) => !name.startsWith('the password is in passwd')),
];

export const inactiveExamples: readonly Example[] = [
  { name: '30 days', outcome: 'pass', tree: ageing(GOOD), says: ['anna: 30 days', 'INACTIVE 30'] },
  { name: 'at once', outcome: 'pass', tree: ageing('20000:1:90:7:0::') },
  {
    name: 'the vendor below /usr/etc, where there is nothing in /etc',
    outcome: 'pass',
    tree: {
      files: Object.fromEntries(
        Object.entries({ ...ageing(GOOD).files, '/usr/etc/default/useradd': 'INACTIVE=30\n' }).filter(
          ([path]) => path !== '/etc/default/useradd',
        ),
      ),
    },
    says: ['/usr/etc/default/useradd'],
  },
  {
    name: 'useradd as delivered',
    outcome: 'fail',
    tree: ageing(GOOD, { '/etc/default/useradd': '# INACTIVE=-1\n' }),
    says: ['not set'],
  },
  {
    name: 'useradd with -1',
    outcome: 'fail',
    tree: ageing(GOOD, { '/etc/default/useradd': 'INACTIVE=30\nINACTIVE=-1\n' }),
  },
  {
    name: 'an account with nothing',
    outcome: 'fail',
    tree: ageing('20000:1:90:7:::'),
    says: ['anna: never'],
  },
  { name: 'too long', outcome: 'fail', tree: ageing('20000:1:90:7:46::'), says: ['46 days'] },
  {
    name: 'a password that never expires',
    outcome: 'fail',
    tree: ageing('20000:1:99999:7:30::'),
    says: ['without effect'],
  },
  ...both(),
];
