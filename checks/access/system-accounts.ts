/** access.system-accounts */
import { z } from 'zod';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn, valueOr } from '../fact.ts';
import { type LoginDefs, loginDefs, loginDefsNumber } from '../facts/login-defs.ts';
import { byName, hasLoginShell } from '../facts/login-shell.ts';
import { PASSWD, type PasswdEntry, passwd } from '../facts/passwd.ts';
import { SHADOW, type ShadowFile, shadow } from '../facts/shadow.ts';
import { malformedGap } from './account-gaps.ts';

const DEFAULT_UID_MIN = 1000;
const NOBODY = 65534;

/** The lowest ID of people: login.defs(5). @throws CouldNotLook where the file can not be read */
export function uidMin(defs: Fact<LoginDefs>): number {
  const value = valueOr(defs, undefined)?.tools.get('UID_MIN')?.value;
  return (value === undefined ? undefined : loginDefsNumber(value)) ?? DEFAULT_UID_MIN;
}

type Secret = 'none' | 'usable' | 'not told';

/** Whether a password can open the account; locked ones can't. Pure. */
function secretOf(entry: PasswdEntry, shadows: ShadowFile | undefined): Secret {
  const { password } = entry;
  if (password.kind === 'none' || (password.kind === 'hash' && password.locked)) return 'none';
  if (password.kind !== 'shadow') return 'usable';
  if (!shadows) return 'not told';
  const stored = shadows.entries.find(({ name }) => name === entry.name)?.password;
  // Without an entry in shadow no password fits.
  if (stored === undefined || stored.kind === 'none') return 'none';
  return stored.kind === 'hash' && stored.locked ? 'none' : 'usable';
}

export const systemAccounts = defineCheck({
  id: 'access.system-accounts',
  title: {
    en: 'Accounts of services have neither a password nor a shell',
    de: 'Dienstkonten haben weder Passwort noch Anmeldeshell',
  },
  why: {
    en: 'Accounts of services belong to no person; with a password or a shell they become a way in that nobody answers for.',
    de: 'Dienstkonten gehören keiner Person; mit Passwort oder Shell werden sie zu einem Zugang, für den niemand einsteht.',
  },
  remedy: {
    en: 'Lock the password (usermod -L) and set the shell to nologin (usermod -s); a service that needs its shell is named in the parameter `allowed`.',
    de: 'Das Passwort sperren (usermod -L) und nologin als Shell setzen (usermod -s); einen Dienst, der seine Shell braucht, im Parameter `allowed` nennen.',
  },
  severity: 'medium',
  params: z.strictObject({
    /** Accounts that may have a shell; only root may have a password. */
    allowed: z.array(z.string().max(64)).max(50).default(['root']),
  }),
  needs: { passwd, shadow, defs: loginDefs },
  appliesTo: always,
  evaluate: (facts, { allowed }) => {
    const accounts = valueIn(facts.passwd);
    const least = uidMin(facts.defs);
    const system = byName(accounts.entries).filter(
      ({ uid, name }) => name !== 'root' && uid !== 0 && (uid < least || uid === NOBODY),
    );
    const shadows = facts.shadow.state === 'known' ? facts.shadow.value : undefined;
    const secrets = new Map(system.map((entry) => [entry.name, secretOf(entry, shadows)]));
    const wrong = system.flatMap((entry) => [
      ...(hasLoginShell(entry) && !allowed.includes(entry.name)
        ? [
            evidence({
              source: PASSWD,
              line: entry.line,
              found: `${entry.name} (UID ${entry.uid}): ${entry.shell || '/bin/sh'}`,
              wanted: 'nologin',
            }),
          ]
        : []),
      ...(secrets.get(entry.name) === 'usable'
        ? [
            evidence({
              source: entry.password.kind === 'shadow' ? SHADOW : PASSWD,
              ...(entry.password.kind === 'shadow'
                ? { line: shadows?.entries.find(({ name }) => name === entry.name)?.line }
                : { line: entry.line }),
              found: {
                en: `${entry.name} (UID ${entry.uid}): can log in by password`,
                de: `${entry.name} (UID ${entry.uid}): Anmeldung per Passwort möglich`,
              },
              wanted: { en: 'locked', de: 'gesperrt' },
            }),
          ]
        : []),
    ]);
    if (wrong.length > 0) return fail(wrong);
    if ([...secrets.values()].includes('not told')) valueIn(facts.shadow);
    const gap = malformedGap(accounts.malformed);
    if (gap) return gap;
    if (accounts.entries.length === 0)
      return unknown({ en: 'passwd holds no account', de: 'passwd enthält kein Konto' });
    return pass([
      evidence({
        source: PASSWD,
        found: {
          en: `${system.length} accounts below UID ${least}, none to log in with`,
          de: `${system.length} Konten unterhalb der UID ${least}, keines zum Anmelden`,
        },
        wanted: { en: 'no password, no shell', de: 'kein Passwort, keine Shell' },
      }),
    ]);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.4.2.7 and 5.4.2.8',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.4.2.7 and 5.4.2.8',
    'BSI IT-Grundschutz SYS.1.3.A2, ORP.4.A1',
    'ISO/IEC 27001:2022 A.5.16, A.8.2',
    'passwd(5), shadow(5), login.defs(5), nologin(8)',
  ],
  examples: async () => (await import('./system-accounts.examples.ts')).examples,
});
