/**
 * RHEL 8 as its installer leaves a server, rebuilt from documented defaults (authselect's `sssd` profile, crypto-policies
 * DEFAULT, openssh 8.0p1, sudo 1.9.5p2), not run: the system-wide policy is no line of sshd_config but arguments of the
 * unit, the file itself lets root log in with a password, and the mask is 002 where group and user have one name.
 */
import { cryptoPolicy, lastlogPostlogin, rhel, rhelSshd, sssdStack } from './rhel.ts';
import { type RebuiltSystem, SHA512 } from './unpacked.ts';

const KEYS =
  'rsa-sha2-256,rsa-sha2-256-cert-v01@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp384,ecdsa-sha2-nistp384-cert-v01@openssh.com,rsa-sha2-512,rsa-sha2-512-cert-v01@openssh.com,ecdsa-sha2-nistp521,ecdsa-sha2-nistp521-cert-v01@openssh.com,ssh-ed25519,ssh-ed25519-cert-v01@openssh.com,ssh-rsa,ssh-rsa-cert-v01@openssh.com';
const POLICY = [
  '-oCiphers=aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,aes256-cbc,aes128-gcm@openssh.com,aes128-ctr,aes128-cbc',
  '-oMACs=hmac-sha2-256-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha1,umac-128@openssh.com,hmac-sha2-512',
  '-oGSSAPIKexAlgorithms=gss-gex-sha1-,gss-group14-sha1-',
  '-oKexAlgorithms=curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group-exchange-sha1,diffie-hellman-group14-sha1',
  `-oHostKeyAlgorithms=${KEYS}`,
  `-oPubkeyAcceptedKeyTypes=${KEYS}`,
].join(' ');
/** In /etc/profile and /etc/bashrc alike. */
const UMASK = [
  'if [ $UID -gt 199 ] && [ "`/usr/bin/id -gn`" = "`/usr/bin/id -un`" ]; then',
  '    umask 002',
  'else',
  '    umask 022',
  'fi',
];

export const rhel8: RebuiltSystem = {
  name: 'rhel-8',
  tree: {
    live: false,
    files: {
      ...rhel({
        title: '8.10 (Ootpa)',
        kernel: '4.18.0',
        sudo: '1.9.5p2',
        hash: SHA512,
        method: 'SHA512',
        accounts: {
          dbus: ['81:81:System message bus:/:/sbin/nologin', '!!'],
          sssd: ['996:993:User for sssd:/:/sbin/nologin', '!!'],
          sshd: ['74:74:Privilege-separated SSH:/var/empty/sshd:/sbin/nologin', '!!'],
        },
        stack: sssdStack(' try_first_pass'),
        postlogin: lastlogPostlogin,
        nsswitch: [
          'passwd:     sss files systemd',
          'shadow:     files sss',
          'group:      sss files systemd',
          'hosts:      files dns myhostname',
        ],
        profileUmask: UMASK,
        bashrc: UMASK,
      }),
      ...rhelSshd(
        'OpenSSH_8.0p1\0kex-strict-s-v00@openssh.com',
        [
          'HostKey /etc/ssh/ssh_host_rsa_key',
          'HostKey /etc/ssh/ssh_host_ecdsa_key',
          'HostKey /etc/ssh/ssh_host_ed25519_key',
          'SyslogFacility AUTHPRIV',
          'PermitRootLogin yes',
          'AuthorizedKeysFile\t.ssh/authorized_keys',
          'PasswordAuthentication yes',
          'ChallengeResponseAuthentication no',
          'GSSAPIAuthentication yes',
          'GSSAPICleanupCredentials no',
          'UsePAM yes',
          'X11Forwarding yes',
          'PrintMotd no',
          'Subsystem\tsftp\t/usr/libexec/openssh/sftp-server',
        ],
        'EnvironmentFile=-/etc/crypto-policies/back-ends/opensshserver.config',
        'EnvironmentFile=-/etc/sysconfig/sshd',
        'ExecStart=/usr/sbin/sshd -D $OPTIONS $CRYPTO_POLICY',
      ),
      ...cryptoPolicy(`CRYPTO_POLICY='${POLICY}'`),
    },
  },
};
