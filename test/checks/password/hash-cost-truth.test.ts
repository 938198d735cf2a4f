/** What the model says of algorithm and cost against what pam_unix and chgpasswd of Debian 11 to 13 really store. */
import { beforeAll, describe, expect, it } from 'vitest';
import { parseLoginDefs } from '../../../checks/facts/login-defs.ts';
import { libpamAge, toolsHash, unixCost, unixHash } from '../../../checks/facts/new-hash.ts';
import { parsePam } from '../../../checks/facts/pam-line.ts';
import { parsePasswordField } from '../../../checks/facts/password-field.ts';
import { debianRoot, describeInDebian, ordinaryUser, ROOT_TIMEOUT_MS } from '../../support/debian-root.ts';
import { copyRoot } from '../../support/root-copy.ts';

/** login.defs and the options of pam_unix. Costs that take more than a moment are left out. */
const changes: readonly (readonly [string, string])[] = [
  ['', ''],
  ['', 'yescrypt'],
  ['', 'yescrypt rounds=7'],
  ['', 'yescrypt rounds=1'],
  ['', 'yescrypt rounds=3'],
  ['', 'yescrypt rounds=0x8'],
  ['', 'gost_yescrypt rounds=4'],
  ['', 'sha512 rounds=65536'],
  ['', 'rounds=65536 sha512'],
  ['', 'sha512 rounds=500'],
  ['', 'sha512 rounds=99999 rounds=1500'],
  ['', 'sha512 rounds=x'],
  ['', 'sha512 rounds=65536k'],
  ['', 'sha512 rounds=-5'],
  ['', 'sha512 rounds=2147483648'],
  ['', 'sha256 rounds=6000'],
  ['', 'blowfish'],
  ['', 'blowfish rounds=6'],
  ['', 'blowfish rounds=3'],
  ['', 'md5 rounds=8'],
  ['ENCRYPT_METHOD SHA512\nSHA_CRYPT_MAX_ROUNDS 7000\n', ''],
  ['ENCRYPT_METHOD SHA512\nSHA_CRYPT_MIN_ROUNDS 7000\n', ''],
  ['ENCRYPT_METHOD SHA512\nSHA_CRYPT_MIN_ROUNDS 7000\nSHA_CRYPT_MAX_ROUNDS 9000\n', ''],
  ['ENCRYPT_METHOD SHA512\nSHA_CRYPT_MAX_ROUNDS 7000\n', 'sha512'],
  ['ENCRYPT_METHOD YESCRYPT\nSHA_CRYPT_MAX_ROUNDS 7000\n', 'sha512'],
  ['ENCRYPT_METHOD SHA256\nSHA_CRYPT_MAX_ROUNDS 7000\n', 'sha512'],
  ['SHA_CRYPT_MAX_ROUNDS 7000\n', 'sha512'],
  ['ENCRYPT_METHOD SHA512\nSHA_CRYPT_MAX_ROUNDS 7\n', 'yescrypt'],
  ['ENCRYPT_METHOD SHA512\nSHA_CRYPT_MAX_ROUNDS 7000\n', 'yescrypt'],
  ['ENCRYPT_METHOD SHA512\nSHA_CRYPT_MAX_ROUNDS 7000\n', 'sha512 rounds=8000'],
  ['ENCRYPT_METHOD SHA512\nSHA_CRYPT_MAX_ROUNDS 500\n', 'sha512'],
  ['ENCRYPT_METHOD YESCRYPT\nYESCRYPT_COST_FACTOR 7\n', ''],
  ['ENCRYPT_METHOD YESCRYPT\nYESCRYPT_COST_FACTOR 7\n', 'yescrypt'],
  ['ENCRYPT_METHOD SHA512\nYESCRYPT_COST_FACTOR 7\n', 'yescrypt'],
  ['YESCRYPT_COST_FACTOR 7\n', 'yescrypt'],
  ['ENCRYPT_METHOD GOST_YESCRYPT\nYESCRYPT_COST_FACTOR 7\n', ''],
  ['ENCRYPT_METHOD YESCRYPT\nYESCRYPT_COST_FACTOR 1\n', ''],
  ['ENCRYPT_METHOD YESCRYPT\nYESCRYPT_COST_FACTOR 6\n', 'yescrypt rounds=7'],
  ['ENCRYPT_METHOD BLOWFISH\nBCRYPT_MAX_ROUNDS 6\n', ''],
  ['ENCRYPT_METHOD MD5\n', ''],
];

