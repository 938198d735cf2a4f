/** Signing in with name and password. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { SessionReply } from '../../auth/session-reply.ts';
import { send } from './client.ts';
import { useWords } from './i18n.ts';
import { Problem } from './page.tsx';
import { Bare } from './shell.tsx';

export default function SignIn() {
  const { t } = useWords();
  const queries = useQueryClient();
  const signIn = useMutation({
    mutationFn: (form: FormData) =>
      send<SessionReply>('POST', '/api/session', { name: form.get('name'), password: form.get('password') }),
    onSuccess: (session) => queries.setQueryData(['session'], session),
  });
  useEffect(() => {
    document.title = `${t('signInTitle')} · ${t('appName')}`;
  }, [t]);
  return (
    <Bare>
      <div className="gate">
        <h1>{t('signInTitle')}</h1>
        <p className="lead">{t('signInLead')}</p>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            signIn.mutate(new FormData(event.currentTarget));
          }}
        >
          <TextInput
            name="name"
            label={t('userName')}
            autoComplete="username"
            required
            withAsterisk={false}
          />
          <PasswordInput
            name="password"
            label={t('password')}
            autoComplete="current-password"
            visibilityToggleButtonProps={{ 'aria-label': t('passwordShown') }}
            required
            withAsterisk={false}
          />
          {signIn.error && <Problem error={signIn.error} />}
          <Button type="submit" loading={signIn.isPending}>
            {t('signIn')}
          </Button>
        </form>
        <p className="quiet">
          {t('signInHelp')} <code>nachweis-collector user link NAME</code>
        </p>
      </div>
    </Bare>
  );
}
