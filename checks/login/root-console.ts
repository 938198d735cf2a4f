/** login.root-console */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { pam, pamStack } from '../facts/pam.ts';
import type { PamModuleLine, PamReturn } from '../facts/pam-line.ts';
import { PASSWD, passwd } from '../facts/passwd.ts';
import { SECURETTY, securetty } from '../facts/securetty.ts';
import { SHADOW, shadow } from '../facts/shadow.ts';
import { runStack } from '../facts/stack-run.ts';

const WANTED: Text = {
  en: 'a locked password, or pam_securetty with a list of few terminals',
  de: 'ein gesperrtes Passwort oder pam_securetty mit einer Liste weniger Terminals',
};
const isSecuretty = ({ module }: PamModuleLine): boolean => /^pam_securetty(?:\.so)?$/.test(module);
/** Modules whose own files may keep root out, too. */
const isOtherBarrier = ({ module }: PamModuleLine): boolean =>
  /^pam_(?:access|listfile|time|exec|script|python|perl|lua)(?:\.so)?$/.test(module);

/** What modules return for root with the right password, on a terminal that is not in the list. */
function answer(line: PamModuleLine, listed: boolean): PamReturn {
  const name = line.module.replace(/\.so$/, '');
  if (isSecuretty(line)) return listed ? 'success' : 'auth_err';
  if (name === 'pam_deny' || name === 'pam_rootok') return 'auth_err';
  if (/^pam_(?:nologin|faildelay|group|warn|debug|echo|env|issue|cap)$/.test(name)) return 'ignore';
  // It leaves numbers below its minimum_uid alone.
  if (name === 'pam_krb5') return 'ignore';
  if (/^pam_(?:sss|ldap|winbind|systemd_home)$/.test(name)) return 'user_unknown';
  if (name === 'pam_usertype') return line.args.includes('issystem') ? 'success' : 'auth_err';
  if (name === 'pam_succeed_if') {
    const at = line.args.indexOf('uid');
    const bound = Number(line.args[at + 2]);
    const operator = line.args[at + 1] ?? '';
    if (at < 0 || !Number.isFinite(bound)) return 'success';
    const holds = /^(?:<=?|lt|le)$/.test(operator) ? bound > 0 || /=|le/.test(operator) : bound === 0;
    return holds ? 'success' : 'auth_err';
  }
  return 'success';
}

