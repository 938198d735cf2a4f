/** In which language to speak: German or English, as the locale says. */
import type { Language, Text } from '../shared/outcome.ts';

/** `--lang` anywhere on the command line, else LC_ALL, LC_MESSAGES, LANG in the order of locale(7); else English. */
export function languageOf(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Language {
  const at = argv.lastIndexOf('--lang');
  const given = at >= 0 ? argv[at + 1] : argv.findLast((arg) => arg.startsWith('--lang='))?.slice(7);
  if (given === 'de' || given === 'en') return given;
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return /^de(?:[_.@-]|$)/i.test(locale) ? 'de' : 'en';
}

/** Picks one language's words: `say({ en: 'yes', de: 'ja' })`. */
export type Say = (text: Text) => string;
export const speaker =
  (language: Language): Say =>
  (text) =>
    text[language];
