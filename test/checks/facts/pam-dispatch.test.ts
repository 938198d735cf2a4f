/** The search over all answers against trying every combination, one by one, with the evaluator that libpam agrees with. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CouldNotLook } from '../../../checks/fact.ts';
import { findPamRun, type PamHandler, pamHandlers, runPam } from '../../../checks/facts/pam-dispatch.ts';
import type { PamReturn } from '../../../checks/facts/pam-line.ts';
import { configurationOf, handlersOf, named, stackFiles } from '../../support/pam-stacks.ts';

const ANSWERS: readonly PamReturn[] = ['success', 'auth_err', 'ignore', 'new_authtok_reqd'];
const MAX_MODULES = 6;

const handlers = (text: string): PamHandler[] =>
  handlersOf(configurationOf(new Map([['s', text]])), 's', 'auth') ?? [];

/** Every end that any combination of answers leads to. */
function ends(
  stack: readonly PamHandler[],
  outcomes: (index: number) => readonly PamReturn[],
): Set<PamReturn> {
  const out = new Set<PamReturn>();
  const modules = stack.flatMap(({ line }, index) => (line?.kind === 'module' ? [index] : []));
  const choose = (chosen: ReadonlyMap<number, PamReturn>, rest: readonly number[]): void => {
    const [next, ...others] = rest;
    if (next === undefined) {
      out.add(runPam(stack, (_line, index) => chosen.get(index) ?? 'abort'));
      return;
    }
    for (const answer of outcomes(next)) choose(new Map([...chosen, [next, answer]]), others);
  };
  choose(new Map(), modules);
  return out;
}

describe('all combinations of answers', () => {
  it('are searched as if each had been tried', { timeout: 60_000 }, () => {
    const counts = { found: 0, none: 0 };
    const cases = fc.sample(
      fc.tuple(
        stackFiles,
        fc.array(fc.subarray([...ANSWERS], { minLength: 1 }), { minLength: 40, maxLength: 40 }),
      ),
      {
        numRuns: 3_000,
        seed: 4,
      },
    );
    for (const [files, choices] of cases) {
      const stack = handlersOf(configurationOf(named(files, 's')), 's', 'auth') ?? [];
      if (stack.filter(({ line }) => line?.kind === 'module').length > MAX_MODULES) continue;
      const outcomes = (index: number) => choices[index] ?? ANSWERS;
      const possible = ends(stack, outcomes);
      for (const wanted of [['success'], ['success', 'new_authtok_reqd']] as const) {
        const run = findPamRun(stack, (_line, index) => outcomes(index), wanted);
        expect([files, run !== undefined]).toEqual([files, wanted.some((end) => possible.has(end))]);
        counts[run ? 'found' : 'none'] += 1;
        if (!run) continue;
        // The run that is shown is one that libpam would take.
        const steps = [...run];
        const end = runPam(stack, (line) => {
          for (let step = steps.shift(); step; step = steps.shift())
            if (step.line === line) return step.returned;
          throw new Error('a module that is not in the run');
        });
        expect(wanted).toContain(end);
      }
    }
    expect(counts.found).toBeGreaterThan(500);
    expect(counts.none).toBeGreaterThan(500);
  });

  it('grow with the lines, not with the combinations', () => {
    const line = '[success=ok auth_err=2 user_unknown=bad new_authtok_reqd=reset default=ignore]';
    const forty = handlers(`${`auth ${line} pam_x.so\n`.repeat(39)}auth required pam_deny.so\n`);
    let asked = 0;
    const answers: PamReturn[] = ['success', 'auth_err', 'user_unknown', 'new_authtok_reqd', 'ignore'];
    const run = findPamRun(
      forty,
      ({ module }) => {
        asked += 1;
        return module === 'pam_deny.so' ? ['auth_err'] : answers;
      },
      ['success'],
    );
    expect(asked).toBe(40);
    // Its jump goes over the last pam_x and pam_deny.
    expect(run?.at(-1)).toMatchObject({ returned: 'auth_err', line: { module: 'pam_x.so', line: 38 } });
  });
});

describe('written stacks', () => {
  const run = (text: string, answers: Readonly<Record<string, PamReturn>>) =>
    runPam(handlers(text), ({ module }) => answers[module] ?? 'module_unknown');

  it('without modules fail', () => {
    expect(run('', {})).toBe('perm_denied');
    expect(findPamRun([], () => ['success'], ['success'])).toBeUndefined();
  });

  it('of nothing but ignored answers fail', () => {
    expect(run('auth optional a\nauth [default=ignore] b\n', { a: 'auth_err', b: 'success' })).toBe(
      'perm_denied',
    );
  });

  it('of Debian jump over the denial on success only', () => {
    const text =
      'auth [success=1 default=ignore] unix\nauth requisite deny\nauth required permit\nauth optional cap\n';
    const others: Readonly<Record<string, PamReturn>> = {
      deny: 'auth_err',
      permit: 'success',
      cap: 'ignore',
    };
    expect(run(text, { ...others, unix: 'success' })).toBe('success');
    expect(run(text, { ...others, unix: 'auth_err' })).toBe('auth_err');
    expect(run(text.replace('success=1', 'success=1 auth_err=1'), { ...others, unix: 'auth_err' })).toBe(
      'success',
    );
  });

  it('a circle of includes can not be judged, a missing include gives the service up', () => {
    const circle = configurationOf(
      new Map([
        ['a', 'auth include b\n'],
        ['b', '@include a\n'],
      ]),
    );
    expect(() => handlersOf(circle, 'a', 'auth')).toThrow(CouldNotLook);
    const lost = configurationOf(new Map([['a', 'auth sufficient pam_permit.so\n@include nowhere\n']]));
    expect(handlersOf(lost, 'a', 'auth')).toBeUndefined();
    expect(pamHandlers([])).toEqual([]);
  });
});
