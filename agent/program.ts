/** The command `nachweis`: what it is called with, and what it says when that fails. */
import { Command, CommanderError } from 'commander';
import { CodedError, errorLine } from '../shared/errors.ts';
import { EXIT_CHANGEABLE } from './child.ts';
import { language, say } from './command-line.ts';
import { complaint, helpTitle } from './complaint.ts';
import { defineAll } from './definitions.ts';
import { leave } from './leave.ts';
import { agentVersion } from './version.ts';

/** Wrong usage, and everything that went wrong inside. */
const EXIT_ERROR = 2;

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
  defineAll(program);
  return program;
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
