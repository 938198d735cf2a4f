/** Restore drills: who is due, who drilled, what came of it, and how long restoring took. */
import { Select } from '@mantine/core';
import { useSearchParams } from 'react-router';
import type { DrillDue, DrillRow, DrillsReply } from '../api/drills.ts';
import { bytes, duration } from './amounts.ts';
import { csvAddress } from './client.ts';
import { useFilters } from './filters.ts';
import { useWords } from './i18n.ts';
import { Empty, Loaded, Page, Section } from './page.tsx';
import { PageActions } from './page-actions.tsx';
import { Pages } from './pages.tsx';
import { useDrills } from './queries.ts';
import { SearchField } from './search-field.tsx';
import { DrillMark } from './status.tsx';
import { hostPath, To, useTenancy } from './tenant.tsx';
import { Time } from './time.tsx';

const outcomes = ['equal', 'unequal', 'error', 'unclear'] as const;
const tools = ['restic', 'borg', 'duplicity', 'rsnapshot'] as const;

export default function Drills() {
  const { t } = useWords();
  const { tenant } = useTenancy();
  const [search] = useSearchParams();
  const text = (name: string) => search.get(name) ?? undefined;
  const filters = {
    tenant: tenant?.id ?? null,
    q: text('q'),
    host: text('host'),
    outcome: text('outcome'),
    tool: text('tool'),
  };
  const query = useDrills({ ...filters, page: Number(search.get('page') ?? 1) || 1 });
  return (
    <Loaded query={query} name={t('drillsTitle')}>
      {(data) => <Body data={data} csv={csvAddress('/api/drills.csv', filters)} />}
    </Loaded>
  );
}

function Body({ data, csv }: { data: DrillsReply; csv: string }) {
  const { t, language } = useWords();
  const { tenant, tenants } = useTenancy();
  const withTenant = tenants.length > 1 && tenant === null;
  return (
    <Page
      name={t('drillsTitle')}
      about={
        data.host ? (
          <To to="/drills">{t('drillsTitle')}</To>
        ) : (
          <>
            <To to="/records">{t('recordsTitle')}</To> / {tenant?.name ?? t('allTenants')}
          </>
        )
      }
      heading={
        <>
          {data.host && <span className="host-name">{data.host.name}: </span>}
          {useVerdict(data)}
        </>
      }
      lead={
        <>
          {data.host && <To to={hostPath(data.host.id)}>{t('accessToHost')}</To>}
          {data.medianMs !== null && (
            <span>{t('drillsMedian', { time: duration(data.medianMs, language) })}</span>
          )}
        </>
      }
      asOf={data.asOf}
      actions={<PageActions csv={csv} />}
    >
      <Due data={data} withTenant={withTenant} />
      <Done data={data} withTenant={withTenant} />
    </Page>
  );
}

function useVerdict({ owed, proven, days, total }: DrillsReply): string {
  const { t } = useWords();
  if (owed === 0) return total === 0 ? t('drillsNone') : t('drillsNotOwed');
  return t('drillsVerdict', { count: proven, total: owed, days });
}

function Due({ data, withTenant }: { data: DrillsReply; withTenant: boolean }) {
  const { t } = useWords();
  const { due, owed, proven } = data;
  if (due.length === 0) return null;
  return (
    <Section title={t('drillsDue')} id="due" note={t('drillsDueNote', { days: data.days })}>
      <table className="table cards">
        <thead>
          <tr>
            <th scope="col">{t('colHost')}</th>
            {withTenant && <th scope="col">{t('colTenant')}</th>}
            <th scope="col">{t('colDueWhy')}</th>
            <th scope="col">{t('colLastEqual')}</th>
          </tr>
        </thead>
        <tbody>
          {due.map((one) => (
            <DueRow key={`${one.tenant.id} ${one.host.name}`} due={one} withTenant={withTenant} />
          ))}
        </tbody>
      </table>
      {owed - proven > due.length && (
        <p className="quiet small">{t('of', { count: due.length, total: owed - proven })}</p>
      )}
    </Section>
  );
}

function DueRow({
  due: { host, tenant, reason, equalAt },
  withTenant,
}: {
  due: DrillDue;
  withTenant: boolean;
}) {
  const { t } = useWords();
  return (
    <tr>
      <th scope="row">{host.id ? <To to={hostPath(host.id)}>{host.name}</To> : host.name}</th>
      {withTenant && <td data-label={t('colTenant')}>{tenant.name}</td>}
      <td data-label={t('colDueWhy')}>
        <span className={`tone ${reason === 'unequal' ? 'violated' : 'unproven'}`}>
          {host.id === null ? t('freshness_missing') : t(`due_${reason}`)}
        </span>
      </td>
      <td data-label={t('colLastEqual')}>{equalAt ? <Time at={equalAt} full /> : '–'}</td>
    </tr>
  );
}

