/** Examples of password.min-strength. */
import type { Example } from '../check.ts';

const DEBIAN = 'ID=debian\nVERSION_ID="12"\n';
const QUALITY = 'password requisite pam_pwquality.so retry=3\n';
const UNIX =
  'password [success=1 default=ignore] pam_unix.so obscure use_authtok try_first_pass yescrypt\npassword requisite pam_deny.so\npassword required pam_permit.so\n';

/** A Debian host with this common-password and pwquality.conf. */
export const debian = (stack: string, conf = '', more: Example['tree']['files'] = {}): Example['tree'] => ({
  files: {
    '/etc/os-release': DEBIAN,
    '/etc/pam.d/passwd': '@include common-password\n',
    '/etc/pam.d/chpasswd': '@include common-password\n',
    '/etc/pam.d/common-password': stack,
    '/etc/security/pwquality.conf': conf,
    ...more,
  },
});
const STRONG = 'minlen = 12\nminclass = 3\n';

export const examples: readonly Example[] = [
  {
    name: 'twelve characters and three classes',
    outcome: 'pass',
    tree: debian(QUALITY + UNIX, STRONG),
    says: ['12 characters, 3 of 4 classes'],
  },
  { name: 'twenty characters of any kind', outcome: 'pass', tree: debian(QUALITY + UNIX, 'minlen = 20\n') },
  {
    name: 'classes by negative credits',
    outcome: 'pass',
    tree: debian(QUALITY + UNIX, 'minlen=14\ndcredit=-1\nucredit=-1\nlcredit=-1\n'),
  },
  {
    name: 'module arguments win over the file',
    outcome: 'pass',
    tree: debian(`password requisite pam_pwquality.so minlen=12 minclass=3\n${UNIX}`, 'minlen = 8\n'),
  },
  {
    name: 'authselect on RHEL: sssd behind pam_unix, accounts of this system only',
    outcome: 'pass',
    tree: {
      files: {
        '/etc/os-release': 'ID=rhel\nVERSION_ID="9.4"\n',
        '/etc/pam.d/passwd': 'password substack system-auth\n',
        '/etc/pam.d/system-auth':
          'password requisite pam_pwquality.so local_users_only\npassword sufficient pam_unix.so yescrypt shadow nullok use_authtok\npassword [success=1 default=ignore] pam_localuser.so\npassword sufficient pam_sss.so use_authtok\npassword required pam_deny.so\n',
        '/etc/security/pwquality.conf': STRONG,
      },
    },
  },
  {
    name: 'pam_passwdqc with four classes wanted',
    outcome: 'pass',
    tree: debian(`password requisite pam_passwdqc.so min=disabled,24,20,12,12\n${UNIX}`),
    says: ['12 characters'],
  },
  {
    name: 'pam_passwdqc as delivered',
    outcome: 'fail',
    tree: debian(`password requisite pam_passwdqc.so\n${UNIX}`),
    says: ['7 characters, 4 of 4 classes'],
  },
  {
    name: 'a quality module that is not installed, optional',
    outcome: 'fail',
    tree: debian('-password optional pam_pwquality.so\npassword required pam_unix.so\n', STRONG, {
      '/usr/lib/x86_64-linux-gnu/security/pam_unix.so': '',
    }),
    says: ['6 characters, 1 of 4 classes'],
  },
  {
    name: 'pwquality as delivered',
    outcome: 'fail',
    tree: debian(QUALITY + UNIX),
    says: ['8 characters, 1 of 4 classes', '/etc/pam.d/common-password'],
  },
  {
    name: 'pam_unix alone, as delivered by Debian',
    outcome: 'fail',
    tree: debian('password required pam_unix.so obscure yescrypt\n'),
    says: ['6 characters, 1 of 4 classes'],
  },
  {
    name: 'pam_unix alone: any letter will do upstream',
    outcome: 'fail',
    tree: {
      files: {
        '/etc/os-release': 'ID=rhel\nVERSION_ID="9.4"\n',
        '/etc/pam.d/passwd': 'password required pam_unix.so\n',
      },
    },
    says: ['1 characters'],
  },
  {
    name: 'positive credits shorten it',
    outcome: 'fail',
    tree: debian(QUALITY + UNIX, `${STRONG}ocredit = 2\n`),
    says: ['10 characters'],
  },
  {
    name: 'long enough, of one class',
    outcome: 'fail',
    tree: debian(QUALITY + UNIX, 'minlen = 14\n'),
    says: ['14 characters, 1 of 4 classes', 'pam.d'],
  },
  {
    name: 'the main file wins over pwquality.conf.d',
    outcome: 'fail',
    tree: debian(QUALITY + UNIX, 'minlen = 8\n', { '/etc/security/pwquality.conf.d/90.conf': STRONG }),
    says: ['/etc/security/pwquality.conf'],
  },
  { name: 'it only warns', outcome: 'fail', tree: debian(QUALITY + UNIX, `${STRONG}enforcing = 0\n`) },
  {
    name: 'optional, and pam_unix asks again',
    outcome: 'fail',
    tree: debian(
      'password optional pam_pwquality.so minlen=12 minclass=3\npassword required pam_unix.so obscure\n',
    ),
  },
  {
    name: 'required, and pam_unix asks again and stores',
    outcome: 'fail',
    tree: debian(
      'password required pam_pwquality.so minlen=12 minclass=3\npassword required pam_unix.so obscure\n',
    ),
  },
  {
    name: 'pam_unix before the quality is looked at',
    outcome: 'fail',
    tree: debian(`password sufficient pam_unix.so obscure\n${QUALITY}`, STRONG),
  },
  {
    name: 'jumped over',
    outcome: 'fail',
    tree: debian(
      `password [default=1] pam_permit.so\n${QUALITY}password required pam_unix.so obscure\n`,
      STRONG,
    ),
  },
  {
    name: 'settings in a file that nobody reads',
    outcome: 'fail',
    tree: debian(QUALITY + UNIX, '', { '/etc/pwquality.conf': STRONG }),
  },
  {
    name: 'a module that is not known',
    outcome: 'unknown',
    tree: debian(`password requisite pam_example.so\n${QUALITY}${UNIX}`, STRONG),
    says: ['pam_example'],
  },
  {
    name: 'a setting that libpwquality stumbles over',
    outcome: 'unknown',
    tree: debian(QUALITY + UNIX, 'minlength = 14\nminlen = 14\n'),
  },
  {
    name: 'a file that can not be read',
    outcome: 'unknown',
    tree: debian(QUALITY + UNIX, '', { '/etc/security/pwquality.conf': { unreadable: 'permission denied' } }),
  },
  {
    name: 'settings of the vendor, which not every version reads',
    outcome: 'unknown',
    tree: {
      files: {
        '/etc/os-release': 'ID=sles\nVERSION_ID="16.0"\n',
        '/etc/pam.d/passwd': `${QUALITY}password required pam_unix.so use_authtok\n`,
        '/usr/lib/security/pwquality.conf': STRONG,
      },
    },
    says: ['/usr/lib/security/pwquality.conf'],
  },
  {
    name: 'passwords are kept elsewhere',
    outcome: 'unknown',
    tree: debian('password required pam_sss.so\n'),
  },
];
