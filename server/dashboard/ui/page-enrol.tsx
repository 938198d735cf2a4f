/** Enrolling a host: one string to paste, and word when the host is there. */
import { Button, Loader, NumberInput, Select } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { EnrolmentReply } from '../api/overview.ts';
import { send } from './client.ts';
import { EnrolSteps } from './enrol-steps.tsx';
import { useWords } from './i18n.ts';
import { Empty, Page, Problem } from './page.tsx';
import { useNewestHosts } from './queries.ts';
import { mayEnrol, type User } from './shell.tsx';
import { hostPath, To, useTenancy } from './tenant.tsx';

export default function Enrol({ user }: { user: User }) {
  const { t } = useWords();
  const { tenants, tenant } = useTenancy();
  const [chosen, setChosen] = useState<string | null>(tenant?.id ?? null);
  const [uses, setUses] = useState<number | string>(1);
  const [hours, setHours] = useState<string | null>('24');
  const make = useMutation({
    mutationFn: () =>
      send<EnrolmentReply>('POST', '/api/enrolment', {
        tenant: chosen,
        uses: Number(uses),
        hours: Number(hours),
      }),
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
          <Select
            label={t('enrolHours')}
            data={([1, 24, 168, 720] as const).map((value) => ({
              value: String(value),
              label: t(`enrolHours_${value}`),
            }))}
            value={hours}
            onChange={setHours}
            allowDeselect={false}
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
      <EnrolSteps reply={reply} />
      <Arrivals reply={reply} />
      <Button variant="default" onClick={again}>
        {t('enrolAnother')}
      </Button>
    </>
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
