/** Enrolling a host: one string to paste, and word when the host is there. */
import { Button, CopyButton, Loader, NumberInput, Select } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { EnrolmentReply } from '../api/overview.ts';
import { send } from './client.ts';
import { useWords } from './i18n.ts';
import { IconCheck, IconCopy } from './icons.ts';
import { Empty, Page, Problem } from './page.tsx';
import { useNewestHosts } from './queries.ts';
import { mayEnrol, type User } from './shell.tsx';
import { hostPath, To, useTenancy } from './tenant.tsx';
import { Time } from './time.tsx';

export default function Enrol({ user }: { user: User }) {
  const { t } = useWords();
  const { tenants, tenant } = useTenancy();
  const [chosen, setChosen] = useState<string | null>(tenant?.id ?? null);
  const [uses, setUses] = useState<number | string>(1);
  const make = useMutation({
    mutationFn: () => send<EnrolmentReply>('POST', '/api/enrolment', { tenant: chosen, uses: Number(uses) }),
  });
  if (!mayEnrol(user)) return <Page name={t('enrolTitle')} heading={t('enrolForbidden')} />;
  if (tenants.length === 0)
    return (
      <Page name={t('enrolTitle')} heading={t('enrolTitle')}>
        <Empty title={t('enrolNoTenant')}>
          <p>{t('enrolNoTenantText')}</p>
          <pre className="command">nachweis-collector tenant add NAME</pre>
        </Empty>
      </Page>
    );
  return (
    <Page name={t('enrolTitle')} heading={t('enrolTitle')} lead={t('enrolLead')} asOf={make.data?.asOf}>
      {make.data ? (
        <Steps reply={make.data} again={() => make.reset()} />
      ) : (
        <form
          className="enrol-form"
          onSubmit={(event) => {
            event.preventDefault();
            make.mutate();
          }}
        >
          <Select
            label={t('enrolTenant')}
            data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
            value={chosen}
            onChange={setChosen}
            allowDeselect={false}
            searchable={tenants.length > 8}
            required
            withAsterisk={false}
          />
          <NumberInput
            label={t('enrolUses')}
            value={uses}
            onChange={setUses}
            min={1}
            max={1000}
            allowDecimal={false}
            hideControls
          />
          {make.error && <Problem error={make.error} />}
          <Button type="submit" loading={make.isPending} disabled={!chosen}>
            {t('enrolMake')}
          </Button>
        </form>
      )}
    </Page>
  );
}

function Steps({ reply, again }: { reply: EnrolmentReply; again: () => void }) {
  const { t } = useWords();
  return (
    <>
      <ol className="steps">
        <li>
          <p>{t('enrolStep1')}</p>
          <Command text="nachweis enrol" />
        </li>
        <li>
          <p>{t('enrolStep2')}</p>
          <Command text={reply.line} />
          <p className="quiet small">
            {t('enrolUsesLeft', { count: reply.uses })} {t('enrolExpires', { at: '' }).replace(/\.$/, '')}
            <Time at={reply.expiresAt} full />. {t('enrolOnce')}
          </p>
        </li>
        <li>
          <p>{t('enrolStep3')}</p>
          <Command text="nachweis once" />
        </li>
      </ol>
      <Arrivals reply={reply} />
      <Button variant="default" onClick={again}>
        {t('enrolAnother')}
      </Button>
    </>
  );
}

function Command({ text }: { text: string }) {
  const { t } = useWords();
  return (
    <div className="command">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keyboard */}
      <pre tabIndex={0}>{text}</pre>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            size="xs"
            variant="default"
            onClick={copy}
            leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          >
            {copied ? t('enrolCopied') : t('enrolCopy')}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}

/** Hosts that enrolled since the string was made. */
function Arrivals({ reply }: { reply: EnrolmentReply }) {
  const { t } = useWords();
  const query = useNewestHosts(reply.tenant.id);
  const arrived = (query.data?.hosts ?? []).filter(
    ({ enrolledAt }) => enrolledAt && enrolledAt >= reply.asOf,
  );
  return (
    <div role="status" className="arrivals">
      {arrived.length === 0 ? (
        <p className="waiting">
          <Loader size="xs" aria-hidden /> {t('enrolWaiting')}
        </p>
      ) : (
        arrived.map(({ id, name }) => (
          <p key={id} className="notice kept">
            {id && <To to={hostPath(id)}>{t('enrolDone', { name })}</To>}
          </p>
        ))
      )}
    </div>
  );
}
