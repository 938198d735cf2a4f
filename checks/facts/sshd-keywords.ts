/**
 * Every keyword of sshd_config(5) from OpenSSH 8.0 to 10.0: whether it may stand in a Match block, which of several
 * lines counts, what values it takes, its default, and since when it exists. A check on one more keyword needs a
 * `default` here and a row in checks/login/sshd.ts.
 */

import { defaultAlgorithms } from './sshd-algorithms.ts';
import * as v from './sshd-values.ts';
import { type SshdVersion, since } from './sshd-version.ts';

export interface Build {
  readonly version: SshdVersion;
  /** Distributions that matter: SUSE 15 changes a default, Red Hat adds algorithms of its own. */
  readonly vendor: 'suse-15' | 'redhat' | 'other';
}

export interface Keyword {
  readonly name: string;
  /** May stand in a Match block (the others there make sshd refuse the file). */
  readonly match: boolean;
  readonly read: v.ValueReader;
  /** The first line counts, unless said otherwise. */
  readonly wins: 'first' | 'last' | 'append' | 'nothing';
  /** First version that knows it. */
  readonly since?: string;
  /** The effective value where no line sets it, in the spelling of `read`. */
  readonly default?: (build: Build) => string | undefined;
}

type Options = Partial<Pick<Keyword, 'wins' | 'since'>> & {
  default?: string | ((build: Build) => string | undefined);
};
const table = new Map<string, Keyword>();

function define(names: string, match: boolean, read: v.ValueReader, options: Options = {}): void {
  const [name = '', ...aliases] = names.split(' ');
  const { default: fallback, ...rest } = options;
  const keyword: Keyword = {
    name,
    match,
    read,
    wins: 'first',
    ...rest,
    ...(fallback === undefined ? {} : { default: typeof fallback === 'string' ? () => fallback : fallback }),
  };
  for (const alias of [name, ...aliases]) table.set(alias, keyword);
}

const MATCH = true;
const GLOBAL = false;
const TRUE = { default: 'yes' };
const FALSE = { default: 'no' };

const rootLogin = v.choice(['yes', 'no', 'prohibit-password', 'without-password', 'forced-commands-only'], {
  'without-password': 'prohibit-password',
});
const forwarding = v.choice(['yes', 'all', 'no', 'remote', 'local'], { all: 'yes' });

// Who gets in, and how
define('permitrootlogin', MATCH, rootLogin, {
  // SUSE 15 keeps the default of before OpenSSH 7.0.
  default: ({ vendor }) => (vendor === 'suse-15' ? 'yes' : 'prohibit-password'),
});
define('permitemptypasswords', MATCH, v.flag, FALSE);
define('passwordauthentication', MATCH, v.flag, TRUE);
define('hostbasedauthentication', MATCH, v.flag, FALSE);
define('maxauthtries', MATCH, v.int, { default: '6' });
define('pubkeyauthentication', MATCH, v.flag, TRUE);
define('dsaauthentication', GLOBAL, v.flag, { wins: 'nothing' });
define('kbdinteractiveauthentication challengeresponseauthentication skeyauthentication', MATCH, v.flag, {
  default: ({ version }) => (since(version, '8.7') ? 'yes' : 'no'),
});
define('kerberosauthentication', MATCH, v.flag, FALSE);
define('kerberosorlocalpasswd', GLOBAL, v.flag, TRUE);
define('kerberosticketcleanup', GLOBAL, v.flag, TRUE);
define('gssapiauthentication', MATCH, v.flag, FALSE);
define('gssapicleanupcredentials gssapicleanupcreds', GLOBAL, v.flag, TRUE);
define('gssapistrictacceptorcheck', GLOBAL, v.flag, TRUE);
define('gssapikeyexchange', GLOBAL, v.flag, FALSE);
define('gssapistorecredentialsonrekey', GLOBAL, v.flag, FALSE);
define('gssapikexalgorithms', GLOBAL, v.word);
define('hostbasedusesnamefrompacketonly', MATCH, v.flag, FALSE);
define('ignorerhosts', MATCH, v.choice(['yes', 'no', 'shosts-only']), TRUE);
define('ignoreuserknownhosts', GLOBAL, v.flag, FALSE);
define('authenticationmethods', MATCH, v.methodLists, { default: 'any' });
// SUSE is said to build it in as yes; its own sshd_config says so anyway.
define('usepam', GLOBAL, v.flag, { default: ({ vendor }) => (vendor === 'suse-15' ? undefined : 'no') });
define('pamservicename', MATCH, v.word, { since: '9.8' });
define('strictmodes', GLOBAL, v.flag, TRUE);
define('logingracetime', GLOBAL, v.time, { default: '120' });
define('allowusers', MATCH, v.users, { wins: 'append' });
define('denyusers', MATCH, v.users, { wins: 'append' });
define('allowgroups', MATCH, v.groups, { wins: 'append' });
define('denygroups', MATCH, v.groups, { wins: 'append' });
define('refuseconnection', MATCH, v.flag, { since: '9.9', ...FALSE });

