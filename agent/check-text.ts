/** What `nachweis check` prints for people: by family, what fails first, with evidence and what to do. */
import type { Check } from '../checks/check.ts';
import { families } from '../checks/family.ts';
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
  /** Every piece of evidence, not only the first few of each check. */
  readonly all: boolean;
}

const MAX_PIECES = 6;

/** The whole output, with a final newline. */
export function checkText(judged: Judged, checks: readonly Check[], options: TextOptions): string {
  const { terminal, language } = options;
  const lines = [...checkHeading(judged, options), ''];
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

/** Which system, and when: the first lines of everything that `check` prints. */
export function checkHeading(
  { machine, now }: Pick<Judged, 'machine' | 'now'>,
  { language, terminal, root }: Pick<TextOptions, 'language' | 'terminal' | 'root'>,
): string[] {
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
    ...evidenceLines(result.evidence, options),
    ...(result.outcome === 'fail' ? remedy(check, options) : []),
    '',
  ];
}

/** Pieces with one source and one wish are one block; beyond `MAX_PIECES` the rest is counted, unless all is wanted. */
function evidenceLines(all: readonly Evidence[], options: TextOptions): string[] {
  const { language, terminal } = options;
  const shown = options.all ? all : all.slice(0, MAX_PIECES);
  const words = { found: { en: 'found', de: 'gefunden' }, wanted: { en: 'wanted', de: 'verlangt' } };
  const column = Math.max(words.found[language].length, words.wanted[language].length) + 2;
  const value = (word: string, text: string) => {
    const label = `      ${word.padEnd(column)}`;
    return wrap(text, terminal.width, label).map((line, index) =>
      index === 0 && word ? line.replace(word, (one) => terminal.paint('dim', one)) : line,
    );
  };
  const place = ({ source, line }: Evidence) => (line === undefined ? source : `${source}:${line}`);
  const wish = ({ wanted }: Evidence) => inLanguage(wanted, language);
  const same = (a: Evidence | undefined, b: Evidence) => a && place(a) === place(b) && wish(a) === wish(b);
  const lines = shown.flatMap((piece, index) => {
    const before = shown[index - 1];
    const after = shown[index + 1];
    const goesOn = same(before, piece);
    const several = goesOn || (after && same(piece, after));
    return [
      ...(goesOn ? [] : [`    ${terminal.paint('cyan', place(piece))}`]),
      ...value(
        goesOn ? '' : words.found[language],
        `${several ? '• ' : ''}${inLanguage(piece.found, language)}`,
      ),
      ...(after && same(piece, after) ? [] : value(words.wanted[language], wish(piece))),
    ];
  });
  const more = all.length - shown.length;
  if (more > 0) {
    const text = {
      en: `… and ${more} more; --all shows them`,
      de: `… und ${more} weitere; --all zeigt sie`,
    }[language];
    lines.push(`    ${terminal.paint('dim', text)}`);
  }
  return lines;
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
