/** How a command of `nachweis` is described: its words in both languages, its options, and what it runs. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Language, Text } from '../shared/outcome.ts';
import { languageOf, speaker } from './language.ts';

export const language = languageOf(process.argv.slice(2), process.env);
export const say = speaker(language);

export interface Definition<Options> {
  readonly options?: readonly Option[];
  /** Shown below the help: exit status and the like. */
  readonly notes?: Text;
  /** Loads the command's own module. Gives the exit status; commands that only hold others have none. */
  readonly run?: (options: Options, language: Language) => Promise<number>;
}

/** Adds a command to `above`. Every command takes `--lang`; `languageOf` has read it already. */
export function define<Options>(
  above: Command,
  name: string,
  description: Text,
  { options = [], notes, run }: Definition<Options>,
): Command {
  const command = above
    .command(name)
    .description(say(description))
    .addOption(
      option('--lang <language>', { en: 'language of the output', de: 'Sprache der Ausgabe' }).choices([
        'de',
        'en',
      ]),
    )
    .allowExcessArguments(false);
  for (const one of options) command.addOption(one);
  if (notes) command.addHelpText('after', `\n${say(notes)}`);
  if (run)
    command.action(async (given: Options) => {
      process.exitCode = await run(given, language);
    });
  return command;
}

export const option = (flags: string, description: Text): Option => new Option(flags, say(description));

// Each call makes a new one: an option belongs to one command.

export const stateOption = (): Option =>
  option('--state <directory>', {
    en: 'where key and reports are kept',
    de: 'wo Schlüssel und Berichte liegen',
  }).env('NACHWEIS_STATE');

export const configOption = (): Option =>
  option('--config <file>', { en: 'configuration of the agent', de: 'Konfiguration des Agenten' });

export const formatOption = (): Option =>
  option('--format <format>', { en: 'form of the output', de: 'Form der Ausgabe' })
    .choices(['text', 'json'])
    .default('text');

/** A whole number of `least` to `most`. */
export const numberOption = (
  flags: string,
  description: Text,
  { least, most, usual }: { readonly least: number; readonly most: number; readonly usual: number },
): Option =>
  option(flags, description)
    .argParser((text: string): number => {
      const number = Number(text);
      if (/^\d{1,9}$/.test(text) && number >= least && number <= most) return number;
      throw new InvalidArgumentError(`${least}-${most}`);
    })
    .default(usual);
