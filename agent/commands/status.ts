/** `nachweis status`: enrolled where, what was sent, what waits, what is wrong and what to do - on one screen. */
import type { Language } from '../../shared/outcome.ts';
import type { Confinement } from '../confinement.ts';
import { speaker } from '../language.ts';
import { storedPolicy } from '../policy.ts';
import { countsText } from '../round-text.ts';
import { readRound } from '../run.ts';
import { openSpool } from '../spool.ts';
import { openState, readEnrolment } from '../state.ts';
import { stateDirectory } from '../state-directory.ts';
import { readStatus, type Status } from '../status.ts';
import { type Terminal, terminalOf, wrap } from '../terminal.ts';

export interface StatusOptions {
  readonly state?: string;
  readonly format: 'text' | 'json';
}

/** @returns 0 in order, 1 something needs attention */
export async function status(options: StatusOptions, language: Language): Promise<number> {
  const state = openState(stateDirectory(options.state));
  const enrolment = readEnrolment(state);
  const now = new Date();
  const spool = openSpool(state, enrolment.host);
  const found = await readStatus(
    state,
    enrolment,
    spool,
    readRound(state),
    // One that can't be believed is doctor's to explain; rounds say unknown.
    await storedPolicy(state, enrolment).catch(() => undefined),
    now,
    language,
  );
  process.stdout.write(
    options.format === 'json'
      ? `${JSON.stringify(found, null, 2)}\n`
      : statusText(found, now, language, terminalOf(process.stdout, process.env)),
  );
  return found.problems.length > 0 ? 1 : 0;
}

export function statusText(found: Status, now: Date, language: Language, terminal: Terminal): string {
  const say = speaker(language);
  const at = (instant: string): string =>
    `${instant.slice(0, 16).replace('T', ' ')} UTC (${ageText(now.getTime() - Date.parse(instant), language)})`;
  const { lastRound, lastReceipt, sending, waiting, recordsWaiting } = found;
  const never = say({ en: 'never', de: 'noch nie' });
  const rows: (readonly [string, string])[] = [
    [
      say({ en: 'Enrolled', de: 'Angemeldet' }),
      say({
        en: `${found.collector} as ${found.name}, tenant ${found.tenant}, since ${found.enrolledAt.slice(0, 10)}`,
        de: `${found.collector} als ${found.name}, Auftraggeber ${found.tenant}, seit ${found.enrolledAt.slice(0, 10)}`,
      }),
    ],
    [say({ en: 'Host', de: 'System' }), found.host],
    [
      say({ en: 'Last round', de: 'Letzte Runde' }),
      lastRound ? `${at(lastRound.round)}: ${countsText(lastRound.counts, language)}` : never,
    ],
    [
      say({ en: 'Received', de: 'Angenommen' }),
      lastReceipt
        ? say({
            en: `report ${lastReceipt.sequence}, ${at(lastReceipt.receivedAt)}, position ${lastReceipt.log.index} in the log`,
            de: `Bericht ${lastReceipt.sequence}, ${at(lastReceipt.receivedAt)}, Position ${lastReceipt.log.index} im Protokoll`,
          })
        : never,
    ],
    [
      say({ en: 'Waiting', de: 'Wartend' }),
      waiting + recordsWaiting === 0
        ? say({ en: 'nothing', de: 'nichts' })
        : `${waitingText(waiting, recordsWaiting, language)}${sending.notBefore ? say({ en: `, next try from ${at(sending.notBefore)}`, de: `, nächster Versuch ab ${at(sending.notBefore)}` }) : ''}`,
    ],
    [
      say({ en: 'Policy', de: 'Vorgaben' }),
      found.policy ??
        say({
          en: 'none; the defaults and agent.yaml count',
          de: 'keine; es gelten die Voreinstellungen und agent.yaml',
        }),
    ],
    [say({ en: 'Clock', de: 'Uhr' }), clockText(sending.clockAheadSeconds, language)],
    ...(found.confinement
      ? [[say({ en: 'Filter', de: 'Netzfilter' }), confinementText(found.confinement, language)] as const]
      : []),
  ];
  const column = Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.flatMap(([name, value]) =>
    wrap(value, terminal.width, name.padEnd(column)).map((line, index) =>
      index === 0 ? line.replace(name, (words) => terminal.paint('dim', words)) : line,
    ),
  );
  const verdict =
    found.problems.length === 0
      ? [terminal.paint('green', say({ en: '✓ In order.', de: '✓ In Ordnung.' }))]
      : found.problems.flatMap(({ message, next }) => [
          ...wrap(message, terminal.width, '✗ ').map((line) => terminal.paint('red', line)),
          ...wrap(next, terminal.width, '  → '),
        ]);
  return `${[...lines, '', ...verdict].join('\n')}\n`;
}

/** `3 reports, 1 record`: what is none is left out. */
function waitingText(reports: number, records: number, language: Language): string {
  const say = speaker(language);
  return [
    reports > 0 &&
      say({
        en: `${reports} ${reports === 1 ? 'report' : 'reports'}`,
        de: `${reports} ${reports === 1 ? 'Bericht' : 'Berichte'}`,
      }),
    records > 0 &&
      say({
        en: `${records} ${records === 1 ? 'record' : 'records'} (restore drills)`,
        de: `${records} ${records === 1 ? 'Nachweisdokument' : 'Nachweisdokumente'} (Wiederherstellungstests)`,
      }),
  ]
    .filter(Boolean)
    .join(', ');
}

function clockText(aheadSeconds: number | null, language: Language): string {
  const say = speaker(language);
  if (aheadSeconds === null) return say({ en: 'not compared yet', de: 'noch nicht verglichen' });
  // The collector's header has whole seconds, and the answer took a moment.
  if (Math.abs(aheadSeconds) <= 2)
    return say({ en: 'in step with the collector', de: 'geht mit dem Kollektor gleich' });
  const by = Math.abs(aheadSeconds);
  return aheadSeconds > 0
    ? say({ en: `${by} s ahead of the collector`, de: `${by} s vor dem Kollektor` })
    : say({ en: `${by} s behind the collector`, de: `${by} s hinter dem Kollektor` });
}

function confinementText({ confined }: Confinement, language: Language): string {
  const say = speaker(language);
  return confined
    ? say({
        en: 'tried: the kernel lets reports speak to the collector alone',
        de: 'probiert: der Kernel lässt Berichte nur mit dem Kollektor sprechen',
      })
    : say({
        en: 'none: this system can not filter by unit (nachweis doctor says more)',
        de: 'keiner: dieses System kann nicht je Unit filtern (mehr sagt nachweis doctor)',
      });
}

/** `12 minutes ago`, `in 3 hours`: the largest unit that is not zero. */
function ageText(ms: number, language: Language): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const seconds = Math.round(-ms / 1000);
  for (const [unit, size] of [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(seconds, 'second');
}
