/** Random sshd configurations from a seed: the same seed gives the same files on every machine. */

export interface GeneratedCase {
  /** Name below the case's directory -> text. `sshd_config` is the main file. */
  readonly files: Readonly<Record<string, string>>;
  readonly logins: readonly { user: string; host: string; addr: string; laddr: string; lport: number }[];
}

/** mulberry32: small, fast, the same everywhere. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const inMatch: readonly (readonly [string, readonly string[]])[] = [
  [
    'PermitRootLogin',
    ['yes', 'no', 'prohibit-password', 'without-password', 'forced-commands-only', 'NO', 'Yes'],
  ],
  ['PermitEmptyPasswords', ['yes', 'no', 'YES']],
  ['PasswordAuthentication', ['yes', 'no', 'No']],
  ['HostbasedAuthentication', ['yes', 'no']],
  ['MaxAuthTries', ['1', '3', '4', '6', '10', '+5', '007']],
  ['KbdInteractiveAuthentication', ['yes', 'no']],
  ['ChallengeResponseAuthentication', ['yes', 'no']],
  ['PubkeyAuthentication', ['yes', 'no']],
  ['X11Forwarding', ['yes', 'no']],
  ['AllowTcpForwarding', ['yes', 'no', 'local', 'remote', 'all']],
  ['MaxSessions', ['0', '2', '10']],
  ['ClientAliveInterval', ['0', '300', '5m', '1h30m', '1m30s', '90S', '1W2d', '+1h']],
  ['ClientAliveCountMax', ['0', '3']],
  ['LogLevel', ['INFO', 'VERBOSE', 'debug', 'quiet', 'Debug3', 'FATAL']],
  ['Banner', ['none', '/etc/issue.net', 'None', '"/etc/my notice"']],
  ['GSSAPIAuthentication', ['yes', 'no']],
  ['KerberosAuthentication', ['yes', 'no']],
  ['X11UseLocalhost', ['yes', 'no']],
  ['AllowStreamLocalForwarding', ['yes', 'no', 'local']],
  ['AllowAgentForwarding', ['yes', 'no']],
  ['GatewayPorts', ['no', 'clientspecified']],
  ['PermitTTY', ['yes', 'no']],
  ['IgnoreRhosts', ['yes', 'no', 'shosts-only']],
  ['PermitTunnel', ['no', 'ethernet', 'yes', 'point-to-point']],
  ['DisableForwarding', ['yes', 'no']],
  ['AllowUsers', ['root', 'root@192.0.2.0/24 *', 'a* !b']],
  ['DenyUsers', ['Guest', 'games nobody']],
  ['AllowGroups', ['ssh-users', 'root  Wheel']],
  ['DenyGroups', ['no-ssh']],
  ['AuthenticationMethods', ['any', 'publickey', 'publickey,password publickey']],
  ['ForceCommand', ['internal-sftp', '"/bin/true x" # not a comment']],
  ['AcceptEnv', ['LANG LC_*']],
  [
    'RekeyLimit',
    ['1G 1h', 'default none', 'default 30m', '512M', '1.5k 1m30s', '0', '.5K', '64 0', '15.9K none', '1t 1d'],
  ],
  ['StreamLocalBindMask', ['0177', '077']],
  ['PubkeyAcceptedKeyTypes', ['+ssh-rsa', '-*dss*', 'ssh-ed25519']],
  [
    'PubkeyAcceptedAlgorithms',
    [
      '^*25519*',
      'ssh-*',
      '+ssh-rsa*',
      '-*',
      '-*,!ssh-rsa',
      '-rsa-sha2-*',
      '*',
      'rsa-sha2-512,ssh-ed25519,*nistp?84*',
    ],
  ],
  ['RhostsRSAAuthentication', ['no', 'whatever']],
];
const globalOnly: readonly (readonly [string, readonly string[]])[] = [
  ['UsePAM', ['yes', 'no']],
  ['StrictModes', ['yes', 'no']],
  ['LoginGraceTime', ['30', '2m', '0', '1m30s', '1h']],
  ['IgnoreUserKnownHosts', ['yes', 'no']],
  ['PrintLastLog', ['yes', 'no']],
  ['PermitUserEnvironment', ['LANG,LC_*', 'yes', 'NO']],
  ['UsePrivilegeSeparation', ['no', 'sandbox']],
  ['MaxStartups', ['10', '10:30:60', '5:50:20']],
  ['PermitUserEnvironment', ['no']],
  ['TCPKeepAlive', ['yes', 'no']],
  ['KeepAlive', ['no']],
  ['UseDNS', ['yes', 'no']],
  ['Compression', ['no', 'delayed', 'yes']],
  ['Protocol', ['2', '1,2']],
  [
    'Ciphers',
    [
      '^aes256-ctr',
      'aes128-ctr,aes256-gcm@openssh.com',
      '-*cbc',
      '+3des-cbc,aes256-cbc',
      '-*gcm*,aes1?8-ctr',
      '-*',
    ],
  ],
  [
    'MACs',
    [
      '+hmac-md5',
      '-umac-64*',
      'hmac-sha2-512-etm@openssh.com,hmac-sha2-512',
      '^hmac-sha2-256',
      '-*,!hmac-sha1',
    ],
  ],
  [
    'KexAlgorithms',
    [
      '+diffie-hellman-group1-sha1',
      '-*sha1',
      '-ecdh*,diffie*',
      'curve25519-sha256',
      '^diffie-hellman-group14-sha1',
    ],
  ],
  ['Port', ['22', '2222']],
  ['PrintMotd', ['no']],
  ['VersionAddendum', ['none', 'hello there']],
  ['Subsystem', ['sftp internal-sftp -l INFO']],
];
const refused: readonly string[] = [
  'PermitRootLogin maybe',
  'PermitRootLogin',
  'PermitRootLogin no yes',
  'PermitRotLogin no',
  'MaxAuthTries -1',
  'MaxAuthTries six',
  'MaxAuthTries 99999999999',
  'MaxAuthTries ""',
  'PasswordAuthentication "no',
  "PasswordAuthentication 'no",
  'PasswordAuthentication no\\',
  'LoginGraceTime 5x',
  'ClientAliveInterval 1h 2',
  'Match',
  'Match all user root',
  'Match user',
  'Match user root all',
  'Match colour blue',
  'Match address 192.0.2.1/24',
  'Match address 192.0.2.0/33',
  'Match address 192.0.2.0/24,',
  'Match localport none-such-service-name',
  'Match localport 70000',
  "Match user o'brien",
  'Match user root extra',
  'Ciphers no-such-cipher',
  'Ciphers none',
  'Ciphers aes*',
  'Ciphers +aes256-cbc,!3des-cbc',
  'KexAlgorithms +*sha1',
  'PubkeyAcceptedKeyTypes *,!ssh-rsa',
  'PubkeyAcceptedKeyTypes ssh-ed448',
  'RekeyLimit 9000P',
  'RekeyLimit -5',
  'RekeyLimit 1X',
  'RekeyLimit 1G 1y',
  'MACs hmac-none',
  'LogLevel LOUD',
  'MaxStartups 10:30',
  'MaxStartups 10:0:60',
  'AuthenticationMethods any publickey',
  'AuthenticationMethods telepathy',
  'Include',
  'Include ""',
  'IPQoS sometimes',
  'RekeyLimit 15',
  'PermitTunnel YES',
  'AcceptEnv A=b',
  'AuthorizedKeysCommand relative/path',
  'AuthorizedKeysCommand /bin/true',
  '\u0001PermitRootLogin no',
];
const conditions: readonly string[] = [
  'all',
  'ALL',
  'user root',
  'User backup,deploy*',
  'User *,!root',
  'user="root"',
  'user = nobody',
  'group root',
  'Group daemon,!root',
  'group *',
  'host *.example.org',
  'Host !db?.example.org,*.EXAMPLE.org',
  'address 192.0.2.0/24',
  'Address 192.0.2.*,!192.0.2.7',
  'address 2001:db8::/32,10.0.0.0/8',
  'address !2001:db8:1::/48,2001:db8::/32',
  'address 10.1/32',
  'address 0.0.0.0/0',
  'address 192.0.2.7/200',
  'localaddress 198.51.100.1',
  'LocalAddress 198.51.100.0/25,::1',
  'localport 2222',
  'localport 22',
  'user root address 192.0.2.0/24',
  'group root host *.example.org # why',
  'rdomain *',
  'rdomain mgmt',
  'user root localport 22 address 192.0.2.0/24',
];

export const users = ['root', 'backup', 'daemon', 'nobody', 'deploy1', 'no-such-user'];
const hosts = ['web.example.org', 'db1.example.org', 'mail.example.com', '192.0.2.7'];
const addresses = ['192.0.2.7', '192.0.2.200', '10.0.0.1', '2001:db8::1', '2001:db8:1::5', '203.0.113.9'];

/** @param directory where the files will lie: Include lines name them absolutely */
export function generate(seed: number, directory: string): GeneratedCase {
  const next = random(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const chance = (likely: number) => next() < likely;
  const files: Record<string, string> = {};

  const caseOf = (word: string) =>
    chance(0.2)
      ? word.toUpperCase()
      : chance(0.3)
        ? [...word].map((c) => (chance(0.5) ? c.toLowerCase() : c)).join('')
        : word;

  function assignment([keyword, values]: readonly [string, readonly string[]]): string {
    const value = pick(values);
    const quoted = chance(0.15) && !/["' ]/.test(value) ? pick([`"${value}"`, `'${value}'`]) : value;
    const between = pick([' ', ' ', ' ', '\t', '=', ' = ', '   ', '= ']);
    const name = chance(0.05) ? `"${keyword}"` : caseOf(keyword);
    const comment = chance(0.08) ? '  # a remark' : '';
    return `${pick(['', '', '  ', '\t'])}${name}${between}${quoted}${comment}${pick(['', '', '  ', '\f'])}`;
  }

  function body(depth: number, inside: boolean): string {
    const lines: string[] = [];
    let blocked = inside;
    for (let count = 2 + Math.floor(next() * 8); count > 0; count -= 1) {
      const kind = next();
      if (kind < 0.18) {
        lines.push(`${caseOf('Match')}${pick([' ', '\t', '  '])}${pick(conditions)}`);
        blocked = true;
      } else if (kind < 0.3 && depth < 4) lines.push(included(depth, blocked));
      else if (kind < 0.36) lines.push(pick(['', '# PermitRootLogin yes', '   ', '\t# Match all', '#']));
      else if (kind < 0.5 && (!blocked || chance(0.02))) lines.push(assignment(pick(globalOnly)));
      else lines.push(assignment(pick(inMatch)));
    }
    return lines.join(chance(0.1) ? '\r\n' : '\n') + (chance(0.8) ? '\n' : '');
  }

  function included(depth: number, blocked: boolean): string {
    const name = `part${Object.keys(files).length}`;
    const style = next();
    if (style < 0.1) return `Include ${directory}/nothing/*.conf`;
    if (style < 0.15) return `include "${directory}/none.conf"`;
    files[`${name}.d/20-b.conf`] = '';
    files[`${name}.d/10-a.conf`] = body(depth + 1, blocked);
    files[`${name}.d/20-b.conf`] = body(depth + 1, blocked);
    files[`${name}.d/.hidden.conf`] = 'PermitRootLogin maybe\n';
    files[`${name}.d/README`] = 'not a configuration\n';
    if (style < 0.6) return `${caseOf('Include')} ${directory}/${name}.d/*.conf`;
    if (style < 0.8) return `Include ${directory}/${name}.d/20-b.conf ${directory}/${name}.d/[1]*.conf`;
    return `Include=${directory}/${name}.d/?0-[!b].conf`;
  }

  let main = body(0, false);
  if (chance(0.25)) {
    const lines = main.split('\n');
    lines.splice(Math.floor(next() * lines.length), 0, pick(refused));
    main = lines.join('\n');
  }
  if (chance(0.01)) main = `Include ${directory}/sshd_config\n`;
  files.sshd_config = main;
  const logins = Array.from({ length: 5 }, () => ({
    user: pick(users),
    host: pick(hosts),
    addr: pick(addresses),
    laddr: pick(['198.51.100.1', '198.51.100.200', '::1']),
    lport: pick([22, 2222]),
  }));
  return { files, logins };
}
