/** login.logon-delay */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, type Example, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn, valueOr } from '../fact.ts';
import { type LoginDefs, loginDefs, loginDefsNumber } from '../facts/login-defs.ts';
import { isPamUnix, pam } from '../facts/pam.ts';
import type { PamModuleLine } from '../facts/pam-line.ts';
import { passwordServices } from '../facts/password-services.ts';
import { runStack } from '../facts/stack-run.ts';

const KEY = 'FAIL_DELAY';
/** What pam_unix and pam_faillock ask for by themselves. */
const OWN = 2;

const tree = (login: string, defs = '', more: Example['tree']['files'] = {}): Example['tree'] => ({
  files: { '/etc/pam.d/login': login, '/etc/login.defs': defs, ...more },
});
const UNIX = 'auth required pam_unix.so\n';
const examples: readonly Example[] = [
  {
    name: 'pam_faildelay with its own value',
    outcome: 'pass',
    tree: tree(`auth optional pam_faildelay.so delay=4000000\n${UNIX}`),
    says: ['4 s'],
  },
  {
    name: 'pam_faildelay takes the value of login.defs',
    outcome: 'pass',
    tree: tree(`auth optional pam_faildelay.so\n${UNIX}`, 'FAIL_DELAY 5\n'),
  },
  {
    name: 'the longest delay counts; shorter ones change nothing',
    outcome: 'pass',
    tree: tree(
      `auth optional pam_faildelay.so delay=1\nauth optional pam_faildelay.so delay=6000000\n${UNIX}`,
    ),
  },
  {
    name: 'two seconds are enough where that is wanted',
    outcome: 'pass',
    tree: tree(UNIX),
    params: { seconds: 2 },
  },
  {
    name: 'Debian’s three seconds',
    outcome: 'fail',
    tree: tree(`auth optional pam_faildelay.so delay=3000000\n${UNIX}`),
    says: ['3 s'],
  },
  {
    name: 'the line is a comment',
    outcome: 'fail',
    tree: tree(`#auth optional pam_faildelay.so delay=9000000\n${UNIX}`),
    says: ['2 s'],
  },
  {
    name: 'pam_faildelay stands behind a password that ends the stack',
    outcome: 'fail',
    tree: tree('auth requisite pam_unix.so\nauth optional pam_faildelay.so delay=9000000\n'),
  },
  {
    name: 'login.defs that no module reads',
    outcome: 'fail',
    tree: tree('auth required pam_unix.so nodelay\n', 'FAIL_DELAY 9\n'),
    says: ['0 s'],
  },
  {
    name: 'one service without',
    outcome: 'fail',
    tree: tree(`auth optional pam_faildelay.so delay=4000000\n${UNIX}`, '', { '/etc/pam.d/sshd': UNIX }),
    says: ['sshd'],
  },
  { name: 'no PAM', outcome: 'unknown', tree: { files: {} } },
  {
    name: 'login.defs is a FIFO',
    outcome: 'unknown',
    tree: { files: { '/etc/pam.d/login': UNIX, '/etc/login.defs': { type: 'other' } } },
  },
];

/** Seconds that a line asks libpam to wait after a failure. */
function delayOf(line: PamModuleLine, defs: LoginDefs | undefined): number {
  const { module, args } = line;
  if (isPamUnix(line)) return args.some((arg) => arg.startsWith('nodelay')) ? 0 : OWN;
  if (!/^pam_faildelay(?:\.so)?$/.test(module)) return 0;
  const own = args.findLast((arg) => arg.startsWith('delay='));
  if (own !== undefined) return Number(/^delay=(\d+)/.exec(own)?.[1] ?? 0) / 1_000_000;
  return loginDefsNumber(defs?.pam.get(KEY)?.value ?? '') ?? 0;
}

export const logonDelay = defineCheck({
  id: 'login.logon-delay',
  title: {
    en: 'A failed login is followed by a pause',
    de: 'Auf eine fehlgeschlagene Anmeldung folgt eine Pause',
  },
  why: {
    en: 'A pause makes trying out passwords slow.',
    de: 'Eine Pause macht das Durchprobieren von Passwörtern langsam.',
  },
  remedy: {
    en: 'Put “auth optional pam_faildelay.so delay=4000000” before pam_unix in the services named.',
    de: 'In den genannten Diensten vor pam_unix „auth optional pam_faildelay.so delay=4000000“ eintragen.',
  },
  severity: 'low',
  params: z.strictObject({
    /** Seconds at least. */
    seconds: z.number().min(0).max(60).default(4),
  }),
  needs: { pam, loginDefs },
  appliesTo: always,
  evaluate: (facts, { seconds }) => {
    const services = passwordServices(valueIn(facts.pam));
    const defs = valueOr(facts.loginDefs, undefined);
    if (services.length === 0)
      return unknown({
        en: 'no service is known that checks passwords of this system through PAM',
        de: 'es ist kein Dienst bekannt, der Passwörter dieses Systems über PAM prüft',
      });
    const wanted: Text = { en: `at least ${seconds} s`, de: `mindestens ${seconds} s` };
    const found = services.map(({ name, auth }) => {
      const { called } = runStack(auth, (line) => {
        if (isPamUnix(line) || /^pam_(?:deny|rootok)(?:\.so)?$/.test(line.module)) return 'auth_err';
        return /^pam_(?:faildelay|nologin|group)/.test(line.module) ? 'ignore' : 'success';
      });
      // libpam waits as long as the longest delay that a module has asked for.
      const delay = Math.max(0, ...called.map((line) => delayOf(line, defs)));
      const line = called.find((one) => delayOf(one, defs) === delay);
      return {
        delay,
        piece: evidence({
          source: line?.file ?? `/etc/pam.d/${name}`,
          line: line?.line,
          found: `${name}: ${delay} s`,
          wanted,
        }),
      };
    });
    const short = found.filter(({ delay }) => delay < seconds);
    return short.length > 0 ? fail(short.map(({ piece }) => piece)) : pass(found.map(({ piece }) => piece));
  },
  references: [
    'DISA STIG RHEL 9, RHEL-09-412050',
    'BSI IT-Grundschutz ORP.4.A23, SYS.1.1.A2',
    'ISO/IEC 27001:2022 A.8.5',
    'pam_faildelay(8), pam_fail_delay(3), login.defs(5)',
  ],
  examples,
});
