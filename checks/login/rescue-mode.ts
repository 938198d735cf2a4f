/** login.rescue-mode */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, missing, valueIn, valueOr } from '../fact.ts';
import { isShell } from '../facts/agetty.ts';
import { bootEntries } from '../facts/boot-entries.ts';
import { CMDLINE, type CmdlineParameter, cmdline } from '../facts/cmdline.ts';
import { inContainer } from '../facts/container.ts';
import { INITTAB, inittab } from '../facts/inittab.ts';
import { osRelease } from '../facts/os-release.ts';
import { type PasswdFile, passwd } from '../facts/passwd.ts';
import type { PasswordField } from '../facts/password-field.ts';
import { FORCE, isTrue, type RescueUnit, rescue } from '../facts/rescue.ts';
import { SHADOW, type ShadowFile, shadow } from '../facts/shadow.ts';

const WANTED: Text = { en: 'asks for the root password', de: 'fragt nach dem root-Passwort' };

interface Findings {
  readonly open: Evidence[];
  readonly unclear: Evidence[];
  readonly fine: Evidence[];
  /** Whether some sulogin is told to open without a password, and whether any runs at all. */
  forced: Evidence | undefined;
  sulogin: boolean;
}

const base = (path: string | undefined): string => (path ?? '').slice((path ?? '').lastIndexOf('/') + 1);
const SULOGIN_SHELL = 'systemd-sulogin-shell';
/** Programs that init= names on ordinary systems. */
const INITS = /^(?:init|systemd|openrc-init|runit-init|runit|s6-linux-init|sysvinit|busybox|preinit)$/;
const SHELLS = /^(?:(?:ba|da|z|k|mk|c|tc|a|fi)?sh|rbash|sulogin-shell)$/;

/** What a unit's command ends in. `sh -c 'sulogin; ...'` counts as sulogin. */
function judgeCommand(words: readonly string[], place: { source: string; line?: number }, into: Findings) {
  const seen = (found: Text | string) => evidence({ ...place, found, wanted: WANTED });
  const flat = words.flatMap((word) => word.split(/[\s;&|]+/)).filter(Boolean);
  const at = flat.findIndex((word) => /^(?:sulogin|systemd-sulogin-shell)$/.test(base(word)));
  if (at >= 0) {
    const force = flat
      .slice(at + 1)
      .find((word) => /^(?:--f(?:o(?:r(?:c(?:e)?)?)?)?|-[a-z]*e[a-z]*)$/.test(word));
    into.sulogin = true;
    if (force !== undefined && base(flat[at]) !== SULOGIN_SHELL) into.forced ??= seen(`sulogin ${force}`);
    into.fine.push(seen(base(flat[at])));
  } else if (isShell(words) || SHELLS.test(base(words[0])))
    into.open.push(
      seen({ en: `a shell without login: ${words[0]}`, de: `eine Shell ohne Anmeldung: ${words[0]}` }),
    );
  else if (/^(?:login|agetty|true|false)$/.test(base(words[0])) && !words.includes('-f'))
    into.fine.push(seen(base(words[0])));
  else into.unclear.push(seen({ en: `runs ${words[0]}`, de: `startet ${words[0]}` }));
}

function judgeUnit({ unit, commands, forced }: RescueUnit, into: Findings): void {
  if (unit.state === 'masked') {
    into.fine.push(evidence({ source: unit.name, found: { en: 'masked', de: 'maskiert' }, wanted: WANTED }));
    return;
  }
  const before = into.sulogin;
  into.sulogin = false;
  for (const { setting, words } of commands)
    judgeCommand(words, { source: setting.source, line: setting.line }, into);
  if (into.sulogin && forced) into.forced ??= evidence({ ...forced, found: `${FORCE}=1`, wanted: WANTED });
  into.sulogin ||= before;
}

/** Kernel parameters that end in a shell nobody has to log in for. */
function opens({ key, value }: CmdlineParameter): 'open' | 'unclear' | 'debug' | 'force' | undefined {
  const name = key.replaceAll('-', '_');
  const on = value === undefined || !/^(?:0|n|no|f|false|off)$/i.test(value);
  if (name === 'init' || name === 'rdinit') {
    if (value === undefined || value === '' || INITS.test(base(value))) return undefined;
    if (SHELLS.test(base(value))) return 'open';
    return name === 'init' ? 'unclear' : undefined;
  }
  // dracut's and initramfs-tools' words for a shell in the middle of the start.
  if ((key === 'rd.break' || key === 'rdbreak' || key === 'break') && on) return 'open';
  if (name === 'rd.systemd.debug_shell' && on) return 'open';
  if (name === 'systemd.debug_shell' && on) return 'debug';
  if (name === 'systemd.wants' && value === 'debug-shell.service') return 'debug';
  if (key === FORCE && (value === undefined || isTrue(value))) return 'force';
  if (key === 'systemd.setenv' && isTrue(/^SYSTEMD_SULOGIN_FORCE=(.*)$/.exec(value ?? '')?.[1]))
    return 'force';
  return undefined;
}

