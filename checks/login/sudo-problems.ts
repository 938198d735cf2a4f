/** What the sudo checks say alike: no sudo, and a policy that is not all there. */
import type { Text } from '../../shared/outcome.ts';
import { unknown, type Verdict } from '../check.ts';
import { evidence } from '../evidence.ts';
import type { Fact } from '../fact.ts';
import type { Doas } from '../facts/doas.ts';
import type { SudoProblem } from '../facts/sudo-policy.ts';

export const noSudo = (source: string): Text => ({
  en: `sudo is not installed (${source})`,
  de: `sudo ist nicht installiert (${source})`,
});

const WANTED: Text = { en: 'rules that can be read in full', de: 'vollständig lesbare Regeln' };

/** `unknown` with every problem as evidence; undefined where there is none. */
export function policyProblems(problems: readonly SudoProblem[]): Verdict | undefined {
  if (problems.length === 0) return undefined;
  return unknown(
    problems.some(({ voids }) => voids)
      ? {
          en: 'what the sudoers files say is not what sudo does',
          de: 'was in den sudoers-Dateien steht, ist nicht das, was sudo tut',
        }
      : {
          en: 'not every sudo rule can be read; visudo -c names mistakes',
          de: 'nicht jede sudo-Regel ist lesbar; visudo -c nennt Fehler',
        },
    problems.map(({ source, line, found }) => evidence({ source, line, found, wanted: WANTED })),
  );
}

/** `unknown` where doas has lines that this reader takes for no rules; undefined where all are understood. */
export function doasProblems(doas: Fact<Doas>): Verdict | undefined {
  if (doas.state !== 'known' || doas.value.refused || doas.value.malformed.length === 0) return undefined;
  const { source, malformed } = doas.value;
  return unknown(
    {
      en: 'not every rule of doas can be read; doas -C names mistakes',
      de: 'nicht jede Regel von doas ist lesbar; doas -C nennt Fehler',
    },
    malformed.slice(0, 20).map((line) =>
      evidence({
        source,
        line,
        found: { en: 'not readable as a rule', de: 'nicht als Regel lesbar' },
        wanted: WANTED,
      }),
    ),
  );
}
