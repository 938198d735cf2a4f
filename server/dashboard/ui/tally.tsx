/** How many clauses have each status: a bar to see it, words and numbers to read it. */
import type { ReactNode } from 'react';
import { useWords } from './i18n.ts';
import { clauseLook } from './status.tsx';
import { type ClauseCounts, type ClauseStatus, clauseStatuses } from './statuses.ts';

export const totalOf = (counts: ClauseCounts) =>
  clauseStatuses.reduce((sum, status) => sum + counts[status], 0);

/** A picture beside words that say the same; hidden from those who can't see it. */
export function TallyBar({ counts, thin = false }: { counts: ClauseCounts; thin?: boolean }) {
  const shown = clauseStatuses.filter((status) => counts[status] > 0);
  return (
    <div className={`tally ${thin ? 'tally-thin' : ''}`} aria-hidden>
      {shown.map((status) => (
        <span
          key={status}
          className={`${clauseLook[status].tone} tally-${status}`}
          style={{ flexGrow: counts[status] }}
        />
      ))}
    </div>
  );
}

export function TallyLegend({
  counts,
  item,
}: {
  counts: ClauseCounts;
  item: (status: ClauseStatus, content: ReactNode) => ReactNode;
}) {
  const { t } = useWords();
  return (
    <ul className="legend">
      {clauseStatuses
        .filter((status) => counts[status] > 0)
        .map((status) => {
          const { tone, icon: IconOf } = clauseLook[status];
          return (
            <li key={status}>
              {item(
                status,
                <span className={`legend-item ${tone}`}>
                  <IconOf size={17} stroke={2} aria-hidden />
                  <b>{counts[status]}</b>
                  <span>{t(`status_${status}`)}</span>
                </span>,
              )}
            </li>
          );
        })}
    </ul>
  );
}