function judgeParameters(
  parameters: readonly CmdlineParameter[],
  place: { source: string; line?: number },
  debugShell: RescueUnit | undefined,
  into: Findings,
): void {
  for (const parameter of parameters) {
    const kind = opens(parameter);
    const { key, value } = parameter;
    const found = value === undefined ? key : `${key}=${value}`;
    const seen = evidence({
      ...place,
      found,
      wanted: { en: 'no such parameter', de: 'kein solcher Parameter' },
    });
    if (kind === 'open') into.open.push(seen);
    if (kind === 'unclear') into.unclear.push(seen);
    if (kind === 'force') into.forced ??= seen;
    // Without its unit, or with a mask in its place, the parameter does nothing.
    if (kind === 'debug' && debugShell && debugShell.unit.state !== 'masked') into.open.push(seen);
  }
}

/** How sulogin sees root: /etc/passwd itself, then shadow. Undefined: no such account. */
function rootPassword(accounts: PasswdFile, shadows: Fact<ShadowFile>): PasswordField | undefined {
  const root = accounts.entries.find(({ name }) => name === 'root');
  if (root?.password.kind !== 'shadow') return root?.password;
  return valueIn(shadows).entries.find(({ name }) => name === 'root')?.password;
}

const describeRoot = (field: PasswordField | undefined): Text =>
  field?.kind === 'empty'
    ? { en: 'root has an empty password', de: 'root hat ein leeres Passwort' }
    : field?.kind === 'hash' && !field.locked
      ? { en: 'root has a password', de: 'root hat ein Passwort' }
      : { en: 'root is locked', de: 'root ist gesperrt' };

