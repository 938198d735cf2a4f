/** Pending security updates of all hosts, by package: who still has what, and until when it may wait. */
import { SegmentedControl, Select } from '@mantine/core';
import { useSearchParams } from 'react-router';
import type { UpdateGroup, UpdateRow, UpdatesReply } from '../api/updates.ts';
import { csvAddress } from './client.ts';
import { useFilters } from './filters.ts';
import { useWords } from './i18n.ts';
import { Latencies } from './latency.tsx';
import { Empty, Loaded, Page } from './page.tsx';
import { PageActions } from './page-actions.tsx';
import { Pages } from './pages.tsx';
import { useUpdates } from './queries.ts';
import { SearchField } from './search-field.tsx';
import { SeverityWord } from './status.tsx';
import { hostPath, To, useTenancy } from './tenant.tsx';
import { Time } from './time.tsx';

const severities = ['critical', 'high', 'medium', 'low', 'unknown'] as const;

export default function Updates() {
  const { t } = useWords();
  const { tenant } = useTenancy();
  const [search] = useSearchParams();
  const text = (name: string) => search.get(name) ?? undefined;
  const filters = {
    tenant: tenant?.id ?? null,
    q: text('q'),
    host: text('host'),
    severity: text('severity'),
    due: text('due'),
  };
  const query = useUpdates({ ...filters, page: Number(search.get('page') ?? 1) || 1 });
  return (
    <Loaded query={query} name={t('updatesTitle')}>
      {(data) => <Body data={data} csv={csvAddress('/api/updates.csv', filters)} />}
    </Loaded>
  );
}

function Body({ data, csv }: { data: UpdatesReply; csv: string }) {
  const { t } = useWords();
  const { tenant } = useTenancy();
  const { search, change } = useFilters();
  const filtered = ['q', 'severity', 'due'].some((name) => search.has(name));
  return (
    <Page
      name={t('updatesTitle')}
      about={data.host ? <To to="/updates">{t('updatesTitle')}</To> : (tenant?.name ?? t('allTenants'))}
      heading={
        <>
          {data.host && <span className="host-name">{data.host.name}: </span>}
          {useVerdict(data, filtered, search.has('q'))}
        </>
      }
      lead={
        data.host ? (
          <To to={hostPath(data.host.id)}>{t('accessToHost')}</To>
        ) : (
          <Basis data={data} isSearch={search.has('q')} />
        )
      }
      asOf={data.asOf}
      actions={<PageActions csv={csv} />}
    >
      <search className="filters no-print">
        <SearchField hint={t('updatesSearchHint')} onChange={(q) => change({ q })} />
        <Select
          label={t('severity')}
          placeholder={t('filterAny')}
          clearable
          data={severities.map((value) => ({ value, label: t(`updateSeverity_${value}`) }))}
          value={search.get('severity')}
          onChange={(value) => change({ severity: value })}
        />
        <SegmentedControl
          aria-label={t('updatesDue')}
          value={search.get('due') ?? 'all'}
          onChange={(value) => change({ due: value === 'all' ? null : value })}
          data={[
            { value: 'all', label: t('updatesAll') },
            { value: 'overdue', label: t('updatesOverdue') },
            { value: 'open', label: t('updatesInTime') },
          ]}
        />
      </search>
      {data.packages.length === 0 ? (
        <Empty title={filtered ? t('updatesNoMatch') : t('updatesNone')}>
          {!filtered && data.hostsKnown === 0 && <p>{t('updatesNoneText')}</p>}
          {search.has('q') && <p>{t('updatesSearchText')}</p>}
          {/cve/i.test(search.get('q') ?? '') && <p>{t('updatesSearchCve')}</p>}
        </Empty>
      ) : (
        <table className="table cards updates">
          <thead>
            <tr>
              <th scope="col">{t('colPackage')}</th>
              <th scope="col">{t('severity')}</th>
              <th scope="col">{t('colDeadline')}</th>
              <th scope="col">{t('colHostsWaiting')}</th>
            </tr>
          </thead>
          <tbody>
            {data.packages.map((group) => (
              <Group key={group.name} group={group} withHost={data.host === null} />
            ))}
          </tbody>
        </table>
      )}
      <Pages total={data.total} size={data.size} page={data.page} onChange={(page) => change({ page })} />
      <Latencies data={data} />
    </Page>
  );
}

