/** Examples of login.su-restricted. */
import type { Example } from '../check.ts';

const files = (su: string, groups = '', more: Example['tree']['files'] = {}): Example['tree'] => ({
  files: {
    '/etc/pam.d/su': su,
    '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n',
    '/etc/group': `root:x:0:\nsugroup:x:900:\nstaff:x:901:anna\n${groups}`,
    ...more,
  },
});
const ROOT = 'auth sufficient pam_rootok.so\n';
const UNIX = 'auth required pam_unix.so\naccount required pam_unix.so\n';

export const examples: readonly Example[] = [
  {
    name: 'an empty group',
    outcome: 'pass',
    tree: files(`${ROOT}auth required pam_wheel.so use_uid group=sugroup\n${UNIX}`),
    says: ['sugroup'],
  },
  {
    name: 'arguments in another order, and the line in an included file',
    outcome: 'pass',
    tree: files(`${ROOT}@include common-su\n${UNIX}`, '', {
      '/etc/pam.d/common-su': 'auth\t[success=ok default=die] pam_wheel.so group=sugroup use_uid\n',
    }),
  },
  {
    name: 'a group that does not exist: nobody is in it',
    outcome: 'pass',
    tree: files(`${ROOT}auth required pam_wheel.so use_uid group=nosuch\n${UNIX}`),
  },
  {
    name: 'members that are granted',
    outcome: 'pass',
    tree: files(`${ROOT}auth required pam_wheel.so use_uid group=staff\n${UNIX}`),
    params: { granted: ['anna'] },
  },
  {
    name: 'Debian as delivered: the line is a comment',
    outcome: 'fail',
    tree: files(`${ROOT}# auth required pam_wheel.so use_uid group=sugroup\n${UNIX}`),
  },
  {
    name: 'optional, so that its answer does not count',
    outcome: 'fail',
    tree: files(`${ROOT}auth optional pam_wheel.so use_uid group=sugroup\n${UNIX}`),
  },
  {
    name: 'behind a password that is sufficient',
    outcome: 'fail',
    tree: files(
      `${ROOT}auth sufficient pam_unix.so\nauth required pam_wheel.so use_uid group=sugroup\naccount required pam_unix.so\n`,
    ),
  },
  {
    name: 'trust: members need no password, others may go on',
    outcome: 'fail',
    tree: files(`${ROOT}auth sufficient pam_wheel.so trust use_uid\n${UNIX}`),
  },
  {
    name: 'deny: keeps the group out and lets all others in',
    outcome: 'fail',
    tree: files(`${ROOT}auth required pam_wheel.so deny use_uid group=sugroup\n${UNIX}`),
  },
  {
    name: 'without use_uid',
    outcome: 'fail',
    tree: files(`${ROOT}auth required pam_wheel.so group=sugroup\n${UNIX}`),
    says: ['use_uid'],
  },
  {
    name: 'su -l has a file of its own',
    outcome: 'fail',
    tree: files(`${ROOT}auth required pam_wheel.so use_uid group=sugroup\n${UNIX}`, '', {
      '/etc/pam.d/su-l': `${ROOT}${UNIX}`,
    }),
    says: ['su-l'],
  },
  {
    name: 'wheel has members of whom nothing is known',
    outcome: 'unknown',
    tree: files(`${ROOT}auth required pam_wheel.so use_uid\n${UNIX}`, 'wheel:x:10:anna\n'),
    says: ['anna'],
  },
  { name: 'no PAM', outcome: 'unknown', tree: { files: {} } },
];
