/** All hosts: searched, filtered, sorted and paged, with all of that in the address. */
import { SegmentedControl, Select } from '@mantine/core';
import {
  createColumnHelper,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type { HostRow, HostsReply } from '../api/hosts.ts';
import { useFilters } from './filters.ts';
import { useWords } from './i18n.ts';
import { IconArrowDown, IconArrowUp, IconPlus } from './icons.ts';
import { Empty, Loaded, Page } from './page.tsx';
import { PageActions } from './page-actions.tsx';
import { Pages } from './pages.tsx';
import { useHosts } from './queries.ts';
import { SearchField } from './search-field.tsx';
import { mayEnrol, type User } from './shell.tsx';
import { EndingMark, FreshnessMark } from './status.tsx';
import { hostPath, To, useTenancy } from './tenant.tsx';
import { Time } from './time.tsx';

const freshnesses = ['fresh', 'stale', 'waiting', 'missing'] as const;
const outcomes = ['fail', 'unknown', 'pass', 'not-applicable'] as const;

export default function Hosts({ user }: { user: User }) {
  const { t } = useWords();
  const { tenant } = useTenancy();
  const [search] = useSearchParams();
  const asked = (name: string) => search.get(name) ?? undefined;
  const query = useHosts({
    tenant: tenant?.id ?? null,
    q: asked('q'),
    freshness: asked('freshness'),
    outcome: asked('outcome'),
    check: asked('check'),
    life: asked('life'),
    sort: asked('sort'),
    order: asked('order'),
    page: Number(asked('page') ?? 1) || 1,
  });
  return (
    <Loaded query={query} name={t('hostsTitle')}>
      {(data) => <Body data={data} user={user} busy={query.isPlaceholderData} />}
    </Loaded>
  );
}

function Body({ data, user, busy }: { data: HostsReply; user: User; busy: boolean }) {
  const { t } = useWords();
  const { tenant } = useTenancy();
  const { search, change } = useFilters();
  const filtered = ['q', 'freshness', 'outcome', 'check'].some((name) => search.has(name));

  const ended = search.get('life') === 'ended';
  if (data.totalHosts === 0 && data.ended === 0)
    return (
      <Page name={t('hostsTitle')} about={tenant?.name} heading={t('hostsNone')} asOf={data.asOf}>
        <Empty title={t('hostsNone')}>
          <p>{t('hostsNoneText')}</p>
          {mayEnrol(user) && (
            <To to="/enrol" className="button-link">
              {t('navEnrol')}
            </To>
          )}
        </Empty>
      </Page>
    );
  return (
    <Page
      name={t('hostsTitle')}
      about={tenant?.name ?? t('allTenants')}
      heading={
        ended
          ? t('hostsEndedHeading', { count: data.totalHosts })
          : t('hostsReporting', { count: data.freshness.fresh, total: data.totalHosts })
      }
      asOf={data.asOf}
      actions={
        <PageActions>
          {mayEnrol(user) && (
            <To to="/enrol" className="text-link no-print">
              <IconPlus size={16} aria-hidden /> {t('navEnrol')}
            </To>
          )}
        </PageActions>
      }
    >
      <search className="filters no-print">
        <SearchField hint={t('hostsSearchHint')} onChange={(q) => change({ q })} />
        <Select
          label={t('filterFreshness')}
          placeholder={t('filterAny')}
          data={freshnesses.map((value) => ({ value, label: t(`freshness_${value}`) }))}
          value={search.get('freshness')}
          onChange={(freshness) => change({ freshness })}
          clearable
        />
        <Select
          label={t('filterOutcome')}
          placeholder={t('filterAny')}
          data={outcomes.map((value) => ({ value, label: t(`outcome_${value}`) }))}
          value={search.get('outcome')}
          onChange={(outcome) => change({ outcome })}
          clearable
        />
        {(data.ended > 0 || ended) && (
          <SegmentedControl
            aria-label={t('hostsLife')}
            value={ended ? 'ended' : 'owed'}
            onChange={(life) => change({ life: life === 'ended' ? 'ended' : null })}
            data={[
              { value: 'owed', label: t('hostsOwed') },
              { value: 'ended', label: t('hostsEnded', { count: data.ended }) },
            ]}
          />
        )}
        {search.has('check') && (
          <p className="filter-check">
            {t('filterCheck')}: <code>{search.get('check')}</code>
          </p>
        )}
      </search>
      <p className="table-note" aria-live="polite">
        {t('hostsShown', { count: data.total, total: data.totalHosts })}
        {filtered && (
          <button
            type="button"
            className="text-link no-print"
            onClick={() => change({ q: null, freshness: null, outcome: null, check: null })}
          >
            {t('filterClear')}
          </button>
        )}
      </p>
      {data.hosts.length === 0 ? (
        <Empty title={t('hostsNoMatch')} />
      ) : (
        <HostsTable rows={data.hosts} withTenant={tenant === null} busy={busy} change={change} />
      )}
      <Pages total={data.total} size={data.size} page={data.page} onChange={(page) => change({ page })} />
    </Page>
  );
}

const features = tableFeatures({ rowSortingFeature });
const helper = createColumnHelper<typeof features, HostRow>();

interface TableProps {
  rows: HostRow[];
  withTenant: boolean;
  busy: boolean;
  change: (changes: Record<string, string | null>) => void;
}

function HostsTable({ rows, withTenant, busy, change }: TableProps) {
  const { t } = useWords();
  const [search] = useSearchParams();
  const sort = search.get('sort') ?? 'fail';
  const order = search.get('order') ?? (sort === 'fail' || sort === 'unknown' ? 'desc' : 'asc');
  const sorting: SortingState = [{ id: sort, desc: order === 'desc' }];
  const columns = useMemo(
    () =>
      helper.columns([
        helper.accessor('name', { id: 'name', header: t('colName'), sortDescFirst: false }),
        ...(withTenant
          ? [
              helper.accessor((row) => row.tenant.name, {
                id: 'tenant',
                header: t('colTenant'),
                sortDescFirst: false,
              }),
            ]
          : []),
        helper.accessor('os', { id: 'os', header: t('colOs'), sortDescFirst: false }),
        helper.accessor('lastReceivedAt', { id: 'received', header: t('colReport'), sortDescFirst: false }),
        helper.accessor((row) => row.outcomes.fail, {
          id: 'fail',
          header: t('colFail'),
          sortDescFirst: true,
        }),
        helper.accessor((row) => row.outcomes.unknown, {
          id: 'unknown',
          header: t('colUnknown'),
          sortDescFirst: true,
        }),
      ]),
    [t, withTenant],
  );
  const table = useTable({
    features,
    columns,
    data: rows,
    // Sorting and paging are the server's: there may be thousands.
    manualSorting: true,
    enableSortingRemoval: false,
    state: { sorting },
    onSortingChange: (update) => {
      const [next] = typeof update === 'function' ? update(sorting) : update;
      if (next) change({ sort: next.id, order: next.desc ? 'desc' : 'asc' });
    },
  });
  return (
    <table className={`table cards hosts ${busy ? 'busy' : ''}`} aria-busy={busy}>
      <thead>
        {table.getHeaderGroups().map((group) => (
          <tr key={group.id}>
            {group.headers.map(({ id, column }) => {
              const header = String(column.columnDef.header);
              const current = id === sort;
              return (
                <th
                  key={id}
                  scope="col"
                  className={id === 'fail' || id === 'unknown' ? 'number' : ''}
                  aria-sort={current ? (order === 'desc' ? 'descending' : 'ascending') : 'none'}
                >
                  <button type="button" className="sort" onClick={column.getToggleSortingHandler()}>
                    {header}
                    {current && order === 'desc' && <IconArrowDown size={14} aria-hidden />}
                    {current && order === 'asc' && <IconArrowUp size={14} aria-hidden />}
                  </button>
                </th>
              );
            })}
          </tr>
        ))}
      </thead>
      <tbody>
        {table.getRowModel().rows.map(({ id, original }) => (
          <Row key={id} row={original} withTenant={withTenant} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row, withTenant }: { row: HostRow; withTenant: boolean }) {
  const { t } = useWords();
  const { outcomes: counts } = row;
  const total = counts.pass + counts.fail + counts.unknown + counts['not-applicable'];
  return (
    <tr>
      <th scope="row">
        {row.id ? <To to={hostPath(row.id)}>{row.name}</To> : row.name}
        {row.quarantined && <span className="tone violated small"> {t('quarantined')}</span>}
      </th>
      {withTenant && <td data-label={t('colTenant')}>{row.tenant.name}</td>}
      <td data-label={t('colOs')}>
        <span>
          {row.os ?? '–'}
          {row.kind !== 'unknown' && <span className="quiet"> {t(`kind_${row.kind}`)}</span>}
        </span>
      </td>
      <td data-label={t('colReport')}>
        <div className="report-cell">
          {row.ending ? <EndingMark ending={row.ending} /> : <FreshnessMark freshness={row.freshness} />}
          {row.lastReceivedAt && (
            <span className="quiet">
              <Time at={row.lastReceivedAt} />
            </span>
          )}
        </div>
      </td>
      <td data-label={t('colFail')} className="number">
        {total > 0 ? (
          <span className={counts.fail > 0 ? 'tone violated strong' : 'quiet'}>
            {t('of', { count: counts.fail, total })}
          </span>
        ) : (
          '–'
        )}
      </td>
      <td data-label={t('colUnknown')} className="number">
        {total > 0 ? (
          <span className={counts.unknown > 0 ? 'tone unproven strong' : 'quiet'}>{counts.unknown}</span>
        ) : (
          '–'
        )}
      </td>
    </tr>
  );
}
