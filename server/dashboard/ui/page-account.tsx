/** One's own password: setting the first one after a sign-in link, changing it later. */
import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import type { SessionReply } from '../../auth/session-reply.ts';
import { send } from './client.ts';
import { useWords } from './i18n.ts';
import { Page, Problem } from './page.tsx';
import { useSession } from './queries.ts';
import { Bare } from './shell.tsx';

export default function Account({ first = false }: { first?: boolean }) {
  const { t } = useWords();
  const { data } = useSession();
  useEffect(() => {
    if (first) document.title = `${t('setPasswordTitle')} · ${t('appName')}`;
  }, [first, t]);
  const user = data?.user;
  if (!user) return null;
  if (first)
    return (
      <Bare>
        <div className="gate">
          <h1>{t('setPasswordTitle')}</h1>
          <p className="lead">{t('setPasswordText')}</p>
          <PasswordForm name={user.name} first />
        </div>
      </Bare>
    );
  return (
    <Page
      name={t('accountTitle')}
      about={t('accountTitle')}
      heading={t('changePassword')}
      lead={t('signedInAs', { name: user.name, role: t(`role_${user.role}`) })}
    >
      <div className="gate gate-inside">
        <p>{t('setPasswordText')}</p>
        <PasswordForm name={user.name} />
      </div>
    </Page>
  );
}

function PasswordForm({ name, first = false }: { name: string; first?: boolean }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const save = useMutation({
    mutationFn: () =>
      send<SessionReply>('PUT', '/api/session/password', { ...(first ? {} : { current }), password }),
    onSuccess: (session) => {
      queries.setQueryData(['session'], session);
      setCurrent('');
      setPassword('');
      if (first) navigate('/', { replace: true });
    },
  });
  const toggle = { 'aria-label': t('passwordShown') };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      {/* So that password managers know whose it is. */}
      <input type="text" autoComplete="username" value={name} readOnly hidden />
      {!first && (
        <PasswordInput
          label={t('currentPassword')}
          autoComplete="current-password"
          visibilityToggleButtonProps={toggle}
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          required
          withAsterisk={false}
        />
      )}
      <PasswordInput
        label={t('newPassword')}
        autoComplete="new-password"
        visibilityToggleButtonProps={toggle}
        description={t('passwordLength', { count: [...password].length })}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        required
        withAsterisk={false}
      />
      {save.error && <Problem error={save.error} />}
      {save.isSuccess && !first && (
        <div className="notice kept" role="status">
          {t('passwordSaved')}
        </div>
      )}
      <Button type="submit" loading={save.isPending}>
        {t('savePassword')}
      </Button>
    </form>
  );
}