export const rootConsole = defineCheck({
  id: 'login.root-console',
  title: {
    en: 'root logs in directly on few text consoles or on none',
    de: 'root meldet sich nur an wenigen Textkonsolen oder gar nicht direkt an',
  },
  why: {
    en: 'A direct login as root does not tell who it was, and consoles are often reachable from afar: over serial lines, management boards and the hypervisor.',
    de: 'Eine direkte Anmeldung als root lässt nicht erkennen, wer es war, und Konsolen sind oft aus der Ferne erreichbar: über serielle Leitungen, Managementkarten und den Hypervisor.',
  },
  remedy: {
    en: 'Lock root’s password (passwd -l root) and work through sudo, or put “auth requisite pam_securetty.so” first in /etc/pam.d/login and only the terminals that are needed into /etc/securetty.',
    de: 'Das Passwort von root sperren (passwd -l root) und über sudo arbeiten, oder „auth requisite pam_securetty.so“ an den Anfang von /etc/pam.d/login setzen und in /etc/securetty nur die nötigen Terminals aufführen.',
  },
  severity: 'low',
  params: z.strictObject({
    /** Terminals that may be listed. */
    terminals: z
      .array(z.string().regex(/^[\w/.-]{1,32}$/))
      .max(64)
      .default(['console', 'tty1', 'tty2', 'tty3', 'tty4', 'tty5', 'tty6']),
  }),
  needs: { passwd, shadow, pam, securetty },
  appliesTo: always,
  evaluate: (facts, { terminals }) => {
    const roots = valueIn(facts.passwd).entries.filter(({ uid }) => uid === 0);
    if (roots.length === 0)
      return unknown({ en: 'there is no account with UID 0', de: 'es gibt kein Konto mit UID 0' });
    const accounts = roots.map(({ name, password, line }) => {
      const shadowed = password.kind === 'shadow';
      const entry = shadowed ? valueIn(facts.shadow).entries.find((one) => one.name === name) : undefined;
      const field = shadowed ? (entry?.password ?? { kind: 'none' as const }) : password;
      const usable = field.kind === 'empty' || (field.kind === 'hash' && !field.locked);
      const found: Text = usable
        ? { en: `${name}: has a password`, de: `${name}: hat ein Passwort` }
        : { en: `${name}: locked`, de: `${name}: gesperrt` };
      const place = shadowed ? { source: SHADOW, line: entry?.line } : { source: PASSWD, line };
      return { usable, piece: evidence({ ...place, found, wanted: WANTED }) };
    });
    const open = accounts.filter(({ usable }) => usable).map(({ piece }) => piece);
    if (open.length === 0) return pass(accounts.map(({ piece }) => piece));

    const configuration = valueIn(facts.pam);
    const phases = (['auth', 'account'] as const).map((type) => pamStack(configuration, 'login', type));
    const runs = (listed: boolean) =>
      phases.map((entries) => runStack(entries, (line) => answer(line, listed)));
    const elsewhere = runs(false);
    const lines = elsewhere.flatMap(({ called }) => called);
    if (!runs(true).every(({ success }) => success))
      return unknown(
        {
          en: 'it can not be told whether PAM lets root log in on a console at all',
          de: 'es lässt sich nicht feststellen, ob PAM root überhaupt an einer Konsole anmeldet',
        },
        open,
      );
    if (elsewhere.every(({ success }) => success)) {
      const other = lines.find(isOtherBarrier);
      if (other)
        return unknown(
          {
            en: `${other.module} may keep root away from consoles: its rules are not judged`,
            de: `${other.module} hält root möglicherweise von Konsolen fern: seine Regeln werden nicht beurteilt`,
          },
          open,
        );
      return fail([
        ...open,
        evidence({
          source: '/etc/pam.d/login',
          found: {
            en: 'no pam_securetty that refuses a terminal',
            de: 'kein pam_securetty, das ein Terminal abweist',
          },
          wanted: WANTED,
        }),
      ]);
    }
    if (facts.securetty.state === 'absent')
      return fail([
        ...open,
        evidence({
          source: SECURETTY,
          found: {
            en: 'missing: pam_securetty then lets root in everywhere',
            de: 'fehlt: pam_securetty lässt root dann überall herein',
          },
          wanted: WANTED,
        }),
      ]);
    const listed = valueIn(facts.securetty);
    const more = listed.filter(({ name }) => !terminals.includes(name.replace(/^\/dev\//, '')));
    const list = (names: readonly { name: string }[]) => names.map(({ name }) => name).join(', ');
    if (more.length > 0)
      return fail([
        ...open,
        evidence({
          source: more[0]?.source ?? SECURETTY,
          line: more[0]?.line,
          found: `${list(more.slice(0, 10))}${more.length > 10 ? ' …' : ''}`,
          wanted: {
            en: `no more than ${terminals.join(', ') || 'none'}`,
            de: `höchstens ${terminals.join(', ') || 'keine'}`,
          },
        }),
      ]);
    const line = lines.find(isSecuretty);
    return pass([
      ...open,
      evidence({ source: line?.file ?? SECURETTY, line: line?.line, found: 'pam_securetty', wanted: WANTED }),
      evidence({
        source: listed[0]?.source ?? SECURETTY,
        found: listed.length === 0 ? { en: 'no terminal', de: 'kein Terminal' } : list(listed),
        wanted: WANTED,
      }),
    ]);
  },
  references: [
    'CIS Debian Linux 9 v1.0.1, 5.5',
    'BSI IT-Grundschutz SYS.1.1.A2, SYS.1.3.A6',
    'ISO/IEC 27001:2022 A.8.2, A.8.5',
    'pam_securetty(8), securetty(5)',
  ],
  examples: async () => (await import('./root-console.examples.ts')).examples,
});
