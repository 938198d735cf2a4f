/** login.sudo-session */
import { z } from 'zod';
import type { Evidence, Phrase, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, notApplicable, pass } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { osRelease } from '../facts/os-release.ts';
import { type Sudo, sudo } from '../facts/sudo.ts';
import type { PlacedDefaults } from '../facts/sudo-policy.ts';
import { type SessionView, sessionViews, unrecordedRules } from '../facts/sudo-session.ts';
import { formatSudoVersion } from '../facts/sudo-version.ts';
import { noSudo, policyProblems } from './sudo-problems.ts';

interface Finding {
  readonly good: boolean;
  readonly piece: Evidence;
}

const PTY: Text = { en: 'use_pty: a terminal of its own', de: 'use_pty: ein eigenes Terminal' };
const LOG: Readonly<Record<'file' | 'any', Text>> = {
  file: {
    en: 'logfile, log_output, log_input or log_servers',
    de: 'logfile, log_output, log_input oder log_servers',
  },
  any: { en: 'a log, syslog included', de: 'ein Protokoll, auch syslog' },
};

const isDebian = ({ id, like }: { id: string; like: readonly string[] }): boolean =>
  [id, ...like].some((name) => name === 'debian' || name === 'ubuntu');

/** sudo's own default has no line: the program and its version stand for it. */
function piece(
  state: Sudo,
  view: SessionView,
  by: PlacedDefaults | undefined,
  found: Text,
  wanted: Phrase,
): Evidence {
  const scope = view.binding === '' ? '' : ` (Defaults${view.binding})`;
  const built = by ? '' : `, sudo ${formatSudoVersion(state.version)}`;
  return evidence({
    source: by?.source ?? state.policy.source,
    line: by?.line,
    found: { en: `${found.en}${scope}${built}`, de: `${found.de}${scope}${built}` },
    wanted,
  });
}

function judgePty(state: Sudo, view: SessionView): Finding {
  const { value, by } = view.pty;
  const found = value ? { en: 'on', de: 'ein' } : { en: 'off', de: 'aus' };
  return {
    good: value,
    piece: piece(state, view, by, { en: `use_pty ${found.en}`, de: `use_pty ${found.de}` }, PTY),
  };
}

function judgeTimeout(state: Sudo, view: SessionView, most: number): Finding {
  const { value, by } = view.timeout;
  const wanted = { en: `0 to ${most} minutes`, de: `0 bis ${most} Minuten` };
  const found =
    value < 0
      ? { en: 'timestamp_timeout never ends', de: 'timestamp_timeout endet nie' }
      : { en: `timestamp_timeout ${value} minutes`, de: `timestamp_timeout ${value} Minuten` };
  return { good: value >= 0 && value <= most, piece: piece(state, view, by, found, wanted) };
}

/** A log file counts as long as allowed commands get into it; a recording holds what commands showed or read. */
function judgeLog(state: Sudo, view: SessionView, wanted: 'file' | 'any'): Finding[] {
  const { logfile, logsAllowed, recorded, syslog } = view;
  const say = (good: boolean, by: PlacedDefaults | undefined, found: Text): Finding => ({
    good,
    piece: piece(state, view, by, found, LOG[wanted]),
  });
  if (logfile.value !== null && logsAllowed.value)
    return [say(true, logfile.by, { en: `logfile ${logfile.value}`, de: `logfile ${logfile.value}` })];
  if (recorded.value) {
    const name = recorded.by?.name ?? 'LOG_OUTPUT';
    const left = view.binding === '' && recorded.by ? unrecordedRules(state.policy) : [];
    return [
      say(true, recorded.by, { en: `${name} on`, de: `${name} ein` }),
      ...left.map(({ source, line }) => ({
        good: false,
        piece: evidence({
          source,
          line,
          found: { en: 'a rule that is not recorded', de: 'eine Regel, die nicht aufgezeichnet wird' },
          wanted: LOG[wanted],
        }),
      })),
    ];
  }
  if (!logsAllowed.value)
    return [
      say(false, logsAllowed.by, {
        en: 'allowed commands are not logged (log_allowed off)',
        de: 'erlaubte Befehle werden nicht protokolliert (log_allowed aus)',
      }),
    ];
  if (syslog.value) return [say(wanted === 'any', syslog.by, { en: 'syslog only', de: 'nur syslog' })];
  return [say(false, syslog.by ?? logfile.by, { en: 'no log at all', de: 'gar kein Protokoll' })];
}

