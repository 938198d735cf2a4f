/** Whether a PAM stack lets nobody through without a second factor beside the password. Pure. */
import { type PamStackEntry, pamModules } from './pam.ts';
import type { PamModuleLine, PamReturn } from './pam-line.ts';
import { runStack } from './stack-run.ts';

const FACTOR = /^pam_(?:google_authenticator|oath|u2f|duo|yubico|fido2|otpw)(?:\.so)?$/;
const PASSWORD = /^pam_(?:unix2?|pwdb|sss|ldap|krb5|winbind)(?:\.so)?$/;
/** Modules that may be anything: what they ask stands elsewhere. */
const OPEN = /^pam_(?:python|exec|script|perl|lua|radius(?:_auth)?|tacplus|url|privacyidea|linotp)(?:\.so)?$/;
const ALWAYS_NO = /^pam_(?:deny|rootok)(?:\.so)?$/;
const NEUTRAL = /^pam_(?:nologin|faildelay|group|warn|debug|echo|env|cap)(?:\.so)?$/;

export interface SecondFactor {
  readonly required: boolean;
  /** No way through without the factor, be it with a password or alone: enough beside a key. */
  readonly always: boolean;
  /** A module of whose nature nothing is known here. */
  readonly open: PamModuleLine | undefined;
  readonly line: PamModuleLine | undefined;
}

/** Options with which whoever has not set up the factor is let through. */
const skipsNewcomers = ({ args }: PamModuleLine): boolean =>
  args.some((arg) => arg === 'nullok' || arg === 'nouserok');
const isFactor = (line: PamModuleLine): boolean => FACTOR.test(line.module);

export function secondFactor(auth: readonly PamStackEntry[]): SecondFactor {
  const lines = pamModules(auth);
  const succeeds = (password: boolean, factor: boolean, conditions: boolean): boolean =>
    runStack(auth, (line): PamReturn => {
      const { module } = line;
      if (isFactor(line)) return factor ? 'success' : skipsNewcomers(line) ? 'ignore' : 'auth_err';
      if (PASSWORD.test(module)) return password ? 'success' : 'auth_err';
      if (ALWAYS_NO.test(module)) return 'auth_err';
      if (NEUTRAL.test(module)) return 'ignore';
      // Lists, groups and networks: both answers are possible.
      return conditions || /^pam_permit(?:\.so)?$/.test(module) ? 'success' : 'auth_err';
    }).success;
  const factors = lines.filter(isFactor);
  const conditions = [true, false];
  const always =
    factors.length > 0 &&
    conditions.every((one) => !succeeds(true, false, one)) &&
    conditions.some((one) => succeeds(true, true, one));
  const required = always && conditions.every((one) => !succeeds(false, true, one));
  return { required, always, open: lines.find(({ module }) => OPEN.test(module)), line: factors[0] };
}
