/** Examples of password.hash-algorithm. */
import type { Example } from '../check.ts';

const DEBIAN = 'ID=debian\nVERSION_ID="12"\n';
const tree = (option: string, defs = 'ENCRYPT_METHOD SHA512\n', os = DEBIAN): Example['tree'] => ({
  files: {
    '/etc/os-release': os,
    '/etc/login.defs': defs,
    '/etc/pam.d/passwd': '@include common-password\n',
    '/etc/pam.d/common-password': `password\t[success=1 default=ignore]\tpam_unix.so obscure ${option}\npassword requisite pam_deny.so\n`,
  },
});

export const examples: readonly Example[] = [
  {
    name: 'Debian 12 as delivered',
    outcome: 'pass',
    tree: tree('yescrypt'),
    says: ['SHA512', 'pam_unix: yescrypt'],
  },
  {
    name: 'pam_unix without an option takes login.defs',
    outcome: 'pass',
    tree: tree('', 'ENCRYPT_METHOD YESCRYPT\n'),
    says: ['login.defs'],
  },
  { name: 'gost-yescrypt', outcome: 'pass', tree: tree('gost_yescrypt') },
  {
    name: 'login.defs below /usr/etc, stack below /usr/lib/pam.d through substack',
    outcome: 'pass',
    tree: {
      files: {
        '/etc/os-release': 'ID=opensuse-leap\nVERSION_ID="16.0"\n',
        '/usr/etc/login.defs': 'ENCRYPT_METHOD YESCRYPT\n',
        '/usr/lib/pam.d/passwd': 'password substack common-password\n',
        '/usr/lib/pam.d/common-password': 'password required pam_unix.so use_authtok nullok\n',
      },
    },
  },
  {
    name: 'md5 as an option',
    outcome: 'fail',
    tree: tree('md5'),
    says: ['pam_unix: md5', 'common-password'],
  },
  { name: 'the last option wins', outcome: 'fail', tree: tree('yescrypt sha256') },
  {
    name: 'the module is right and login.defs is not',
    outcome: 'fail',
    tree: tree('yescrypt', 'ENCRYPT_METHOD MD5\n'),
    says: ['ENCRYPT_METHOD MD5'],
  },
  {
    name: 'small letters: the tools fall back to DES',
    outcome: 'fail',
    tree: tree('yescrypt', 'ENCRYPT_METHOD sha512\n'),
    says: ['des'],
  },
  { name: 'nothing set anywhere', outcome: 'fail', tree: tree('', ''), says: ['des'] },
  { name: 'only in comments', outcome: 'fail', tree: tree('# yescrypt', '# ENCRYPT_METHOD SHA512\n') },
  {
    name: 'two lines in login.defs: PAM takes the first one',
    outcome: 'fail',
    tree: tree('', 'ENCRYPT_METHOD MD5\nENCRYPT_METHOD SHA512\n'),
    says: ['pam_unix: md5'],
  },
  {
    name: 'yescrypt on a version that does not know it',
    outcome: 'fail',
    tree: tree('yescrypt', 'ENCRYPT_METHOD YESCRYPT\n', 'ID=rhel\nVERSION_ID="8.10"\n'),
    says: ['pam_unix: des'],
  },
  {
    name: 'sha512 where only yescrypt was allowed',
    outcome: 'fail',
    tree: tree('sha512'),
    params: { allowed: ['yescrypt'] },
  },
  {
    name: 'passwords are changed elsewhere',
    outcome: 'unknown',
    tree: { files: { ...tree('').files, '/etc/pam.d/common-password': 'password required pam_sss.so\n' } },
  },
  {
    name: 'PAM files that can not be read',
    outcome: 'unknown',
    tree: { files: { ...tree('').files, '/etc/pam.d/common-password': { unreadable: 'permission denied' } } },
  },
];
