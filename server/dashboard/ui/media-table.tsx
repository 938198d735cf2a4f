/** Disks and volumes that were taken out of service: since when, until when, and what is recorded. */
import type { MediaReply, Obligation, Settlement } from '../api/media.ts';
import { useWords } from './i18n.ts';
import { BasisMark } from './status.tsx';
import { hostPath, To } from './tenant.tsx';

interface Props {
  rows: readonly Obligation[];
  asOf: string;
  withTenant?: boolean;
  withHost?: boolean;
}

export function MediaTable({ rows, asOf, withTenant = false, withHost = true }: Props) {
  const { t } = useWords();
  return (
    <table className="table cards media">
      <thead>
        <tr>
          <th scope="col">{t('colMedium')}</th>
          {withTenant && <th scope="col">{t('colTenant')}</th>}
          <th scope="col">{t('colOutOfService')}</th>
          <th scope="col">{t('record_erasure')}</th>
          <th scope="col">{t('record_disposal')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            <th scope="row">
              <Medium row={row} />
              {withHost && (
                <span className="quiet small block">
                  {row.host.id ? <To to={hostPath(row.host.id)}>{row.host.name}</To> : row.host.name}
                </span>
              )}
            </th>
            {withTenant && <td data-label={t('colTenant')}>{row.tenant.name}</td>}
            <td data-label={t('colOutOfService')} className="small">
              <div>
                <span className="block">
                  <Day at={row.openedAt} />
                </span>
                <span className="quiet block">{t(`cause_${row.cause}`)}</span>
              </div>
            </td>
            <td data-label={t('record_erasure')} className="small">
              <div>
                <Proof settlement={row.erasure} row={row} asOf={asOf} />
              </div>
            </td>
            <td data-label={t('record_disposal')} className="small">
              <div>
                <Proof settlement={row.disposal} row={row} asOf={asOf} />
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const keyOf = ({ host, what, cause }: Obligation) => `${host.name} ${cause} ${JSON.stringify(what)}`;

function Medium({ row: { what } }: { row: Obligation }) {
  const { t, language } = useWords();
  const size = (bytes: number) => (bytes > 0 ? sizeText(bytes, language) : '');
  switch (what.type) {
    case 'disk':
      return (
        <>
          <code>{what.serial}</code>
          <span className="quiet small block">
            {[what.model, size(what.bytes)].filter(Boolean).join(' · ')}
          </span>
        </>
      );
    case 'volume':
      return (
        <>
          {t('mediumVolume', { device: what.device })} <span className="quiet small">{size(what.bytes)}</span>
        </>
      );
    case 'unidentified':
      return (
        <>
          {t('mediumUnidentified', { count: what.count })}
          {what.names.map(({ device, model, bytes, why }) => (
            <span key={device} className="quiet small block">
              <code>{device}</code>{' '}
              {[model, size(bytes), t(`unidentified_${why}`)].filter(Boolean).join(' · ')}
            </span>
          ))}
        </>
      );
    case 'host':
      return <>{t('mediumHost')}</>;
  }
}

function Proof({ settlement, row, asOf }: { settlement: Settlement; row: Obligation; asOf: string }) {
  const { t, say } = useWords();
  const { state, record, reason } = settlement;
  if (state === 'not-needed')
    return <span className="quiet">{row.kind === 'vm' ? '–' : t('proofNotNeeded')}</span>;
  if (state === 'settled')
    return (
      <>
        <BasisMark status="kept" />
        {reason && <span className="quiet block">{say(reason)}</span>}
        {record && (
          <span className="quiet block">
            <Day at={record.recordedAt} />, {record.author}
          </span>
        )}
        {record?.attachments.map(({ name, sha256 }) => (
          <span key={sha256} className="quiet block digest" title={sha256}>
            {name} <code>SHA-256 {sha256.slice(0, 12)}…</code>
          </span>
        ))}
      </>
    );
  const days = Math.ceil((Date.parse(row.dueAt) - Date.parse(asOf)) / 86_400_000);
  return (
    <>
      <BasisMark status={row.overdue ? 'violated' : 'unproven'} />
      <span className="block">
        {row.overdue ? t('dueOver', { count: -days }) : t('dueIn', { count: days })}{' '}
        <span className="quiet">
          (<Day at={row.dueAt} />)
        </span>
      </span>
      {reason && <span className="block">{say(reason)}</span>}
    </>
  );
}

/** Dates here are terms, not ages. */
export function Day({ at }: { at: string }) {
  const { language } = useWords();
  return (
    <time dateTime={at} title={at}>
      {new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', { dateStyle: 'medium' }).format(
        new Date(at),
      )}
    </time>
  );
}

/** `960 GB`: as disks are sold. */
function sizeText(bytes: number, language: string): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  const digits = value < 10 && step > 0 ? 1 : 0;
  const said = new Intl.NumberFormat(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${said.format(value)} ${units[step]}`;
}

/** Of a page's reply: the verdict in one line. */
export function useMediaVerdict() {
  const { t } = useWords();
  return ({ open, overdue }: Pick<MediaReply, 'open' | 'overdue'>) =>
    overdue > 0
      ? t('mediaOverdue', { count: overdue, total: open })
      : open > 0
        ? t('mediaOpen', { count: open })
        : t('mediaNone');
}
