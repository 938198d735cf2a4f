/**
 * A program's commands as data, from the very definitions that it runs with. As a program of its own it prints them: which
 * language the descriptions are in is settled when the definitions are loaded. Arguments: file, --lang, language.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command, Option } from 'commander';
import { projectRoot } from './bundle.ts';
import type { Product } from './product.ts';
import { runTool } from './run-tool.ts';

export interface OptionEntry {
  readonly short?: string;
  readonly long: string;
  /** `<file>`; left out where it takes no value. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly description: string;
}

export interface CommandEntry {
  readonly name: string;
  readonly description: string;
  /** `[string]`, `<id...>`. */
  readonly arguments: readonly { readonly usage: string; readonly description: string }[];
  readonly options: readonly OptionEntry[];
  readonly commands: readonly CommandEntry[];
}

export function commandTree(product: Product, language: 'en' | 'de'): CommandEntry {
  const file = join(projectRoot, product.commands);
  return JSON.parse(
    runTool([process.execPath, import.meta.filename, file, '--lang', language], {
      env: { LC_ALL: 'C', LANG: 'C', LANGUAGE: '' },
    }),
  ) as CommandEntry;
}

function entryOf(command: Command): CommandEntry {
  const help = command.createHelp();
  return {
    name: command.name(),
    description: command.description(),
    arguments: command.registeredArguments.map((argument) => {
      const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
      return { usage: argument.required ? `<${name}>` : `[${name}]`, description: argument.description };
    }),
    options: help.visibleOptions(command).map(optionOf),
    // commander's own `help`, in English and one command deep.
    commands: help
      .visibleCommands(command)
      .filter((one) => one.name() !== 'help')
      .map(entryOf),
  };
}

function optionOf({ short, long, flags, argChoices, description }: Option): OptionEntry {
  const value = /[<[].*[>\]]/.exec(flags)?.[0];
  return {
    ...(short ? { short } : {}),
    long: long ?? '',
    ...(value ? { value } : {}),
    ...(argChoices ? { choices: argChoices } : {}),
    description,
  };
}

if (import.meta.main) {
  const { build } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as { build(): Command };
  process.stdout.write(JSON.stringify(entryOf(build())));
}