export const rescueMode = defineCheck({
  id: 'login.rescue-mode',
  title: {
    en: 'Rescue, emergency and debug shells ask for the root password',
    de: 'Rettungs-, Notfall- und Debug-Shell fragen nach dem root-Passwort',
  },
  why: {
    en: 'These shells run as root. Whoever reaches the console, also that of the virtualisation, and can restart the system has it all if they ask for nothing.',
    de: 'Diese Shells laufen mit root-Rechten. Wer die Konsole erreicht, auch die der Virtualisierung, und das System neu starten kann, erhält ohne Passwortabfrage alles.',
  },
  remedy: {
    en: 'Take --force, SYSTEMD_SULOGIN_FORCE and drop-ins with a bare shell out of rescue.service and emergency.service; systemctl disable --now debug-shell.service; take the kernel parameter named out of the boot loader’s configuration and generate it anew. Root needs a password or a lock (on Ubuntu a password), never an empty password.',
    de: '--force, SYSTEMD_SULOGIN_FORCE und Drop-ins mit bloßer Shell aus rescue.service und emergency.service entfernen; systemctl disable --now debug-shell.service; den genannten Kernelparameter aus der Konfiguration des Bootloaders entfernen und diese neu erzeugen. root braucht ein Passwort oder eine Sperre (bei Ubuntu ein Passwort), nie ein leeres Passwort.',
  },
  severity: 'high',
  params: z.strictObject({}),
  needs: { rescue, cmdline, bootEntries, inittab, passwd, shadow, osRelease, inContainer },
  appliesTo: always,
  evaluate: (facts) => {
    const into: Findings = { open: [], unclear: [], fine: [], forced: undefined, sulogin: false };
    const units = facts.rescue.state === 'known' ? facts.rescue.value : undefined;
    for (const unit of units?.units ?? []) judgeUnit(unit, into);
    const debug = units?.debugShell;
    if (debug && debug.unit.state !== 'masked' && units?.debugStarted) {
      const inside: Findings = { open: [], unclear: [], fine: [], forced: undefined, sulogin: false };
      judgeUnit(debug, inside);
      for (const { found, wanted } of [...inside.open, ...inside.unclear])
        into.open.push({
          ...evidence({ ...units.debugStarted, found: 'debug-shell.service', wanted }),
          found,
        });
      into.forced ??= inside.forced;
      into.sulogin ||= inside.sulogin;
    }
    // The kernel of a container is somebody else's: its command line starts nothing in here.
    const container = facts.inContainer.state === 'known' && facts.inContainer.value;
    if (!container && facts.cmdline.state === 'known')
      judgeParameters(facts.cmdline.value, { source: CMDLINE }, debug, into);
    if (facts.bootEntries.state === 'known')
      for (const { source, line, parameters } of facts.bootEntries.value)
        judgeParameters(parameters, { source, line }, debug, into);
    if (facts.inittab.state === 'known')
      for (const { line, words, action } of facts.inittab.value)
        if (words.some((word) => base(word) === 'sulogin') && action !== 'off')
          judgeCommand(words, { source: INITTAB, line }, into);
    // What is open stays open, whatever else could not be read.
    if (into.open.length > 0) return fail(unique(into.open));
    valueOr(facts.rescue, undefined);
    valueOr(facts.inittab, undefined);
    valueIn(facts.inContainer);
    if (!container) valueOr(facts.cmdline, undefined);
    if (units === undefined && facts.inittab.state === 'absent')
      return unknown(missing('/usr/lib/systemd/system, /etc/inittab'));
    if (into.sulogin) {
      const root = rootPassword(valueIn(facts.passwd), facts.shadow);
      const account = evidence({
        source: SHADOW,
        found: describeRoot(root),
        wanted: {
          en: 'a password, or a lock that no shell ignores',
          de: 'ein Passwort oder eine Sperre, über die sich keine Shell hinwegsetzt',
        },
      });
      const locked = root?.kind !== 'hash' || root.locked;
      if (root?.kind === 'empty') return fail([account, ...unique(into.fine)]);
      if (locked && into.forced)
        return fail([into.forced, account], {
          en: 'root is locked, and sulogin is told to open a shell all the same',
          de: 'root ist gesperrt, und sulogin soll dann eine Shell ohne Passwort öffnen',
        });
      // Ubuntu changed its sulogin (tried with 20.04 to 24.04): a lock makes it behave as with --force.
      const system = valueOr(facts.osRelease, undefined);
      if (locked && system?.id === 'ubuntu')
        return fail([account, ...unique(into.fine)], {
          en: 'root is locked, and Ubuntu’s sulogin then opens a shell that asks for nothing: give root a password',
          de: 'root ist gesperrt, und der sulogin von Ubuntu öffnet dann eine Shell ohne Abfrage: ein root-Passwort setzen',
        });
      if (locked && system?.like.includes('ubuntu'))
        return unknown(
          {
            en: 'root is locked, and a sulogin like Ubuntu’s opens a shell all the same: give root a password',
            de: 'root ist gesperrt, und ein sulogin wie der von Ubuntu öffnet dann trotzdem eine Shell: ein root-Passwort setzen',
          },
          [account],
        );
      into.fine.push(account);
    }
    valueIn(facts.bootEntries);
    if (into.unclear.length > 0)
      return unknown(
        {
          en: 'what is started in place of the usual program is not known to ask for a password',
          de: 'von dem, was statt des üblichen Programms startet, ist nicht bekannt, ob es nach einem Passwort fragt',
        },
        unique(into.unclear),
      );
    if (into.fine.length === 0)
      into.fine.push(
        evidence({
          source: units ? 'rescue.service, emergency.service' : INITTAB,
          found: { en: 'no rescue shell', de: 'keine Rettungs-Shell' },
          wanted: WANTED,
        }),
      );
    return pass(unique(into.fine));
  },
  references: [
    'CIS Red Hat Enterprise Linux 7 v4.0.0, 1.4 (authentication in rescue mode)',
    'DISA STIG RHEL 9, RHEL-09-611195, RHEL-09-611200, RHEL-09-211055 (debug-shell)',
    'BSI IT-Grundschutz SYS.1.1.A2, SYS.1.3.A2',
    'ISO/IEC 27001:2022 A.8.5',
    'sulogin(8), systemd.special(7), systemd-debug-generator(8), dracut.cmdline(7), kernel-command-line(7)',
  ],
  examples: async () => (await import('./rescue-mode.examples.ts')).examples,
});

const unique = (all: readonly Evidence[]): Evidence[] => [
  ...new Map(
    all.map((piece) => [`${piece.source}:${piece.line}:${JSON.stringify(piece.found)}`, piece]),
  ).values(),
];
