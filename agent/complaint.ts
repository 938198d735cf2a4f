/** commander speaks English only: its headings, and what it complains about, in the language of the output. */
import type { CommanderError } from 'commander';
import type { Language } from '../shared/outcome.ts';

const TITLES: Readonly<Record<string, string>> = {
  'Usage:': 'Aufruf:',
  'Arguments:': 'Argumente:',
  'Options:': 'Optionen:',
  'Commands:': 'Befehle:',
};

const COMPLAINTS: Readonly<Record<string, string>> = {
  'commander.unknownOption': 'unbekannte Option',
  'commander.unknownCommand': 'unbekannter Befehl',
  'commander.excessArguments': 'zu viele Argumente',
  'commander.optionMissingArgument': 'es fehlt der Wert der Option',
  'commander.invalidArgument': 'kein zulässiger Wert für die Option',
};

/** A heading of the help. */
export const helpTitle = (title: string, language: Language): string =>
  language === 'de' ? (TITLES[title] ?? title) : title;

/** What was wrong with the call, without a full stop. What commander says that is not in the table stays English. */
export function complaint({ code, message }: CommanderError, language: Language): string {
  const english = message.replace(/^error: /, '').replace(/\s+/g, ' ');
  const german = language === 'de' ? COMPLAINTS[code] : undefined;
  if (!german) return english;
  const named = /'[^']*'/.exec(english)?.[0];
  return code === 'commander.excessArguments' || !named ? german : `${german} ${named}`;
}
