/** Changes of outcome, newest first. */

import type { Transition } from '../api/common.ts';
import { useWords } from './i18n.ts';
import { IconArrowRight } from './icons.ts';
import { OutcomeMark } from './status.tsx';
import { hostPath, To } from './tenant.tsx';
import { Time } from './time.tsx';

export function ChangeList({
  changes,
  ofHost = false,
}: {
  changes: readonly Transition[];
  ofHost?: boolean;
}) {
  const { t, say } = useWords();
  return (
    <ol className="changes">
      {changes.map(({ id, host, check, from, to, receivedAt, sequence }) => (
        <li key={id}>
          <span className="change-when quiet">
            <Time at={receivedAt} />
          </span>
          <span className="change-what">
            <To to={hostPath(host.id, check.id)}>{check.title ? say(check.title) : check.id}</To>
            <span className="quiet"> {ofHost ? t('reportNumber', { sequence }) : host.name}</span>
          </span>
          <span className="change-how">
            {from ? <OutcomeMark outcome={from} plain /> : <span className="quiet">{t('outcome_new')}</span>}
            <IconArrowRight size={15} aria-label="→" className="quiet" />
            {to ? <OutcomeMark outcome={to} plain /> : <span className="quiet">{t('outcome_gone')}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}
