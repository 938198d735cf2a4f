/** The checks of password policies on files that nobody would write: a verdict in time, never an internal error. */
import { describe, expect, it } from 'vitest';
import { enforcedChecks } from '../../../checks/password/enforced.ts';
import { minStrength } from '../../../checks/password/min-strength.ts';
import { judge } from '../../support/judge.ts';

const QUALITY = 'password requisite pam_pwquality.so\n';
const UNIX = 'password required pam_unix.so use_authtok\n';

const cases: Readonly<
  Record<string, { readonly stack?: string; readonly conf?: string; readonly dqc?: string }>
> = {
  'a thousand quality modules': {
    stack: `${QUALITY}password optional pam_pwhistory.so\n`.repeat(500) + UNIX,
  },
  'as many as are looked at': { stack: 'password optional pam_pwquality.so retry=2\n'.repeat(39) + UNIX },
  'huge numbers': { conf: 'minlen = 999999999\ndcredit = -999999999\nucredit = 999999999\nminclass = 99\n' },
  'negative numbers': {
    conf: 'minlen = -5\nminclass = -1\nmaxrepeat = -3\nmaxclassrepeat = -3\nmaxsequence = -3\n',
  },
  'a number that is none': { conf: 'minlen = twelve\n' },
  'a line without an end': { conf: `badwords = ${'word '.repeat(100_000)}` },
  'many bad words': { conf: `minlen = 30\n${'badwords = abcd efgh ijkl mnop\n'.repeat(2_000)}` },
  CRLF: { conf: 'minlen = 12\r\nminclass = 3\r\n' },
  'bytes that are no text': { conf: '\u0000\u0001\u00ff = 3\n', stack: `${QUALITY}\u0000\n${UNIX}` },
  'passwdqc with huge lengths': {
    stack: `password requisite pam_passwdqc.so config=/etc/passwdqc.conf\n${UNIX}`,
    dqc: 'min=999999999,999999999,999999999,999999999,999999999\npassphrase=999999999\n',
  },
  'passwdqc that includes itself': {
    stack: `password requisite pam_passwdqc.so config=/etc/passwdqc.conf\n${UNIX}`,
    dqc: 'config=/etc/passwdqc.conf\n',
  },
  'circles of includes': { stack: 'password include passwd\n' },
};

/** What password.min-strength says where it is not unknown. */
const strength: Readonly<Record<string, string>> = {
  'negative numbers': 'fail',
  'many bad words': 'pass',
  CRLF: 'pass',
};

describe('password policies on bad input', () => {
  it.each(Object.entries(cases))(
    '%s',
    { timeout: 20_000 },
    async (name, { stack = QUALITY + UNIX, conf = '', dqc }) => {
      for (const check of [minStrength, ...enforcedChecks]) {
        const { outcome, reason } = await judge(check, {
          files: {
            '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
            '/etc/pam.d/passwd': stack,
            '/etc/security/pwquality.conf': conf,
            ...(dqc === undefined ? {} : { '/etc/passwdqc.conf': dqc }),
          },
        });
        expect(JSON.stringify(reason ?? '')).not.toMatch(/internal/i);
        if (check === minStrength) expect(outcome).toBe(strength[name] ?? 'unknown');
      }
    },
  );
});
