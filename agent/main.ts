/** The command `nachweis`. Each command is loaded when it is called: `check` never pays for network or logging. */
import { Command, CommanderError, Option } from 'commander';
import { CodedError, errorLine } from '../shared/errors.ts';
import type { Language } from '../shared/outcome.ts';
import type { CheckOptions } from './commands/check.ts';
import { languageOf, speaker } from './language.ts';
import { agentVersion } from './version.ts';

/** Wrong usage, and everything that went wrong inside. */
const EXIT_ERROR = 2;

const language = languageOf(process.argv.slice(2), process.env);
const say = speaker(language);

function build(): Command {
  const program = new Command('nachweis')
    .description(
      say({
        en: 'Shows with evidence whether this system keeps the promised technical measures.',
        de: 'Zeigt mit Belegen, ob dieses System die zugesagten technischen Maßnahmen einhält.',
      }),
    )
    .version(agentVersion)
    .exitOverride()
    // Errors are written once, below, with their code.
    .configureOutput({ writeErr: () => undefined });
  addCheck(program);
  return program;
}

/** Every command takes `--lang`; `languageOf` has read it already. */
function command(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .addOption(
      new Option(
        '--lang <language>',
        say({ en: 'language of the output', de: 'Sprache der Ausgabe' }),
      ).choices(['de', 'en']),
    )
    .allowExcessArguments(false);
}

/** A command's function gives the exit status. */
const ending =
  <Options>(run: (options: Options, language: Language) => Promise<number>) =>
  async (options: Options): Promise<void> => {
    process.exitCode = await run(options, language);
  };

function addCheck(program: Command): void {
  command(
    program,
    'check',
    say({ en: 'judge this system, or an unpacked one', de: 'dieses System prüfen, oder ein entpacktes' }),
  )
    .option(
      '--root <directory>',
      say({ en: 'an unpacked or mounted system', de: 'ein entpacktes oder eingehängtes System' }),
    )
    .option(
      '--only <ids>',
      say({ en: 'checks or families: ID,family.*', de: 'Prüfungen oder Familien: ID,familie.*' }),
    )
    .option('--params <file>', say({ en: 'parameters, YAML or JSON', de: 'Parameter, YAML oder JSON' }))
    .option(
      '--contract <file>',
      say({ en: 'what was ordered, YAML or JSON', de: 'Leistungsumfang, YAML oder JSON' }),
    )
    .option('--config <file>', say({ en: 'configuration of the agent', de: 'Konfiguration des Agenten' }))
    .addOption(
      new Option('--format <format>', say({ en: 'form of the output', de: 'Form der Ausgabe' }))
        .choices(['text', 'json'])
        .default('text'),
    )
    .option('--list', say({ en: 'only list the checks', de: 'die Prüfungen nur auflisten' }))
    .addHelpText(
      'after',
      say({
        en: '\nExit status: 0 nothing fails, 1 something fails, 2 wrong usage or an internal error,\n3 nothing fails but something is unknown.',
        de: '\nExit-Status: 0 alles bestanden, 1 etwas nicht bestanden, 2 falscher Aufruf oder interner Fehler,\n3 nichts durchgefallen, aber etwas nicht ermittelbar.',
      }),
    )
    .action(
      ending(async (options: CheckOptions, lang) =>
        (await import('./commands/check.ts')).check(options, lang),
      ),
    );
}

/** @returns the exit status */
function explain(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // With no command at all commander has printed the help, and has nothing more to say.
    const problem = error.code === 'commander.help' ? undefined : error.message.replace(/^error: /, '');
    process.stderr.write(
      problem
        ? `${errorLine(new CodedError('USAGE', { problem: problem.replace(/\n/g, ' ') }), language)}\n`
        : build().helpInformation(),
    );
    return EXIT_ERROR;
  }
  const line =
    error instanceof CodedError
      ? errorLine(error, language)
      : `INTERNAL: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  process.stderr.write(`${line}\n`);
  return EXIT_ERROR;
}

// `nachweis check | head` ends the reader first; that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(process.exitCode ?? 0);
});

try {
  await build().parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}
