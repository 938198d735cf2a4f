/** Man pages: commands and options from their definitions, the rest from prose beside them (`NAME.1.LANGUAGE.roff`). */
import type { CommandEntry, OptionEntry } from './command-tree.ts';

export interface ManPage {
  readonly program: CommandEntry;
  readonly version: string;
  /** `2026-01-31` */
  readonly date: string;
  readonly language: 'en' | 'de';
  /** Sections before and after the commands, in man(7), parted by a line `.\" COMMANDS`. */
  readonly prose: string;
}

const HEADINGS = {
  en: { name: 'NAME', synopsis: 'SYNOPSIS', options: 'OPTIONS', commands: 'COMMANDS', or: 'one of' },
  de: {
    name: 'BEZEICHNUNG',
    synopsis: 'ÜBERSICHT',
    options: 'OPTIONEN',
    commands: 'BEFEHLE',
    or: 'eines von',
  },
} as const;

/** In man(7) as UTF-8; see groff_man(7). */
export function manPage({ program, version, date, language, prose }: ManPage): string {
  const words = HEADINGS[language];
  const [before = '', after = ''] = prose.split(/^\.\\" COMMANDS\n/m);
  const common = program.options.map(optionText(words.or));
  return `.\\" Made from the program's own definitions. Do not edit.
.TH ${program.name.toUpperCase().replaceAll('-', '\\-')} 1 "${date}" "${program.name} ${version}" "Nachweis"
.SH ${words.name}
${escaped(program.name)} \\- ${escaped(withoutStop(program.description))}
.SH ${words.synopsis}
.B ${escaped(program.name)}
.I ${escaped(language === 'de' ? 'Befehl' : 'command')}
.RI [ ${escaped(language === 'de' ? 'Optionen' : 'options')} ]
${before}.SH ${words.options}
${common.join('')}.SH ${words.commands}
${program.commands.flatMap((one) => commandText(one, program.name, words.or)).join('')}${after}`;
}

function commandText(command: CommandEntry, path: string, or: string): string[] {
  const name = `${path} ${command.name}`;
  const usage = command.arguments.map((one) => ` \\fI${escaped(one.usage)}\\fR`).join('');
  const described = command.arguments
    .filter(({ description }) => description)
    .map(({ usage: of, description }) => `.TP\n.I ${escaped(of)}\n${escaped(sentence(description))}\n`);
  return [
    `.SS "${escaped(name)}${usage}"\n${escaped(sentence(command.description))}\n`,
    ...described,
    ...command.options.filter(({ long }) => long !== '--help').map(optionText(or)),
    ...command.commands.flatMap((one) => commandText(one, name, or)),
  ];
}

const optionText =
  (or: string) =>
  ({ short, long, value, choices, description }: OptionEntry): string => {
    const flags = [short, long]
      .filter((flag) => flag !== undefined)
      .map((flag) => `\\fB${escaped(flag)}\\fR`);
    const choice = choices ? ` (${or} ${choices.join(', ')})` : '';
    return `.TP\n${flags.join(', ')}${value ? ` \\fI${escaped(value)}\\fR` : ''}\n${escaped(sentence(description + choice))}\n`;
  };

/** Hyphens are minus signs for copying; a line must not start like a request. */
const escaped = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&');

const withoutStop = (text: string): string => text.replace(/\.$/, '');
const sentence = (text: string): string =>
  (/[.!?]$/.test(text) ? text : `${text}.`).replace(/^./, (first) => first.toUpperCase());
