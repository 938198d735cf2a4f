/** Who can enter which host, by which way and how far, and which grant covers it. */
import { SegmentedControl, Select } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { PROOF_TEXTS, reachText, WAY_TEXTS } from '../../../shared/access-texts.ts';
import type { AccessReply, AccessRow } from '../api/access.ts';
import { useFilters } from './filters.ts';
import { useWords } from './i18n.ts';
import { Empty, Loaded, Page, Section } from './page.tsx';
import { PageActions } from './page-actions.tsx';
import { Pages } from './pages.tsx';
import { useAccess } from './queries.ts';
import { SearchField } from './search-field.tsx';
import { GrantMark } from './status.tsx';
import { hostPath, To, useTenancy } from './tenant.tsx';
import { AsOfProvider, Time } from './time.tsx';

const ways = Object.keys(WAY_TEXTS) as (keyof typeof WAY_TEXTS)[];

export default function Access() {
  const { t } = useWords();
  const { tenant } = useTenancy();
  const [search] = useSearchParams();
  const text = (name: string) => search.get(name) ?? undefined;
  const query = useAccess({
    tenant: tenant?.id ?? null,
    q: text('q'),
    host: text('host'),
    way: text('way'),
    covered: text('covered'),
    page: Number(search.get('page') ?? 1) || 1,
  });
  return (
    <Loaded query={query} name={t('accessTitle')}>
      {(data) => <Body data={data} />}
    </Loaded>
  );
}

function Body({ data }: { data: AccessReply }) {
  const { t, say } = useWords();
  const { tenant } = useTenancy();
  const { search, change } = useFilters();
  const filtered = ['q', 'way', 'covered'].some((name) => search.has(name));
  const all = data.open + data.granted;
  return (
    <Page
      name={t('accessTitle')}
      about={
        data.host ? (
          <>
            <To to="/access">{t('accessTitle')}</To> / {data.host.tenant.name}
          </>
        ) : (
          (tenant?.name ?? t('allTenants'))
        )
      }
      heading={useVerdict(data)}
      lead={<Lead data={data} />}
      asOf={data.asOf}
      actions={<PageActions />}
    >
      <search className="filters no-print">
        <SearchField hint={t('accessSearchHint')} onChange={(q) => change({ q })} />
        <Select
          label={t('colWay')}
          placeholder={t('filterAny')}
          clearable
          data={ways.map((value) => ({ value, label: say(WAY_TEXTS[value]) }))}
          value={search.get('way')}
          onChange={(way) => change({ way })}
        />
        <SegmentedControl
          aria-label={t('accessCovered')}
          value={search.get('covered') ?? 'all'}
          onChange={(value) => change({ covered: value === 'all' ? null : value })}
          data={[
            { value: 'all', label: t('accessAll', { count: all }) },
            { value: 'open', label: t('accessOpen', { count: data.open }) },
            { value: 'granted', label: t('accessGranted', { count: data.granted }) },
          ]}
        />
      </search>
      {data.entries.length === 0 ? (
        <Empty title={filtered ? t('accessNoMatch') : t('accessNone')}>
          {!filtered && data.hosts === 0 && <p>{t('accessNoneText')}</p>}
        </Empty>
      ) : (
        <Table rows={data.entries} withHost={data.host === null} withTenant={tenant === null} />
      )}
      <Pages total={data.total} size={data.size} page={data.page} onChange={(page) => change({ page })} />
      <Gaps data={data} />
    </Page>
  );
}

/** The verdict first: with no register there is none. */
function useVerdict({ host, open, granted, hosts, withoutRegister }: AccessReply) {
  const { t } = useWords();
  const total = open + granted;
  const name = host && <span className="host-name">{host.name}: </span>;
  if (hosts === 0 || total === 0)
    return (
      <>
        {name}
        {t('accessNone')}
      </>
    );
  const words =
    withoutRegister === hosts
      ? t('accessNoRegister', { count: total })
      : open === 0
        ? t('accessVerdictAll', { count: total })
        : t('accessVerdictOpen', { count: open, total });
  return (
    <>
      {name}
      {words}
    </>
  );
}

