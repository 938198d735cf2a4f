/** What `nachweis check` prints for people: by family, what fails first, with evidence and what to do. */
import type { Check } from '../checks/check.ts';
import { families } from '../checks/registry.ts';
import {
  type Evidence,
  inLanguage,
  type Language,
  type Outcome,
  outcomes,
  type Result,
  severities,
  type Text,
} from '../shared/outcome.ts';
import { type Counts, countOutcomes, type Judged } from './judge.ts';
import { edges, type Terminal, wrap } from './terminal.ts';

const FAMILY: Readonly<Record<string, Text>> = {
  login: { en: 'Login', de: 'Anmeldung' },
  access: { en: 'Accounts and access', de: 'Konten und Zugriff' },
  password: { en: 'Passwords', de: 'Passwörter' },
  patch: { en: 'Security updates', de: 'Sicherheitsaktualisierungen' },
  backup: { en: 'Backup', de: 'Datensicherung' },
};

const SEVERITY: Readonly<Record<string, Text>> = {
  low: { en: 'low', de: 'niedrig' },
  medium: { en: 'medium', de: 'mittel' },
  high: { en: 'high', de: 'hoch' },
  critical: { en: 'critical', de: 'kritisch' },
};

type Format = Parameters<Terminal['paint']>[0];
const SIGN: Readonly<Record<Outcome, { sign: string; colour: Format }>> = {
  fail: { sign: '✗', colour: 'red' },
  unknown: { sign: '?', colour: 'yellow' },
  pass: { sign: '✓', colour: 'green' },
  'not-applicable': { sign: '–', colour: 'dim' },
};
const ORDER: readonly Outcome[] = ['fail', 'unknown', 'pass', 'not-applicable'];

export interface TextOptions {
  readonly language: Language;
  readonly terminal: Terminal;
  readonly privileged: boolean;
  readonly root?: string | undefined;
}

/** The whole output, with a final newline. */
export function checkText(judged: Judged, checks: readonly Check[], options: TextOptions): string {
  const { terminal, language } = options;
  const lines = [...heading(judged, options), ''];
  for (const family of families) {
    const results = judged.results.filter(({ check }) => check.startsWith(`${family}.`));
    if (results.length === 0) continue;
    lines.push(terminal.paint('bold', FAMILY[family]?.[language] ?? family), '');
    for (const result of [...results].sort(byUrgency)) {
      const check = checks.find(({ id }) => id === result.check);
      if (check) lines.push(...entry(result, check, options));
    }
    if (lines.at(-1) !== '') lines.push('');
  }
  return `${[...lines, ...verdict(countOutcomes(judged.results), options)].join('\n')}\n`;
}

function byUrgency(a: Result, b: Result): number {
  return (
    ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome) ||
    severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
    (a.check < b.check ? -1 : 1)
  );
}

