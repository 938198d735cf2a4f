/** Random PAM stacks of pam_debug lines, whose answers are written beside them: for libpam and for the evaluator. */
import fc from 'fast-check';
import { type PamConfiguration, pamStack } from '../../checks/facts/pam.ts';
import { type PamHandler, pamHandlers, runPam } from '../../checks/facts/pam-dispatch.ts';
import {
  type PamModuleLine,
  type PamReturn,
  type PamType,
  pamReturns,
  parsePam,
} from '../../checks/facts/pam-line.ts';

/** Answers that stacks commonly name, more often than the rest. */
const value = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom<PamReturn>(
      'success',
      'auth_err',
      'ignore',
      'user_unknown',
      'new_authtok_reqd',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(...pamReturns.filter((name) => name !== 'incomplete')) },
);
const action = fc.oneof(
  fc.constantFrom('ignore', 'ok', 'done', 'bad', 'die', 'reset'),
  fc.constantFrom('1', '1', '2', '3', '9'),
);
const brackets = fc
  .tuple(fc.array(fc.tuple(fc.oneof(value, fc.constant('default')), action), { minLength: 1, maxLength: 4 }))
  .map(([pairs]) => `[${pairs.map(([name, what]) => `${name}=${what}`).join(' ')}]`);
const control = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('required', 'requisite', 'sufficient', 'optional') },
  { weight: 4, arbitrary: brackets },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'Sufficient',
      '[success=bogus]',
      '[success=0 default=ok]',
      '[ default = ok ]',
      'wrong',
      '[required]',
    ),
  },
);

/** A line for both phases, with an answer of its own for each. */
const moduleLine = fc
  .tuple(fc.constantFrom('auth', 'auth', 'account', '-auth'), control, value, value)
  .map(([type, how, auth, acct]) => `${type} ${how} pam_debug.so auth=${auth} acct=${acct}`);
const oddLine = fc.oneof(
  fc
    .tuple(fc.constantFrom('auth', '-auth', 'account'), control)
    .map(([type, how]) => `${type} ${how} pam_not_here.so`),
  fc.tuple(fc.constantFrom('auth', 'bogus', 'account'), control).map(([type, how]) => `${type} ${how}`),
  control.map((how) => `bogus ${how} pam_debug.so auth=success`),
  fc.constantFrom(
    'auth',
    'auth include nowhere',
    'account substack nowhere',
    '@include nowhere',
    'bogus include FILE-d',
  ),
);
const includeOf = (name: string) =>
  fc
    .constantFrom('@include', 'auth include', 'auth substack', 'account include', 'account substack')
    .map((how) => `${how} ${name}`);

/** A file that may include those whose names follow its own. */
function file(...targets: readonly string[]): fc.Arbitrary<string> {
  const line = fc.oneof(
    { weight: 12, arbitrary: moduleLine },
    { weight: 1, arbitrary: oddLine },
    ...targets.map((name) => ({ weight: 2, arbitrary: includeOf(`FILE-${name}`) })),
  );
  return fc.array(line, { minLength: 1, maxLength: 7 }).map((lines) => `${lines.join('\n')}\n`);
}

/** Three files of a service: `''` (its own), `c` and `d`. */
export const stackFiles: fc.Arbitrary<ReadonlyMap<string, string>> = fc
  .tuple(file('c', 'd'), file('d'), file())
  .map(([own, c, d]) => {
    // Behind a typed include, Debian's libpam takes what an absent `@include` does from memory that it never set.
    const included = (text: string) => text.replaceAll('@include nowhere', 'auth include nowhere');
    return new Map([
      ['', own],
      ['-c', included(c)],
      ['-d', included(d.replaceAll('include FILE-d', 'include nowhere'))],
    ]);
  });

export function named(files: ReadonlyMap<string, string>, service: string): Map<string, string> {
  return new Map(
    [...files].map(([suffix, text]) => [`${service}${suffix}`, text.replaceAll('FILE', service)]),
  );
}

export function configurationOf(files: ReadonlyMap<string, string>): PamConfiguration {
  return {
    directories: true,
    files: new Map([...files].map(([name, text]) => [name, parsePam(text, `/etc/pam.d/${name}`)])),
  };
}

/** What pam_debug answers, by its arguments; a module that is not there is unknown. */
export function debugAnswer(line: PamModuleLine): PamReturn {
  if (line.module !== 'pam_debug.so') return 'module_unknown';
  const name = line.type === 'auth' ? 'auth' : 'acct';
  const wanted = line.args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
  return pamReturns.find((known) => known === wanted) ?? 'success';
}

export const handlersOf = (
  configuration: PamConfiguration,
  service: string,
  type: PamType,
): PamHandler[] | undefined => pamHandlers(pamStack(configuration, service, type));

/** The evaluator's answer for a service of pam_debug lines; `abort` where libpam gives the whole service up. */
export function judged(configuration: PamConfiguration, service: string, type: PamType): PamReturn {
  const auth = handlersOf(configuration, service, 'auth');
  const handlers = type === 'auth' ? auth : handlersOf(configuration, service, type);
  return auth && handlers ? runPam(handlers, debugAnswer) : 'abort';
}
