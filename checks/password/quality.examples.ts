/** Examples of the single settings of a quality module: those that every row has, and each row's own. */
import type { Example } from '../check.ts';
import { debian } from './min-strength.examples.ts';

const UNIX = 'password required pam_unix.so use_authtok yescrypt\n';
const pwquality = (args = '') => `password requisite pam_pwquality.so ${args}\n${UNIX}`;
const cracklib = (args = '') => `password requisite pam_cracklib.so ${args}\n${UNIX}`;

interface Values {
  /** As pwquality.conf has it. */
  readonly right: string;
  readonly wrong: string;
  /** Where pam_unix alone keeps to it. */
  readonly unixDoes?: true;
}

const values: Readonly<Record<string, Values>> = {
  'password.min-length': { right: 'minlen = 12', wrong: 'minlen = 11' },
  'password.min-classes': { right: 'minclass = 3', wrong: 'minclass = 2' },
  'password.dcredit': { right: 'dcredit = -1', wrong: 'dcredit = 1' },
  'password.ucredit': { right: 'ucredit = -1', wrong: 'ucredit = 1' },
  'password.lcredit': { right: 'lcredit = -1', wrong: 'lcredit = 1' },
  'password.ocredit': { right: 'ocredit = -1', wrong: 'ocredit = 1' },
  'password.max-repeat': { right: 'maxrepeat = 3', wrong: 'maxrepeat = 4' },
  'password.max-class-repeat': { right: 'maxclassrepeat = 4', wrong: 'maxclassrepeat = 5' },
  'password.max-sequence': { right: 'maxsequence = 3', wrong: 'maxsequence = 4' },
  'password.difok': { right: 'difok = 2', wrong: 'difok = 1' },
  'password.dictionary': { right: 'dictcheck = 1', wrong: 'dictcheck = 0' },
  'password.retry': { right: 'retry = 3', wrong: 'retry = 4', unixDoes: true },
};

function common({ right, wrong, unixDoes }: Values): Example[] {
  const word = (line: string) => line.replace(/ = /, ' ');
  const argument = (line: string) => line.replaceAll(' ', '');
  const alone = unixDoes ? 'pass' : 'fail';
  return [
    {
      name: 'set in the file',
      outcome: 'pass',
      tree: debian(pwquality(), `${right}\n`),
      says: [word(right)],
    },
    {
      name: 'set as an argument, which wins over the file',
      outcome: 'pass',
      tree: debian(pwquality(argument(right)), `${wrong}\n`),
      says: [word(right), '"source":"/etc/pam.d/common-password"'],
    },
    {
      name: 'set in the file, and wrong as an argument',
      outcome: 'fail',
      tree: debian(pwquality(argument(wrong)), `${right}\n`),
      says: [word(wrong)],
    },
    {
      name: 'just not enough',
      outcome: 'fail',
      tree: debian(pwquality(), `${wrong}\n`),
      says: [word(wrong)],
    },
    {
      name: 'the module only warns',
      outcome: alone,
      tree: debian(pwquality(), `${right}\nenforcing = 0\n`),
    },
    {
      name: 'the file is not read by pam_cracklib',
      outcome: /^(?:difok|retry|dictcheck)/.test(right) ? 'pass' : 'fail',
      tree: debian(cracklib(), `${right}\n`),
    },
    {
      name: 'no quality module, the file has no effect',
      outcome: alone,
      tree: debian('password required pam_unix.so obscure yescrypt\n', `${right}\n`),
    },
    {
      name: 'one service has a stack of its own without it',
      outcome: alone,
      tree: debian(pwquality(), `${right}\n`, { '/etc/pam.d/login': 'password required pam_unix.so\n' }),
      says: unixDoes ? [] : ['(login)'],
    },
    {
      name: 'pam_passwdqc has rules of its own',
      outcome: 'not-applicable',
      tree: debian(`password requisite pam_passwdqc.so enforce=everyone\n${UNIX}`),
    },
    {
      name: 'pam_passwdqc that only warns',
      outcome: alone,
      tree: debian(`password requisite pam_passwdqc.so enforce=none\n${UNIX}`),
    },
    {
      name: 'pam_passwdqc with a file of settings',
      outcome: 'unknown',
      tree: debian(`password requisite pam_passwdqc.so config=/etc/passwdqc.conf\n${UNIX}`),
    },
    {
      name: 'a module that is not known',
      outcome: 'unknown',
      tree: debian(`password requisite pam_example.so\n${pwquality()}`, `${right}\n`),
      says: ['pam_example'],
    },
    {
      name: 'a file that can not be read',
      outcome: 'unknown',
      tree: debian(pwquality(), '', { '/etc/security/pwquality.conf': { unreadable: 'input/output error' } }),
    },
  ];
}

