/** What a host is, and how it reports. */
import type { ReactNode } from 'react';
import type { HostReply } from '../api/hosts.ts';
import { duration as amount } from './amounts.ts';
import { Commissioned } from './host-contract.tsx';
import { useWords } from './i18n.ts';
import { Day } from './media-table.tsx';
import { DrillMark } from './status.tsx';
import { To } from './tenant.tsx';
import { Time } from './time.tsx';

export function HostFacts({ data }: { data: HostReply }) {
  const { t } = useWords();
  const { host } = data;
  const { machine, contract } = host;
  const services = contract
    ? [contract.backup && t('contractBackup'), contract.patch && t('contractPatch')].filter(Boolean)
    : [];
  return (
    <dl className="facts">
      <Fact name={t('factReport')}>{host.lastReceivedAt ? <Time at={host.lastReceivedAt} full /> : '–'}</Fact>
      <Fact name={t('factRound')}>{host.lastRoundAt ? <Time at={host.lastRoundAt} full /> : '–'}</Fact>
      <Fact name={t('factStaleAt')}>{host.staleAt ? <Time at={host.staleAt} full /> : '–'}</Fact>
      <Fact name={t('factOs')}>
        {machine ? `${machine.os.name} · ${machine.kernel} · ${machine.arch}` : '–'}
      </Fact>
      <Fact name={t('factKind')}>
        {t(`kind_${host.kind}`)}
        {machine?.virtualization ? ` (${machine.virtualization})` : ''}
        {host.serverUntil && (
          <span className="quiet small block">
            {t('serverUntil')} <Day at={host.serverUntil} />
          </span>
        )}
      </Fact>
      <Fact name={t('factContract')}>
        {contract ? (
          <>
            {t(`site_${contract.site}`)},{' '}
            {services.length > 0
              ? t('contractWith', { services: services.join(', ') })
              : t('contractWithout')}
          </>
        ) : (
          t('contractNone')
        )}
      </Fact>
      <Fact name={t('factCommissioned')}>
        <Commissioned host={host} />
      </Fact>
      <Fact name={t('factDrill')}>
        <Drill data={data} />
      </Fact>
      <Fact name={t('factAgent')}>
        {host.agentVersion ?? '–'} · {t('factInterval')} {duration(host.intervalSeconds)}
      </Fact>
      <Fact name={t('factKey')}>
        <code title={host.keyId}>{host.keyId.slice(0, 16)}…</code>
      </Fact>
    </dl>
  );
}

/** What the last one came to; where that was not equal, also when one last was. */
function Drill({ data: { drills, host } }: { data: HostReply }) {
  const { t, language } = useWords();
  const { last, equal } = drills;
  if (!last) return <>{t('drillNever')}</>;
  return (
    <>
      <DrillMark outcome={last.outcome} plain />{' '}
      <To to={`/drills?host=${host.id}`} tenant={host.tenant.id}>
        <Time at={last.at} />
      </To>
      {last.outcome === 'equal' && ` · ${amount(last.milliseconds.restored, language)}`}
      {last.outcome !== 'equal' && equal && (
        <span className="quiet small block">
          {t('drillLastEqual')} <Time at={equal.at} />
        </span>
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** `1 h`, `15 min`: the same in both languages. */
function duration(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
