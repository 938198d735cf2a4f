/** Examples of password.enforced and password.enforced-for-root. */
import type { Example } from '../check.ts';
import { debian } from './min-strength.examples.ts';

const QUALITY = 'password requisite pam_pwquality.so retry=3\n';
const UNIX = 'password required pam_unix.so use_authtok yescrypt\n';

export const examples: readonly Example[] = [
  { name: 'requisite before pam_unix', outcome: 'pass', tree: debian(QUALITY + UNIX), says: ['decides'] },
  {
    name: 'optional, but a refused one is gone and pam_unix asks for none',
    outcome: 'pass',
    tree: debian(`password optional pam_pwquality.so\n${UNIX}`),
  },
  {
    name: 'passwdqc with its rules in a file',
    outcome: 'pass',
    tree: debian(`password requisite pam_passwdqc.so config=/etc/passwdqc.conf\n${UNIX}`, '', {
      '/etc/passwdqc.conf': 'min=disabled,24,16,12,12\nenforce=users\n',
    }),
  },
  {
    name: 'no quality module',
    outcome: 'fail',
    tree: debian('password required pam_unix.so obscure\n'),
    says: ['no quality module'],
  },
  {
    name: 'the module is not installed, and its line may be skipped',
    outcome: 'fail',
    tree: debian('-password optional pam_pwquality.so\npassword required pam_unix.so\n', '', {
      '/usr/lib/x86_64-linux-gnu/security/pam_unix.so': '',
    }),
    says: ['not installed'],
  },
  {
    name: 'pam_passwdqc asks for another one, which pam_pwquality never sees, and only warns',
    outcome: 'fail',
    tree: debian(`${QUALITY}password required pam_passwdqc.so enforce=none\n${UNIX}`),
    says: ['stored all the same'],
  },
  {
    name: 'pam_passwdqc that takes anything',
    outcome: 'fail',
    tree: debian(`password requisite pam_passwdqc.so min=1,1,1,1,1\n${UNIX}`),
    says: ['five letters'],
  },
  {
    name: 'an old password sends people to choose another one, and nobody looks at that',
    outcome: 'fail',
    tree: debian(`${QUALITY}password required pam_pwhistory.so use_authtok\npassword required pam_unix.so\n`),
  },
  {
    name: 'it only warns',
    outcome: 'fail',
    tree: debian(QUALITY + UNIX, 'enforcing = 0\n'),
    says: ['only warns'],
  },
  {
    name: 'pam_unix asks again',
    outcome: 'fail',
    tree: debian('password optional pam_pwquality.so\npassword required pam_unix.so\n'),
    says: ['stored all the same'],
  },
  { name: 'asked too late', outcome: 'fail', tree: debian(`password sufficient pam_unix.so\n${QUALITY}`) },
  {
    name: 'a module that is not known',
    outcome: 'unknown',
    tree: debian(`password requisite pam_example.so\n${UNIX}`),
  },
  {
    name: 'the rules of pam_passwdqc can not be read',
    outcome: 'unknown',
    tree: debian(`password requisite pam_passwdqc.so config=/etc/passwdqc.conf\n${UNIX}`, '', {
      '/etc/passwdqc.conf': { unreadable: 'permission denied' },
    }),
  },
  {
    name: 'a file that can not be read',
    outcome: 'unknown',
    tree: debian(QUALITY + UNIX, '', { '/etc/security/pwquality.conf': { unreadable: 'permission denied' } }),
  },
];

export const rootExamples: readonly Example[] = [
  { name: 'enforce_for_root', outcome: 'pass', tree: debian(QUALITY + UNIX, 'enforce_for_root\n') },
  { name: 'as delivered', outcome: 'fail', tree: debian(QUALITY + UNIX), says: ['root is exempt'] },
  { name: 'only in a comment', outcome: 'fail', tree: debian(QUALITY + UNIX, '# enforce_for_root\n') },
  { name: 'no quality module', outcome: 'fail', tree: debian('password required pam_unix.so obscure\n') },
  {
    name: 'no way by which it is stored here',
    outcome: 'unknown',
    tree: debian('password required pam_sss.so\n'),
  },
];