/** From how many hosts it is known; of a search also how much was found. */
function Basis({ data, isSearch }: { data: UpdatesReply; isSearch: boolean }) {
  const { t } = useWords();
  const { hostsKnown, hostsInReach, hostsUnsure, updates, overdue } = data;
  return (
    <>
      {isSearch && updates > 0 && (
        <>
          {t('updatesMatching', { count: updates })}
          {overdue > 0 && `, ${t('overdue', { count: overdue })}`}
          {'. '}
        </>
      )}
      <span className={hostsKnown < hostsInReach || hostsUnsure > 0 ? 'tone unproven' : ''}>
        {t('updatesKnown', { count: hostsKnown, total: hostsInReach })}
        {hostsUnsure > 0 && ` ${t('updatesUnsure', { count: hostsUnsure })}`}
      </span>
    </>
  );
}

function useVerdict(data: UpdatesReply, filtered: boolean, isSearch: boolean): string {
  const { t } = useWords();
  const { updates, overdue, hosts, hostsKnown } = data;
  if (hostsKnown === 0) return t('updatesUnknown');
  if (updates === 0) return filtered ? t('updatesNoMatch') : t('updatesNone');
  if (isSearch && data.host === null) return t('updatesFound', { count: hosts, total: hostsKnown });
  if (overdue > 0) return t('updatesVerdictOverdue', { count: overdue, total: updates });
  return t('updatesVerdict', { count: updates, hosts });
}

function Group({ group, withHost }: { group: UpdateGroup; withHost: boolean }) {
  const { t } = useWords();
  const { name, severity, deadline, hosts, overdue, rows } = group;
  const source = rows.find(({ entry }) => entry.source !== undefined)?.entry.source;
  return (
    <tr>
      <th scope="row">
        {name}
        {source && <span className="quiet small block">{t('updatesSource', { source })}</span>}
      </th>
      <td data-label={t('severity')}>
        <SeverityWord severity={severity} />
      </td>
      <td data-label={t('colDeadline')}>
        <span>
          {deadline === null ? '–' : <Time at={deadline} />}
          {overdue > 0 && (
            <span className="tone violated small block">{t('overdue', { count: overdue })}</span>
          )}
        </span>
      </td>
      <td data-label={t('colHostsWaiting')} className="wide">
        <ul className="update-hosts">
          {rows.map((row) => (
            <li key={`${row.host.id} ${row.entry.arch}`}>
              <Waiting row={row} withHost={withHost} />
            </li>
          ))}
        </ul>
        {hosts > rows.length && (
          <span className="quiet small">{t('of', { count: rows.length, total: hosts })}</span>
        )}
      </td>
    </tr>
  );
}

function Waiting({ row, withHost }: { row: UpdateRow; withHost: boolean }) {
  const { t } = useWords();
  const { host, entry, cves, overdue } = row;
  const [search] = useSearchParams();
  const wanted = (search.get('q') ?? '').toUpperCase().match(/CVE-[\d-]+/g) ?? [];
  const holes = cves.filter((cve) => wanted.some((each) => cve.startsWith(each))).slice(0, 3);
  return (
    <>
      {withHost && <To to={hostPath(host.id, 'patch.security-updates')}>{host.name}</To>}
      <span className="versions">
        {entry.installed} → {entry.candidate}
      </span>
      <span className="quiet small">
        {[
          entry.fate !== 'installable' && t(`fate_${entry.fate}`),
          [...entry.advisories.slice(0, 3), ...holes].join(', '),
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
      {entry.deadline && (
        <span className={`small ${overdue ? 'tone violated' : 'quiet'}`}>
          {t('dueBy')} <Time at={entry.deadline} />
        </span>
      )}
    </>
  );
}
