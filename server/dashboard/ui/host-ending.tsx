/** The end of a host: how it came about, what is still to be recorded, and the form to record it or to close it. */
import { Button, FileButton, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { HostReply } from '../api/hosts.ts';
import type { EndedReply, FormReply } from '../api/media.ts';
import { get, send } from './client.ts';
import { useWords } from './i18n.ts';
import { Day, MediaTable } from './media-table.tsx';
import { Problem, Section } from './page.tsx';
import type { User } from './shell.tsx';
import { EndingMark } from './status.tsx';

const mayRecord = ({ role }: User) => role === 'administrator' || role === 'operations' || role === 'officer';

export function HostEnding({ data, user }: { data: HostReply; user: User }) {
  const { t } = useWords();
  const { host, obligations } = data;
  const closed = host.endings.some(({ state }) => state === 'closed');
  const open = obligations.some(
    ({ erasure, disposal }) => erasure.state === 'open' || disposal.state === 'open',
  );
  if (obligations.length === 0 && host.endings.length === 0 && !mayRecord(user)) return null;
  return (
    <Section title={t('mediaTitle')} id="media" note={t('mediaHostText')}>
      {host.endings.length > 0 && (
        <ul className="plain-list endings">
          {host.endings.map(({ state, at, author, reason, logIndex }) => (
            <li key={state}>
              <EndingMark ending={state} /> <Day at={at} />,{' '}
              {state === 'decommissioned' ? t('endingByHost') : author}
              {reason && ` – ${reason}`}{' '}
              <span className="quiet small">{t('logPosition', { index: logIndex })}</span>
            </li>
          ))}
        </ul>
      )}
      {obligations.length > 0 && <MediaTable rows={obligations} asOf={data.asOf} withHost={false} />}
      {mayRecord(user) && (!closed || open) && <EndingForm data={data} closed={closed} open={open} />}
    </Section>
  );
}

interface Attached {
  readonly name: string;
  readonly sha256: string;
}

/** Only its digest leaves the browser. */
async function attach(file: File): Promise<Attached> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { name: file.name, sha256 };
}

function EndingForm({ data, closed, open }: { data: HostReply; closed: boolean; open: boolean }) {
  const { t } = useWords();
  const [shown, setShown] = useState(false);
  if (!shown)
    return (
      <p className="no-print ending-form">
        <Button variant="default" onClick={() => setShown(true)}>
          {open ? t('mediaRecord') : t('hostClose')}
        </Button>
      </p>
    );
  return <Form data={data} closed={closed} />;
}

function Form({ data: { host }, closed }: { data: HostReply; closed: boolean }) {
  const { t, language } = useWords();
  const [type, setType] = useState<'erasure' | 'disposal'>('erasure');
  const [edited, setEdited] = useState<string | null>(null);
  const [files, setFiles] = useState<readonly Attached[]>([]);
  const [reason, setReason] = useState('');
  const path = `/api/hosts/${encodeURIComponent(host.id)}`;
  const form = useQuery({
    queryKey: ['record-form', host.id, type, language],
    queryFn: ({ signal }) => get<FormReply>(`${path}/record-form`, { type, language }, signal),
    refetchInterval: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const text = edited ?? form.data?.yaml ?? '';
  const cache = useQueryClient();
  const act = useMutation({
    mutationFn: (what: 'records' | 'close' | 'missing') =>
      send<EndedReply>(
        'POST',
        `${path}/${what}`,
        what === 'missing'
          ? { reason }
          : {
              attachments: files,
              ...(what === 'records'
                ? { record: text }
                : { reason, ...(edited === null ? {} : { record: text }) }),
            },
      ),
    onSuccess: async () => {
      setEdited(null);
      setFiles([]);
      await cache.invalidateQueries();
    },
  });
  const take = async (chosen: File | null) => {
    if (!chosen) return;
    const one = await attach(chosen);
    setFiles((before) => [...before.filter(({ name }) => name !== one.name), one]);
    const line = `  - file: ${JSON.stringify(one.name)}`;
    // The form's empty line is filled first; then lines are added behind the last one.
    setEdited(
      /^ {2}- file: ''$/m.test(text)
        ? text.replace(/^ {2}- file: ''$/m, () => line)
        : text.replace(/^(attachments:.*\n(?: {2}- .*\n)*)/m, (all) => `${all}${line}\n`),
    );
  };
  return (
    <form className="ending-form no-print" onSubmit={(event) => event.preventDefault()}>
      <SegmentedControl
        aria-label={t('recordType')}
        value={type}
        onChange={(value) => {
          setType(value === 'disposal' ? 'disposal' : 'erasure');
          setEdited(null);
        }}
        data={[
          { value: 'erasure', label: t('record_erasure') },
          { value: 'disposal', label: t('record_disposal') },
        ]}
      />
      <Textarea
        label={t('mediaFormLabel')}
        description={t('mediaFormHint')}
        value={text}
        onChange={(event) => setEdited(event.currentTarget.value)}
        autosize
        minRows={10}
        maxRows={30}
        spellCheck={false}
        classNames={{ input: 'mono' }}
      />
      <div className="ending-actions">
        <FileButton onChange={(file) => void take(file)}>
          {(props) => (
            <Button variant="default" {...props}>
              {t('mediaAttach')}
            </Button>
          )}
        </FileButton>
        {files.map(({ name, sha256 }) => (
          <span key={sha256} className="quiet small">
            {name} <code>{sha256.slice(0, 12)}…</code>
          </span>
        ))}
      </div>
      {!closed && (
        <TextInput
          label={t('endingReason')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      )}
      {act.error && <Problem error={act.error} />}
      <div className="ending-actions">
        <Button
          onClick={() => act.mutate('records')}
          loading={act.isPending && act.variables === 'records'}
          disabled={act.isPending || edited === null}
        >
          {t('mediaStore')}
        </Button>
        {!closed && (
          <>
            <Button
              variant="default"
              onClick={() => act.mutate('close')}
              loading={act.isPending && act.variables === 'close'}
              disabled={act.isPending}
            >
              {t('hostCloseWithRecord')}
            </Button>
            <Button
              variant="default"
              onClick={() => act.mutate('missing')}
              loading={act.isPending && act.variables === 'missing'}
              disabled={act.isPending || reason.trim() === '' || host.ending === 'missing'}
              title={t('hostMissingHint')}
            >
              {t('hostMissing')}
            </Button>
          </>
        )}
      </div>
    </form>
  );
}