const creditOwn = (name: string): Example[] => [
  { name: 'not set', outcome: 'fail', tree: debian(pwquality()), says: [`${name} 0 (default)`] },
  { name: 'two of them', outcome: 'pass', tree: debian(pwquality(), `${name} = -2\n`) },
  {
    name: 'one of each class by minclass 4',
    outcome: 'pass',
    tree: debian(pwquality(), 'minclass = 4\n'),
    says: ['minclass 4'],
  },
  { name: 'three classes leave one out', outcome: 'fail', tree: debian(pwquality(), 'minclass = 3\n') },
  {
    name: 'two are wanted, minclass 4 asks for one',
    outcome: 'fail',
    params: { credit: -2 },
    tree: debian(pwquality(), 'minclass = 4\n'),
  },
];

const own: Readonly<Record<string, readonly Example[]>> = {
  'password.min-length': [
    { name: 'as delivered', outcome: 'fail', tree: debian(pwquality()), says: ['minlen 8 (default)'] },
    {
      name: 'positive credits shorten it',
      outcome: 'fail',
      tree: debian(pwquality(), 'minlen = 12\ndcredit = 1\n'),
      says: ['with the credits 11'],
    },
    {
      name: 'long enough with its credits',
      outcome: 'pass',
      tree: debian(pwquality(), 'minlen = 16\ndcredit = 1\nucredit = 1\nlcredit = 1\nocredit = 1\n'),
      says: ['with the credits 12'],
    },
    {
      name: 'pam_unix asks for it',
      outcome: 'pass',
      tree: debian('password required pam_unix.so obscure minlen=14 yescrypt\n'),
      says: ['minlen 14'],
    },
    { name: 'pam_cracklib with its credits', outcome: 'fail', tree: debian(cracklib('minlen=12')) },
    {
      name: 'pam_cracklib without credits',
      outcome: 'pass',
      tree: debian(cracklib('minlen=12 dcredit=0 ucredit=0 lcredit=0 ocredit=0')),
    },
  ],
  'password.min-classes': [
    {
      name: 'by three negative credits',
      outcome: 'pass',
      tree: debian(pwquality(), 'dcredit = -1\nucredit = -1\nlcredit = -1\n'),
      says: ['by negative credits 3'],
    },
  ],
  'password.dcredit': creditOwn('dcredit'),
  'password.ucredit': creditOwn('ucredit'),
  'password.lcredit': creditOwn('lcredit'),
  'password.ocredit': creditOwn('ocredit'),
  'password.max-repeat': [
    { name: 'switched off', outcome: 'fail', tree: debian(pwquality()), says: ['no limit'] },
  ],
  'password.retry': [
    {
      name: 'two modules, one of which asks without end',
      outcome: 'fail',
      tree: debian(`password requisite pam_pwquality.so retry=9\n${pwquality('retry=3')}`),
    },
  ],
};

export function examplesOf(id: string): readonly Example[] {
  const row = values[id];
  return row ? [...common(row), ...(own[id] ?? [])] : [];
}
