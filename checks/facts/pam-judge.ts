/**
 * Whether a PAM service can be passed without proof: for every kind of account (and caller, where a person starts the
 * program), the search over all answers of its modules. Pure.
 */
import type { Text } from '../../shared/outcome.ts';
import { CouldNotLook } from '../fact.ts';
import { type PamConfiguration, pamStack } from './pam.ts';
import { findPamRun, type PamHandler, type PamStep, pamHandlers } from './pam-dispatch.ts';
import type { PamModuleLine, PamReturn, PamType } from './pam-line.ts';
import { dependsOnPerson, type PamOutcomes, type PamScene, pamOutcomes } from './pam-module.ts';
import type { PamPeople, PamPerson } from './pam-people.ts';
import { isIncludedOnly, pamAsked, pamUse } from './pam-service.ts';

export type PamJudgement = { readonly service: string } & (
  | { readonly verdict: 'closed' }
  /** A run of the modules that ends in success, and for whom. */
  | { readonly verdict: 'open'; readonly run: readonly PamStep[]; readonly scene: PamScene }
  | { readonly verdict: 'unclear'; readonly run: readonly PamStep[]; readonly why: Text }
  | { readonly verdict: 'exempt'; readonly why: Text }
);

/** What lets somebody in. A password that must be changed now is no obstacle to who may change it. */
const LETS_IN: Readonly<Record<'auth' | 'account', readonly PamReturn[]>> = {
  auth: ['success'],
  account: ['success', 'new_authtok_reqd'],
};

const PART: Text = {
  en: 'open by itself, included by others, and whether a program asks for it is not known here',
  de: 'für sich allein offen, von anderen eingebunden, und ob ein Programm danach fragt, ist hier nicht bekannt',
};

/** Every service that a program may ask for, in order of name. */
export function judgePam(
  configuration: PamConfiguration,
  people: PamPeople,
  type: 'auth' | 'account',
): PamJudgement[] {
  return pamAsked(configuration).map((service) => judgeService(configuration, people, service, type));
}

function judgeService(
  configuration: PamConfiguration,
  people: PamPeople,
  service: string,
  type: 'auth' | 'account',
): PamJudgement {
  const exempt = pamUse(service).exempt[type];
  if (exempt) return { service, verdict: 'exempt', why: exempt };
  try {
    const handlers = handlersOf(configuration, service, type);
    if (!handlers) return { service, verdict: 'closed' };
    let unclear: PamJudgement | undefined;
    for (const scene of scenes(handlers, service, people)) {
      const outcomes = handlers.map(({ line }): PamOutcomes | undefined =>
        line?.kind === 'module' ? pamOutcomes(line, scene) : undefined,
      );
      const sure = findPamRun(handlers, (_line, at) => outcomes[at]?.certain ?? [], LETS_IN[type]);
      if (sure && isIncludedOnly(configuration, service))
        return { service, verdict: 'unclear', run: sure, why: PART };
      if (sure) return { service, verdict: 'open', run: sure, scene };
      if (unclear || !outcomes.some((one) => one && one.unclear.length > 0)) continue;
      const perhaps = findPamRun(
        handlers,
        (_line, at) => [...(outcomes[at]?.certain ?? []), ...(outcomes[at]?.unclear ?? [])],
        LETS_IN[type],
      );
      if (perhaps)
        unclear = { service, verdict: 'unclear', run: perhaps, why: reason(handlers, outcomes, perhaps) };
    }
    return unclear ?? { service, verdict: 'closed' };
  } catch (error) {
    if (!(error instanceof CouldNotLook)) throw error;
    return { service, verdict: 'unclear', run: [], why: error.reason };
  }
}

/** libpam gives a service up as a whole: a lost `@include` anywhere counts for both phases. */
function handlersOf(
  configuration: PamConfiguration,
  service: string,
  type: PamType,
): PamHandler[] | undefined {
  const other = type === 'auth' ? 'account' : 'auth';
  if (!pamHandlers(pamStack(configuration, service, other))) return undefined;
  return pamHandlers(pamStack(configuration, service, type));
}

/** The first thing on the way that was not known. */
function reason(
  handlers: readonly PamHandler[],
  outcomes: readonly (PamOutcomes | undefined)[],
  run: readonly PamStep[],
): Text {
  for (const step of run) {
    const known = outcomes[handlers.findIndex(({ line }) => line === step.line)];
    if (known?.why && !known.certain.includes(step.returned)) return known.why;
  }
  return { en: 'what the modules answer is not known', de: 'was die Module antworten, ist nicht bekannt' };
}

const isShut = ({ shell }: PamPerson): boolean => /\/(?:nologin|false|sync)$/.test(shell);

/** One scene for each kind of account and caller that some module of the stack tells apart. */
function scenes(handlers: readonly PamHandler[], service: string, people: PamPeople): PamScene[] {
  const { runsAs } = pamUse(service);
  const telling = handlers.flatMap(({ line }): PamModuleLine[] =>
    line?.kind === 'module' && dependsOnPerson(line) ? [line] : [],
  );
  const elsewhere = people.foreign || people.local.length === 0;
  // Of accounts that are treated alike, the first is named: rather one that people log in with.
  const local = [...people.local].sort((a, b) => Number(isShut(a)) - Number(isShut(b)));
  const targets: (PamPerson | undefined)[] = [...local, ...(elsewhere ? [undefined] : [])];
  const ordinary = local.filter(({ uid }) => uid !== 0);
  const anyCaller = ordinary.length === 0 || people.foreign;
  const callers = runsAs === 'caller' ? [...ordinary, ...(anyCaller ? [undefined] : [])] : [undefined];
  const scene = (target: PamPerson | undefined, caller: PamPerson | undefined): PamScene => ({
    service,
    runsAs,
    target,
    caller,
    people,
  });
  const said = (one: PamScene) => telling.map((line) => pamOutcomes(line, one).certain[0] ?? '?').join();
  const kinds = <T>(list: readonly T[], kind: (one: T) => string): T[] => [
    ...new Map(list.map((one) => [kind(one), one] as const).reverse()).values(),
  ];
  const someTargets = kinds(targets, (target) =>
    [
      target === undefined ? 'elsewhere' : `${target.emptyPassword} ${target.uid === 0}`,
      said(scene(target, callers[0])),
    ].join(' '),
  );
  const someCallers = kinds(callers, (caller) =>
    someTargets.map((target) => said(scene(target, caller))).join(' '),
  );
  return someTargets.flatMap((target) => someCallers.map((caller) => scene(target, caller)));
}
