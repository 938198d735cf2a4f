/**
 * How libpam combines the answers of a stack's modules: libpam/pam_dispatch.c, `_pam_dispatch_aux`, the same in Linux-PAM
 * 1.3 to 1.7. One step function serves two questions: what comes out for given answers, and whether some answers let in.
 */
import type { Text } from '../../shared/outcome.ts';
import { CouldNotLook } from '../fact.ts';
import type { PamStackEntry } from './pam.ts';
import type { PamBrokenLine, PamModuleLine, PamReturn } from './pam-line.ts';

export type PamRunLine = PamModuleLine | PamBrokenLine;

export interface PamHandler {
  /** How many substacks it lies in. */
  readonly level: number;
  /** Absent for what opens a substack: jumps count it, and it does nothing else. */
  readonly line?: PamRunLine;
}

interface Opinion {
  readonly impression: 'none' | 'positive' | 'negative';
  readonly status: PamReturn;
}

interface State extends Opinion {
  /** Index of the handler that is asked next; the number of handlers at the end. */
  readonly at: number;
  /** The opinion with which each open substack was entered, by level: `reset` goes back to it. */
  readonly entered: readonly Opinion[];
}

/** What libpam answers where it can't decide. */
const MUST_FAIL: PamReturn = 'perm_denied';
const START: Opinion = { impression: 'none', status: MUST_FAIL };
const MAX_STATES = 200_000;

/**
 * The stack as one list. `undefined`: libpam gives the service up before it asks any module.
 *
 * @throws CouldNotLook where the includes run in a circle
 */
export function pamHandlers(entries: readonly PamStackEntry[], level = 0): PamHandler[] | undefined {
  const out: PamHandler[] = [];
  for (const entry of entries) {
    if (entry.kind === 'substack') {
      const inner = pamHandlers(entry.entries, level + 1);
      if (!inner) return undefined;
      out.push({ level }, ...inner);
    } else if (entry.kind === 'broken' && entry.unclear) {
      throw new CouldNotLook(entry.file, UNCLEAR[entry.unclear](entry.file, entry.line));
    } else if (entry.kind === 'broken' && entry.aborts) {
      return undefined;
    } else out.push({ level, line: entry });
  }
  return out;
}

/** Goes on to the handler at `at`, past what opens substacks, and keeps the opinion wherever a substack begins. */
function enter(handlers: readonly PamHandler[], before: State, at: number, from: number): State {
  let { entered } = before;
  let level = from;
  let next = at;
  for (; next < handlers.length; next += 1) {
    const handler = handlers[next];
    if (!handler) break;
    if (handler.level > level) {
      const { impression, status } = before;
      entered = [...entered.slice(0, handler.level), { impression, status }];
    }
    level = handler.level;
    if (handler.line) break;
  }
  return { ...before, at: next, entered: entered.slice(0, level + 1) };
}

const first = (handlers: readonly PamHandler[]): State =>
  enter(handlers, { ...START, at: 0, entered: [START] }, 0, 0);

/** After the module at `state.at` answered `returned`. */
function step(handlers: readonly PamHandler[], state: State, returned: PamReturn): State {
  const handler = handlers[state.at];
  if (!handler?.line) throw new Error('no module at this place');
  const { level, line } = handler;
  const action = line.actions.named[returned] ?? line.actions.default;
  const within = (at: number) => (handlers[at]?.level ?? -1) >= level;
  let opinion: Opinion = { impression: state.impression, status: state.status };
  let at = state.at;
  let decided = false;
  if (action === 'reset') opinion = state.entered[level] ?? START;
  else if (action === 'ok' || action === 'done') {
    if (opinion.impression === 'none' || (opinion.impression === 'positive' && opinion.status === 'success'))
      opinion = { impression: 'positive', status: returned };
    decided = action === 'done' && opinion.impression === 'positive';
  } else if (action === 'bad' || action === 'die') {
    if (opinion.impression !== 'negative')
      opinion = { impression: 'negative', status: returned === 'ignore' ? MUST_FAIL : returned };
    decided = action === 'die';
  } else if (typeof action === 'number') {
    let left = action;
    for (; left > 0 && within(at + 1); left -= 1) {
      do at += 1;
      while ((handlers[at + 1]?.level ?? -1) > level);
    }
    // A jump beyond the end of its substack is an error for libpam.
    if (left > 0) opinion = { impression: 'negative', status: MUST_FAIL };
  }
  if (decided) while (within(at + 1)) at += 1;
  return enter(handlers, { ...opinion, at, entered: state.entered }, at + 1, level);
}

