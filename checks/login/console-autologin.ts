/** login.console-autologin */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, missing, valueIn, valueOr } from '../fact.ts';
import { gettyVerdict, isForcedLogin, isShell, parseGetty } from '../facts/agetty.ts';
import { CMDLINE, type CmdlineParameter, cmdline } from '../facts/cmdline.ts';
import { type DisplayManagers, displayManagers } from '../facts/display-manager.ts';
import { type Gettys, gettys, isLoginCredential, type TerminalUnit } from '../facts/getty.ts';
import { INITTAB, type InittabEntry, inittab } from '../facts/inittab.ts';
import { unitList } from '../facts/systemd-unit.ts';
import type { UnitSetting } from '../facts/systemd-unit-file.ts';

const WANTED: Text = { en: 'asks who is there', de: 'fragt, wer da ist' };
const ASKS: Text = { en: 'asks for name and password', de: 'fragt nach Name und Passwort' };

interface Findings {
  readonly open: Evidence[];
  readonly unclear: Evidence[];
  readonly fine: Evidence[];
}

/** What one command on a terminal does. */
function judgeCommand(words: readonly string[], source: string, line: number, findings: Findings): void {
  const seen = (found: Text | string) => evidence({ source, line, found, wanted: WANTED });
  const getty = parseGetty(words);
  const verdict = getty && gettyVerdict(getty);
  if (isForcedLogin(words)) findings.open.push(seen('login -f'));
  else if (getty === undefined && isShell(words))
    findings.open.push(
      seen({
        en: `a shell without login: ${words[0]}`,
        de: `eine Shell ohne Anmeldung: ${words[0]}`,
      }),
    );
  else if (verdict && 'opens' in verdict) findings.open.push(seen(`${getty.program} ${verdict.opens}`));
  else if (verdict) findings.unclear.push(seen(`${getty.program} ${verdict.unclear}`));
  else if (getty === undefined && !/(?:^|\/)(?:sulogin|login)$/.test(words[0] ?? ''))
    findings.unclear.push(seen({ en: `runs ${words[0]}`, de: `startet ${words[0]}` }));
  else findings.fine.push(seen(ASKS));
}

function judgeUnit({ unit, commands }: TerminalUnit, findings: Findings): void {
  for (const { setting, words, open } of commands) {
    const { source, line } = setting;
    const before = findings.open.length;
    judgeCommand(words, source, line, findings);
    if (open !== undefined && findings.open.length === before)
      findings.unclear.push(
        evidence({
          source,
          line,
          found: {
            en: `${unit.name} takes arguments from the variable ${open}`,
            de: `${unit.name} erhält Argumente aus der Variablen ${open}`,
          },
          wanted: { en: 'arguments in the unit', de: 'Argumente in der Unit' },
        }),
      );
  }
}

/** A credential counts where a getty's unit lets it in: systemd.exec(5), agetty(8), login(1). */
function judgeCredentials(fact: Gettys, parameters: readonly CmdlineParameter[], findings: Findings): void {
  const there = [
    ...fact.credentials.map((path) => ({ name: path.slice(path.lastIndexOf('/') + 1), place: path })),
    ...parameters
      .filter(({ key }) => /^systemd\.set_credential(?:_binary)?$/.test(key))
      .map(({ value = '' }) => ({ name: nameOf(value), place: CMDLINE })),
  ].filter(({ name }) => isLoginCredential(name));
  const open = ({ source, line }: UnitSetting, found: string) =>
    findings.open.push(evidence({ source, line, found, wanted: WANTED }));
  for (const { unit } of fact.units) {
    const set = (...keys: string[]) => keys.flatMap((key) => unitList(unit, 'Service', key));
    for (const setting of set('SetCredential', 'SetCredentialEncrypted'))
      if (isLoginCredential(nameOf(setting.value))) open(setting, nameOf(setting.value));
    for (const setting of set('LoadCredential', 'LoadCredentialEncrypted')) {
      const name = nameOf(setting.value);
      const given = setting.value.includes(':') || there.some((one) => one.name === name);
      if (isLoginCredential(name) && given) open(setting, name);
    }
    for (const setting of set('ImportCredential'))
      for (const { name, place } of there) if (fits(setting.value, name)) open(setting, `${name} (${place})`);
  }
}

const nameOf = (value: string): string => value.split(':')[0] ?? '';

