/** What `nachweis check --access` prints: account by account, every way in, and whose leave covers it. */
import type { AccessEntry, AccessMatrix } from '../shared/access-matrix.ts';
import { PROOF_TEXTS, reachText, WAY_TEXTS } from '../shared/access-texts.ts';
import type { Language, Text } from '../shared/outcome.ts';
import { edges, type Terminal, wrap } from './terminal.ts';

interface Options {
  readonly language: Language;
  readonly terminal: Terminal;
}

const NO_REGISTER: Text = {
  en: 'No register of grants: what is covered can not be said. It comes with the policy of a collector.',
  de: 'Kein Register der Zugriffsfreigaben: Was freigegeben ist, lässt sich nicht sagen. Es kommt mit den Vorgaben eines Kollektors.',
};

/** The whole matrix below the heading, with a final newline. */
export function accessText(matrix: AccessMatrix, options: Options): string {
  const { language, terminal } = options;
  const accounts = Map.groupBy(matrix.entries, ({ account }) => account);
  const lines: string[] = [];
  for (const [account, entries] of accounts) {
    const name = account === '*' ? { en: 'every account', de: 'jedes Konto' }[language] : account;
    lines.push(terminal.paint('bold', name));
    for (const entry of entries) lines.push(...entryLines(entry, matrix.register, options));
    lines.push('');
  }
  if (matrix.entries.length === 0)
    lines.push({ en: 'No way in was found.', de: 'Kein Zugang gefunden.' }[language], '');
  if (matrix.gaps.length > 0) {
    const head = {
      en: 'There may be more ways in than these:',
      de: 'Es kann mehr Zugänge geben als diese:',
    };
    lines.push(terminal.paint('yellow', head[language]));
    for (const { source, reason } of matrix.gaps)
      lines.push(...wrap(`${source}: ${reason[language]}`, terminal.width, '  ? '));
    lines.push('');
  }
  return `${[...lines, ...summary(matrix, options)].join('\n')}\n`;
}

/** One line where it fits: way, proof, whose rights; at the right whether it is granted; below where it was seen. */
function entryLines(entry: AccessEntry, register: boolean, { language, terminal }: Options): string[] {
  const { way, proof, account, reaches, detail, source, line, unsure } = entry;
  const own = reaches === account;
  const words = [
    WAY_TEXTS[way][language].padEnd(20),
    PROOF_TEXTS[proof][language],
    ...(own ? [] : [`→ ${reachText(reaches)[language]}`]),
    ...(unsure ? [{ en: '(not certain)', de: '(nicht sicher)' }[language]] : []),
  ].join('  ');
  const mark = markOf(entry, register);
  const label = mark.text[language];
  const paint = (text: string) => text.replace(label, (found) => terminal.paint(mark.colour, found));
  const head = label === '' ? `  ${words}` : edges(`  ${words}`, label, terminal.width);
  const place = line === undefined ? source : `${source}:${line}`;
  const seen = detail === undefined || detail === source ? place : `${detail} · ${place}`;
  return [
    ...(head ? [paint(head)] : [`  ${words}`, paint(`      ${label}`)]),
    ...wrap(seen, terminal.width, '      ').map((text) => terminal.paint('dim', text)),
  ];
}

function markOf({ grant, privilege }: AccessEntry, register: boolean) {
  if (!register) return { text: { en: '', de: '' }, colour: 'dim' as const };
  if (grant) return { text: { en: 'granted', de: 'freigegeben' }, colour: 'green' as const };
  return {
    text: privilege
      ? { en: `not granted: ${privilege}`, de: `nicht freigegeben: ${privilege}` }
      : { en: 'not granted', de: 'nicht freigegeben' },
    colour: 'red' as const,
  };
}

function summary({ register, entries, more }: AccessMatrix, { language, terminal }: Options): string[] {
  const accounts = new Set(entries.map(({ account }) => account)).size;
  const total = entries.length + more;
  const open = entries.filter(({ grant }) => grant === undefined).length;
  const count = {
    en: `${total} ${total === 1 ? 'way' : 'ways'} in, ${accounts} ${accounts === 1 ? 'account' : 'accounts'}`,
    de: `${total} ${total === 1 ? 'Zugang' : 'Zugänge'}, ${accounts} ${accounts === 1 ? 'Konto' : 'Konten'}`,
  }[language];
  const cut =
    more > 0 ? [{ en: `${more} of them are not shown`, de: `${more} davon nicht gezeigt` }[language]] : [];
  const granted = register
    ? [
        open === 0
          ? terminal.paint('green', { en: 'all granted', de: 'alle freigegeben' }[language])
          : terminal.paint('red', { en: `${open} not granted`, de: `${open} nicht freigegeben` }[language]),
      ]
    : [];
  return [
    [terminal.paint('bold', count), ...cut, ...granted].join(', '),
    ...(register ? [] : wrap(NO_REGISTER[language], terminal.width)),
  ];
}
