/**
 * Examples of the rows of login.sshd-*, in one file past 300 lines: a table, to be read row by row against sshd-rows-*.ts.
 *
 * Rows that share their machinery with those in sshd-examples.ts: what is special about each.
 */
import type { Example } from '../check.ts';
import { live, none, unpacked, unreadable } from './sshd-trees.ts';

interface Options {
  /** May not stand in a Match block. */
  readonly global?: boolean;
  /** Further lines of the configuration, and what sshd says about them. */
  readonly besides?: readonly [config: string, dump: string];
  /** What sshd prints for the good and the weak value, where that is not the line in lower case. */
  readonly dumps?: readonly [good: string, weak: string];
}

/** What each row must get right, with a weak and a good value of its keyword. */
function basic(
  keyword: string,
  good: string,
  weak: string,
  { global = false, besides: [config, dump] = ['', ''], dumps }: Options = {},
): readonly Example[] {
  const key = keyword.toLowerCase();
  const [fine, poor] = dumps ?? [`${key} ${good}\n`, `${key} ${weak}\n`];
  const inMatch = unpacked(`${config}${keyword} ${good}\nMatch User backup\n  ${keyword} ${weak}\n`);
  return [
    { name: 'said plainly', outcome: 'pass', tree: unpacked(`${config}${keyword} ${good}\n`) },
    { name: 'weak', outcome: 'fail', tree: unpacked(`${config}\n${keyword} ${weak}\n`), says: ['"line":'] },
    global
      ? {
          name: 'in a block, where sshd does not take it',
          outcome: 'fail',
          tree: inMatch,
          says: ['not allowed within a Match block'],
        }
      : { name: 'weaker for one account only', outcome: 'fail', tree: inMatch, says: ['user=backup'] },
    {
      name: 'live: weak',
      outcome: 'fail',
      tree: live(`${config}${keyword} ${weak}\n`, { root: dump + poor, anna: dump + poor }),
    },
    {
      name: 'live: good',
      outcome: 'pass',
      tree: live(`${config}${keyword} ${good}\n`, { root: dump + fine, anna: dump + fine }),
    },
    {
      name: 'live: sshd and the files disagree',
      outcome: 'unknown',
      tree: live(`${config}${keyword} ${good}\n`, { root: dump + poor, anna: dump + poor }),
      says: ['disagree'],
    },
    { name: 'can not be read', outcome: 'unknown', tree: unreadable },
    { name: 'no SSH server', outcome: 'not-applicable', tree: none },
  ];
}

const passes = (name: string, config: string, more: Partial<Example> = {}): Example => ({
  name,
  outcome: 'pass',
  tree: unpacked(config),
  ...more,
});
const fails = (name: string, config: string, more: Partial<Example> = {}): Example => ({
  ...passes(name, config),
  outcome: 'fail',
  ...more,
});

const ETM = 'hmac-sha2-512-etm@openssh.com';
const GCM = 'aes256-gcm@openssh.com';
const forwarding = [
  'AllowTcpForwarding',
  'AllowStreamLocalForwarding',
  'AllowAgentForwarding',
  'X11Forwarding',
  'PermitTunnel',
];
const eachOff = forwarding.map((name) => `${name} no\n`).join('');
const printed = (...names: readonly string[]) => names.map((name) => `${name.toLowerCase()} no\n`).join('');