function Done({ data, withTenant }: { data: DrillsReply; withTenant: boolean }) {
  const { t } = useWords();
  const { search, change } = useFilters();
  const filtered = ['q', 'outcome', 'tool'].some((name) => search.has(name));
  if (data.total === 0 && !filtered) {
    return (
      <Empty title={t('drillsEmpty')}>
        <p>{t('drillsEmptyText')}</p>
        <pre>nachweis drill restore</pre>
      </Empty>
    );
  }
  return (
    <Section title={t('drillsDone')} id="done">
      <search className="filters no-print">
        <SearchField hint={t('drillsSearchHint')} onChange={(q) => change({ q })} />
        <Select
          label={t('colDrillResult')}
          placeholder={t('filterAny')}
          clearable
          data={outcomes.map((value) => ({ value, label: t(`drill_${value}`) }))}
          value={search.get('outcome')}
          onChange={(value) => change({ outcome: value })}
        />
        <Select
          label={t('drillTool')}
          placeholder={t('filterAny')}
          clearable
          data={[...tools]}
          value={search.get('tool')}
          onChange={(value) => change({ tool: value })}
        />
      </search>
      {data.drills.length === 0 ? (
        <Empty title={t('drillsNoMatch')} />
      ) : (
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{t('colDrill')}</th>
              {withTenant && <th scope="col">{t('colTenant')}</th>}
              <th scope="col">{t('colDrillResult')}</th>
              <th scope="col">{t('colCompared')}</th>
              <th scope="col">{t('colTimeToRestore')}</th>
            </tr>
          </thead>
          <tbody>
            {data.drills.map((row) => (
              <Row key={row.id} row={row} withHost={data.host === null} withTenant={withTenant} />
            ))}
          </tbody>
        </table>
      )}
      <Pages total={data.total} size={data.size} page={data.page} onChange={(page) => change({ page })} />
    </Section>
  );
}

function Row({ row, withHost, withTenant }: { row: DrillRow; withHost: boolean; withTenant: boolean }) {
  const { t, language } = useWords();
  const { host, at, tool, job, snapshotAt, outcome, problem, files, attributes, milliseconds } = row;
  const total = Object.values(files).reduce((sum, count) => sum + count, 0);
  const bad = (['different', 'damaged', 'missing', 'unclear'] as const).filter((key) => files[key] > 0);
  return (
    <tr>
      <th scope="row">
        {withHost && (
          <To to={hostPath(host.id, 'backup.restore-drill')} className="block">
            {host.name}
          </To>
        )}
        <span className="block small">
          <Time at={at} full />
        </span>
        <span className="quiet small block" title={row.repository ?? undefined}>
          {tool} · {job} · {t('logPosition', { index: row.logIndex })}
        </span>
      </th>
      {withTenant && <td data-label={t('colTenant')}>{row.tenant.name}</td>}
      <td data-label={t('colDrillResult')}>
        <span>
          <DrillMark outcome={outcome} />
          {problem && <span className="small block">{t(`drillProblem_${problem}`)}</span>}
          {bad.map((key) => (
            <span key={key} className={`small block tone ${key === 'unclear' ? 'unproven' : 'violated'}`}>
              {t(`drillFiles_${key}`, { count: files[key] })}
            </span>
          ))}
          {(['mode', 'owner', 'time'] as const)
            .filter((kind) => (attributes?.[kind] ?? 0) > 0)
            .map((kind) => (
              <span key={kind} className="small block tone violated">
                {t(`drillAttribute_${kind}`, { count: attributes?.[kind] ?? 0 })}
              </span>
            ))}
        </span>
      </td>
      <td data-label={t('colCompared')} className="small">
        {total === 0 ? (
          '–'
        ) : (
          <span>
            <span className="block">
              {t('drillFiles', { count: total })}, {bytes(row.bytes, language)}
            </span>
            <span className="quiet block">
              {row.named.length > 0 ? row.named.join(', ') : t('drillSample')}
            </span>
            {files.record > 0 && (
              <span className="quiet block">{t('drillFiles_record', { count: files.record })}</span>
            )}
            {snapshotAt && (
              <span className="quiet block">
                {t('drillSnapshot')} <Time at={snapshotAt} />
              </span>
            )}
          </span>
        )}
      </td>
      <td data-label={t('colTimeToRestore')}>
        {milliseconds.firstByte === null ? (
          '–'
        ) : (
          <span>
            {duration(milliseconds.restored, language)}
            <span className="quiet small block">
              {t('drillFirstByte', { time: duration(milliseconds.firstByte, language) })}
            </span>
          </span>
        )}
      </td>
    </tr>
  );
}
