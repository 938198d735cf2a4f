/** Shell completions, from the commands' definitions: bash, zsh and fish. */
import type { CommandEntry, OptionEntry } from './command-tree.ts';

interface Place {
  /** Words that lead there, without the program's name: `probe backup`. */
  readonly words: readonly string[];
  readonly command: CommandEntry;
}

function places(command: CommandEntry, words: readonly string[] = []): Place[] {
  return [{ words, command }, ...command.commands.flatMap((one) => places(one, [...words, one.name]))];
}

const flagsOf = ({ short, long }: OptionEntry): string[] => (short ? [short, long] : [long]);
const wantsDirectory = ({ value }: OptionEntry): boolean => value === '<directory>';
const wantsFile = ({ value }: OptionEntry): boolean => value === '<file>';
/** For single quotes in a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

export function bashCompletion(program: CommandEntry): string {
  const name = functionName(program);
  const all = places(program);
  const options = [
    ...new Map(all.flatMap(({ command }) => command.options).map((one) => [one.long, one])).values(),
  ];
  const values = options.flatMap((option) => {
    const pattern = flagsOf(option).join('|');
    if (option.choices)
      return [
        `    ${pattern}) COMPREPLY=($(compgen -W ${quoted(option.choices.join(' '))} -- "$current")); return ;;`,
      ];
    if (wantsDirectory(option)) return [`    ${pattern}) COMPREPLY=($(compgen -d -- "$current")); return ;;`];
    if (wantsFile(option)) return [`    ${pattern}) COMPREPLY=($(compgen -f -- "$current")); return ;;`];
    return option.value ? [`    ${pattern}) return ;;`] : [];
  });
  const steps = all
    .filter(({ words }) => words.length > 0)
    .map(({ words }) => `      ${quoted([...words.slice(0, -1), words.at(-1)].join(' '))}) place=$next ;;`);
  const words = all.map(({ words: at, command }) => {
    const offered = [...command.commands.map((one) => one.name), ...command.options.map(({ long }) => long)];
    return `    ${quoted(at.join(' '))}) offered=${quoted(offered.join(' '))} ;;`;
  });
  return `# bash completion for ${program.name}(1). Made from the program's own definitions.
${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} place='' next word offered=''
  COMPREPLY=()
  case $previous in
${values.join('\n')}
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${place:+$place }$word"
    case $next in
${steps.join('\n')}
    esac
  done
  case $place in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
}
complete -o filenames -F ${name} ${program.name}
`;
}

export function zshCompletion(program: CommandEntry): string {
  const functions = places(program).map(({ words, command }) => {
    const name = functionName(program, words);
    const options = command.options.map((option) => zshOption(option)).map((spec) => `    ${spec} \\`);
    if (command.commands.length === 0) {
      const rest = command.arguments.length > 0 ? [`    '*:: :_default'`] : [`    '*:: :'`];
      return `${name}() {\n  _arguments -s -S \\\n${[...options, ...rest].join('\n')}\n}`;
    }
    const list = command.commands
      .map((one) => `      ${quoted(`${one.name}:${one.description.replaceAll(':', '\\:')}`)}`)
      .join('\n');
    const cases = command.commands
      .map((one) => `        ${one.name}) ${functionName(program, [...words, one.name])} ;;`)
      .join('\n');
    return `${name}() {
  local state line
  typeset -A opt_args
  _arguments -s -S -C \\
${options.join('\n')}
    '1: :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands
      commands=(
${list}
      )
      _describe command commands ;;
    rest)
      case $line[1] in
${cases}
      esac ;;
  esac
}`;
  });
  // A file of $fpath is the function's body the first time it is called.
  return `#compdef ${program.name}
# zsh completion for ${program.name}(1). Made from the program's own definitions.
${functions.join('\n')}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  ${functionName(program)} "$@"
else
  compdef ${functionName(program)} ${program.name}
fi
`;
}

function zshOption(option: OptionEntry): string {
  const flags = flagsOf(option);
  const text = option.description.replaceAll(/[[\]:]/g, '\\$&');
  const value = option.choices
    ? `:value:(${option.choices.join(' ')})`
    : wantsDirectory(option)
      ? ':directory:_directories'
      : wantsFile(option)
        ? ':file:_files'
        : option.value
          ? ':value: '
          : '';
  const spec = quoted(`[${text}]${value}`);
  return flags.length === 1 ? `${flags[0]}${spec}` : `'(${flags.join(' ')})'{${flags.join(',')}}${spec}`;
}

export function fishCompletion(program: CommandEntry): string {
  const lines = places(program).flatMap(({ words, command }) => {
    const subcommands = command.commands.map((one) => one.name).join(' ');
    const within = words.map((word) => `__fish_seen_subcommand_from ${word}`);
    const only = subcommands ? [`not __fish_seen_subcommand_from ${subcommands}`] : [];
    const when = [...within, ...only].join('; and ');
    const start = `complete -c ${program.name} -n ${quoted(when || 'true')}`;
    return [
      ...command.commands.map((one) => `${start} -f -a ${one.name} -d ${quoted(one.description)}`),
      ...command.options.map((option) => `${start} ${fishOption(option)}`),
    ];
  });
  return `# fish completion for ${program.name}(1). Made from the program's own definitions.
complete -c ${program.name} -f
${lines.join('\n')}
`;
}

function fishOption(option: OptionEntry): string {
  const { short, long, description } = option;
  const value = option.choices
    ? ` -x -a ${quoted(option.choices.join(' '))}`
    : wantsDirectory(option)
      ? " -x -a '(__fish_complete_directories)'"
      : wantsFile(option)
        ? ' -r -F'
        : option.value
          ? ' -x'
          : '';
  return `${short ? `-s ${short.slice(1)} ` : ''}-l ${long.slice(2)}${value} -d ${quoted(description)}`;
}

const functionName = (program: CommandEntry, words: readonly string[] = []): string =>
  `_${[program.name, ...words].join('_').replaceAll('-', '_')}`;
