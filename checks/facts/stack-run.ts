/**
 * One run through a PAM stack with given outcomes of its modules, as libpam goes: pam.conf(5), libpam/pam_dispatch.c.
 * For questions such as "is this line reached when a password is wrong"; all outcomes at once are another matter. Pure.
 */
import type { PamStackEntry } from './pam.ts';
import type { PamModuleLine, PamReturn } from './pam-line.ts';

export interface StackRun {
  readonly success: boolean;
  /** The lines that were called, in order. */
  readonly called: readonly PamModuleLine[];
}

interface State {
  impression: 'undefined' | 'positive' | 'negative';
  status: PamReturn;
}

/** @param answer what a module returns; called once for each line that is reached */
export function runStack(
  entries: readonly PamStackEntry[],
  answer: (line: PamModuleLine) => PamReturn,
): StackRun {
  const called: PamModuleLine[] = [];
  const state: State = { impression: 'undefined', status: 'perm_denied' };
  walk(entries, state, (line) => {
    called.push(line);
    return answer(line);
  });
  return { success: state.impression === 'positive' && state.status === 'success', called };
}

function walk(
  entries: readonly PamStackEntry[],
  state: State,
  answer: (line: PamModuleLine) => PamReturn,
): void {
  // `reset` goes back to what was known when this stack, or substack, was entered.
  const entered = { ...state };
  const bad = (status: PamReturn) => {
    if (state.impression !== 'negative') Object.assign(state, { impression: 'negative', status });
  };
  for (let at = 0; at < entries.length; at += 1) {
    const entry = entries[at];
    if (entry === undefined) return;
    if (entry.kind === 'substack') {
      walk(entry.entries, state, answer);
      continue;
    }
    if (entry.kind === 'broken') {
      bad('module_unknown');
      continue;
    }
    const value = answer(entry);
    const action = entry.actions.named[value] ?? entry.actions.default;
    if (typeof action === 'number') {
      // A jump past the end is a mistake that libpam answers with failure.
      if (at + action >= entries.length) bad('perm_denied');
      at += action;
    } else if (action === 'reset') Object.assign(state, entered);
    else if (action === 'ok' || action === 'done') {
      const open =
        state.impression === 'undefined' || (state.impression === 'positive' && state.status === 'success');
      if (open && value !== 'ignore') Object.assign(state, { impression: 'positive', status: value });
      if (action === 'done' && state.impression === 'positive') return;
    } else if (action === 'bad' || action === 'die') {
      bad(value === 'success' ? 'perm_denied' : value);
      if (action === 'die') return;
    }
  }
}