export const sudoSession = defineCheck({
  id: 'login.sudo-session',
  title: {
    en: 'sudo runs commands in a terminal of their own, logs them, and soon asks again',
    de: 'sudo führt Befehle in einem eigenen Terminal aus, protokolliert sie und fragt bald wieder',
  },
  why: {
    en: "Without a terminal of its own a program run through sudo can leave behind a process that types into the caller's terminal. Without a log of sudo's own it is hard to say who did what. A proof that never ends turns one password into a lasting open door.",
    de: 'Ohne eigenes Terminal kann ein über sudo gestartetes Programm einen Prozess zurücklassen, der in das Terminal der aufrufenden Person schreibt. Ohne eigenes Protokoll ist schwer zu sagen, wer was getan hat. Ein Nachweis, der nie abläuft, macht aus einem Passwort eine dauerhaft offene Tür.',
  },
  remedy: {
    en: 'In a file below /etc/sudoers.d, with visudo -f FILE: Defaults use_pty, Defaults logfile="/var/log/sudo.log", Defaults timestamp_timeout=15; change the line named where it says otherwise. Let logrotate keep the log small. Where syslog is collected elsewhere, the parameter log: any counts it too.',
    de: 'In einer Datei unter /etc/sudoers.d, mit visudo -f DATEI: Defaults use_pty, Defaults logfile="/var/log/sudo.log", Defaults timestamp_timeout=15; die genannte Zeile ändern, wo sie anderes sagt. Das Protokoll mit logrotate begrenzen. Wird syslog zentral gesammelt, zählt es mit dem Parameter log: any ebenfalls.',
  },
  severity: 'medium',
  params: z.strictObject({
    /** Minutes for which sudo does not ask again, at most. */
    timestampTimeout: z.number().min(0).max(1440).default(15),
    /** `file`: a log file, a recording or a log server, as in CIS; `any`: syslog counts too. */
    log: z.enum(['file', 'any']).default('file'),
  }),
  needs: { sudo, osRelease },
  appliesTo: always,
  evaluate: (facts, { timestampTimeout, log }) => {
    if (facts.sudo.state === 'absent') return notApplicable(noSudo(facts.sudo.source));
    const state = valueIn(facts.sudo);
    const { problems } = state.policy;
    const unclear = policyProblems(problems);
    if (unclear && problems.some(({ voids }) => voids)) return unclear;
    // Built-in times differ: Debian and its relatives set 15 minutes, everybody else keeps 5.
    const debian = facts.osRelease.state === 'known' ? isDebian(facts.osRelease.value) : true;
    const findings = sessionViews(state, debian ? 15 : 5).flatMap((view) => [
      judgePty(state, view),
      judgeTimeout(state, view, timestampTimeout),
      ...judgeLog(state, view, log),
    ]);
    const unique = new Map(findings.map((one) => [JSON.stringify(one.piece), one]));
    const bad = [...unique.values()].filter(({ good }) => !good);
    if (bad.length > 0) return fail(bad.map((one) => one.piece));
    return unclear ?? pass([...unique.values()].map((one) => one.piece));
  },
  references: [
    'CIS Debian 12 Benchmark 5.2.2, 5.2.3, 5.2.6; CIS RHEL 9 Benchmark 5.2.2, 5.2.3, 5.2.6',
    'BSI IT-Grundschutz OPS.1.1.5.A3, SYS.1.3.A8',
    'ISO/IEC 27001:2022 A.8.2, A.8.15',
    'sudoers(5): use_pty, logfile, log_output, log_servers, timestamp_timeout',
  ],
  examples: async () => (await import('./sudo-session.examples.ts')).examples,
});
