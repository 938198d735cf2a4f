/** What a clause rests on. */
import type { Ground } from '../api/annex.ts';
import { useWords } from './i18n.ts';
import { clauseLook } from './status.tsx';

type What = Ground['what'];

export function useWhat() {
  const { t, say } = useWords();
  return (what: What): string =>
    what.kind === 'check'
      ? what.check.title
        ? say(what.check.title)
        : what.check.id
      : `${t(`record_${what.record}`)}: ${what.subject}`;
}

export const whatKey = (what: What) =>
  what.kind === 'check' ? what.check.id : `${what.record} ${what.subject}`;

const SHOWN = 4;

/** In the annex: what is not kept first, and how much more is. */
export function GroundLines({ grounds }: { grounds: readonly Ground[] }) {
  const { t } = useWords();
  const name = useWhat();
  const rank = ['violated', 'unproven', 'waived', 'kept', 'not-applicable'];
  const sorted = [...grounds].sort(
    (a, b) => rank.indexOf(a.status ?? 'not-applicable') - rank.indexOf(b.status ?? 'not-applicable'),
  );
  const shown = sorted.slice(0, SHOWN);
  const rest = sorted.slice(SHOWN);
  return (
    <ul className="grounds" aria-label={t('restsOn')}>
      {shown.map(({ what, status }) => {
        const { tone, icon: IconOf } = clauseLook[status ?? 'not-applicable'];
        return (
          <li key={whatKey(what)}>
            <span className={tone}>
              <IconOf size={15} stroke={2} aria-hidden />
              <span className="visually-hidden">{t(`status_${status ?? 'not-applicable'}`)}: </span>
            </span>
            <span>{name(what)}</span>
          </li>
        );
      })}
      {rest.length > 0 && <li className="grounds-rest quiet">{t('groundsMore', { count: rest.length })}</li>}
    </ul>
  );
}
