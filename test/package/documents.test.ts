/** Man pages and shell completions, made from the commands' definitions, in the real formatter and the real shells. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type CommandEntry, commandTree } from '../../agent/packaging/command-tree.ts';
import { bashCompletion, fishCompletion, zshCompletion } from '../../agent/packaging/completions.ts';
import { manPage } from '../../agent/packaging/man-page.ts';
import { source } from '../../agent/packaging/package-tree.ts';
import { products, version } from '../../agent/packaging/product.ts';
import { runProgram } from '../support/program-run.ts';
import { describeWith } from '../support/programs.ts';

/** Bold and underlined, as for a line printer: a character, backspace, the character again. */
const OVERSTRUCK = new RegExp(`.${String.fromCharCode(8)}`, 'g');

const trees = new Map<string, CommandEntry>();
beforeAll(() => {
  for (const product of products)
    for (const language of product.languages)
      trees.set(`${product.name} ${language}`, commandTree(product, language));
});

function program(name: string, language = 'en'): CommandEntry {
  const tree = trees.get(`${name} ${language}`);
  if (!tree) throw new Error(`no commands of ${name}`);
  return tree;
}

/** A file for one test. */
function file(name: string, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'nachweis-document-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

describe('definitions', () => {
  it('are those of the program, in both languages', () => {
    const names = (tree: CommandEntry) => tree.commands.map(({ name }) => name);
    expect(names(program('nachweis'))).toEqual(expect.arrayContaining(['check', 'enrol', 'once', 'status']));
    expect(names(program('nachweis', 'de'))).toEqual(names(program('nachweis')));
    expect(program('nachweis', 'de').description).not.toBe(program('nachweis').description);
    expect(names(program('nachweis'))).not.toContain('help');
  });
});

describeWith(['mandoc'], 'man pages', () => {
  const pages = products.flatMap(({ name, languages }) =>
    languages.map((language) => [name, language] as const),
  );
  it.each(pages)('%s in %s: no warning, every command, every option', async (name, language) => {
    const product = products.find((one) => one.name === name);
    if (!product) throw new Error(name);
    const page = file(
      `${name}.1`,
      manPage({
        program: program(name, language),
        version,
        date: '2026-01-01',
        language,
        prose: source(product, `${name}.1.${language}.roff`),
      }),
    );
    const lint = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', page], { encoding: 'utf8' });
    expect(lint.stdout).toBe('');
    const { stdout } = await runProgram(['mandoc', '-T', 'utf8', '-O', 'width=100', page]);
    const shown = stdout.replaceAll(OVERSTRUCK, '');
    const walk = (command: CommandEntry, path: string): void => {
      for (const { long } of command.options) expect(shown).toContain(long);
      for (const one of command.commands) {
        expect(shown).toContain(`${path} ${one.name}`);
        walk(one, `${path} ${one.name}`);
      }
    };
    walk(program(name, language), name);
  });
});

describe.each(products.map(({ name }) => name))('completions of %s', (name) => {
  const command = name === 'nachweis' ? 'check' : 'serve';

  describeWith(['bash'], 'bash', () => {
    const offered = (...words: string[]): string[] => {
      const path = file('completion', bashCompletion(program(name)));
      const script = `. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _${name.replaceAll('-', '_')}; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script, 'bash', path, ...words], {
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      return stdout.split('\n').filter(Boolean);
    };
    it('offers commands, then their options, then values', () => {
      expect(offered(name, '')).toEqual(expect.arrayContaining([command, '--help']));
      expect(offered(name, command.slice(0, 3))).toEqual([command]);
      expect(offered(name, command, '--config', '/etc/passw')).toContain('/etc/passwd');
      if (name !== 'nachweis') return;
      expect(offered(name, 'check', '--format', '')).toEqual(['text', 'json']);
      expect(offered(name, 'probe', '')).toContain('backup');
      expect(offered(name, 'probe', 'backup', '--fo')).toEqual(['--format']);
    });
  });

  describeWith(['fish'], 'fish', () => {
    it('offers commands, then their options, then values', () => {
      const path = file('completion.fish', fishCompletion(program(name)));
      const offered = (line: string): string[] => {
        const { stdout, stderr } = spawnSync(
          'fish',
          ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', path, line],
          {
            encoding: 'utf8',
          },
        );
        expect(stderr).toBe('');
        return stdout
          .split('\n')
          .filter(Boolean)
          .map((one) => one.split('\t')[0] ?? '');
      };
      expect(offered(`${name} ${command.slice(0, 3)}`)).toEqual([command]);
      expect(offered(`${name} ${command} --conf`)).toEqual(['--config']);
      if (name === 'nachweis') expect(offered('nachweis check --format ')).toEqual(['json', 'text']);
    });
  });

  describeWith(['zsh'], 'zsh', () => {
    it('offers commands, then their options', async () => {
      const path = file('completion.zsh', zshCompletion(program(name)));
      // A terminal, and in it a shell that gets what somebody types.
      const script = `zmodload zsh/zpty
zpty z zsh -f -i
await() { local out; repeat 100; do zpty -r -t z out && all+=$out; [[ $all == *$1* ]] && return; sleep 0.05; done; print -r -- "no $1: $all"; exit 1 }
all=
zpty -w z "PS1=; autoload -Uz compinit; compinit -u -D; source $1; bindkey '^I' complete-word; print REA''DY"
await READY
zpty -w -n z $'${name} ${command.slice(0, 3)}\\t--conf\\t'
await '--config  -- '
print -r -- fine`;
      const { stdout } = await runProgram(['zsh', '-f', '-c', script, 'zsh', path]);
      expect(stdout).toBe('fine\n');
    });
  });
});
