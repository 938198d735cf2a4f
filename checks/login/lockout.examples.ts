/** Examples of login.lockout. */
import type { Example } from '../check.ts';

const GOOD =
  'auth required pam_faillock.so preauth\nauth sufficient pam_unix.so\nauth [default=die] pam_faillock.so authfail\nauth required pam_deny.so\naccount required pam_faillock.so\naccount required pam_unix.so\n';
const CONF = 'deny = 5\nunlock_time = 900\neven_deny_root\n';
const tree = (login: string, conf = CONF, more: Example['tree']['files'] = {}): Example['tree'] => ({
  files: { '/etc/pam.d/login': login, '/etc/security/faillock.conf': conf, ...more },
});

export const examples: readonly Example[] = [
  { name: 'as the man page has it', outcome: 'pass', tree: tree(GOOD), says: ['deny = 5'] },
  {
    name: 'Debian’s jumps, faillock in other files than pam_unix, options in another order',
    outcome: 'pass',
    tree: tree(
      '@include before\n@include common-auth\n',
      '#deny = 0\n  unlock_time=never # for ever\nroot_unlock_time = 60\neven_deny_root\n',
      {
        '/etc/pam.d/before': 'auth requisite pam_faillock.so silent deny=4 preauth\n',
        '/etc/pam.d/common-auth':
          'auth [success=2 default=ignore] pam_unix.so nullok\n@include counting\nauth requisite pam_deny.so\nauth required pam_permit.so\n',
        '/etc/pam.d/counting': 'auth [default=die] pam_faillock.so deny=4 authfail\n',
      },
    ),
    says: ['deny = 4', 'unlock_time = 0'],
  },
  {
    name: 'RHEL with authselect',
    outcome: 'pass',
    tree: tree('auth substack system-auth\n', CONF, {
      '/etc/pam.d/system-auth':
        'auth required pam_env.so\nauth required pam_faildelay.so delay=2000000\nauth required pam_faillock.so preauth silent\nauth [default=1 ignore=ignore success=ok] pam_usertype.so isregular\nauth [default=1 ignore=ignore success=ok] pam_localuser.so\nauth sufficient pam_unix.so nullok\nauth [default=1 ignore=ignore success=ok] pam_usertype.so isregular\nauth sufficient pam_sss.so forward_pass\nauth required pam_faillock.so authfail\nauth required pam_deny.so\n',
    }),
  },
  {
    name: 'without preauth: authsucc keeps the right password out',
    outcome: 'pass',
    tree: tree(
      'auth [success=1 default=bad] pam_unix.so\nauth [default=die] pam_faillock.so authfail\nauth required pam_faillock.so authsucc\n',
    ),
  },
  {
    name: 'pam_tally2',
    outcome: 'pass',
    tree: tree(
      'auth required pam_tally2.so deny=5 unlock_time=900 even_deny_root\nauth required pam_unix.so\n',
    ),
  },
  {
    name: 'root left out where that is allowed',
    outcome: 'pass',
    tree: tree(GOOD, 'unlock_time = 900\n'),
    params: { root: false },
    says: ['deny = 3'],
  },
  {
    name: 'the vendor’s file of SUSE, and PAM files below /usr/lib',
    outcome: 'pass',
    tree: { files: { '/usr/lib/pam.d/login': GOOD, '/usr/etc/security/faillock.conf': CONF } },
  },
  {
    name: 'Debian as delivered',
    outcome: 'fail',
    tree: tree(
      'auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n',
    ),
    says: ['no module locks accounts'],
  },
  {
    name: 'the lines are comments',
    outcome: 'fail',
    tree: tree(
      '#auth required pam_faillock.so preauth\nauth sufficient pam_unix.so\n#auth [default=die] pam_faillock.so authfail\n',
    ),
  },
  {
    name: 'the argument of the module overrides the file',
    outcome: 'fail',
    tree: tree(GOOD.replace('preauth', 'preauth deny=50')),
    says: ['deny = 50'],
  },
  {
    name: 'a lock of ten minutes, the built-in value',
    outcome: 'fail',
    tree: tree(GOOD, 'deny = 3\neven_deny_root\n'),
    says: ['unlock_time = 600'],
  },
  { name: 'never locks', outcome: 'fail', tree: tree(GOOD, 'deny = 0\nunlock_time = 900\neven_deny_root\n') },
  {
    name: 'root is left out',
    outcome: 'fail',
    tree: tree(GOOD, 'deny = 5\nunlock_time = 900\n'),
    says: ['root'],
  },
  {
    name: 'pam_unix ends the stack before a failure is counted',
    outcome: 'fail',
    tree: tree(
      'auth required pam_faillock.so preauth\nauth requisite pam_unix.so\nauth [default=die] pam_faillock.so authfail\n',
    ),
    says: ['not counted'],
  },
  {
    name: 'preauth is optional: the right password opens a locked account',
    outcome: 'fail',
    tree: tree(GOOD.replace('required pam_faillock.so preauth', 'optional pam_faillock.so preauth')),
    says: ['knows the password'],
  },
  {
    name: 'preauth behind pam_unix is never reached with the right password',
    outcome: 'fail',
    tree: tree(
      'auth sufficient pam_unix.so\nauth required pam_faillock.so preauth\nauth [default=die] pam_faillock.so authfail\n',
    ),
  },
  {
    name: 'one service of two is left out',
    outcome: 'fail',
    tree: tree(GOOD, CONF, { '/etc/pam.d/sshd': 'auth required pam_unix.so\n' }),
    says: ['sshd'],
  },
  {
    name: 'failures are noted in one directory and looked up in another',
    outcome: 'fail',
    tree: tree(GOOD.replace('preauth', 'preauth dir=/run/a')),
  },
  {
    name: 'pam_tally2 without a limit',
    outcome: 'fail',
    tree: tree('auth required pam_tally2.so\nauth required pam_unix.so\n'),
  },
  { name: 'no PAM at all', outcome: 'unknown', tree: { files: {} } },
  {
    name: 'faillock.conf is a FIFO',
    outcome: 'unknown',
    tree: {
      files: { '/etc/pam.d/login': GOOD, '/etc/security/faillock.conf': { type: 'other' } },
    },
  },
  {
    name: 'a file of its own',
    outcome: 'unknown',
    tree: tree(GOOD.replace('preauth', 'preauth conf=/etc/faillock-own.conf')),
  },
];