/** ImportCredential takes names, globs, and `glob:new-name`; a specifier such as `%I` may be anything here. */
function fits(pattern: string, name: string): boolean {
  const parts = nameOf(pattern)
    .split(/\*|%./)
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

function judgeInittab(entries: readonly InittabEntry[], findings: Findings): void {
  for (const { line, action, words } of entries) {
    if (!/^(?:respawn|askfirst|once|wait|ondemand)$/.test(action)) continue;
    const relevant = parseGetty(words) !== undefined || isForcedLogin(words) || isShell(words);
    if (relevant) judgeCommand(words, INITTAB, line, findings);
  }
}

function judgeDisplayManagers(fact: DisplayManagers, findings: Findings): void {
  for (const { source, line, setting } of fact.automatic)
    findings.open.push(evidence({ source, line, found: setting, wanted: WANTED }));
  if (fact.automatic.length === 0)
    for (const source of fact.sources)
      findings.fine.push(
        evidence({
          source,
          found: { en: 'no automatic login', de: 'keine automatische Anmeldung' },
          wanted: WANTED,
        }),
      );
}

export const consoleAutologin = defineCheck({
  id: 'login.console-autologin',
  title: {
    en: 'No console or display manager logs in by itself',
    de: 'Keine Konsole und kein Anmeldebildschirm meldet jemanden von selbst an',
  },
  why: {
    en: 'Whoever reaches the screen, the serial line or the console of the virtualisation gets a session without proving who they are.',
    de: 'Wer Bildschirm, serielle Leitung oder die Konsole der Virtualisierung erreicht, erhält eine Sitzung, ohne sich auszuweisen.',
  },
  remedy: {
    en: 'Take --autologin (or login -f) out of the unit or drop-in named, then systemctl daemon-reload; for display managers clear the automatic login in the file named.',
    de: '--autologin (oder login -f) aus der genannten Unit oder dem Drop-in entfernen, dann systemctl daemon-reload; bei Anmeldebildschirmen die automatische Anmeldung in der genannten Datei abschalten.',
  },
  severity: 'high',
  params: z.strictObject({}),
  needs: { gettys, displayManagers, inittab, cmdline },
  appliesTo: always,
  evaluate: (facts) => {
    const findings: Findings = { open: [], unclear: [], fine: [] };
    const units = facts.gettys.state === 'known' ? facts.gettys.value : undefined;
    for (const unit of units?.units ?? []) judgeUnit(unit, findings);
    if (units) judgeCredentials(units, facts.cmdline.state === 'known' ? facts.cmdline.value : [], findings);
    if (facts.inittab.state === 'known') judgeInittab(facts.inittab.value, findings);
    if (facts.displayManagers.state === 'known') judgeDisplayManagers(facts.displayManagers.value, findings);
    // What is open stays open, whatever else could not be read.
    if (findings.open.length > 0) return fail(unique(findings.open));
    valueOr(facts.gettys, undefined);
    valueOr(facts.inittab, undefined);
    valueIn(facts.displayManagers);
    readWhereImported(units, facts.cmdline);
    if (findings.unclear.length > 0)
      return unknown(
        {
          en: 'what serves a console is not known to ask for a password',
          de: 'von dem, was eine Konsole bedient, ist nicht bekannt, ob es nach einem Passwort fragt',
        },
        unique(findings.unclear),
      );
    if (!units && facts.inittab.state === 'absent')
      return unknown(missing('/usr/lib/systemd/system, /etc/inittab'));
    for (const name of units?.masked ?? [])
      findings.fine.push(evidence({ source: name, found: { en: 'masked', de: 'maskiert' }, wanted: WANTED }));
    if (findings.fine.length === 0)
      findings.fine.push(
        evidence({
          source: '/usr/lib/systemd/system',
          found: { en: 'no unit serves a console', de: 'keine Unit bedient eine Konsole' },
          wanted: WANTED,
        }),
      );
    return pass(unique(findings.fine));
  },
  references: [
    'DISA STIG RHEL 9, RHEL-09-271040 (GDM automatic login)',
    'BSI IT-Grundschutz ORP.4.A9, SYS.1.1.A2',
    'ISO/IEC 27001:2022 A.8.5',
    'agetty(8), login(1), systemd.unit(5), systemd.exec(5), inittab(5)',
  ],
  examples: async () => (await import('./console-autologin.examples.ts')).examples,
});

/** The kernel's command line matters only where a unit imports login credentials; a stored root has none. */
function readWhereImported(units: Gettys | undefined, fact: Fact<readonly CmdlineParameter[]>): void {
  const imports = units?.units.some(({ unit }) =>
    unitList(unit, 'Service', 'ImportCredential').some(({ value }) =>
      ['agetty.autologin', 'login.noauth'].some((name) => fits(value, name)),
    ),
  );
  if (imports) valueOr(fact, []);
}

/** Templates, instances and aliases share their lines: each is shown once. */
function unique(all: readonly Evidence[]): Evidence[] {
  return [
    ...new Map(
      all.map((piece) => [`${piece.source}:${piece.line}:${JSON.stringify(piece.found)}`, piece]),
    ).values(),
  ];
}
