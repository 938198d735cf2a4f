/** Current results of a host, and the transitions between them. */
import type { Outcome, Result, Severity } from '../../shared/outcome.ts';
import type { Trx } from '../db/database.ts';

interface NewResults {
  readonly hostId: string;
  readonly sequence: number;
  readonly roundAt: string;
  readonly receivedAt: string;
  readonly results: readonly Result[];
}

interface Transition {
  readonly checkId: string;
  readonly from: Outcome | null;
  readonly to: Outcome | null;
  readonly severity: Severity;
}

/**
 * Makes `results` the current ones and writes a transition for every outcome that changed, for every check seen for
 * the first time, and for every one that is gone. `since` is the receipt of the report that brought the outcome:
 * the collector's clock, since a host's own is a claim.
 */
export async function applyResults(
  trx: Trx,
  { hostId, sequence, roundAt, receivedAt, results }: NewResults,
): Promise<Transition[]> {
  const rows = await trx
    .selectFrom('results')
    .select(['check_id', 'outcome', 'severity', 'result', 'since'])
    .where('host_id', '=', hostId)
    .execute();
  const before = new Map(rows.map((row) => [row.check_id, row]));
  const reported = new Set(results.map(({ check }) => check));

  const transitions: Transition[] = [];
  for (const { check, outcome, severity } of results) {
    const from = before.get(check)?.outcome ?? null;
    if (from !== outcome) transitions.push({ checkId: check, from, to: outcome, severity });
  }
  const gone = rows.filter(({ check_id }) => !reported.has(check_id));
  for (const { check_id, outcome, severity } of gone)
    transitions.push({ checkId: check_id, from: outcome, to: null, severity });

  const changed = results
    .map((result) => ({ result, text: JSON.stringify(result) }))
    .filter(({ result, text }) => before.get(result.check)?.result !== text)
    .map(({ result, text }) => {
      const old = before.get(result.check);
      return {
        host_id: hostId,
        check_id: result.check,
        outcome: result.outcome,
        severity: result.severity,
        result: text,
        since: old && old.outcome === result.outcome ? old.since : receivedAt,
        sequence,
      };
    });
  if (changed.length > 0)
    await trx
      .insertInto('results')
      .values(changed)
      .onConflict((conflict) =>
        conflict.columns(['host_id', 'check_id']).doUpdateSet((eb) => ({
          outcome: eb.ref('excluded.outcome'),
          severity: eb.ref('excluded.severity'),
          result: eb.ref('excluded.result'),
          since: eb.ref('excluded.since'),
          sequence: eb.ref('excluded.sequence'),
        })),
      )
      .execute();
  if (gone.length > 0)
    await trx
      .deleteFrom('results')
      .where('host_id', '=', hostId)
      .where(
        'check_id',
        'in',
        gone.map(({ check_id }) => check_id),
      )
      .execute();
  if (transitions.length > 0)
    await trx
      .insertInto('transitions')
      .values(
        transitions.map(({ checkId, from, to, severity }) => ({
          host_id: hostId,
          check_id: checkId,
          from_outcome: from,
          to_outcome: to,
          severity,
          round_at: roundAt,
          received_at: receivedAt,
          sequence,
        })),
      )
      .execute();
  return transitions;
}