// Keys
define('authorizedkeysfile', MATCH, v.words);
define('authorizedkeyscommand', MATCH, v.absoluteCommand);
define('authorizedkeyscommanduser', MATCH, v.word);
define('authorizedprincipalsfile', MATCH, v.word);
define('authorizedprincipalscommand', MATCH, v.absoluteCommand);
define('authorizedprincipalscommanduser', MATCH, v.word);
define('trustedusercakeys', MATCH, v.word);
define('revokedkeys', MATCH, v.word);
define('pubkeyauthoptions', MATCH, v.keyOptions, { since: '8.2', default: 'none' });
// 9.1; RHEL 9 has brought it into its 8.7.
define('requiredrsasize', MATCH, v.int, { since: '8.7', default: '1024' });
define('securitykeyprovider', GLOBAL, v.word, { since: '8.2' });
define('hostkey hostdsakey', GLOBAL, v.word, { wins: 'append' });
define('hostcertificate', GLOBAL, v.word, { wins: 'append' });
define('hostkeyagent', GLOBAL, v.word);

// Algorithms
/** Red Hat takes them from crypto-policies; what its builds do without those is not known. */
const algorithms = (keyword: string) => ({
  default: ({ version, vendor }: Build) =>
    vendor === 'redhat' ? undefined : defaultAlgorithms(keyword, version)?.join(','),
});
define('ciphers', GLOBAL, v.cipherList, algorithms('ciphers'));
define('macs', GLOBAL, v.macList, algorithms('macs'));
define('kexalgorithms', GLOBAL, v.kexList, algorithms('kexalgorithms'));
define('hostkeyalgorithms', GLOBAL, v.keyList);
define('hostbasedacceptedalgorithms hostbasedacceptedkeytypes', MATCH, v.keyList);
define(
  'pubkeyacceptedalgorithms pubkeyacceptedkeytypes',
  MATCH,
  v.keyList,
  algorithms('pubkeyacceptedalgorithms'),
);
define('casignaturealgorithms', MATCH, v.keyList);
// Bytes and seconds; 0 is sshd's own limit of the cipher, and no limit in time.
define('rekeylimit', MATCH, v.rekeyLimit, { default: '0 0' });
define('fingerprinthash', GLOBAL, v.fingerprintHash, { wins: 'last', default: 'SHA256' });
define('compression', GLOBAL, v.choice(['yes', 'delayed', 'no'], { delayed: 'yes' }), TRUE);
define('modulifile', GLOBAL, v.word, { since: '8.7' });

// Limits
define('maxsessions', MATCH, v.int, { default: '10' });
define('maxstartups', GLOBAL, v.startups, { wins: 'last', default: '10:30:100' });
define('persourcemaxstartups', GLOBAL, v.word, { since: '8.5', wins: 'last' });
define('persourcenetblocksize', GLOBAL, v.word, { since: '8.5', wins: 'last' });
define('persourcepenalties', GLOBAL, v.words, { since: '9.8', wins: 'append' });
define('persourcepenaltyexemptlist', GLOBAL, v.word, { since: '9.8' });
define('clientaliveinterval', MATCH, v.time, { default: '0' });
define('clientalivecountmax', MATCH, v.int, { default: '3' });
define('channeltimeout', MATCH, v.channelTimeouts, { since: '9.2' });
define('unusedconnectiontimeout', MATCH, v.timeOrNone, { since: '9.2' });
define('tcpkeepalive keepalive', GLOBAL, v.flag, TRUE);

// What a session may do
define('x11forwarding', MATCH, v.flag, FALSE);
define('x11displayoffset', MATCH, v.int, { default: '10' });
define('x11uselocalhost', MATCH, v.flag, TRUE);
define('xauthlocation', GLOBAL, v.word);
define('allowtcpforwarding', MATCH, forwarding, TRUE);
define('allowstreamlocalforwarding', MATCH, forwarding, TRUE);
define('allowagentforwarding', MATCH, v.flag, TRUE);
define('disableforwarding', MATCH, v.flag, FALSE);
define('gatewayports', MATCH, v.choice(['clientspecified', 'yes', 'no']), FALSE);
define('permittunnel', MATCH, v.tunnel, FALSE);
define('permitopen', MATCH, v.words);
define('permitlisten', MATCH, v.words);
define('permittty', MATCH, v.flag, TRUE);
define('permituserrc', MATCH, v.flag, TRUE);
define('permituserenvironment', GLOBAL, v.userEnvironment, FALSE);
define('acceptenv', MATCH, v.accepted, { wins: 'append' });
define('setenv', MATCH, v.environment);
define('forcecommand', MATCH, v.line);
define('chrootdirectory', MATCH, v.word);
define('streamlocalbindmask', MATCH, v.bindMask, { wins: 'last', default: '0177' });
define('streamlocalbindunlink', MATCH, v.flag, FALSE);
define('ipqos', MATCH, v.quality, { wins: 'last' });
define('rdomain', MATCH, v.word);
define('exposeauthinfo', MATCH, v.flag, FALSE);
define('subsystem', GLOBAL, v.subsystem, { wins: 'append' });

