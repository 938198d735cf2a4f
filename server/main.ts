#!/usr/bin/env node
/** `nachweis-collector`: one line and a code for every failure, exit 1; 2 for a command that was not understood. */
import { Command, CommanderError } from 'commander';
import { CodedError, errorLine } from '../shared/errors.ts';
import { catalogueCommand } from './commands/catalogue.ts';
import { contractCommand } from './commands/contract.ts';
import { hostCommand } from './commands/host.ts';
import { policyCommand } from './commands/policy.ts';
import { recordCommand } from './commands/record.ts';
import { serveCommand } from './commands/serve.ts';
import { language } from './commands/store.ts';
import { tenantCommand } from './commands/tenant.ts';
import { tokenCommand } from './commands/token.ts';
import { userCommand } from './commands/user.ts';
import { coded } from './refused.ts';

/** The commands and their options; the man page and the shell completions are made from them too. */
export function build(): Command {
  const program = new Command('nachweis-collector')
    .description('Collects signed reports of hosts and shows which measures they prove')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  for (const command of [
    serveCommand(),
    tenantCommand(),
    contractCommand(),
    tokenCommand(),
    hostCommand(),
    userCommand(),
    catalogueCommand(),
    policyCommand(),
    recordCommand(),
  ])
    program.addCommand(command);
  inherit(program);
  return program;
}

export async function main(args: readonly string[]): Promise<number> {
  // Whatever is made here is for its owner alone.
  process.umask(0o077);
  try {
    await build().parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return reportFailure(error);
  }
}

/** Added commands don't take over what was set on their parent. */
function inherit(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent).helpCommand(false);
    inherit(command);
  }
}

/** One line with a code on standard error. @returns the exit status */
export function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const problem =
      error.message === '(outputHelp)' ? 'a command is missing' : error.message.replace(/^error: /, '');
    return say(new CodedError('USAGE', { problem: sentence(problem) }), 2);
  }
  const known = coded(error);
  if (known.code === 'INTERNAL' && error instanceof Error)
    process.stderr.write(`${error.stack ?? error.message}\n`);
  return say(known, known.code === 'USAGE' ? 2 : 1);
}

/** Commander's own words start small and have no end. */
function sentence(text: string): string {
  const line = text.replaceAll('\n', ' ').trim();
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}${/[.!?)]$/.test(line) ? '' : '.'}`;
}

function say(error: CodedError, status: number): number {
  process.stderr.write(`${errorLine(error, language()).replaceAll('\n', ' ')}\n`);
  return status;
}

if (import.meta.main) {
  // Not awaited at the top: bundled as CommonJS there is no such thing.
  void main(process.argv.slice(2)).then((status) => {
    process.exitCode = status;
  });
}
