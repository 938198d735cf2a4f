/** When results changed, and the last reports. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { HostReply } from '../api/hosts.ts';
import { ChangeList } from './changes.tsx';
import { useWords } from './i18n.ts';
import { Section } from './page.tsx';
import { useHistory } from './queries.ts';
import { Time } from './time.tsx';

export function HostHistory({ data }: { data: HostReply }) {
  const { t } = useWords();
  const [all, setAll] = useState(false);
  const query = useHistory(data.host.id, 1, all);
  const history = (all ? query.data?.history : undefined) ?? data.history;
  const hidden = data.historyTotal - history.length;
  return (
    <>
      <Section title={t('history')} id="history" note={t('historyText')}>
        {history.length === 0 ? <p className="quiet">{t('historyNone')}</p> : <Grouped history={history} />}
        {hidden > 0 && !all && (
          <Button variant="default" size="xs" className="no-print" onClick={() => setAll(true)}>
            {t('more')}
          </Button>
        )}
      </Section>
      <Reports data={data} />
    </>
  );
}

/** The first report brings every check at once: one line says so. */
function Grouped({ history }: { history: HostReply['history'] }) {
  const { t } = useWords();
  const changes = history.filter(({ from }) => from !== null);
  const first = [
    ...Map.groupBy(
      history.filter(({ from }) => from === null),
      ({ receivedAt }) => receivedAt,
    ),
  ];
  return (
    <>
      {changes.length > 0 && <ChangeList changes={changes} ofHost />}
      {first.length > 0 && (
        <ol className="changes">
          {first.map(([at, members]) => (
            <li key={at}>
              <span className="change-when quiet">
                <Time at={at} />
              </span>
              <span className="change-what">{t('historyFirst', { count: members.length })}</span>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

function Reports({ data }: { data: HostReply }) {
  const { t } = useWords();
  const { reports, reportsTotal } = data;
  return (
    <Section
      title={t('reports')}
      id="reports"
      note={reports.length > 0 ? t('reportsText', { count: reports.length, total: reportsTotal }) : undefined}
    >
      {reports.length === 0 ? (
        <p className="quiet">{t('reportsNone')}</p>
      ) : (
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col" className="number">
                {t('colSequence')}
              </th>
              <th scope="col">{t('colRound')}</th>
              <th scope="col">{t('colReceived')}</th>
              <th scope="col" className="number">
                {t('colLog')}
              </th>
              <th scope="col">{t('colDigest')}</th>
            </tr>
          </thead>
          <tbody>
            {reports.map((report) => (
              <tr key={report.sequence}>
                <th scope="row" className="number">
                  {report.sequence}
                </th>
                <td data-label={t('colRound')}>
                  <Time at={report.roundAt} full />
                </td>
                <td data-label={t('colReceived')}>
                  <Time at={report.receivedAt} />
                </td>
                <td data-label={t('colLog')} className="number">
                  {report.logIndex}
                </td>
                <td data-label={t('colDigest')}>
                  <code title={report.documentDigest}>{report.documentDigest.slice(0, 12)}…</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}