/** login.defs for tools without PAM. */
const tools: readonly string[] = [
  '',
  'ENCRYPT_METHOD SHA512\n',
  'ENCRYPT_METHOD SHA512\nSHA_CRYPT_MIN_ROUNDS 7000\n',
  'ENCRYPT_METHOD SHA512\nSHA_CRYPT_MAX_ROUNDS 7000\n',
  'ENCRYPT_METHOD SHA512\nSHA_CRYPT_MIN_ROUNDS 7000\nSHA_CRYPT_MAX_ROUNDS 7000\n',
  'ENCRYPT_METHOD SHA512\nSHA_CRYPT_MIN_ROUNDS 70\n',
  'ENCRYPT_METHOD SHA256\nSHA_CRYPT_MIN_ROUNDS 0x2000\n',
  'ENCRYPT_METHOD YESCRYPT\n',
  'ENCRYPT_METHOD YESCRYPT\nYESCRYPT_COST_FACTOR 7\n',
  'ENCRYPT_METHOD YESCRYPT\nYESCRYPT_COST_FACTOR 1\n',
  'ENCRYPT_METHOD BCRYPT\nBCRYPT_MIN_ROUNDS 6\nBCRYPT_MAX_ROUNDS 6\n',
  'ENCRYPT_METHOD MD5\n',
  'ENCRYPT_METHOD sha512\n',
  'MD5_CRYPT_ENAB yes\n',
];

const quoted = (text: string) => `'${text}'`;
const SCRIPT = [
  ...changes.map(
    ([defs, options]) => `printf %s ${quoted(defs)} >/etc/login.defs
echo 'password required pam_unix.so ${options}' >/etc/pam.d/zz
printf 'Xk4-example-pw\\nXk4-example-pw\\n' | pamtester zz ${ordinaryUser} chauthtok >/dev/null 2>&1
grep '^${ordinaryUser}:' /etc/shadow | cut -d: -f2`,
  ),
  ...tools.map(
    (defs) => `printf %s ${quoted(defs)} >/etc/login.defs
sed -i 's/^adm:[^:]*:/adm:!:/' /etc/gshadow
echo adm:Xk4-example-pw | chgpasswd >/dev/null 2>&1
grep '^adm:' /etc/gshadow | cut -d: -f2`,
  ),
].join('\n');

const told = (field: string) => {
  const { scheme, cost } = { scheme: 'none', cost: undefined, ...parsePasswordField(field, 'shadow') };
  return [scheme, cost];
};

describeInDebian('new hashes', () => {
  describe.each([11, 12, 13] as const)('Debian %s', (release) => {
    const os = { id: 'debian', version: `${release}` };
    let fields: readonly string[] = [];
    beforeAll(async () => {
      const copy = copyRoot(await debianRoot(release));
      try {
        fields = (await copy.run(['sh', '-c', SCRIPT])).trimEnd().split('\n');
      } finally {
        copy.remove();
      }
    }, ROOT_TIMEOUT_MS);

    it('answers to every case', () => expect(fields).toHaveLength(changes.length + tools.length));

    it.each(changes.map((one, at) => [...one, at] as const))('pam_unix: %j %j', (text, options, at) => {
      const [line] = parsePam(`password required pam_unix.so ${options}\n`, '/etc/pam.d/zz');
      if (line?.kind !== 'module') throw new Error('no module');
      const defs = parseLoginDefs(text, '/etc/login.defs');
      const hash = unixHash(line, defs, true);
      const age = libpamAge(os) ?? 'old';
      expect([hash.algorithm, unixCost(line, defs, hash, age)]).toEqual(told(fields[at] ?? ''));
    });

    it.each(tools.map((one, at) => [one, at] as const))('chgpasswd: %j', (text, at) => {
      const { algorithm, cost } = toolsHash(parseLoginDefs(text, '/etc/login.defs'), os);
      expect([algorithm, cost]).toEqual(told(fields[changes.length + at] ?? ''));
    });
  });
});