// Where it listens, what it says
define('port', GLOBAL, v.port, { wins: 'append' });
define('listenaddress', GLOBAL, v.listenAddress, { wins: 'append' });
define('addressfamily', GLOBAL, v.choice(['inet', 'inet6', 'any']), { default: 'any' });
define('pidfile', GLOBAL, v.word, { default: '/run/sshd.pid' });
define('usedns', GLOBAL, v.flag, FALSE);
define('banner', MATCH, v.pathOrNone, { default: 'none' });
define('versionaddendum', GLOBAL, v.line);
define('printmotd', GLOBAL, v.flag, TRUE);
define('printlastlog', GLOBAL, v.flag, TRUE);
define('syslogfacility', GLOBAL, v.logFacility, { default: 'auth' });
define('loglevel', MATCH, v.logLevel, { default: 'info' });
define('logverbose', MATCH, v.words, { since: '8.5' });
define('sshdsessionpath', GLOBAL, v.word, { since: '9.8' });
define('sshdauthpath', GLOBAL, v.word, { since: '10.0' });

// Added by distributions; taken as they are
define('debianbanner', GLOBAL, v.flag, TRUE);
for (const name of ['gssapienablek5users', 'kerberosusekuserok', 'kerberosuniqueccache', 'rsaminsize'])
  define(name, MATCH, v.line);

// Deprecated, ignored or not built in: accepted with a remark in the log, without effect
for (const name of `pamauthenticationviakbdint serverkeybits keyregenerationinterval rhostsauthentication
  kerberosgetafstoken kerberostgtpassing afstokenpassing gssusesessionccache gssapiusesessioncredcache checkmail
  permitblacklistedkeys uselogin protocol verifyreversemapping reversemappingcheck
  useprivilegeseparation`.split(/\s+/))
  define(name, GLOBAL, v.line, { wins: 'nothing' });
for (const name of ['rhostsrsaauthentication', 'rsaauthentication', 'authorizedkeysfile2'])
  define(name, MATCH, v.line, { wins: 'nothing' });

define('include', MATCH, v.words, { since: '8.2', wins: 'nothing' });
define('match', MATCH, v.line, { wins: 'nothing' });

/** Versions newer than this may know keywords that this table does not. */
export const KNOWN_UP_TO = '10.0';

/** Up to 8.6 this was no alias but a switch of its own, only for all: sshd then asked as if both were set. */
export const CHALLENGE = 'challengeresponseauthentication';
const before87 = new Map<string, Keyword>([
  [CHALLENGE, { name: CHALLENGE, match: false, read: v.flag, wins: 'first', default: () => 'yes' }],
  ['skeyauthentication', { name: 'skeyauthentication', match: false, read: v.line, wins: 'nothing' }],
]);

/** Keywords that got a new name with 8.5; the old ones stay. Here and in `sshd -T`. */
export const oldNames: Readonly<Record<string, string>> = {
  pubkeyacceptedalgorithms: 'pubkeyacceptedkeytypes',
  hostbasedacceptedalgorithms: 'hostbasedacceptedkeytypes',
};

/** Up to 7.4 there was a switch for what has been without one since. */
const before75 = new Map<string, Keyword>([
  [
    'useprivilegeseparation',
    {
      name: 'useprivilegeseparation',
      match: false,
      read: v.choice(['yes', 'no', 'sandbox']),
      wins: 'first',
      default: () => 'sandbox',
    },
  ],
]);

/** The keyword that `name` means to this version, any letter case. */
export function keywordNamed(name: string, version: SshdVersion): Keyword | undefined {
  const lower = name.toLowerCase();
  const older =
    (since(version, '7.5') ? undefined : before75.get(lower)) ??
    (since(version, '8.7') ? undefined : before87.get(lower));
  return older ?? table.get(lower);
}

/** Whether this version takes the name in its files. */
export const isWritable = (name: string, version: SshdVersion): boolean =>
  since(version, '8.5') || oldNames[name.toLowerCase()] === undefined;

/** The effective value of `name` where no line sets it; undefined where the table holds none. */
export const defaultOf = (name: string, build: Build): string | undefined =>
  keywordNamed(name, build.version)?.default?.(build);

export const isKnownTo = (keyword: Keyword, version: SshdVersion): boolean =>
  keyword.since === undefined || since(version, keyword.since);

/** Keywords whose effective value this table and `sshd -T` both know, in the same spelling. */
export const comparableKeywords: readonly string[] = [...table.values()]
  .filter(
    ({ default: fallback, name }) => fallback !== undefined || /^(?:allow|deny)(?:users|groups)$/.test(name),
  )
  .map(({ name }) => name)
  .filter((name, index, all) => all.indexOf(name) === index);