export const moreExamples: Readonly<Record<string, readonly Example[]>> = {
  'login.sshd-kbd-interactive': [
    ...basic('KbdInteractiveAuthentication', 'no', 'yes', { besides: ['', 'authenticationmethods any\n'] }),
    fails('the default', ''),
    passes('its old name', 'ChallengeResponseAuthentication no\n'),
    fails('the old name in an old version is a switch of its own', 'KbdInteractiveAuthentication no\n', {
      tree: unpacked('KbdInteractiveAuthentication no\n', {}, '8.4'),
    }),
    passes('as a second factor', 'AuthenticationMethods publickey,keyboard-interactive:pam\n', {
      says: ['never in place of a key'],
    }),
    fails(
      'as a second factor, or alone',
      'AuthenticationMethods publickey,keyboard-interactive keyboard-interactive\n',
    ),
    passes('the default, allowed', '', { params: { allowed: ['yes'] } }),
  ],
  'login.sshd-gssapi-authentication': [
    ...basic('GSSAPIAuthentication', 'no', 'yes'),
    passes('the default', ''),
    passes('live: a build without GSSAPI', '', {
      tree: live('GSSAPIAuthentication yes\n', { root: 'usepam yes\n', anna: 'usepam yes\n' }),
    }),
  ],
  'login.sshd-kerberos-authentication': [
    ...basic('KerberosAuthentication', 'no', 'yes'),
    passes('the default', ''),
  ],
  'login.sshd-ignore-rhosts': [
    ...basic('IgnoreRhosts', 'yes', 'no'),
    passes('the default', ''),
    fails('.shosts are read', 'IgnoreRhosts shosts-only\n'),
    passes('.shosts are read, allowed', 'IgnoreRhosts shosts-only\n', {
      params: { allowed: ['shosts-only'] },
    }),
  ],
  'login.sshd-ignore-user-known-hosts': [
    ...basic('IgnoreUserKnownHosts', 'yes', 'no', {
      global: true,
      besides: ['HostbasedAuthentication yes\n', 'hostbasedauthentication yes\n'],
    }),
    passes('the default has no effect', '', { says: ['HostbasedAuthentication no'] }),
    fails('the default counts for one account', 'Match User backup\nHostbasedAuthentication yes\n', {
      says: ['user=backup'],
    }),
  ],
  'login.sshd-use-pam': [
    ...basic('UsePAM', 'yes', 'no', { global: true }),
    fails('the default of OpenSSH', ''),
    fails('live: a build without PAM', '', {
      tree: live('', { root: 'loglevel info\n', anna: 'loglevel info\n' }),
    }),
  ],
  'login.sshd-strict-modes': [
    ...basic('StrictModes', 'yes', 'no', { global: true }),
    passes('the default', ''),
  ],
  'login.sshd-allow-users-groups': [
    ...basic('AllowUsers', 'root anna', '*', {
      dumps: ['allowusers root\nallowusers anna\n', 'allowusers *\n'],
    }),
    fails('no list', '', { says: ['no list is set'] }),
    passes('groups, said twice', 'AllowGroups ssh-users\nAllowGroups sftp\n', {
      says: ['AllowGroups ssh-users sftp'],
    }),
    fails('everybody from everywhere', 'AllowUsers anna *@*\n'),
    passes('everybody, but only from here', 'AllowUsers *@192.0.2.0/24\n'),
    passes('everybody, but of one group', 'AllowUsers *\nAllowGroups ssh-users\n'),
    passes('only who may not', 'DenyUsers games\n'),
    fails('only who may not, which is not enough', 'DenyGroups games\n', { params: { deny: false } }),
    fails('a list for one account only', 'Match User anna\nAllowUsers anna\n', { says: ['user=root'] }),
  ],
  'login.sshd-login-grace-time': [
    ...basic('LoginGraceTime', '60', '120', { global: true }),
    passes('with units', 'LoginGraceTime 1m\n'),
    passes('less than asked for', 'LoginGraceTime 20s\n'),
    fails('a little more', 'LoginGraceTime 1m1s\n', { says: ['61 s'] }),
    fails('0 means for ever', 'LoginGraceTime 0\n', { says: ['no limit'] }),
    fails('the default', ''),
    passes('the default, allowed', '', { params: { max: 120 } }),
  ],
  'login.sshd-max-startups': [
    ...basic('MaxStartups', '10:30:60', '10:30:100', { global: true }),
    passes('tighter in each', 'MaxStartups 4:50:10\n'),
    passes('one number is a hard limit', 'MaxStartups 10\n', { says: ['10:30:10'] }),
    passes('no rate matters where both limits are one', 'MaxStartups 5:1:5\n'),
    fails('begins too late', 'MaxStartups 11:30:60\n'),
    fails('refuses too rarely', 'MaxStartups 10:29:60\n'),
    fails('of two lines the last counts', 'MaxStartups 10:30:60\nMaxStartups 10:30:100\n'),
    fails('the default', ''),
  ],
  'login.sshd-ciphers': [
    ...basic('Ciphers', GCM, `${GCM},aes256-cbc`, { global: true }),
    passes('the default', ''),
    fails('added to the default', 'Ciphers +3des-cbc\n', { says: ['weak: 3des-cbc (of 7 in all)'] }),
    fails('put before the default', 'Ciphers ^aes128-cbc\n'),
    passes('taken from the default', 'Ciphers -chacha20*\n'),
    fails('taken from the list all that is there: sshd goes back to its default', 'Ciphers -*\n', {
      params: { refused: ['chacha20*'] },
    }),
    fails('ChaCha20 without strict key exchange', '', {
      tree: unpacked('', { '/usr/sbin/sshd': { text: '\u007fELF\0OpenSSH_9.2p1 Debian-2\0', mode: 0o755 } }),
      says: ['chacha20-poly1305@openssh.com'],
    }),
    fails('not among the allowed', 'Ciphers aes128-ctr\n', { params: { allowed: ['aes*-gcm@openssh.com'] } }),
    passes('only allowed ones', `Ciphers ${GCM}\n`, { params: { allowed: ['aes*-gcm@openssh.com'] } }),
    fails('a name that no sshd knows', 'Ciphers rot13\n', { says: ['Bad SSH2 cipher spec'] }),
    {
      name: 'Red Hat, whose own defaults are not known',
      outcome: 'unknown',
      tree: unpacked('', { '/etc/os-release': 'ID=rhel\nVERSION_ID="9.4"\n' }, '8.7'),
    },
    passes('Red Hat, with the list of its crypto-policies', '', {
      tree: unpacked(
        'Include /etc/ssh/sshd_config.d/*.conf\n',
        {
          '/etc/os-release': 'ID=rhel\nVERSION_ID="9.4"\n',
          '/etc/ssh/sshd_config.d/50-redhat.conf':
            'Include /etc/crypto-policies/back-ends/opensshserver.config\n',
          '/etc/crypto-policies/back-ends/opensshserver.config': `Ciphers ${GCM},aes256-ctr\n`,
        },
        '8.7',
      ),
    }),
    passes('live: a default that only this build has', '', {
      tree: live('', { root: `ciphers ${GCM}\n`, anna: `ciphers ${GCM}\n` }),
    }),
  ],
  'login.sshd-kex': [
    ...basic('KexAlgorithms', 'curve25519-sha256', 'diffie-hellman-group14-sha1', { global: true }),
    passes('the default', ''),
    passes('the default of 10.0', '', { tree: unpacked('', {}, '10.0') }),
    fails('the default of 8.0', '', {
      tree: unpacked('', {}, '8.0'),
      says: ['weak: diffie-hellman-group14-sha1'],
    }),
    fails('with 1024 bits', 'KexAlgorithms +diffie-hellman-group1-sha1\n'),
    fails('a name of a later version', 'KexAlgorithms mlkem768x25519-sha256\n', {
      says: ['mlkem768x25519-sha256'],
    }),
  ],
  'login.sshd-macs': [
    ...basic('MACs', ETM, `${ETM},hmac-md5`, { global: true }),
    fails('the default', '', { says: ['weak: umac-64-etm@openssh.com, umac-64@openssh.com (of 10 in all)'] }),
    passes('the default without the short ones', 'MACs -umac-64*\n'),
    fails('hmac-sha1 refused by param', 'MACs -umac-64*\n', { params: { refused: ['hmac-sha1*'] } }),
  ],
  'login.sshd-pubkey-algorithms': [
    ...basic('PubkeyAcceptedAlgorithms', 'ssh-ed25519', 'ssh-ed25519,ssh-rsa'),
    passes('the default', ''),
    fails('the default of 8.4', '', { tree: unpacked('', {}, '8.4'), says: ['ssh-rsa'] }),
    fails('its old name', 'PubkeyAcceptedKeyTypes +ssh-rsa\n'),
    fails('a wildcard', 'PubkeyAcceptedAlgorithms ssh-*\n', { says: ['ssh-dss'] }),
    passes('live: an old version prints its old name', '', {
      tree: live('', {
        root: 'pubkeyacceptedkeytypes ssh-ed25519\n',
        anna: 'pubkeyacceptedkeytypes ssh-ed25519\n',
      }),
    }),
  ],
  'login.sshd-rekey-limit': [
    ...basic('RekeyLimit', '1G 1h', '2G 1h', {
      dumps: ['rekeylimit 1073741824 3600\n', 'rekeylimit 2147483648 3600\n'],
    }),
    fails('never for time alone', 'RekeyLimit 1G none\n'),
    passes(
      'none in a block leaves the time as it is',
      'RekeyLimit 1G 1h\nMatch User anna\nRekeyLimit 1G none\n',
    ),
    fails('the default', '', { says: ['as much as the cipher bears, any time'] }),
    passes('sooner', 'RekeyLimit 512M 30m\n'),
    fails('too much', 'RekeyLimit 1.5G 1h\n', { says: ['1610612736 bytes'] }),
    passes('the time in a later line', 'RekeyLimit 1G\nRekeyLimit default 20m\n'),
    passes('more, allowed', 'RekeyLimit 4G 1d\n', {
      params: { maxBytes: 4 * 1024 ** 3, maxSeconds: 86_400 },
    }),
  ],
  'login.sshd-compression': [
    passes('the default', ''),
    passes('after the login', 'Compression delayed\n'),
    passes('none', 'Compression no\n', { params: { allowed: ['no'] } }),
    fails('some, where none is wanted', 'Compression yes\n', { params: { allowed: ['no'] } }),
    fails('a value that sshd does not know', 'Compression maybe\n', { says: ['unsupported option'] }),
    { name: 'can not be read', outcome: 'unknown', tree: unreadable },
    { name: 'no SSH server', outcome: 'not-applicable', tree: none },
  ],
  'login.sshd-max-sessions': [
    ...basic('MaxSessions', '10', '11'),
    passes('the default', ''),
    passes('0 means none, only forwarding', 'MaxSessions 0\n'),
    fails('fewer wanted', '', { params: { max: 4 } }),
  ],
  'login.sshd-client-alive': [
    ...basic('ClientAliveInterval', '15', '0', { besides: ['', 'clientalivecountmax 3\n'] }),
    fails('the default', '', { says: ['0 (off)'] }),
    passes('with units', 'ClientAliveInterval 5m\nClientAliveCountMax 1\n'),
    fails('never ended', 'ClientAliveInterval 15\nClientAliveCountMax 0\n', {
      says: ['never ended', '"line":2'],
    }),
    passes('a count of 0 before 8.2 ended it at once', 'ClientAliveInterval 600\nClientAliveCountMax 0\n', {
      tree: unpacked('ClientAliveInterval 600\nClientAliveCountMax 0\n', {}, '8.0'),
    }),
    fails('after too long', 'ClientAliveInterval 1h\nClientAliveCountMax 2\n'),
    fails('a shorter time wanted', 'ClientAliveInterval 300\n', { params: { max: 600 } }),
  ],
  'login.sshd-disable-forwarding': [
    ...basic('DisableForwarding', 'yes', 'no', {
      besides: ['', printed(...forwarding).replace('no', 'yes')],
    }).filter(({ name }) => !name.startsWith('live')),
    fails('the default', ''),
    passes('each kind off by itself', eachOff, { says: ['each kind is off by itself'] }),
    fails('all but one', eachOff.replace('AllowAgentForwarding no', '')),
    passes('live: each kind off by itself', '', {
      tree: live(eachOff, {
        root: printed('DisableForwarding', ...forwarding),
        anna: printed('DisableForwarding', ...forwarding),
      }),
    }),
  ],
  'login.sshd-tcp-forwarding': [
    ...basic('AllowTcpForwarding', 'no', 'yes', { besides: ['', 'disableforwarding no\n'] }),
    fails('the default', ''),
    fails('one way', 'AllowTcpForwarding local\n'),
    passes('one way, allowed', 'AllowTcpForwarding local\n', { params: { allowed: ['local'] } }),
    fails('the other way', 'AllowTcpForwarding remote\n', { params: { allowed: ['local'] } }),
    passes('stricter than allowed', 'AllowTcpForwarding no\n', { params: { allowed: ['local'] } }),
    passes('all forwarding off', 'DisableForwarding yes\n', { says: ['DisableForwarding yes'] }),
  ],
  'login.sshd-permit-tunnel': [
    ...basic('PermitTunnel', 'no', 'yes', { besides: ['', 'disableforwarding no\n'] }),
    passes('the default', ''),
    fails('on the level of frames', 'PermitTunnel ethernet\n'),
    passes('all forwarding off', 'PermitTunnel yes\nDisableForwarding yes\n'),
  ],
  'login.sshd-x11-forwarding': [
    ...basic('X11Forwarding', 'no', 'yes', { besides: ['', 'disableforwarding no\n'] }),
    passes('the default of OpenSSH', ''),
    fails('DisableForwarding did not stop it before 10.0', 'X11Forwarding yes\nDisableForwarding yes\n'),
    passes('DisableForwarding stops it since 10.0', '', {
      tree: unpacked('X11Forwarding yes\nDisableForwarding yes\n', {}, '10.0'),
    }),
  ],
  'login.sshd-x11-use-localhost': [
    ...basic('X11UseLocalhost', 'yes', 'no', { besides: ['X11Forwarding yes\n', 'x11forwarding yes\n'] }),
    passes('the default', 'X11Forwarding yes\n'),
    passes('without effect', 'X11UseLocalhost no\n', { says: ['X11Forwarding no'] }),
  ],
  'login.sshd-permit-user-environment': [
    ...basic('PermitUserEnvironment', 'no', 'yes', { global: true }),
    passes('the default', ''),
    fails('some names', 'PermitUserEnvironment LANG,LC_*\n'),
    fails('upper case is a pattern here', 'PermitUserEnvironment NO\n'),
  ],
  'login.sshd-banner': [
    ...basic('Banner', '/etc/issue.net', 'none'),
    fails('the default', ''),
    passes('live: a relative path', '', {
      tree: live('Banner issue.net\n', { root: 'banner /issue.net\n', anna: 'banner /issue.net\n' }),
    }),
  ],
  'login.sshd-print-last-log': [
    ...basic('PrintLastLog', 'yes', 'no', { global: true }),
    passes('the default', ''),
  ],
  'login.sshd-log-level': [
    ...basic('LogLevel', 'VERBOSE', 'QUIET', { dumps: ['loglevel VERBOSE\n', 'loglevel SILENT\n'] }),
    passes('the default', ''),
    fails('too much', 'LogLevel DEBUG3\n'),
    fails('errors only', 'LogLevel error\n'),
    fails('more wanted', 'LogLevel INFO\n', { params: { allowed: ['verbose'] } }),
  ],
  'login.sshd-use-privilege-separation': [
    {
      name: 'a current version has no such switch',
      outcome: 'not-applicable',
      tree: unpacked('UsePrivilegeSeparation no\n'),
      says: ['7.5'],
    },
    passes('an old version', '', { tree: unpacked('UsePrivilegeSeparation yes\n', {}, '7.4') }),
    passes('the default of an old version', '', { tree: unpacked('', {}, '7.4') }),
    fails('an old version without it', '', { tree: unpacked('UsePrivilegeSeparation no\n', {}, '7.4') }),
    {
      name: 'can not be read',
      outcome: 'unknown',
      tree: {
        ...unpacked('', {}, '7.4'),
        files: {
          ...unpacked('', {}, '7.4').files,
          '/etc/ssh/sshd_config': { text: '', unreadable: 'permission denied' },
        },
      },
    },
    { name: 'no SSH server', outcome: 'not-applicable', tree: none },
  ],
};
