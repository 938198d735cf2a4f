/**
 * borgmatic's configuration as the calls of borg that it makes: sections (before 1.8) or none. What it takes from
 * elsewhere (`!include`) is not followed; then nothing is told of what it copies.
 */
import type { Text } from '../../shared/outcome.ts';
import type { BackupAction, BackupCall, CallOption } from './backup-call.ts';

export const BORGMATIC_FILES = ['/etc/borgmatic/config.yaml', '/etc/borgmatic.d'] as const;
const SECTIONS = ['location', 'storage', 'retention', 'consistency', 'output', 'hooks'];
const MAX_ITEMS = 1000;

/** Lines that borgmatic hands over as one file: a style that is set in one line (`P re`) goes on to the next ones. */
export const PATTERN_LINES = 'pattern-lines';
export const EXCLUDE_LINES = 'exclude-lines';
/** `working_directory`, and the names of the checks that are made. */
export const DIRECTORY = 'directory';
export const CHECK = 'check';

type Settings = Readonly<Record<string, unknown>>;

/** One call per repository of a configuration file, with what borgmatic itself was told to do. */
export async function borgmaticCalls(
  text: string,
  call: BackupCall,
): Promise<{ calls: BackupCall[] } | { problem: Text }> {
  const { parse } = await import('yaml');
  let data: unknown;
  try {
    data = parse(text, { maxAliasCount: 100, prettyErrors: false, logLevel: 'silent' });
  } catch {
    return { problem: { en: 'it is no valid YAML', de: 'sie ist kein gültiges YAML' } };
  }
  if (!isObject(data))
    return { problem: { en: 'it holds no settings', de: 'sie enthält keine Einstellungen' } };
  const settings = flat(data);
  const repositories = items(settings.repositories)
    .map((each) => (isObject(each) ? each.path : each))
    .filter((each) => typeof each === 'string');
  if (repositories.length === 0)
    return { problem: { en: 'it names no repository', de: 'sie nennt kein Repository' } };
  const includes = /(?:^|[\s:-])!(?:include|retain|omit)\b/m.test(text.replace(/#.*$/gm, ''));
  const skipped = strings(settings.skip_actions);
  const checks = checkNames(settings.checks);
  const actions = call.actions.filter(
    (action) =>
      !skipped.includes(COMMAND[action] ?? '') &&
      !(action === 'prune' && keeps(settings).length === 0) &&
      !(action === 'verify' && checks.length === 0),
  );
  const opaque = includes || call.opaque;
  const calls = repositories.map(
    (repository): BackupCall => ({
      ...call,
      actions,
      repository: filled(repository, settings),
      environment: { ...call.environment, ...secrets(settings) },
      options: [...create(settings), ...keeps(settings), ...checks.map((value) => ({ name: CHECK, value }))],
      paths: strings(settings.source_directories).map((path) => filled(path, settings)),
      ...(opaque ? { opaque: true as const } : {}),
    }),
  );
  return { calls: call.repository === undefined ? calls : calls.filter((each) => isAsked(each, call)) };
}

const COMMAND: Readonly<Partial<Record<BackupAction, string>>> = {
  copy: 'create',
  prune: 'prune',
  verify: 'check',
  'create-repository': 'rcreate',
};

const isObject = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.slice(0, MAX_ITEMS) : []);
const strings = (value: unknown): string[] => items(value).filter((each) => typeof each === 'string');
const isAsked = (each: BackupCall, call: BackupCall): boolean => each.repository === call.repository;

function flat(data: Settings): Settings {
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) {
    if (SECTIONS.includes(name) && isObject(value)) Object.assign(settings, value);
    else settings[name] = value;
  }
  return settings;
}

/** `{name}` of `constants`. */
function filled(text: string, { constants }: Settings): string {
  if (!isObject(constants)) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(constants, name) ? constants[name] : undefined;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : whole;
  });
}

/** borgmatic/borg/create.py: files of patterns, patterns, files of exclusions, exclusions. */
function create(settings: Settings): CallOption[] {
  const patterns = strings(settings.patterns);
  const from = strings(settings.patterns_from);
  const excludes = strings(settings.exclude_patterns);
  const directory = settings.working_directory;
  return [
    ...from.map((value) => ({ name: '--patterns-from', value })),
    ...(patterns.length > 0 ? [{ name: PATTERN_LINES, value: patterns.join('\n') }] : []),
    ...strings(settings.exclude_from).map((value) => ({ name: '--exclude-from', value })),
    ...(excludes.length > 0 ? [{ name: EXCLUDE_LINES, value: excludes.join('\n') }] : []),
    ...strings(settings.exclude_if_present).map((value) => ({ name: '--exclude-if-present', value })),
    ...(settings.exclude_caches === true ? [{ name: '--exclude-caches' }] : []),
    ...(settings.one_file_system === true ? [{ name: '--one-file-system' }] : []),
    ...(typeof directory === 'string' ? [{ name: DIRECTORY, value: directory }] : []),
  ];
}

const KEEP = /^keep_(?:within|secondly|minutely|hourly|daily|weekly|monthly|yearly)$/;

function keeps(settings: Settings): CallOption[] {
  return Object.entries(settings)
    .filter(([name, value]) => KEEP.test(name) && (typeof value === 'string' || typeof value === 'number'))
    .map(([name, value]) => ({ name: `--${name.replace('_', '-')}`, value: String(value) }));
}

/** Without any, the repository and its archives are checked. */
function checkNames(value: unknown): string[] {
  if (value === undefined || value === null) return ['repository', 'archives'];
  const names = items(value).map((each) => (isObject(each) ? each.name : each));
  return names.filter((name) => typeof name === 'string').filter((name) => name !== 'disabled');
}

function secrets(settings: Settings): Record<string, string> {
  const { encryption_passphrase: passphrase, encryption_passcommand: command } = settings;
  return {
    ...(typeof passphrase === 'string' ? { BORG_PASSPHRASE: passphrase } : {}),
    ...(typeof command === 'string' ? { BORG_PASSCOMMAND: command } : {}),
  };
}
