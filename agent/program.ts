/** The command `nachweis`. Each command is loaded when it is called: `check` never pays for network or logging. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { CodedError, errorLine } from '../shared/errors.ts';
import type { Language } from '../shared/outcome.ts';
import { EXIT_CHANGEABLE } from './child.ts';
import type { CheckOptions } from './commands/check.ts';
import type { DecommissionCommandOptions } from './commands/decommission.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import type { DrillCommandOptions } from './commands/drill.ts';
import type { EnrolCommandOptions } from './commands/enrol.ts';
import type { NetworkOptions } from './commands/network.ts';
import type { ReportingOptions } from './commands/once.ts';
import type { ProbeCommandOptions } from './commands/probe.ts';
import type { RoundCommandOptions } from './commands/round.ts';
import type { SendCommandOptions } from './commands/send.ts';
import type { StatusOptions } from './commands/status.ts';
import { complaint, helpTitle } from './complaint.ts';
import { languageOf, speaker } from './language.ts';
import { leave } from './leave.ts';
import { agentVersion } from './version.ts';

/** Wrong usage, and everything that went wrong inside. */
const EXIT_ERROR = 2;

const language = languageOf(process.argv.slice(2), process.env);
const say = speaker(language);

/** Commands that hold the key or act for the host; `once` and `run` start two of them. */
const GUARDED = new Set(['enrol', 'round', 'send', 'backup', 'restore', 'decommission']);

