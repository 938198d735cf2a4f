/** How long security updates waited before they were installed: the usual wait, the longest, and the limit. */
import { LATENCY_SOURCE, type LatencyFigures, parseLatency } from '../../../shared/latency-figures.ts';
import type { HostReply } from '../api/hosts.ts';
import type { UpdatesReply } from '../api/updates.ts';
import { useWords } from './i18n.ts';
import { Section } from './page.tsx';
import { hostPath, To } from './tenant.tsx';

/** A picture beside words that say the same; `scale` in days is its whole width. */
function LatencyBar({ figures, scale }: { figures: LatencyFigures; scale: number }) {
  const { median, worst, limit } = figures;
  const share = (days: number) => `${(100 * Math.min(days, scale)) / scale}%`;
  return (
    <div className="latency" aria-hidden>
      <span
        className={`latency-worst tone ${worst > limit ? 'violated' : 'kept'}`}
        style={{ width: share(worst) }}
      />
      <span
        className={`latency-median tone ${median > limit ? 'violated' : 'kept'}`}
        style={{ width: share(median) }}
      />
      <span className="latency-limit" style={{ left: share(limit) }} />
    </div>
  );
}

/** The limit stands in the middle or left of it, so that bars of several hosts can be compared. */
const scaleOf = (all: readonly LatencyFigures[]) =>
  Math.max(...all.map(({ worst, limit }) => Math.max(worst * 1.05, limit * 2)));

function useDays() {
  const { language } = useWords();
  const format = new Intl.NumberFormat(language === 'de' ? 'de-DE' : 'en-GB', { maximumFractionDigits: 1 });
  return (days: number) => format.format(days);
}

/** On the page of one host. */
export function HostLatency({ data }: { data: HostReply }) {
  const { t, say } = useWords();
  const days = useDays();
  const piece = data.results
    .find(({ check }) => check === 'patch.latency')
    ?.evidence.find(({ source }) => source === LATENCY_SOURCE);
  const figures = piece && parseLatency(say(piece.found));
  if (!figures) return null;
  const { updates, within, median, worst, limit, window } = figures;
  return (
    <Section title={t('latencyTitle')} id="latency">
      <p className="quiet section-note">
        {t('latencyWithin', { count: within, total: updates, limit, window })}
      </p>
      <LatencyBar figures={figures} scale={scaleOf([figures])} />
      <p className="small">{t('latencyWords', { median: days(median), worst: days(worst), limit })}</p>
    </Section>
  );
}

/** Of all hosts in reach, the slowest first. */
export function Latencies({ data: { latency, host } }: { data: UpdatesReply }) {
  const { t } = useWords();
  const days = useDays();
  if (latency === null) return null;
  const { slowest, updates, within, hosts } = latency;
  const scale = scaleOf(slowest);
  const [first] = slowest;
  return (
    <Section title={t('latencyTitle')} id="latency">
      <p className="quiet section-note">
        {t('latencyWithin', { count: within, total: updates, limit: first?.limit, window: first?.window })}{' '}
        {hosts > slowest.length && t('latencySlowest', { count: slowest.length, total: hosts })}
      </p>
      <table className="table cards latencies">
        <thead>
          <tr>
            {!host && <th scope="col">{t('colHost')}</th>}
            <th scope="col" className="number">
              {t('colMedian')}
            </th>
            <th scope="col" className="number">
              {t('colWorst')}
            </th>
            <th scope="col">{t('colWait')}</th>
          </tr>
        </thead>
        <tbody>
          {slowest.map((one) => (
            <tr key={one.host.id}>
              {!host && (
                <th scope="row">
                  <To to={hostPath(one.host.id, 'patch.latency')}>{one.host.name}</To>
                </th>
              )}
              <td data-label={t('colMedian')} className="number">
                {t('days', { days: days(one.median) })}
              </td>
              <td data-label={t('colWorst')} className="number">
                <span className={one.worst > one.limit ? 'tone violated strong' : ''}>
                  {t('days', { days: days(one.worst) })}
                </span>
              </td>
              <td className="latency-cell">
                <LatencyBar figures={one} scale={scale} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
