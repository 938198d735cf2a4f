/**
 * RHEL 9 as its installer leaves a server, rebuilt from documented defaults (authselect's `sssd` profile, crypto-policies
 * DEFAULT, openssh 8.7p1, sudo 1.9.5p2), not run: sshd takes its algorithms from the system-wide policy by a drop-in.
 */
import {
  cryptoPolicy,
  defaultPolicy,
  dropIn,
  includingConfig,
  includingUnit,
  lastlogPostlogin,
  redhatDropIn,
  rhel,
  rhelSshd,
  sssdStack,
} from './rhel.ts';
import { type RebuiltSystem, SHA512 } from './unpacked.ts';

export const rhel9: RebuiltSystem = {
  name: 'rhel-9',
  tree: {
    live: false,
    files: {
      ...rhel({
        title: '9.4 (Plow)',
        kernel: '5.14.0',
        sudo: '1.9.5p2',
        hash: SHA512,
        method: 'SHA512',
        accounts: {
          dbus: ['81:81:System message bus:/:/sbin/nologin', '!!'],
          sssd: ['996:993:User for sssd:/:/sbin/nologin', '!!'],
          sshd: ['74:74:Privilege-separated SSH:/usr/share/empty.sshd:/usr/sbin/nologin', '!!'],
        },
        stack: sssdStack(''),
        postlogin: lastlogPostlogin,
        nsswitch: [
          'passwd:     sss files systemd',
          'shadow:     files',
          'group:      sss files systemd',
          'hosts:      files dns myhostname',
        ],
        profileUmask: [],
        bashrc: [
          '# Set default umask for non-login shell only if it is set to 0',
          '[ `umask` -eq 0 ] && umask 022',
        ],
      }),
      ...rhelSshd('OpenSSH_8.7p1\0kex-strict-s-v00@openssh.com', includingConfig, ...includingUnit),
      ...dropIn(
        '50-redhat.conf',
        '# This system is following system-wide crypto policy.',
        'Include /etc/crypto-policies/back-ends/opensshserver.config',
        ...redhatDropIn,
      ),
      ...cryptoPolicy(...defaultPolicy),
    },
  },
};