const result = ({ impression, status }: State): PamReturn =>
  status === 'success' && impression !== 'positive' ? MUST_FAIL : status;

/** Pure. What libpam answers when every module answers as `answer` says; lines that it can't read answer by themselves. */
export function runPam(
  handlers: readonly PamHandler[],
  answer: (line: PamModuleLine, index: number) => PamReturn,
): PamReturn {
  let state = first(handlers);
  for (;;) {
    const line = handlers[state.at]?.line;
    if (!line) return result(state);
    const returned = line.kind === 'broken' ? MUST_FAIL : answer(line, state.at);
    if (returned === 'incomplete') return returned;
    state = step(handlers, state, returned);
  }
}

export interface PamStep {
  readonly line: PamRunLine;
  readonly returned: PamReturn;
}

/**
 * Pure. The shortest run that ends in one of the `wanted` answers, if any does: all combinations of what each module may
 * answer. States that can't be told apart by what follows are one, so that the work grows with the lines, not with the
 * combinations.
 *
 * @param outcomes what the module may answer; asked once per handler
 * @throws CouldNotLook past 200,000 states
 */
export function findPamRun(
  handlers: readonly PamHandler[],
  outcomes: (line: PamModuleLine, index: number) => readonly PamReturn[],
  wanted: readonly PamReturn[],
): PamStep[] | undefined {
  /** What still matters of an answer: nothing, unless it is success or one that is wanted. */
  const shown = (returned: PamReturn) =>
    returned === 'success' || wanted.includes(returned) ? returned : '';
  const answers = handlers.map(({ line }, index) => {
    if (!line) return [];
    const all = line.kind === 'broken' ? [MUST_FAIL] : outcomes(line, index);
    // Answers that are treated alike: the first stands for all.
    const kinds = new Map<string, PamReturn>();
    for (const returned of all) {
      const action = line.actions.named[returned] ?? line.actions.default;
      const counts = action === 'ok' || action === 'done' || action === 'bad' || action === 'die';
      const kind = counts ? `${action} ${shown(returned)}` : `${action}`;
      if (returned !== 'incomplete' && !kinds.has(kind)) kinds.set(kind, returned);
    }
    return [...kinds.values()];
  });
  const opinion = ({ impression, status }: Opinion) => `${impression} ${shown(status)}`;
  const key = (state: State) => `${state.at} ${opinion(state)} ${state.entered.map(opinion).join()}`;

  interface Node {
    readonly state: State;
    readonly before?: Node;
    readonly step?: PamStep;
  }
  let found: Node | undefined;
  let edge: Node[] = [{ state: first(handlers) }];
  const seen = new Set<string>();
  while (edge.length > 0 && !found) {
    const next: Node[] = [];
    for (const node of edge) {
      const line = handlers[node.state.at]?.line;
      if (!line) {
        if (wanted.includes(result(node.state))) found ??= node;
        continue;
      }
      for (const returned of answers[node.state.at] ?? []) {
        const state = step(handlers, node.state, returned);
        const id = key(state);
        if (seen.has(id)) continue;
        seen.add(id);
        if (seen.size > MAX_STATES) throw new CouldNotLook(line.file, tooMany(line.file));
        next.push({ state, before: node, step: { line, returned } });
      }
    }
    edge = next;
  }
  if (!found) return undefined;
  const steps: PamStep[] = [];
  for (let node: Node | undefined = found; node; node = node.before) if (node.step) steps.unshift(node.step);
  return steps;
}

const UNCLEAR = {
  loop: (file: string, line: number): Text => ({
    en: `${file}, line ${line}: the PAM files include each other in a circle`,
    de: `${file}, Zeile ${line}: die PAM-Dateien binden sich im Kreis ein`,
  }),
  include: (file: string, line: number): Text => ({
    en: `${file}, line ${line}: the included PAM file is missing`,
    de: `${file}, Zeile ${line}: die eingebundene PAM-Datei fehlt`,
  }),
};

const tooMany = (file: string): Text => ({
  en: `the PAM stack around ${file} has too many branches to be followed`,
  de: `der PAM-Stapel um ${file} verzweigt sich zu oft, um ihm zu folgen`,
});
