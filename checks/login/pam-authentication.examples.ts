/** Examples of login.pam-authentication. */
import type { Example } from '../check.ts';
import type { Node } from '../host-memory.ts';

const PASSWD =
  'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/usr/sbin/nologin\nanna:x:1000:1000::/home/anna:/bin/bash\n';
const SHADOW = 'root:*:19800:0:99999:7:::\ndaemon:*:19800:0:99999:7:::\nanna:!:19800:0:99999:7:::\n';
const COMMON =
  'auth\t[success=1 default=ignore]\tpam_unix.so nullok\nauth\trequisite\tpam_deny.so\nauth\trequired\tpam_permit.so\n';
const base: Readonly<Record<string, Node>> = {
  '/etc/nsswitch.conf': 'passwd: files systemd\ngroup: files systemd\nshadow: files\n',
  '/etc/passwd': PASSWD,
  '/etc/group': 'root:x:0:\nsudo:x:27:anna\nusers:x:100:\n',
  '/etc/shadow': SHADOW,
  '/etc/pam.d/common-auth': COMMON,
  '/etc/pam.d/other': '@include common-auth\n',
  '/etc/pam.d/login': 'auth requisite pam_nologin.so\n@include common-auth\nauth optional pam_group.so\n',
  '/etc/pam.d/sshd': '@include common-auth\n',
  '/etc/pam.d/su': 'auth sufficient pam_rootok.so\n@include common-auth\n',
  '/etc/pam.d/sudo': '@include common-auth\n',
};
const tree = (files: Readonly<Record<string, Node>>) => ({ files: { ...base, ...files } });
const su = (line: string) => ({
  '/etc/pam.d/su': `auth sufficient pam_rootok.so\n${line}\n@include common-auth\n`,
});
const lightdm = {
  '/etc/pam.d/lightdm':
    'auth requisite pam_nologin.so\nauth sufficient pam_succeed_if.so user ingroup nopasswdlogin\n@include common-auth\n',
};

