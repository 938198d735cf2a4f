/** Alerts, open and resolved, and whether anybody was told. */
import { SegmentedControl } from '@mantine/core';
import { useSearchParams } from 'react-router';
import type { Alert, AlertsReply } from '../api/alerts.ts';
import { AlertTitle } from './alert-line.tsx';
import { useFilters } from './filters.ts';
import { useWords } from './i18n.ts';
import { Empty, Loaded, Page } from './page.tsx';
import { Pages } from './pages.tsx';
import { useAlerts } from './queries.ts';
import { OutcomeMark, SeverityMark } from './status.tsx';
import { hostPath, To, useTenancy } from './tenant.tsx';
import { Time } from './time.tsx';

export default function Alerts() {
  const { t } = useWords();
  const { tenant } = useTenancy();
  const [search] = useSearchParams();
  const state = search.get('state') === 'resolved' ? 'resolved' : 'open';
  const query = useAlerts(tenant?.id ?? null, state, Number(search.get('page') ?? 1) || 1);
  return (
    <Loaded query={query} name={t('alertsPageTitle')}>
      {(data) => <Body data={data} state={state} />}
    </Loaded>
  );
}

function Body({ data, state }: { data: AlertsReply; state: 'open' | 'resolved' }) {
  const { t } = useWords();
  const { tenant, tenants } = useTenancy();
  const { change } = useFilters();
  return (
    <Page
      name={t('alertsPageTitle')}
      about={tenant?.name ?? t('allTenants')}
      heading={t('alertsVerdict', { count: data.open })}
      asOf={data.asOf}
    >
      <div className="filters no-print">
        <SegmentedControl
          aria-label={t('alertsState')}
          value={state}
          onChange={(value) => change({ state: value })}
          data={[
            { value: 'open', label: t('alertsOpen', { count: data.open }) },
            { value: 'resolved', label: t('alertsResolved', { count: data.resolved }) },
          ]}
        />
      </div>
      {data.alerts.length === 0 ? (
        <Empty title={state === 'open' ? t('alertsEmptyOpen') : t('alertsEmptyResolved')} />
      ) : (
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{t('colAlert')}</th>
              <th scope="col">{t('colSeverity')}</th>
              <th scope="col">{t('colHost')}</th>
              {tenants.length > 1 && tenant === null && <th scope="col">{t('colTenant')}</th>}
              <th scope="col">{t('colSince')}</th>
              <th scope="col">{t('colDelivery')}</th>
            </tr>
          </thead>
          <tbody>
            {data.alerts.map((alert) => (
              <Row key={alert.id} alert={alert} withTenant={tenants.length > 1 && tenant === null} />
            ))}
          </tbody>
        </table>
      )}
      <Pages total={data.total} size={data.size} page={data.page} onChange={(page) => change({ page })} />
    </Page>
  );
}

function Row({ alert, withTenant }: { alert: Alert; withTenant: boolean }) {
  const { t, say } = useWords();
  return (
    <tr>
      <th scope="row" className="wide">
        <AlertTitle alert={alert} />
        {alert.reason && <span className="alert-reason quiet small block">{say(alert.reason)}</span>}
        {alert.checks.length > 0 && (
          <ul className="alert-checks small">
            {alert.checks.map(({ id, title, cleared }) => (
              <li key={id}>
                <OutcomeMark outcome={cleared ? 'pass' : 'fail'} plain /> {title ? say(title) : id}
              </li>
            ))}
          </ul>
        )}
        {alert.flapping && <span className="tone unproven small block">{t('alertFlapping')}</span>}
      </th>
      <td data-label={t('colSeverity')}>
        <SeverityMark severity={alert.severity} />
      </td>
      <td data-label={t('colHost')}>
        {alert.host?.id ? <To to={hostPath(alert.host.id)}>{alert.host.name}</To> : (alert.host?.name ?? '–')}
      </td>
      {withTenant && <td data-label={t('colTenant')}>{alert.tenant?.name ?? '–'}</td>}
      <td data-label={t('colSince')}>
        <Time at={alert.openedAt} />
        {alert.resolvedAt && (
          <span className="quiet block">
            {t('alertResolvedAt', { at: '' })}
            <Time at={alert.resolvedAt} />
          </span>
        )}
      </td>
      <td data-label={t('colDelivery')} className="small">
        <Deliveries alert={alert} />
      </td>
    </tr>
  );
}

function Deliveries({ alert: { deliveries } }: { alert: Alert }) {
  const { t } = useWords();
  if (deliveries.length === 0) return <span className="quiet">{t('deliveryNone')}</span>;
  return (
    <ul className="plain-list">
      {deliveries.map(({ channel, change, sentAt, tries, givenUpAt, lastError }) => (
        <li key={`${channel} ${change}`} title={lastError ?? undefined}>
          {sentAt ? (
            <span className="quiet">
              {t('delivery_sent', { channel, at: '' })}
              <Time at={sentAt} />
            </span>
          ) : givenUpAt ? (
            <span className="tone violated">{t('delivery_given_up', { channel })}</span>
          ) : (
            <span className="tone unproven">{t('delivery_trying', { channel, count: tries })}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
