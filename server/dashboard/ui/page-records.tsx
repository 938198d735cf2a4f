/** Records and grants: who attested, approved or granted what, and until when. */
import { SegmentedControl, Select } from '@mantine/core';
import { useSearchParams } from 'react-router';
import type { RecordRow, RecordsReply } from '../api/records.ts';
import { useFilters } from './filters.ts';
import { useWords } from './i18n.ts';
import { IconRestore } from './icons.ts';
import { MediaTable, useMediaVerdict } from './media-table.tsx';
import { Empty, Loaded, Page, Section } from './page.tsx';
import { Pages } from './pages.tsx';
import { useMedia, useRecords } from './queries.ts';
import { SearchField } from './search-field.tsx';
import { DrillMark } from './status.tsx';
import { To, useTenancy } from './tenant.tsx';
import { AsOfProvider, Time } from './time.tsx';

/** Complete by its type. Not imported from shared/: zod would come along, and its look for eval is refused here. */
const types: Record<RecordRow['type'], true> = {
  grant: true,
  attestation: true,
  waiver: true,
  instruction: true,
  drill: true,
  erasure: true,
  disposal: true,
  'spot-check': true,
};
const recordTypes = Object.keys(types) as RecordRow['type'][];

export default function Records() {
  const { t } = useWords();
  const { tenant } = useTenancy();
  const [search] = useSearchParams();
  const state = search.get('state') === 'ended' ? 'ended' : 'live';
  const query = useRecords({
    tenant: tenant?.id ?? null,
    type: search.get('type') ?? undefined,
    q: search.get('q') ?? undefined,
    state,
    page: Number(search.get('page') ?? 1) || 1,
  });
  return (
    <Loaded query={query} name={t('recordsTitle')}>
      {(data) => <Body data={data} state={state} />}
    </Loaded>
  );
}

function Body({ data, state }: { data: RecordsReply; state: 'live' | 'ended' }) {
  const { t } = useWords();
  const { tenant, tenants } = useTenancy();
  const { search, change } = useFilters();
  const filtered = search.has('q') || search.has('type');
  const withTenant = tenants.length > 1 && tenant === null;
  return (
    <Page
      name={t('recordsTitle')}
      about={tenant?.name ?? t('allTenants')}
      heading={t('recordsVerdict', { count: data.live - data.pending })}
      asOf={data.asOf}
      actions={
        <To to="/drills" className="text-link no-print">
          <IconRestore size={16} aria-hidden /> {t('drillsTitle')}
        </To>
      }
    >
      <OpenMedia />
      <search className="filters no-print">
        <SearchField hint={t('recordsSearchHint')} onChange={(q) => change({ q })} />
        <Select
          label={t('recordType')}
          placeholder={t('filterAny')}
          clearable
          data={recordTypes.map((type) => ({ value: type, label: t(`record_${type}`) }))}
          value={search.get('type')}
          onChange={(type) => change({ type })}
        />
        <SegmentedControl
          aria-label={t('recordsState')}
          value={state}
          onChange={(value) => change({ state: value })}
          data={[
            { value: 'live', label: t('recordsLive', { count: data.live }) },
            { value: 'ended', label: t('recordsEnded', { count: data.ended }) },
          ]}
        />
      </search>
      {data.records.length === 0 ? (
        <Empty title={filtered || state === 'ended' ? t('recordsEmptyFiltered') : t('recordsEmpty')}>
          {!filtered && state === 'live' && <p>{t('recordsEmptyText')}</p>}
        </Empty>
      ) : (
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{t('colRecord')}</th>
              {withTenant && <th scope="col">{t('colTenant')}</th>}
              <th scope="col">{t('colScope')}</th>
              <th scope="col">{t('colValid')}</th>
              <th scope="col">{t('colResponsiblePeople')}</th>
            </tr>
          </thead>
          <tbody>
            {data.records.map((record) => (
              <Row key={record.id} record={record} withTenant={withTenant} />
            ))}
          </tbody>
        </table>
      )}
      <Pages total={data.total} size={data.size} page={data.page} onChange={(page) => change({ page })} />
    </Page>
  );
}

