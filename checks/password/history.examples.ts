/** Examples of password.history. */
import type { Example } from '../check.ts';
import { debian } from './min-strength.examples.ts';

const UNIX = 'password required pam_unix.so use_authtok yescrypt\n';
const QUALITY = 'password requisite pam_pwquality.so retry=3\n';
const history = (args: string, control = 'requisite') =>
  `${QUALITY}password ${control} pam_pwhistory.so ${args}\n${UNIX}`;
const os = (text: string): Example['tree']['files'] => ({ '/etc/os-release': text });
const DEBIAN_13 = os('ID=debian\nVERSION_ID="13"\n');
const CONF = { '/etc/security/pwhistory.conf': 'remember = 24\nenforce_for_root\n' };

export const examples: readonly Example[] = [
  {
    name: 'twenty-four, for root too',
    outcome: 'pass',
    tree: debian(history('remember=24 enforce_for_root use_authtok')),
    says: ['24 remembered', '(root by chpasswd'],
  },
  {
    name: 'pwhistory.conf where it is read',
    outcome: 'pass',
    tree: debian(history('use_authtok'), '', { ...DEBIAN_13, ...CONF }),
    says: ['/etc/security/pwhistory.conf'],
  },
  {
    name: 'pam_unix remembers, and root is left out by parameter',
    outcome: 'pass',
    params: { root: false },
    tree: debian(`${QUALITY}password required pam_unix.so use_authtok remember=24\n`),
  },
  {
    name: 'without use_authtok, but it asks once only',
    outcome: 'pass',
    tree: debian(history('remember=30 enforce_for_root')),
  },
  { name: 'nothing remembers', outcome: 'fail', tree: debian(QUALITY + UNIX), says: ['no module remembers'] },
  {
    name: 'the default is ten',
    outcome: 'fail',
    tree: debian(history('enforce_for_root use_authtok')),
    says: ['10 remembered'],
  },
  {
    name: 'pwhistory.conf that nobody reads on Debian 12',
    outcome: 'fail',
    tree: debian(history('enforce_for_root use_authtok'), '', CONF),
    says: ['10 remembered'],
  },
  {
    name: 'arguments win over the file',
    outcome: 'fail',
    tree: debian(history('remember=5 use_authtok'), '', { ...DEBIAN_13, ...CONF }),
    says: ['5 remembered', '/etc/pam.d/common-password'],
  },
  {
    name: 'the first line of the file counts',
    outcome: 'fail',
    tree: debian(history('use_authtok'), '', {
      ...DEBIAN_13,
      '/etc/security/pwhistory.conf': 'remember = 5\nremember = 24\nenforce_for_root\n',
    }),
  },
  {
    name: 'of the arguments the last one',
    outcome: 'fail',
    tree: debian(history('remember=24 enforce_for_root use_authtok remember=3')),
  },
  {
    name: 'root is exempt',
    outcome: 'fail',
    tree: debian(history('remember=24 use_authtok')),
    says: ['root is exempt'],
  },
  {
    name: 'pam_unix remembers for others than root',
    outcome: 'fail',
    tree: debian(`${QUALITY}password required pam_unix.so use_authtok remember=24\n`),
    says: ['root is exempt'],
  },
  {
    name: 'optional, and pam_unix asks again',
    outcome: 'fail',
    tree: debian(
      'password optional pam_pwhistory.so remember=24 enforce_for_root\npassword required pam_unix.so\n',
    ),
    says: ['stored all the same'],
  },
  {
    name: 'behind pam_unix',
    outcome: 'fail',
    tree: debian(
      `${QUALITY}password sufficient pam_unix.so use_authtok\npassword required pam_pwhistory.so remember=24 enforce_for_root\n`,
    ),
  },
  {
    name: 'it asks again past the quality module',
    outcome: 'fail',
    tree: debian(history('remember=24 enforce_for_root retry=3')),
    says: ['use_authtok'],
  },
  {
    name: 'one service has a stack of its own without it',
    outcome: 'fail',
    tree: debian(history('remember=24 enforce_for_root use_authtok'), '', {
      '/etc/pam.d/login': `${QUALITY}${UNIX}`,
    }),
    says: ['(login)'],
  },
  {
    name: 'a version of which it is not known whether it reads the file',
    outcome: 'unknown',
    tree: debian(history('use_authtok'), '', { ...os('ID=rhel\nVERSION_ID="9.4"\n'), ...CONF }),
  },
  {
    name: 'settings in a file of its own',
    outcome: 'unknown',
    tree: debian(history('use_authtok conf=/etc/history.conf')),
  },
  {
    name: 'a module that is not known',
    outcome: 'unknown',
    tree: debian(`password requisite pam_example.so\n${history('remember=24 enforce_for_root use_authtok')}`),
  },
  {
    name: 'a file that can not be read',
    outcome: 'unknown',
    tree: debian(history('use_authtok'), '', {
      ...DEBIAN_13,
      '/etc/security/pwhistory.conf': { unreadable: 'input/output error' },
    }),
  },
];
