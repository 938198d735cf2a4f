/**
 * Which algorithms a list in sshd_config(5) comes to: `+`, `-` and `^` change the defaults of the version, wildcards
 * stand for all that it knows. Defaults as in myproposal.h of OpenSSH 8.0 to 10.0. Pure.
 */
import { ciphers, keyExchanges, macs, signatures } from './sshd-names.ts';
import { matchesList, matchesPattern } from './sshd-pattern.ts';
import { type SshdVersion, since } from './sshd-version.ts';

/** The keywords whose lists are taken apart here; values of other keywords stay as they are. */
const KNOWN: Readonly<Record<string, ReadonlySet<string>>> = {
  ciphers,
  macs,
  kexalgorithms: keyExchanges,
  pubkeyacceptedalgorithms: signatures,
};
export const isAlgorithmList = (keyword: string): boolean => keyword in KNOWN;

/** Names that came or went: first version that knows them, first that does not. */
const LIFE: readonly (readonly [RegExp, string, string])[] = [
  [/^sntrup4591761/, '8.0', '8.5'],
  [/^sntrup761x25519-sha512@openssh\.com$/, '8.5', '99.0'],
  // The name without a domain is of 9.9; Debian has brought it into its 9.2.
  [/^sntrup761x25519-sha512$/, '8.5', '99.0'],
  [/^mlkem768x25519-sha256$/, '9.9', '99.0'],
  [/^sk-/, '8.2', '99.0'],
  [/^webauthn-sk-/, '8.4', '99.0'],
  [/^ssh-dss/, '8.0', '10.0'],
  [/^rijndael-cbc@/, '8.0', '8.5'],
];

/** Whether this version knows the name of an algorithm that some version knows. */
export function livesIn(name: string, version: SshdVersion): boolean {
  const life = LIFE.find(([pattern]) => pattern.test(name));
  return life === undefined || (since(version, life[1]) && !since(version, life[2]));
}

/**
 * The algorithms without any line, in sshd's order.
 * @returns undefined for a keyword that is no list of algorithms
 */
export function defaultAlgorithms(keyword: string, version: SshdVersion): readonly string[] | undefined {
  const names = defaults[keyword]?.(version);
  return names?.split(/\s+/).filter((name) => name !== '' && livesIn(name, version));
}

const CHACHA = 'chacha20-poly1305@openssh.com';
const CTR = 'aes128-ctr aes192-ctr aes256-ctr';
const GCM = 'aes128-gcm@openssh.com aes256-gcm@openssh.com';
const ECDH = `curve25519-sha256 curve25519-sha256@libssh.org
  ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521`;
const GROUPS = `diffie-hellman-group-exchange-sha256 diffie-hellman-group16-sha512
  diffie-hellman-group18-sha512 diffie-hellman-group14-sha256`;
const SNTRUP = 'sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com';
const ED25519 = 'ssh-ed25519';
const ECDSA = 'ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521';
const RSA = 'rsa-sha2-512 rsa-sha2-256';
const SK = 'sk-ssh-ed25519@openssh.com sk-ecdsa-sha2-nistp256@openssh.com';
const withCertificates = (names: string) =>
  `${names.replace(/\S+/g, (name) => `${name.replace('@openssh.com', '')}-cert-v01@openssh.com`)} ${names}`;

const defaults: Readonly<Record<string, (version: SshdVersion) => string>> = {
  ciphers: (version) => (since(version, '10.0') ? `${CHACHA} ${GCM} ${CTR}` : `${CHACHA} ${CTR} ${GCM}`),
  macs: () => `umac-64-etm@openssh.com umac-128-etm@openssh.com hmac-sha2-256-etm@openssh.com
    hmac-sha2-512-etm@openssh.com hmac-sha1-etm@openssh.com umac-64@openssh.com umac-128@openssh.com
    hmac-sha2-256 hmac-sha2-512 hmac-sha1`,
  kexalgorithms: (version) => {
    // The finite fields without an elliptic curve left the server's default with 10.0.
    if (since(version, '10.0')) return `mlkem768x25519-sha256 ${SNTRUP} ${ECDH}`;
    if (since(version, '9.9')) return `${SNTRUP} mlkem768x25519-sha256 ${ECDH} ${GROUPS}`;
    if (since(version, '9.0')) return `${SNTRUP} ${ECDH} ${GROUPS}`;
    if (since(version, '8.9')) return `${ECDH} ${SNTRUP} ${GROUPS}`;
    return since(version, '8.2') ? `${ECDH} ${GROUPS}` : `${ECDH} ${GROUPS} diffie-hellman-group14-sha1`;
  },
  pubkeyacceptedalgorithms: (version) =>
    withCertificates(
      since(version, '8.8') ? `${ED25519} ${ECDSA} ${SK} ${RSA}` : `${ED25519} ${ECDSA} ${SK} ${RSA} ssh-rsa`,
    ),
};

/** Whether the value names algorithms relative to the defaults, or through wildcards. */
export const isRelative = (value: string): boolean => /^[-+^]/.test(value) || /[*?]/.test(value);

/** A name in the list that this version does not know, where some other does; sshd takes any after a `-`. */
export const foreignName = (value: string, version: SshdVersion): string | undefined =>
  value.startsWith('-')
    ? undefined
    : value
        .replace(/^[+^]/, '')
        .split(',')
        .find((name) => !livesIn(name, version));

/**
 * The list that a value comes to: kex_assemble_names() in kex.c.
 * @param matched the line stands in a Match block that fits
 * @returns names with commas, or undefined where sshd refuses it
 */
export function assemble(
  keyword: string,
  value: string,
  version: SshdVersion,
  matched = false,
): string | undefined {
  const known = [...(KNOWN[keyword] ?? [])].filter((name) => livesIn(name, version));
  const standard = defaultAlgorithms(keyword, version) ?? [];
  const given = value.replace(/^[-+^]/, '');
  if (value.startsWith('-')) {
    const left = standard.filter((name) => matchesList(name, given) !== 1);
    // Outside of Match blocks sshd assembles twice, and takes an empty list for one that was not set.
    return joined(left.length === 0 && !matched ? standard : left);
  }
  if (given.split(',').some((name) => name.startsWith('!'))) return undefined;
  const wanted = given
    .split(',')
    .flatMap((name) => (/[*?]/.test(name) ? known.filter((one) => matchesPattern(one, name)) : [name]));
  if (value.startsWith('+')) return joined([...standard, ...wanted]);
  return joined(value.startsWith('^') ? [...wanted, ...standard] : wanted);
}

const joined = (names: readonly string[]): string => [...new Set(names)].join(',');
