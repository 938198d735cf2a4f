/** The plain call of `nachweis run`, read without the command line's library: what sleeps must not hold that. */
import { parseArgs } from 'node:util';
import type { Language } from '../shared/outcome.ts';
import type { ReportingOptions } from './commands/once.ts';
import { languageOf } from './language.ts';

/**
 * @param argv what stands behind the program
 * @returns undefined for every other call, help and wrong usage among them: those are program.ts's to answer
 */
export function residentCall(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): { options: ReportingOptions; language: Language } | undefined {
  if (argv[0] !== 'run') return undefined;
  try {
    const { values } = parseArgs({
      args: argv.slice(1),
      options: { state: { type: 'string' }, config: { type: 'string' }, lang: { type: 'string' } },
    });
    const { state, config, lang } = values;
    if (lang !== undefined && lang !== 'de' && lang !== 'en') return undefined;
    const options = { ...(state ? { state } : {}), ...(config ? { config } : {}) };
    return { options, language: lang ?? languageOf(argv, env) };
  } catch {
    return undefined;
  }
}