function Lead({ data: { host, hosts, hostsInReach, withoutRegister } }: { data: AccessReply }) {
  const { t } = useWords();
  if (host)
    return (
      <>
        <To to={hostPath(host.id)}>{t('accessToHost')}</To>
        {withoutRegister > 0 && <span>{t('accessRegisterHint')}</span>}
      </>
    );
  return (
    <>
      <span>{t('accessHosts', { count: hosts, total: hostsInReach })}</span>
      {withoutRegister > 0 && (
        <span className="tone unproven">{t('accessWithoutRegister', { count: withoutRegister })}</span>
      )}
      {withoutRegister > 0 && <span>{t('accessRegisterHint')}</span>}
    </>
  );
}

interface TableProps {
  readonly rows: readonly AccessRow[];
  readonly withHost: boolean;
  readonly withTenant: boolean;
}

function Table({ rows, withHost, withTenant }: TableProps) {
  const { t } = useWords();
  return (
    <table className="table cards access">
      <thead>
        <tr>
          <th scope="col">{t('colAccount')}</th>
          {withHost && <th scope="col">{t('colHost')}</th>}
          <th scope="col">{t('colWay')}</th>
          <th scope="col">{t('colProof')}</th>
          <th scope="col">{t('colReaches')}</th>
          <th scope="col">{t('colGrant')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={JSON.stringify([row.host.id, row.entry])} {...{ row, withHost, withTenant }} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row, withHost, withTenant }: Omit<TableProps, 'rows'> & { row: AccessRow }) {
  const { t, say } = useWords();
  const { host, tenant, entry } = row;
  const { account, way, proof, reaches, privilege, detail, source, line, unsure } = entry;
  const place = line === undefined ? source : `${source}:${line}`;
  return (
    <tr>
      <th scope="row">{account === '*' ? t('accessEverybody') : account}</th>
      {withHost && (
        <td data-label={t('colHost')}>
          <span>
            <To to={`/access?host=${host.id}`}>{host.name}</To>
            {withTenant && <span className="quiet small block">{tenant.name}</span>}
          </span>
        </td>
      )}
      <td data-label={t('colWay')} className="access-way">
        <span>
          {say(WAY_TEXTS[way])}
          {unsure && <span className="tone unproven small"> {t('accessUnsure')}</span>}
          {detail !== undefined && detail !== source && <span className="small block">{detail}</span>}
          <span className="quiet small block">{place}</span>
        </span>
      </td>
      <td data-label={t('colProof')}>
        <span className={proof === 'none' ? 'tone unproven' : ''}>{say(PROOF_TEXTS[proof])}</span>
      </td>
      <td data-label={t('colReaches')}>
        <span>
          {reaches === account && reaches !== 'root' ? t('accessItself') : say(reachText(reaches))}
          {privilege && <span className="quiet small block">{privilege}</span>}
        </span>
      </td>
      <td data-label={t('colGrant')}>
        <Grant row={row} />
      </td>
    </tr>
  );
}

function Grant({ row: { register, grant } }: { row: AccessRow }) {
  const { t } = useWords();
  if (!grant) return <GrantMark state={register ? 'open' : 'no-register'} />;
  return (
    <span>
      <GrantMark state="granted" />
      <span className="small block">
        {grant.subject ?? grant.id}
        {grant.party && <span className="quiet"> ({t(`party_${grant.party}`)})</span>}
      </span>
      {grant.until && (
        <span className="quiet small block">
          {t('validUntil', { at: '' })}
          <AsOfProvider value={null}>
            <Time at={grant.until} />
          </AsOfProvider>
        </span>
      )}
    </span>
  );
}

/** What could not be looked at: ways in that are missing above. */
function Gaps({ data: { gaps, gapsTotal, host } }: { data: AccessReply }) {
  const { t, say } = useWords();
  if (gaps.length === 0) return null;
  return (
    <Section title={t('accessGaps')} id="gaps">
      <p className="quiet section-note">{t('accessGapsText')}</p>
      <ul className="plain-lines">
        {gaps.map(({ host: where, source, reason }) => (
          <li key={`${where.id} ${source} ${reason.en}`}>
            {!host && <To to={`/access?host=${where.id}`}>{where.name}</To>} <code>{source}</code>{' '}
            {say(reason)}
          </li>
        ))}
      </ul>
      {gapsTotal > gaps.length && (
        <p className="quiet">{t('of', { count: gaps.length, total: gapsTotal })}</p>
      )}
    </Section>
  );
}
