/** Examples of login.su-restricted. */
import type { Privilege } from '../../shared/grant.ts';
import { grant, hostWith, NOW } from '../access/grants.examples.ts';
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
const WHEEL = `${ROOT}auth required pam_wheel.so use_uid group=staff\n${UNIX}`;
/** The host with a register: what each grant gives anna, and until when. */
const register = (grants: Parameters<typeof hostWith>[0], su = WHEEL, groups = ''): Example['tree'] =>
  hostWith(grants, files(su, groups).files);
const annas = (...privileges: Privilege[]) => grant(['anna'], { privileges });

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
  { name: 'members with a grant', outcome: 'pass', now: NOW, tree: register([annas('su')]), says: ['staff'] },
  { name: 'members with a grant of all of root', outcome: 'pass', now: NOW, tree: register([annas('root')]) },
  {
    name: 'members of one group who are not in the other that is also needed',
    outcome: 'pass',
    now: NOW,
    tree: register(
      [],
      `${ROOT}auth required pam_wheel.so use_uid group=staff\nauth required pam_wheel.so use_uid group=sugroup\n${UNIX}`,
    ),
  },
  {
    name: 'a member whom no grant covers',
    outcome: 'fail',
    now: NOW,
    tree: register([]),
    says: ['anna', 'no grant'],
  },
  {
    name: 'a member whose grant names no way to root',
    outcome: 'fail',
    now: NOW,
    tree: register([annas('adm')]),
    says: ['anna'],
  },
  {
    name: 'a member whose grant has ended',
    outcome: 'fail',
    now: NOW,
    tree: register([{ ...annas('su'), until: '2026-06-01T00:00:00.000Z' }]),
    says: ['anna'],
  },
  {
    name: 'a second member beside the one with a grant, by primary group',
    outcome: 'fail',
    now: NOW,
    tree: hostWith([annas('su')], {
      ...files(WHEEL).files,
      '/etc/passwd':
        'root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\nbernd:x:1001:901::/home/bernd:/bin/sh\n',
    }),
    says: ['bernd'],
  },
  {
    name: 'members of either of two groups are let in',
    outcome: 'fail',
    now: NOW,
    tree: register(
      [],
      `${ROOT}auth [success=1 ignore=1 default=ignore] pam_wheel.so use_uid group=staff\nauth requisite pam_wheel.so use_uid group=sugroup\n${UNIX}`,
    ),
    says: ['anna'],
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
  {
    name: 'members, and a policy that names no register',
    outcome: 'unknown',
    now: NOW,
    tree: register(null),
    says: ['anna', 'no register'],
  },
  {
    name: 'an empty group, and groups of a directory',
    outcome: 'unknown',
    tree: files(`${ROOT}auth required pam_wheel.so use_uid group=sugroup\n${UNIX}`, '', {
      '/etc/nsswitch.conf': 'passwd: files\ngroup: files ldap\n',
    }),
    says: ['ldap'],
  },
  { name: 'no PAM', outcome: 'unknown', tree: { files: {} } },
];
