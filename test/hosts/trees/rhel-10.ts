/**
 * RHEL 10 as its installer leaves a server, rebuilt from documented defaults (authselect's `local` profile, crypto-policies
 * DEFAULT, openssh 9.9p1, sudo 1.9.15p5), not run: no sssd in the stacks, yescrypt, accounts by sysusers, and the policy of
 * sshd is a drop-in of its own, read before 50-redhat.conf. The policy's lists are those of version 9.
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
  sessionStack,
} from './rhel.ts';
import { type RebuiltSystem, YESCRYPT } from './unpacked.ts';

export const rhel10: RebuiltSystem = {
  name: 'rhel-10',
  tree: {
    live: false,
    files: {
      ...rhel({
        title: '10.0 (Coughlan)',
        kernel: '6.12.0',
        sudo: '1.9.15p5',
        hash: YESCRYPT,
        method: 'YESCRYPT',
        accounts: {
          dbus: ['81:81:System Message Bus:/:/usr/sbin/nologin', '!*'],
          sshd: ['74:74:Privilege-separated SSH:/usr/share/empty.sshd:/usr/sbin/nologin', '!*'],
        },
        stack: [
          'auth        required                                     pam_env.so',
          'auth        required                                     pam_faildelay.so delay=2000000',
          'auth        sufficient                                   pam_unix.so nullok',
          'auth        required                                     pam_deny.so',
          'account     required                                     pam_unix.so',
          'password    requisite                                    pam_pwquality.so',
          'password    sufficient                                   pam_unix.so yescrypt shadow nullok use_authtok',
          'password    required                                     pam_deny.so',
          ...sessionStack,
        ],
        postlogin: lastlogPostlogin,
        nsswitch: [
          'passwd:     files systemd',
          'shadow:     files systemd',
          'group:      files [SUCCESS=merge] systemd',
          'hosts:      files myhostname dns',
          'gshadow:    files systemd',
        ],
        profileUmask: [],
        bashrc: [
          '# Set default umask for non-login shell only if it is set to 0',
          '[ `umask` -eq 0 ] && umask 022',
        ],
      }),
      ...rhelSshd('OpenSSH_9.9p1', includingConfig, ...includingUnit),
      ...dropIn(
        '40-redhat-crypto-policies.conf',
        '# This system is following system-wide crypto policy.',
        'Include /etc/crypto-policies/back-ends/opensshserver.config',
      ),
      ...dropIn('50-redhat.conf', ...redhatDropIn),
      ...cryptoPolicy(...defaultPolicy),
    },
  },
};
