/** Random password policies: PAM stacks around the modules that judge passwords, and the files that these read. */
import fc from 'fast-check';

export interface Policy {
  /** Lines of the service. */
  readonly stack: string;
  /** Below /etc/security. */
  readonly files: Readonly<Record<string, string>>;
}

const option = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 4, max: 18 }).map((n) => ['minlen', n] as const) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 5 }).map((n) => ['minclass', n] as const) },
  ...['dcredit', 'ucredit', 'lcredit', 'ocredit'].map((name) => ({
    weight: 2,
    arbitrary: fc.integer({ min: -3, max: 4 }).map((n) => [name, n] as const),
  })),
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 4 }).map((n) => ['maxrepeat', n] as const) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 5 }).map((n) => ['maxclassrepeat', n] as const) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 4 }).map((n) => ['maxsequence', n] as const) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 9 }).map((n) => ['difok', n] as const) },
  { weight: 1, arbitrary: fc.constantFrom(...([0, 1] as const)).map((n) => ['dictcheck', n] as const) },
  { weight: 1, arbitrary: fc.constantFrom(...([0, 1] as const)).map((n) => ['usercheck', n] as const) },
  { weight: 1, arbitrary: fc.constantFrom(...([0, 3] as const)).map((n) => ['usersubstr', n] as const) },
  { weight: 1, arbitrary: fc.constantFrom(...([0, 1] as const)).map((n) => ['gecoscheck', n] as const) },
  { weight: 1, arbitrary: fc.constantFrom(...([0, 1, 1] as const)).map((n) => ['enforcing', n] as const) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 }).map((n) => ['retry', n] as const) },
);
const options = (maxLength: number) => fc.array(option, { maxLength });

/** Lines of pwquality.conf. */
export const confs: fc.Arbitrary<string> = options(5).chain((set) =>
  fc
    .array(fc.constantFrom(' = ', '=', ' ', '\t=\t'), { minLength: set.length, maxLength: set.length })
    .chain((signs) =>
      fc.constantFrom('', '# minlen = 20\n', 'enforce_for_root\n', 'local_users_only\n').map((more) => {
        const lines = set.map(([name, value], at) => `${name}${signs[at]}${value}`);
        return `${more}${lines.map((line) => `${line}\n`).join('')}`;
      }),
    ),
);
const files: fc.Arbitrary<Policy['files']> = fc.record(
  {
    'pwquality.conf': confs,
    'pwquality.conf.d/10-site.conf': confs,
    'pwquality.conf.d/Later.conf': confs,
    // Not a name that is read.
    'pwquality.conf.d/20-off.conf.bak': fc.constant('minlen = 40\n'),
  },
  { requiredKeys: ['pwquality.conf'] },
);

const args = options(3).map((set) => set.map(([name, value]) => ` ${name}=${value}`).join(''));
const unixArgs = fc
  .tuple(
    fc.constantFrom('', ' obscure', ' obscure'),
    fc.constantFrom('', '', ' minlen=3', ' minlen=9', ' minlen=14'),
  )
  .map((words) => words.join(''));
const passwdqcArgs = fc
  .tuple(
    fc.constantFrom(
      '',
      '',
      ' min=disabled,16,16,10,8',
      ' min=20,16,12,9,7',
      ' min=8,8,8,8,8',
      ' min=disabled,disabled,disabled,disabled,12',
      ' min=disabled,18,11,11,11',
    ),
    fc.constantFrom('', '', '', ' enforce=users', ' enforce=none'),
    fc.constantFrom('', ' retry=1', ' passphrase=0', ' passphrase=2', ' max=16'),
  )
  .map((words) => words.join(''));
const cracklibArgs = fc
  .array(
    option.filter(([name]) => !/^(enforcing|dictcheck|usercheck|usersubstr|gecoscheck)$/.test(name)),
    { maxLength: 4 },
  )
  .map((set) => set.map(([name, value]) => ` ${name}=${value}`).join(''));

/** A cheap hash, and no pause after a refusal: what is stored matters here, not how. */
const HASH = 'sha256 rounds=1000 nodelay';