/** The commands and their options; the man page and the shell completions are made from them too. */
export function build(): Command {
  const program = new Command('nachweis')
    .description(
      say({
        en: 'Shows with evidence whether this system keeps the promised technical measures.',
        de: 'Zeigt mit Belegen, ob dieses System die zugesagten technischen Maßnahmen einhält.',
      }),
    )
    .version(agentVersion, '-V, --version', say({ en: 'show the version', de: 'die Version zeigen' }))
    .helpOption('-h, --help', say({ en: 'show this help', de: 'diese Hilfe zeigen' }))
    .helpCommand(false)
    .configureHelp({ styleTitle: (title) => helpTitle(title, language) })
    .exitOverride()
    // Errors are written once, below, with their code.
    .configureOutput({ writeErr: () => undefined });
  // Whoever signs and sends must be what was installed; umask(2): what is made is for its owner alone.
  program.hook('preAction', async (_program, action) => {
    if (!GUARDED.has(action.name())) return;
    process.umask(0o077);
    (await import('./own-files.ts')).refuseChangeable();
  });
  addCheck(program);
  addEnrolment(program);
  addReporting(program);
  addNetwork(program);
  addDecommission(program);
  addProbe(program);
  addDrill(program);
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
      say({
        en: 'checks or families: ID,family.*,family.name-*',
        de: 'Prüfungen oder Familien: ID,familie.*,familie.name-*',
      }),
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
    .option('--all', say({ en: 'show all evidence', de: 'alle Belege zeigen' }))
    .option(
      '--access',
      say({
        en: 'who can enter, how far, and by whose leave',
        de: 'wer hineinkommt, wie weit und mit wessen Freigabe',
      }),
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

const stateOption = (): Option =>
  new Option(
    '--state <directory>',
    say({ en: 'where key and reports are kept', de: 'wo Schlüssel und Berichte liegen' }),
  ).env('NACHWEIS_STATE');
const configOption = (): Option =>
  new Option('--config <file>', say({ en: 'configuration of the agent', de: 'Konfiguration des Agenten' }));
const formatOption = (): Option =>
  new Option('--format <format>', say({ en: 'form of the output', de: 'Form der Ausgabe' }))
    .choices(['text', 'json'])
    .default('text');

function addEnrolment(program: Command): void {
  command(
    program,
    'enrol',
    say({ en: 'enrol this machine at a collector', de: 'diese Maschine bei einem Kollektor anmelden' }),
  )
    .argument(
      '[string]',
      say({
        en: 'the enrolment string; better given on standard input, where no other user sees it',
        de: 'die Anmeldezeichenkette; besser über die Standardeingabe, wo kein anderer Benutzer sie sieht',
      }),
    )
    .option(
      '--file <file>',
      say({ en: 'read the string from a file', de: 'die Zeichenkette aus einer Datei lesen' }),
    )
    .option(
      '--again',
      say({ en: 'enrol anew with a new key', de: 'unter einem neuen Schlüssel neu anmelden' }),
    )
    .option(
      '--if-needed',
      say({
        en: 'do nothing, and succeed, where it is enrolled at that collector',
        de: 'nichts tun und Erfolg melden, wenn sie dort schon angemeldet ist',
      }),
    )
    .addOption(stateOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      say({
        en: '\nWithout an argument the string is read from NACHWEIS_ENROL, else from standard input.\nSeveral addresses of one collector: https://a:8443,https://b:8443/#...',
        de: '\nOhne Argument wird die Zeichenkette aus NACHWEIS_ENROL gelesen, sonst von der Standardeingabe.\nMehrere Adressen eines Kollektors: https://a:8443,https://b:8443/#...',
      }),
    )
    .action(async (text: string | undefined, options: EnrolCommandOptions) => {
      const { enrolCommand } = await import('./commands/enrol.ts');
      process.exitCode = await enrolCommand({ ...options, text }, language);
    });
}

function addDecommission(program: Command): void {
  command(
    program,
    'decommission',
    say({
      en: 'take this host out of service: what must be recorded, and its last report',
      de: 'dieses System außer Betrieb nehmen: was nachzuweisen ist, und der letzte Bericht',
    }),
  )
    .option(
      '--record <file>',
      say({
        en: 'write the record to fill in to this new file',
        de: 'den auszufüllenden Nachweis in diese neue Datei schreiben',
      }),
    )
    .option(
      '--confirm',
      say({
        en: 'send the last report and retire the key of this host',
        de: 'den letzten Bericht senden und den Schlüssel dieses Systems außer Kraft setzen',
      }),
    )
    .addOption(stateOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      say({
        en: '\nNothing is ever erased. Exit status: 0 told or done, 2 refused or an error, 3 the collector could not be\nreached: run the same command again.',
        de: '\nGelöscht wird nie etwas. Exit-Status: 0 gezeigt oder erledigt, 2 abgelehnt oder ein Fehler, 3 Kollektor nicht\nerreichbar: denselben Befehl wiederholen.',
      }),
    )
    .action(
      ending(async (options: DecommissionCommandOptions, lang) =>
        (await import('./commands/decommission.ts')).decommissionCommand(options, lang),
      ),
    );
}

function addReporting(program: Command): void {
  command(
    program,
    'once',
    say({ en: 'check, sign and send, once', de: 'einmal prüfen, signieren und senden' }),
  )
    .addOption(stateOption())
    .addOption(configOption())
    .action(
      ending(async (options: ReportingOptions, lang) =>
        (await import('./commands/once.ts')).once(options, lang),
      ),
    );
  command(
    program,
    'run',
    say({ en: 'stay and do so at every interval', de: 'bleiben und das in jedem Intervall tun' }),
  )
    .addOption(stateOption())
    .addOption(configOption())
    .action(
      ending(async (options: ReportingOptions, lang) =>
        (await import('./commands/run.ts')).run(options, lang),
      ),
    );
  command(
    program,
    'status',
    say({
      en: 'enrolled where, what was sent, what is wrong',
      de: 'wo angemeldet, was gesendet, was nicht stimmt',
    }),
  )
    .addOption(stateOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      say({
        en: '\nExit status: 0 in order, 1 needs attention, 2 not enrolled or an error.',
        de: '\nExit-Status: 0 in Ordnung, 1 braucht Aufmerksamkeit, 2 nicht angemeldet oder ein Fehler.',
      }),
    )
    .action(
      ending(async (options: StatusOptions, lang) =>
        (await import('./commands/status.ts')).status(options, lang),
      ),
    );
  command(
    program,
    'doctor',
    say({ en: 'look at all that a report needs', de: 'alles ansehen, was ein Bericht braucht' }),
  )
    .addOption(stateOption())
    .addOption(configOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      say({
        en: '\nIt changes nothing and sends no report.\nExit status: 0 all in order, 1 something does not work, 3 something is to be looked at.',
        de: '\nVerändert nichts und sendet keinen Bericht.\nExit-Status: 0 alles in Ordnung, 1 etwas ist gestört, 3 etwas ist anzusehen.',
      }),
    )
    .action(
      ending(async (options: DoctorOptions, lang) =>
        (await import('./commands/doctor.ts')).doctor(options, lang),
      ),
    );
  command(program, 'send', say({ en: 'send what waits', de: 'senden, was wartet' }))
    .addOption(stateOption())
    .addOption(configOption())
    .option('--now', say({ en: 'do not wait for the next try', de: 'nicht bis zum nächsten Versuch warten' }))
    .addOption(formatOption())
    .action(
      ending(async (options: SendCommandOptions, lang) =>
        (await import('./commands/send.ts')).send(options, lang),
      ),
    );
  command(
    program,
    'round',
    say({ en: 'check and sign, without sending', de: 'prüfen und signieren, ohne zu senden' }),
  )
    .addOption(stateOption())
    .addOption(configOption())
    .addOption(new Option('--last').hideHelp())
    .addOption(formatOption())
    .action(
      ending(async (options: RoundCommandOptions, lang) =>
        (await import('./commands/round.ts')).round(options, lang),
      ),
    );
}

function addNetwork(program: Command): void {
  command(
    program,
    'network',
    say({
      en: 'let the report unit of systemd speak to the collector alone',
      de: 'die Bericht-Unit von systemd nur mit dem Kollektor sprechen lassen',
    }),
  )
    .addOption(stateOption())
    .addOption(configOption())
    .action(
      ending(async (options: NetworkOptions, lang) =>
        (await import('./commands/network.ts')).network(options, lang),
      ),
    );
}

function addProbe(program: Command): void {
  const probe = command(
    program,
    'probe',
    say({ en: 'look at what checks may not open', de: 'nachsehen, was Prüfungen nicht öffnen dürfen' }),
  );
  command(
    probe,
    'backup',
    say({ en: 'open the declared backup repositories', de: 'die angegebenen Sicherungs-Repositorys öffnen' }),
  )
    .option(
      '--now',
      say({
        en: 'also those that were opened less than a tenth of the RPO ago',
        de: 'auch die, die vor weniger als einem Zehntel der RPO geöffnet wurden',
      }),
    )
    .addOption(formatOption())
    .action(
      ending(async (options: ProbeCommandOptions, lang) =>
        (await import('./commands/probe.ts')).probe(options, lang),
      ),
    );
}

/** A whole number of `least` to `most`. */
const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const number = Number(text);
    if (/^\d{1,9}$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`${least}-${most}`);
  };

function addDrill(program: Command): void {
  const drill = command(
    program,
    'drill',
    say({
      en: 'try in earnest what is promised for an emergency',
      de: 'proben, was für den Notfall zugesagt ist',
    }),
  );
  command(
    drill,
    'restore',
    say({
      en: 'restore a sample from the newest backup, compare it, delete it, record it',
      de: 'eine Stichprobe aus der jüngsten Sicherung wiederherstellen, vergleichen, löschen, festhalten',
    }),
  )
    .addOption(
      new Option(
        '--tool <tool>',
        say({ en: 'only jobs of this program', de: 'nur Aufträge dieses Programms' }),
      ).choices(['restic', 'borg', 'borgmatic', 'duplicity', 'rsnapshot']),
    )
    .option('--job <name>', say({ en: 'only the job of this name', de: 'nur der Auftrag dieses Namens' }))
    .option(
      '--paths <path...>',
      say({
        en: 'these files and directories; else a random sample of the system configuration',
        de: 'diese Dateien und Verzeichnisse; sonst eine Stichprobe der Systemkonfiguration',
      }),
    )
    .addOption(
      new Option('--files <number>', say({ en: 'at most so many files', de: 'höchstens so viele Dateien' }))
        .argParser(wholeNumber(1, 500))
        .default(24),
    )
    .addOption(
      new Option('--megabytes <number>', say({ en: 'at most so much', de: 'höchstens so viel' }))
        .argParser(wholeNumber(1, 100_000))
        .default(64),
    )
    .addOption(
      new Option(
        '--minutes <number>',
        say({ en: 'at most so long for each job', de: 'höchstens so lange je Auftrag' }),
      )
        .argParser(wholeNumber(1, 1440))
        .default(30),
    )
    .addOption(stateOption())
    .addOption(configOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      say({
        en: '\nExit status: 0 all equal, 1 something not equal or missing, 2 an error, 3 it could not be told.',
        de: '\nExit-Status: 0 alles gleich, 1 etwas nicht gleich oder fehlend, 2 ein Fehler, 3 nicht zu ermitteln.',
      }),
    )
    .action(
      ending(async (options: DrillCommandOptions, lang) =>
        (await import('./commands/drill.ts')).drillRestore(options, lang),
      ),
    );
}

/** `nachweis probe` alone gets the help of probe. */
function helpFor(name: string | undefined): Command {
  const program = build();
  return program.commands.find((one) => one.name() === name) ?? program;
}

/** @returns the exit status */
async function explain(error: unknown): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // With no command at all there is nothing to complain about, only help to give.
    process.stderr.write(
      error.code === 'commander.help'
        ? helpFor(process.argv[2]).helpInformation()
        : `${errorLine(new CodedError('USAGE', { problem: `${complaint(error, language)}.` }), language)}\n`,
    );
    return EXIT_ERROR;
  }
  if (error instanceof CodedError) {
    process.stderr.write(`${errorLine(error, language)}\n`);
    return error.code.startsWith('PROGRAM_') ? EXIT_CHANGEABLE : EXIT_ERROR;
  }
  // What nobody foresaw may quote what it choked on: it goes through the same net as evidence.
  const { redact } = await import('../checks/evidence.ts');
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = stack.split('\n').slice(0, 10).map(redact);
  process.stderr.write(`INTERNAL: ${lines.join('\n')}\n`);
  return EXIT_ERROR;
}

/** Runs the command that this process was called with. */
export async function main(): Promise<void> {
  // `nachweis check | head` ends the reader first; that is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(process.exitCode ?? 0);
  });
  try {
    await build().parseAsync();
  } catch (error) {
    process.exitCode = await explain(error);
  }
  await leave();
}