function heading({ machine, now }: Judged, { language, terminal, root }: TextOptions): string[] {
  const kinds: Record<string, Text> = {
    server: { en: 'server', de: 'Server' },
    vm: { en: 'virtual machine', de: 'virtuelle Maschine' },
    unknown: { en: '', de: '' },
  };
  const what = [machine.os.name || machine.os.id, kinds[machine.kind]?.[language], machine.virtualization];
  const where = root ? { en: `unpacked in ${root}`, de: `entpackt in ${root}` }[language] : '';
  const when = `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const name = machine.hostname || { en: 'unnamed system', de: 'System ohne Namen' }[language];
  return [
    terminal.paint('bold', edges(name, when, terminal.width) ?? `${name}  ${when}`),
    ...wrap([...what, where].filter(Boolean).join(' · '), terminal.width).map((line) =>
      terminal.paint('dim', line),
    ),
  ];
}

/** What fails or is unknown takes several lines, the rest one or two. */
function entry(result: Result, check: Check, options: TextOptions): string[] {
  const { language, terminal } = options;
  const { sign, colour } = SIGN[result.outcome];
  const title = check.title[language];
  const label =
    result.outcome === 'fail' ? `${SEVERITY[result.severity]?.[language]}  ${check.id}` : check.id;
  const [first = '', ...rest] = wrap(title, terminal.width - 4, '  ').map((line) => line.slice(2));
  const head = rest.length === 0 ? edges(`  ${sign} ${first}`, label, terminal.width) : undefined;
  const marked = (line: string) =>
    line
      .replace(sign, (words) => terminal.paint(colour, words))
      .replace(first, (words) => (result.outcome === 'fail' ? terminal.paint('bold', words) : words))
      .replace(label, (words) => terminal.paint('dim', words));
  const lines = head
    ? [marked(head)]
    : [
        marked(`  ${sign} ${first}`),
        ...rest.map((line) => `    ${line}`),
        terminal.paint('dim', `    ${label}`),
      ];
  const reason = result.reason ? wrap(result.reason[language], terminal.width, '    ') : [];
  if (result.outcome === 'pass') return lines;
  if (result.outcome === 'not-applicable') {
    return [...lines, ...reason.map((line) => terminal.paint('dim', line))];
  }
  return [
    ...lines,
    ...reason,
    ...result.evidence.flatMap((piece) => evidenceLines(piece, options)),
    ...(result.outcome === 'fail' ? remedy(check, options) : []),
    '',
  ];
}

function evidenceLines(piece: Evidence, { language, terminal }: TextOptions): string[] {
  const found = { en: 'found', de: 'gefunden' }[language];
  const wanted = { en: 'wanted', de: 'verlangt' }[language];
  const column = Math.max(found.length, wanted.length) + 2;
  const line = (word: string, value: string) =>
    wrap(value, terminal.width, `      ${word.padEnd(column)}`).map((one, index) =>
      index === 0 ? one.replace(word, (words) => terminal.paint('dim', words)) : one,
    );
  return [
    `    ${terminal.paint('cyan', piece.line === undefined ? piece.source : `${piece.source}:${piece.line}`)}`,
    ...line(found, inLanguage(piece.found, language)),
    ...line(wanted, inLanguage(piece.wanted, language)),
  ];
}

function remedy(check: Check, { language, terminal }: TextOptions): string[] {
  return wrap(check.remedy[language], terminal.width, '    → ').map((line, index) =>
    index === 0 ? line.replace('→', (arrow) => terminal.paint('green', arrow)) : line,
  );
}

function verdict(counts: Counts, options: TextOptions): string[] {
  const { language, terminal, privileged } = options;
  const total = outcomes.reduce((sum, outcome) => sum + counts[outcome], 0);
  const words: Record<Outcome, Text> = {
    fail: {
      en: counts.fail === 1 ? '1 fails' : `${counts.fail} fail`,
      de: `${counts.fail} nicht bestanden`,
    },
    unknown: { en: `${counts.unknown} unknown`, de: `${counts.unknown} nicht ermittelbar` },
    pass: {
      en: counts.pass === 1 ? '1 passes' : `${counts.pass} pass`,
      de: `${counts.pass} bestanden`,
    },
    'not-applicable': {
      en: `${counts['not-applicable']} not applicable`,
      de: `${counts['not-applicable']} nicht anwendbar`,
    },
  };
  const said = ORDER.filter((outcome) => counts[outcome] > 0).map((outcome) =>
    terminal.paint(SIGN[outcome].colour, words[outcome][language]),
  );
  const head = {
    en: total === 1 ? '1 check: ' : `${total} checks: `,
    de: total === 1 ? '1 Prüfung: ' : `${total} Prüfungen: `,
  }[language];
  const lines = [terminal.paint('bold', head) + said.join(', ')];
  if (!privileged && counts.unknown > 0) {
    const hint = {
      en: 'Not run as root: what may not be read is unknown. With sudo more can be seen.',
      de: 'Nicht als root ausgeführt: Was nicht lesbar ist, bleibt nicht ermittelbar. Mit sudo ist mehr zu sehen.',
    }[language];
    lines.push(...wrap(hint, terminal.width));
  }
  return lines;
}
