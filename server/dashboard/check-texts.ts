/** What the dashboard says about checks: the agent's and the collector's own, by id. */
import { allChecks } from '../../checks/registry.ts';
import { collectorChecks } from '../../shared/collector-checks.ts';
import { type ParamValue, paramValueSchema, type Severity, type Text } from '../../shared/outcome.ts';
import type { CheckRef } from './api/common.ts';

export interface CheckText {
  readonly id: string;
  readonly family: string;
  readonly title: Text;
  readonly why: Text;
  readonly remedy: Text;
  readonly severity: Severity;
  readonly references: readonly string[];
  /** Parameters as they are without a policy. */
  readonly defaults: Readonly<Record<string, ParamValue>>;
}

export const familyOf = (checkId: string) => checkId.split('.')[0] ?? checkId;

export const checkTexts: ReadonlyMap<string, CheckText> = new Map(
  [
    ...allChecks.map(({ id, title, why, remedy, severity, references, params }) => {
      const defaults = Object.entries(params.parse({})).flatMap(([name, value]) => {
        const known = paramValueSchema.safeParse(value);
        return known.success ? [[name, known.data] as const] : [];
      });
      return { id, title, why, remedy, severity, references, defaults: Object.fromEntries(defaults) };
    }),
    ...collectorChecks.map(({ id, title, why, remedy, severity }) => ({
      ...{ id, title, why, remedy, severity, references: [], defaults: {} },
    })),
  ].map((check) => [check.id, { ...check, family: familyOf(check.id) }]),
);

export function checkRef(id: string): CheckRef {
  return { id, title: checkTexts.get(id)?.title ?? null };
}
