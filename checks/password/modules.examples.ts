/** Examples of password.quality-module, history-module and unix-module. */
import type { Example } from '../check.ts';
import { debian } from './min-strength.examples.ts';

const QUALITY = 'password requisite pam_pwquality.so retry=3\n';
const HISTORY = 'password requisite pam_pwhistory.so remember=24 use_authtok\n';
const UNIX = 'password required pam_unix.so use_authtok yescrypt\n';
const ALONE = 'password required pam_unix.so obscure yescrypt\n';

const strange: Example = {
  name: 'a module that is not known',
  outcome: 'unknown',
  tree: debian(`password requisite pam_example.so\n${QUALITY}${HISTORY}${UNIX}`),
  says: ['pam_example'],
};
const elsewhere: Example = {
  name: 'passwords are kept elsewhere',
  outcome: 'unknown',
  tree: debian('password required pam_sss.so\n'),
};
const unread: Example = {
  name: 'the stack can not be read',
  outcome: 'unknown',
  tree: debian(QUALITY + UNIX, '', { '/etc/pam.d/common-password': { unreadable: 'input/output error' } }),
};

export const qualityModuleExamples: readonly Example[] = [
  { name: 'before pam_unix', outcome: 'pass', tree: debian(QUALITY + UNIX), says: ['chpasswd, passwd'] },
  {
    name: 'it decides, whether it only warns is another question',
    outcome: 'pass',
    tree: debian(QUALITY + UNIX, 'enforcing = 0\n'),
  },
  {
    name: 'sssd alone for one service: nothing is stored here by it',
    outcome: 'pass',
    tree: debian(QUALITY + UNIX, '', { '/etc/pam.d/cockpit': 'password required pam_sss.so\n' }),
  },
  { name: 'as delivered by Debian', outcome: 'fail', tree: debian(ALONE), says: ['no quality module'] },
  {
    name: 'behind pam_unix',
    outcome: 'fail',
    tree: debian(`password sufficient pam_unix.so\n${QUALITY}`),
    says: ['stored all the same'],
  },
  {
    name: 'pam_unix asks again',
    outcome: 'fail',
    tree: debian('password required pam_pwquality.so\npassword required pam_unix.so\n'),
  },
  {
    name: 'one service has a stack of its own without it',
    outcome: 'fail',
    tree: debian(QUALITY + UNIX, '', { '/etc/pam.d/login': ALONE }),
    says: ['(login)'],
  },
  strange,
  elsewhere,
  unread,
];

export const historyModuleExamples: readonly Example[] = [
  {
    name: 'between the quality module and pam_unix',
    outcome: 'pass',
    tree: debian(QUALITY + HISTORY + UNIX),
    says: ['pam_pwhistory'],
  },
  {
    name: 'pam_unix remembers',
    outcome: 'pass',
    tree: debian(`${QUALITY}password required pam_unix.so use_authtok remember=5\n`),
    says: ['pam_unix'],
  },
  { name: 'as delivered by Debian', outcome: 'fail', tree: debian(ALONE), says: ['no module remembers'] },
  {
    name: 'pam_unix remembers none',
    outcome: 'fail',
    tree: debian(`${QUALITY}password required pam_unix.so use_authtok remember=0\n`),
  },
  {
    name: 'behind pam_unix',
    outcome: 'fail',
    tree: debian(`${QUALITY}password sufficient pam_unix.so use_authtok\n${HISTORY}`),
  },
  {
    name: 'optional, and pam_unix asks again',
    outcome: 'fail',
    tree: debian(`password optional pam_pwhistory.so\npassword required pam_unix.so\n`),
    says: ['stored all the same'],
  },
  strange,
  elsewhere,
  unread,
];

export const unixModuleExamples: readonly Example[] = [
  { name: 'as delivered by Debian', outcome: 'pass', tree: debian(ALONE), says: ['chpasswd, passwd'] },
  { name: 'behind the quality module', outcome: 'pass', tree: debian(QUALITY + UNIX) },
  {
    name: 'authselect on RHEL: sssd behind it',
    outcome: 'pass',
    tree: {
      files: {
        '/etc/os-release': 'ID=rhel\nVERSION_ID="9.4"\n',
        '/etc/pam.d/passwd': 'password substack system-auth\n',
        '/etc/pam.d/system-auth':
          'password requisite pam_pwquality.so local_users_only\npassword sufficient pam_unix.so yescrypt shadow nullok use_authtok\npassword [success=1 default=ignore] pam_localuser.so\npassword sufficient pam_sss.so use_authtok\npassword required pam_deny.so\n',
      },
    },
  },
  {
    name: 'a service for accounts from elsewhere',
    outcome: 'pass',
    tree: debian(ALONE, '', { '/etc/pam.d/cockpit': 'password required pam_sss.so\n' }),
  },
  {
    name: 'use_authtok, and nobody asks before it',
    outcome: 'fail',
    tree: debian(UNIX),
    says: ['nobody asked for one'],
  },
  {
    name: 'behind pam_deny',
    outcome: 'fail',
    tree: debian(`password requisite pam_deny.so\n${ALONE}`),
    says: ['not reached'],
  },
  {
    name: 'one service without it',
    outcome: 'fail',
    tree: debian(QUALITY + UNIX, '', { '/etc/pam.d/login': QUALITY }),
    says: ['no pam_unix (login)'],
  },
  strange,
  elsewhere,
  unread,
];
