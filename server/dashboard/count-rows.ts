/** How many rows a query would give. */
import type { SelectQueryBuilder } from 'kysely';

export async function countRows<DB, TB extends keyof DB>(
  query: SelectQueryBuilder<DB, TB, object>,
): Promise<number> {
  const row: object = await query
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  // PostgreSQL counts in 64 bits and gives text.
  return Number((row as { count: number | string }).count);
}
