/** Since when each service is commissioned, by whose word, and how that came to be. */
import type { HostReply } from '../api/hosts.ts';
import { useWords } from './i18n.ts';
import { Day } from './media-table.tsx';

type Change = HostReply['host']['contractChanges'][number];
type Terms = Change['after'];

export function Commissioned({ host }: { host: HostReply['host'] }) {
  const { t } = useWords();
  const { contract, contractChanges } = host;
  if (!contract) return <>–</>;
  return (
    <>
      {(['backup', 'patch'] as const).map((service) => (
        <span key={service} className="block">
          {t(service === 'backup' ? 'contractBackup' : 'contractPatch')}:{' '}
          {contract[service] ? <Since service={service} changes={contractChanges} /> : t('commissionedNever')}
        </span>
      ))}
      {contractChanges.length > 0 && (
        <details className="small contract-changes">
          <summary>{t('contractChanges', { count: contractChanges.length })}</summary>
          <ul className="plain-list">
            {contractChanges.map((change) => (
              <li key={change.at}>
                <Day at={change.at} />, <Author change={change} />: <Differences change={change} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** The change that switched it on; a host that came with it counts from the day that it is owed. */
function Since({ service, changes }: { service: 'backup' | 'patch'; changes: readonly Change[] }) {
  const { t } = useWords();
  const change = changes.find(({ before, after }) => after[service] && before?.[service] !== true);
  if (!change) return <>{t('commissionedUnrecorded')}</>;
  const at = change.before === null ? change.after.since : change.at;
  const [before = '', between = '', after = ''] = t('commissionedSince', { day: '\n', author: '\n' }).split(
    '\n',
  );
  return (
    <>
      {before}
      <Day at={at} />
      {between}
      <Author change={change} />
      {after}
    </>
  );
}

function Author({ change: { author, osUser } }: { change: Change }) {
  const { t } = useWords();
  return <>{osUser ? t('osAccount', { name: author }) : author}</>;
}

const terms = ['site', 'kind', 'backup', 'patch', 'since', 'until'] as const;

function Differences({ change: { before, after } }: { change: Change }) {
  const { t } = useWords();
  const value = (of: Partial<Terms> | null, name: (typeof terms)[number]) => {
    const found = of?.[name];
    if (found === undefined || found === null) return t('none');
    if (typeof found === 'boolean') return t(found ? 'yes' : 'no');
    return name === 'since' || name === 'until' ? found.slice(0, 10) : found;
  };
  const changed = terms.filter((name) => value(before, name) !== value(after, name));
  return (
    <>
      {before === null && `${t('contractAdded')}: `}
      {changed
        .map(
          (name) =>
            `${t(`term_${name}`)} ${before === null ? '' : `${value(before, name)} → `}${value(after, name)}`,
        )
        .join(', ')}
    </>
  );
}
