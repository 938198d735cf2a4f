/** A host that was reinstalled: a string that gives it a new key and leaves it its history. */
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { HostReply } from '../api/hosts.ts';
import type { EnrolmentReply } from '../api/overview.ts';
import { send } from './client.ts';
import { EnrolSteps } from './enrol-steps.tsx';
import { useWords } from './i18n.ts';
import { Problem, Section } from './page.tsx';
import { Time } from './time.tsx';

export function HostReinstall({ data: { host }, mayEnrol }: { data: HostReply; mayEnrol: boolean }) {
  const { t } = useWords();
  const make = useMutation({
    mutationFn: () => send<EnrolmentReply>('POST', `/api/hosts/${encodeURIComponent(host.id)}/reinstall`, {}),
  });
  const offered = mayEnrol && !host.retiredAt;
  if (!offered && host.earlierKeys.length === 0) return null;
  return (
    <Section title={t('reinstallTitle')} id="reinstall">
      {host.earlierKeys.length > 0 && (
        <ul className="key-lines">
          {host.earlierKeys.map(({ keyId, replacedAt, author, lastSequence, logIndex }) => (
            <li key={keyId}>
              <code title={keyId}>{keyId.slice(0, 16)}…</code>{' '}
              {t('reinstallReplaced', { author, sequence: lastSequence, index: logIndex })}{' '}
              <Time at={replacedAt} full />
            </li>
          ))}
        </ul>
      )}
      {offered && !make.data && (
        <div className="no-print">
          <p className="quiet">{t('reinstallText')}</p>
          {make.error && <Problem error={make.error} />}
          <Button variant="default" onClick={() => make.mutate()} loading={make.isPending}>
            {t('reinstallMake')}
          </Button>
        </div>
      )}
      {make.data && <EnrolSteps reply={make.data} />}
    </Section>
  );
}