/** What has to be recorded: first, because it has a date. */
function OpenMedia() {
  const { t } = useWords();
  const { tenant, tenants } = useTenancy();
  const { data } = useMedia(tenant?.id ?? null, 'open', 200);
  const verdict = useMediaVerdict();
  if (!data || data.open === 0) return null;
  return (
    <div className="open-media">
      <Section title={verdict(data)} id="open-media" note={t('mediaText')}>
        <MediaTable
          rows={data.obligations}
          asOf={data.asOf}
          withTenant={tenants.length > 1 && tenant === null}
        />
      </Section>
    </div>
  );
}

function Row({ record, withTenant }: { record: RecordRow; withTenant: boolean }) {
  const { t } = useWords();
  const { type, subject, scope, grant, text, attachments, author, approver, from, until } = record;
  const drill = type === 'drill' ? drillOutcome[subject] : undefined;
  return (
    <tr>
      <th scope="row" className="wide">
        <span className="quiet small block">{t(`record_${type}`)}</span>
        {drill ? <DrillMark outcome={drill} plain /> : subject}
        {grant && <Grant grant={grant} />}
        {record.media.length > 0 && (
          <code className="quiet small block">{record.media.slice(0, 20).join(', ')}</code>
        )}
        {text && <span className="quiet small block">{drill ? text.split(': ')[0] : text}</span>}
        {drill && scope !== 'tenant' && 'host' in scope && (
          <span className="small block">
            <To to={`/drills?q=${encodeURIComponent(scope.host)}`}>{t('recordDrillMore')}</To>
          </span>
        )}
        {attachments.map(({ name, sha256 }) => (
          <span key={sha256} className="quiet small block" title={`SHA-256 ${sha256}`}>
            {t('attachment', { name })}
          </span>
        ))}
      </th>
      {withTenant && <td data-label={t('colTenant')}>{record.tenant.name}</td>}
      <td data-label={t('colScope')}>
        {scope === 'tenant'
          ? t('scopeTenant')
          : 'group' in scope
            ? t('scopeGroup', { name: scope.group })
            : scope.host}
      </td>
      <td data-label={t('colValid')} className="small">
        <span className="block">
          {t('validFrom', { at: '' })}
          <Moment at={from} />
        </span>
        <span className={`block ${record.state === 'ended' ? 'quiet' : ''}`}>
          {until === null ? t('validOpen') : t('validUntil', { at: '' })}
          {until !== null && <Moment at={until} />}
        </span>
        {record.state === 'not-yet' && <span className="tone unproven">{t('validNotYet')}</span>}
      </td>
      <td data-label={t('colResponsiblePeople')} className="small">
        <span className="block">{t('recordedBy', { name: author })}</span>
        {approver && <span className="block">{t('approvedBy', { name: approver })}</span>}
      </td>
    </tr>
  );
}

/** What a host wrote as the subject of its drill; one of a person's own has other words. */
const drillOutcome: Readonly<Record<string, 'equal' | 'unequal' | 'error' | 'unclear'>> = {
  restore: 'equal',
  'restore-unequal': 'unequal',
  'restore-error': 'error',
  'restore-unclear': 'unclear',
};

/** A term is a date, not an age. */
function Moment({ at }: { at: string }) {
  return (
    <AsOfProvider value={null}>
      <Time at={at} />
    </AsOfProvider>
  );
}

function Grant({ grant }: { grant: NonNullable<RecordRow['grant']> }) {
  const { t } = useWords();
  const { party, accounts, privileges, keys } = grant;
  return (
    <span className="quiet small block">
      {t(`party_${party}`)} · {t('grantAccounts', { names: accounts.join(', ') })} ·{' '}
      {privileges.length > 0
        ? t('grantPrivileges', { names: privileges.join(', ') })
        : t('grantNoPrivileges')}
      {keys.length > 0 && ` · ${t('grantKeys', { count: keys.length })}`}
    </span>
  );
}
