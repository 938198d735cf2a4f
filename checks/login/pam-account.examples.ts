/** Examples of login.pam-account. */
import type { Example } from '../check.ts';
import type { Node } from '../host-memory.ts';

const COMMON =
  'account\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so\naccount\trequisite\tpam_deny.so\naccount\trequired\tpam_permit.so\n';
const base: Readonly<Record<string, Node>> = {
  '/etc/nsswitch.conf': 'passwd: files systemd\ngroup: files systemd\nshadow: files\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\n',
  '/etc/group': 'root:x:0:\nusers:x:100:\n',
  '/etc/shadow': 'root:*:19800:0:99999:7:::\nanna:!:19800:0:99999:7:::\n',
  '/etc/pam.d/common-account': COMMON,
  '/etc/pam.d/other': '@include common-account\n',
  '/etc/pam.d/login': '@include common-account\n',
  '/etc/pam.d/sshd': 'account required pam_nologin.so\n@include common-account\n',
  '/etc/pam.d/su': '@include common-account\n',
  '/etc/pam.d/cron': '@include common-account\n',
};
const tree = (files: Readonly<Record<string, Node>>) => ({ files: { ...base, ...files } });
const RED_HAT =
  'account required pam_unix.so\naccount sufficient pam_localuser.so\naccount sufficient pam_usertype.so issystem\naccount [default=bad success=ok user_unknown=ignore] pam_sss.so\naccount required pam_permit.so\n';

export const examples: readonly Example[] = [
  { name: 'Debian as delivered', outcome: 'pass', tree: tree({}), says: ['cron, login, other, sshd, su'] },
  {
    name: 'Red Hat with sssd, and su that asks nothing of root',
    outcome: 'pass',
    tree: tree({
      '/etc/nsswitch.conf': 'passwd: files sss\ngroup: files sss\nshadow: files\n',
      '/etc/pam.d/system-auth': RED_HAT,
      '/etc/pam.d/sshd': 'account required pam_nologin.so\naccount include system-auth\n',
      '/etc/pam.d/su':
        'account sufficient pam_succeed_if.so uid = 0 use_uid quiet\naccount include system-auth\n',
    }),
  },
  {
    name: 'tools of root and the user manager are not judged',
    outcome: 'pass',
    tree: tree({
      '/usr/etc/pam.d/useradd': 'auth sufficient pam_rootok.so\naccount required pam_permit.so\n',
      '/usr/lib/pam.d/systemd-user': 'account sufficient pam_unix.so\naccount required pam_permit.so\n',
    }),
    says: ['only root can start it: useradd'],
  },
  {
    name: 'nothing but pam_permit',
    outcome: 'fail',
    tree: tree({ '/etc/pam.d/sshd': 'account required pam_nologin.so\naccount required pam_permit.so\n' }),
    says: ['sshd', 'pam_permit.so: success'],
  },
  {
    name: 'pam_unix sufficient before pam_permit: expired accounts go on',
    outcome: 'fail',
    tree: tree({
      '/etc/pam.d/common-account': 'account sufficient pam_unix.so\naccount required pam_permit.so\n',
    }),
    says: ['login', 'pam_unix.so: auth_err'],
  },
  {
    name: 'pam_localuser sufficient before pam_unix',
    outcome: 'fail',
    tree: tree({ '/etc/pam.d/common-account': `account sufficient pam_localuser.so\n${COMMON}` }),
    says: ['pam_localuser.so: success'],
  },
  {
    name: 'an expired account is ignored',
    outcome: 'fail',
    tree: tree({
      '/etc/pam.d/common-account':
        'account [success=1 acct_expired=1 default=ignore] pam_unix.so\naccount requisite pam_deny.so\naccount required pam_permit.so\n',
    }),
    says: ['pam_unix.so: acct_expired'],
  },
  {
    name: 'pam_access alone says who may, not whether the account still lives',
    outcome: 'fail',
    tree: tree({ '/etc/pam.d/sshd': 'account required pam_access.so\n' }),
    says: ['pam_access.so: success'],
  },
  {
    name: 'no account lines, and other permits',
    outcome: 'fail',
    tree: tree({
      '/etc/pam.d/xrdp-sesman': 'auth required pam_unix.so\n',
      '/etc/pam.d/other': 'account required pam_permit.so\n',
    }),
    says: ['other, xrdp-sesman'],
  },
  {
    name: 'a module that is not known here',
    outcome: 'unknown',
    tree: tree({ '/etc/pam.d/sshd': 'account required pam_vendor.so\n' }),
    says: ['pam_vendor.so'],
  },
  {
    name: 'a file that can not be read',
    outcome: 'unknown',
    tree: tree({ '/etc/pam.d/common-account': { unreadable: 'invalid UTF-8' } }),
  },
];
