/** What the reader of polkit's rules understands, against the same rules run as the JavaScript that they are. */
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Literal } from '../../../checks/facts/polkit-condition.ts';
import { readPolkitScript } from '../../../checks/facts/polkit-script.ts';

const actions = ['org.example.a', 'org.example.ab', 'org.example.b'];
const subjects = ['anna', 'otto'].flatMap((user) =>
  [[], ['ops'], ['web'], ['ops', 'web']].map((groups) => ({ user, groups })),
);

/** What polkitd would do: the first rule that answers decides. */
function compile(text: string): (id: string, who: (typeof subjects)[number]) => boolean {
  const rules: ((action: unknown, subject: unknown) => unknown)[] = [];
  const Result = { YES: 'yes', NO: 'no', NOT_HANDLED: null, AUTH_ADMIN: 'auth_admin' };
  const polkit = {
    Result,
    addRule: (rule: (typeof rules)[number]) => rules.push(rule),
    log: () => undefined,
  };
  runInNewContext(text, { polkit });
  return (id, { user, groups }) => {
    const isInGroup = (name: string) => groups.includes(name);
    const subject = { user, groups, active: true, local: true, isInGroup };
    return rules.map((rule) => rule({ id }, subject)).find((answer) => answer) === 'yes';
  };
}

function holds({ atom, holds: wanted }: Literal, id: string, who: (typeof subjects)[number]): boolean {
  if (atom.is === 'user') return (who.user === atom.name) === wanted;
  if (atom.is === 'group') return who.groups.includes(atom.name) === wanted;
  if (atom.is === 'narrow') return wanted;
  if (atom.is !== 'action') throw new Error(`not generated: ${atom.is}`);
  const { prefix } = atom.action;
  return (prefix ? id.startsWith(atom.action.id) : id === atom.action.id) === wanted;
}

/** Random rules of the kinds that are understood; a linear congruential generator, so that each run has the same. */
function generator(seed: number) {
  let state = seed;
  const below = (limit: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
  const one = (choices: readonly string[]): string => choices[below(choices.length)] ?? '';
  const atom = (): string => {
    const [user, group, action] = [one(['anna', 'otto']), one(['ops', 'web']), one(actions)];
    return one([
      `subject.user == "${user}"`,
      `"${user}" === subject.user`,
      `subject.user != '${user}'`,
      `subject.isInGroup("${group}")`,
      `subject.isInGroup ('${group}') == true`,
      `subject.groups.indexOf("${group}") >= 0`,
      `action.id == "${action}"`,
      `action.id !== "${action}"`,
      `action.id.indexOf("${action}") == 0`,
      `action.id.startsWith("${action}")`,
      `["${action}", "${one(actions)}"].indexOf(action.id) > -1`,
      'subject.active',
      'subject.local === true',
    ]);
  };
  const condition = (depth: number): string => {
    const kind = depth > 2 ? 0 : below(4);
    if (kind === 0) return atom();
    if (kind === 1) return `!(${condition(depth + 1)})`;
    const sign = kind === 2 ? ' && ' : ' ||\n  ';
    return `(${[condition(depth + 1), condition(depth + 1), ...(below(2) ? [atom()] : [])].join(sign)})`;
  };
  const leave = (): string =>
    `return ${one(['polkit.Result.YES', 'polkit.Result.YES', '"yes"', 'polkit.Result.NOT_HANDLED', 'null'])};`;
  const statement = (depth: number): string => {
    const kind = depth > 1 ? 0 : below(5);
    if (kind === 0) return leave();
    if (kind === 1) return 'polkit.log("if (x) return polkit.Result." + action.id); // return YES';
    if (kind === 2) return `if (${condition(0)}) ${leave()}`;
    const then = `if (${condition(0)}) {\n${statement(depth + 1)}\n${statement(depth + 1)}\n}`;
    return kind === 3 ? then : `${then} else { ${statement(depth + 1)} }`;
  };
  return () => `polkit.addRule(function(action, subject) {\n${statement(0)}\n${statement(0)}\n});\n`;
}

describe('conditions of polkit', () => {
  it('mean what they mean when they run, in 1,000 rules', () => {
    const next = generator(7);
    let compared = 0;
    for (let count = 0; count < 1000; count += 1) {
      const text = next();
      const { answers } = readPolkitScript(text);
      // Too many combinations are left unclear, which is the right way to be wrong.
      if (answers.some(({ when }) => when === undefined)) continue;
      compared += 1;
      const run = compile(text);
      for (const id of actions)
        for (const who of subjects) {
          const read = answers.some(({ when }) =>
            when?.some((literals) => literals.every((literal) => holds(literal, id, who))),
          );
          expect(read, `${id} ${JSON.stringify(who)}\n${text}`).toBe(run(id, who));
        }
    }
    expect(compared).toBeGreaterThan(850);
  });

  it.each([
    'for (;;) { if (subject.user == "a") return polkit.Result.YES; }',
    'switch (subject.user) { case "a": return polkit.Result.YES; }',
    'try { return polkit.Result.YES; } catch (e) {}',
    'return subject.user == "a" ? polkit.Result.YES : polkit.Result.NO;',
    'var answer = polkit.Result.YES; return answer;',
    'if (subject.user == "a" { return polkit.Result.YES;',
  ])('are left unclear where they are not understood: %s', (body) => {
    const { answers } = readPolkitScript(`polkit.addRule(function(action, subject) {\n${body}\n});`);
    expect(answers).toEqual([{ line: 2, when: undefined }]);
  });

  it('survive any text', () => {
    for (const text of [
      '',
      '"',
      "'\\",
      '/*',
      '/[',
      '`${',
      `${'('.repeat(50_000)}`,
      'polkit.addRule('.repeat(2000),
    ])
      expect(() => readPolkitScript(text)).not.toThrow();
  });
});