/** `Q`: the options of pam_pwquality, `C`: of pam_cracklib, `P`: of pam_passwdqc, `U`: of pam_unix. */
const TEMPLATES: readonly string[] = [
  // Debian and Ubuntu, Red Hat, SUSE.
  'requisite pam_pwquality.soQ\n[success=1 default=ignore] pam_unix.soU use_authtok try_first_pass\nrequisite pam_deny.so\nrequired pam_permit.so',
  'requisite pam_pwquality.so local_users_onlyQ\nsufficient pam_unix.soU shadow nullok use_authtok\nrequired pam_deny.so',
  'requisite pam_pwquality.soQ\nrequired pam_unix.soU use_authtok nullok shadow try_first_pass',
  // Without, before, beside, behind.
  '[success=1 default=ignore] pam_unix.soU\nrequisite pam_deny.so\nrequired pam_permit.so',
  'sufficient pam_unix.soU\nrequisite pam_pwquality.soQ use_authtok\nrequired pam_deny.so',
  'required pam_unix.soU\nrequired pam_pwquality.soQ use_authtok',
  'optional pam_pwquality.soQ\nrequired pam_unix.soU',
  'optional pam_pwquality.soQ\nrequired pam_unix.soU use_authtok',
  'required pam_pwquality.soQ\nrequired pam_unix.soU use_authtok',
  'required pam_pwquality.soQ\nrequired pam_unix.soU try_first_pass',
  'sufficient pam_pwquality.soQ\nrequired pam_unix.soU use_authtok',
  '[success=ignore default=die] pam_pwquality.soQ\nsufficient pam_unix.soU use_authtok\nrequired pam_deny.so',
  '[success=1 default=ignore] pam_permit.so\nrequisite pam_pwquality.soQ\nrequired pam_unix.soU',
  '[default=1] pam_pwquality.soQ\nrequired pam_deny.so\nrequired pam_unix.soU use_authtok',
  'requisite pam_pwquality.soQ\nrequired pam_pwhistory.so use_authtok\nrequired pam_unix.soU use_authtok',
  'requisite pam_pwquality.soQ\nrequisite pam_pwquality.so use_authtok minlen=10\nrequired pam_unix.soU use_authtok',
  'requisite pam_passwdqc.soP\n[success=1 default=ignore] pam_unix.soU use_authtok try_first_pass\nrequisite pam_deny.so\nrequired pam_permit.so',
  'requisite pam_passwdqc.soP\nrequired pam_unix.soU use_authtok',
  'optional pam_passwdqc.soP\nrequired pam_unix.soU use_authtok',
  'requisite pam_pwquality.soQ\nrequisite pam_passwdqc.soP\nrequired pam_unix.soU use_authtok',
  'requisite pam_pwquality.soQ\nrequisite pam_passwdqc.so use_authtokP\nrequired pam_unix.soU use_authtok',
  'requisite pam_pwquality.soQ\noptional pam_passwdqc.so use_authtokP\nrequired pam_unix.soU use_authtok',
];
const CRACKLIB: readonly string[] = [
  'requisite pam_cracklib.soC\n[success=1 default=ignore] pam_unix.soU use_authtok try_first_pass\nrequisite pam_deny.so\nrequired pam_permit.so',
  'optional pam_cracklib.soC\nrequired pam_unix.soU',
  'requisite pam_cracklib.soC\nrequisite pam_pwquality.so use_authtokQ\nrequired pam_unix.soU use_authtok',
];

/** @param cracklib whether the system has pam_cracklib */
export const policies = (cracklib: boolean): fc.Arbitrary<Policy> =>
  fc
    .tuple(
      fc.oneof(
        // What distributions deliver comes more often.
        { weight: 3, arbitrary: fc.constantFrom(...TEMPLATES.slice(0, 3)) },
        { weight: 3, arbitrary: fc.constantFrom(...TEMPLATES) },
        ...(cracklib ? [{ weight: 2, arbitrary: fc.constantFrom(...CRACKLIB) }] : []),
      ),
      args,
      cracklibArgs,
      passwdqcArgs,
      unixArgs,
      files,
    )
    .map(([template, quality, crack, passwdqc, unix, texts]) => ({
      stack: template
        .split('\n')
        .map(
          (line) =>
            `password ${line.replace('Q', quality).replace('C', crack).replace('P', passwdqc).replace('U', `${unix} ${HASH}`)}\n`,
        )
        .join(''),
      files: texts,
    }));
