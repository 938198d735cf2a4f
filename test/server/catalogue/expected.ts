/** What the annex and the list of checks say, written down a second time, so that the catalogue is compared with it. */

type Kind = 'technical' | 'organisational' | 'mixed' | 'responsibility';

const clause = (
  id: string,
  kind: Kind,
  checks: readonly string[],
  attested: boolean,
  when: Record<string, string | readonly string[]> = {},
) => ({ id, kind, when, checks, attested });

const confidentialityAndTraining = (section: string) => [
  clause(`${section}/confidentiality`, 'organisational', [], true),
  clause(`${section}/training`, 'organisational', [], true),
];

export const annexClauses = [
  clause('I.1', 'responsibility', [], true, { site: 'provider' }),
  clause('I.2.1/grant-procedure', 'mixed', ['access.accounts-granted', 'access.ssh-keys-granted'], true),
  clause(
    'I.2.1/login-required',
    'technical',
    [
      'login.pam-authentication',
      'login.pam-account',
      'login.empty-password',
      'login.console-autologin',
      'login.rescue-mode',
      'login.remote-services',
      'login.sshd-permit-empty-passwords',
      'login.sshd-hostbased-authentication',
    ],
    false,
  ),
  clause('I.2.1/need-to-know', 'technical', ['access.accounts-granted', 'access.ssh-keys-granted'], false),
  clause(
    'I.2.1/strong-passwords',
    'mixed',
    ['password.min-strength', 'password.enforced', 'password.stored-hashes'],
    true,
  ),
  clause('I.2.2/responsibility', 'responsibility', [], false),
  clause('I.2.2/by-instruction', 'organisational', [], true),
  ...confidentialityAndTraining('I.2.2'),
  clause('I.3.1/grant-procedure', 'mixed', ['access.privileges-granted'], true),
  clause('I.3.1/authorisation-concept', 'mixed', ['access.privileges-granted', 'access.file-modes'], true),
  clause('I.3.1/least-access', 'technical', ['access.idle-accounts', 'access.expired-grants'], false),
  clause('I.3.1/need-to-know', 'technical', ['access.privileges-granted'], false),
  clause('I.3.2/responsibility', 'responsibility', [], false),
  clause('I.3.2/by-instruction', 'organisational', [], true),
  ...confidentialityAndTraining('I.3.2'),
  clause('I.4/responsibility', 'responsibility', [], false),
  clause('I.4/tenant-separation', 'mixed', ['collector.tenant-separation'], true),
  clause('II.1.1/erasure', 'mixed', ['collector.erasure-recorded'], false, {
    kind: 'server',
    event: ['host-ended', 'disk-removed'],
  }),
  clause('II.1.1/media-disposal', 'mixed', ['collector.disposal-recorded'], false, {
    kind: 'server',
    event: ['host-ended', 'disk-removed'],
  }),
  clause('II.1.2/erasure', 'mixed', ['collector.erasure-recorded'], false, {
    kind: 'vm',
    event: 'host-ended',
  }),
  clause('II.2', 'responsibility', [], false),
  clause('III/availability', 'responsibility', [], false),
  clause('III/backup-decision', 'responsibility', [], false),
  clause('III/patch-application', 'responsibility', [], false),
  clause('III/housing', 'responsibility', [], true, { site: 'provider', kind: 'server' }),
  clause(
    'III/backup-os',
    'technical',
    ['backup.configured', 'backup.scope', 'backup.scheduled', 'backup.recent'],
    false,
    { commissioned: 'backup' },
  ),
  clause(
    'III/patch-os',
    'technical',
    ['patch.security-updates', 'patch.index-fresh', 'patch.sources-trusted', 'patch.release-supported'],
    false,
    { commissioned: 'patch' },
  ),
  clause('IV.1/instructions-only', 'organisational', [], true),
  clause('IV.1/control-measures', 'mixed', ['collector.coverage', 'collector.freshness'], true),
  clause('IV.1/confidentiality', 'organisational', [], true),
  clause('IV.1/dpo', 'organisational', [], true),
  clause('IV.1/training', 'organisational', [], true),
  clause('IV.2/iso-27001', 'organisational', [], true, { site: 'provider' }),
  clause('IV.2/audits', 'mixed', ['collector.spot-checks-due'], false),
];

const ids = (prefix: string, names: string) =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => `${prefix}${name}`);

/** Every check there is to be, by its fixed id. */
export const allCheckIds: readonly string[] = [
  ...ids(
    'login.',
    `pam-authentication pam-account empty-password console-autologin rescue-mode bootloader-password remote-services
     lockout session-timeout su-restricted sudo-authenticates sudo-session mfa auth-logged banner logon-delay
     root-console account-root-locked-or-strong max-sessions-per-user ctrl-alt-del`,
  ),
  ...ids(
    'login.sshd-',
    `allow-users-groups banner ciphers kex macs client-alive disable-forwarding gssapi-authentication
     hostbased-authentication ignore-rhosts ignore-user-known-hosts kerberos-authentication kbd-interactive
     login-grace-time log-level max-auth-tries max-sessions max-startups password-authentication
     permit-empty-passwords permit-root-login permit-user-environment permit-tunnel pubkey-algorithms print-last-log
     rekey-limit strict-modes tcp-forwarding use-pam x11-forwarding x11-use-localhost compression
     use-privilege-separation`,
  ),
  ...ids(
    'access.',
    `accounts-granted ssh-keys-granted privileges-granted idle-accounts expired-grants uid-zero gid-zero unique-ids
     unique-names system-accounts nologin-not-a-shell key-strength file-modes home-directories root-path umask
     legacy-entries`,
  ),
  ...ids(
    'password.',
    `min-strength min-length min-classes dcredit ucredit lcredit ocredit max-repeat max-class-repeat max-sequence
     difok dictionary enforced enforced-for-root retry quality-module history-module unix-module history
     hash-algorithm hash-cost stored-hashes max-age min-age warn-age inactive change-dates cloud-init group-passwords`,
  ),
  ...ids(
    'patch.',
    `security-updates index-fresh automatic-updates latency reboot-pending running-kernel outdated-processes
     release-supported sources-trusted held-packages broken-packages obsolete-packages`,
  ),
  ...ids(
    'backup.',
    `configured scope scheduled recent encrypted off-host retention credentials-safe tamper-resistant verified
     restore-drill`,
  ),
  ...ids(
    'collector.',
    'coverage freshness tenant-separation erasure-recorded disposal-recorded kind-agrees spot-checks-due',
  ),
];