export const examples: readonly Example[] = [
  {
    name: 'Debian as delivered',
    outcome: 'pass',
    tree: tree({}),
    says: ['login, other, sshd, su, sudo'],
  },
  {
    name: 'greeter, autologin, runuser and cron are not asked for proof',
    outcome: 'pass',
    tree: tree({
      '/etc/pam.d/runuser': 'auth sufficient pam_rootok.so\n',
      '/etc/pam.d/sddm-greeter': 'auth required pam_permit.so\n',
      '/etc/pam.d/gdm-autologin': 'auth requisite pam_nologin.so\nauth required pam_permit.so\n',
      '/etc/pam.d/atd': 'auth required pam_env.so\n',
    }),
    says: ['only root can start it: runuser', 'console-autologin: gdm-autologin'],
  },
  {
    name: 'Red Hat with sssd: branches by kind of account, denied at the end',
    outcome: 'pass',
    tree: tree({
      '/etc/nsswitch.conf': 'passwd: files sss\ngroup: files sss\nshadow: files\n',
      '/etc/pam.d/sshd': 'auth substack password-auth\nauth include postlogin\n',
      '/etc/pam.d/postlogin': 'session optional pam_umask.so silent\n',
      '/etc/pam.d/password-auth':
        'auth required pam_env.so\nauth [default=1 ignore=ignore success=ok] pam_localuser.so\nauth sufficient pam_unix.so\nauth [default=1 ignore=ignore success=ok] pam_usertype.so isregular\nauth sufficient pam_sss.so forward_pass\nauth required pam_deny.so\n',
      '/etc/pam.d/common-auth': COMMON.replace(' nullok', ''),
    }),
  },
  { name: 'a passwordless group that nobody is in', outcome: 'pass', tree: tree(lightdm) },
  {
    name: 'pam_wheel trust with a group that is not there',
    outcome: 'pass',
    tree: tree(su('auth sufficient pam_wheel.so trust group=admins')),
  },
  {
    name: 'a missing module can not let anybody in',
    outcome: 'pass',
    tree: tree({
      '/lib/x86_64-linux-gnu/security/pam_unix.so': '',
      '/lib/x86_64-linux-gnu/security/pam_deny.so': '',
      '/lib/x86_64-linux-gnu/security/pam_permit.so': '',
      '/etc/pam.d/sshd': '-auth sufficient pam_vendor.so\n@include common-auth\n',
    }),
  },
  {
    name: 'pam_permit after an optional password',
    outcome: 'fail',
    tree: tree({ '/etc/pam.d/sshd': 'auth optional pam_unix.so\nauth required pam_permit.so\n' }),
    says: ['/etc/pam.d/sshd', 'pam_unix.so: auth_err', 'pam_permit.so: success'],
  },
  {
    name: 'a jump one too far passes by the denial',
    outcome: 'fail',
    tree: tree({
      '/etc/pam.d/common-auth': COMMON.replace('default=ignore', 'user_unknown=1 default=ignore'),
    }),
    says: ['login', 'sudo', 'pam_unix.so: user_unknown'],
  },
  {
    name: 'a second password module with the first one’s jump',
    outcome: 'fail',
    tree: tree({
      '/etc/pam.d/common-auth':
        'auth [success=2 default=ignore] pam_unix.so\nauth [success=1 default=1] pam_ldap.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n',
    }),
    says: ['pam_ldap.so: auth_err'],
  },
  {
    name: 'pam_rootok in a daemon, where everybody is root',
    outcome: 'fail',
    tree: tree({ '/etc/pam.d/sshd': 'auth sufficient pam_rootok.so\n@include common-auth\n' }),
    says: ['pam_rootok.so: success'],
  },
  {
    name: 'pam_wheel trust for a member',
    outcome: 'fail',
    tree: tree(su('auth sufficient pam_wheel.so trust group=sudo')),
    says: ['su', 'started by anna'],
  },
  {
    name: 'pam_succeed_if sufficient for ordinary accounts',
    outcome: 'fail',
    tree: tree({
      '/etc/pam.d/sudo': 'auth sufficient pam_succeed_if.so uid >= 1000 quiet\n@include common-auth\n',
    }),
    says: ['anna', 'pam_succeed_if.so: success'],
  },
  {
    name: 'a passwordless group with a member',
    outcome: 'fail',
    tree: tree({ ...lightdm, '/etc/group': 'root:x:0:\nnopasswdlogin:x:999:anna\n' }),
    says: ['anna'],
  },
  {
    name: 'pam_localuser sufficient',
    outcome: 'fail',
    tree: tree({ '/etc/pam.d/login': 'auth sufficient pam_localuser.so\n@include common-auth\n' }),
  },
  {
    name: 'pam_listfile lets in who is on the list',
    outcome: 'fail',
    tree: tree({
      '/etc/pam.d/vsftpd':
        'auth sufficient pam_listfile.so item=user sense=allow file=/etc/ftp.allow onerr=fail\n@include common-auth\n',
      '/etc/ftp.allow': 'anna\n',
    }),
    says: ['pam_listfile.so: success'],
  },
  {
    name: 'an empty password that nullok accepts',
    outcome: 'fail',
    tree: tree({ '/etc/shadow': SHADOW.replace('anna:!', 'anna:') }),
    says: ['anna', 'pam_unix.so: success'],
  },
  {
    name: 'other lets in what has no file of its own',
    outcome: 'fail',
    tree: tree({ '/etc/pam.d/other': 'auth required pam_permit.so\n' }),
    says: ['other'],
  },
  {
    name: 'a second factor with nullok is the only one',
    outcome: 'fail',
    tree: tree({
      '/etc/pam.d/sshd': 'auth required pam_google_authenticator.so nullok\nauth required pam_permit.so\n',
    }),
    says: ['pam_google_authenticator.so: ignore'],
  },
  {
    name: 'a file of the vendor below /usr/lib, a line continued',
    outcome: 'fail',
    tree: tree({ '/usr/lib/pam.d/polkit-1': 'auth [success=done \\\n  default=ignore] pam_permit.so\n' }),
    says: ['/usr/lib/pam.d/polkit-1'],
  },
  {
    name: 'a module that is not known here',
    outcome: 'unknown',
    tree: tree({ '/etc/pam.d/sshd': 'auth sufficient pam_vendor.so\n@include common-auth\n' }),
    says: ['pam_vendor.so'],
  },
  {
    name: 'a file that only looks like pam_unix',
    outcome: 'unknown',
    tree: tree({ '/etc/pam.d/sshd': 'auth sufficient /opt/x/pam_unix.so\n@include common-auth\n' }),
  },
  {
    name: 'includes in a circle',
    outcome: 'unknown',
    tree: tree({
      '/etc/pam.d/a': '@include b\n',
      '/etc/pam.d/b': '@include a\n',
      '/etc/pam.d/sshd': 'auth include a\n',
    }),
    says: ['circle'],
  },
  {
    name: 'a part of other services that is open by itself',
    outcome: 'unknown',
    tree: tree({
      '/etc/pam.d/first-step': 'auth required pam_permit.so\n',
      '/etc/pam.d/sshd': 'auth include first-step\nauth required pam_unix.so\n',
    }),
    says: ['first-step'],
  },
  {
    name: 'membership may come from a directory',
    outcome: 'unknown',
    tree: tree({ ...lightdm, '/etc/nsswitch.conf': 'passwd: files sss\ngroup: files sss\nshadow: files\n' }),
  },
  {
    name: 'shadow not readable while nullok stands',
    outcome: 'unknown',
    tree: tree({ '/etc/shadow': { unreadable: 'permission denied' } }),
    says: ['nullok'],
  },
  {
    name: 'a service’s file is a pipe',
    outcome: 'unknown',
    tree: tree({ '/etc/pam.d/sshd': { type: 'other' } }),
    says: ['/etc/pam.d/sshd'],
  },
];
