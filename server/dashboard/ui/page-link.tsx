/** The one-time sign-in link. It is used up by a click, not by being looked at: mail programs look at links too. */
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import type { SessionReply } from '../../auth/session-reply.ts';
import { send } from './client.ts';
import { useWords } from './i18n.ts';
import { Problem } from './page.tsx';
import { Bare } from './shell.tsx';

export default function LinkPage() {
  const { t } = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [secret] = useState(() => window.location.hash.slice(1));
  // Out of the address bar and the history, so that nobody reads it over a shoulder.
  useEffect(() => {
    window.history.replaceState(null, '', '/link');
  }, []);
  useEffect(() => {
    document.title = `${t('linkTitle')} · ${t('appName')}`;
  }, [t]);
  const use = useMutation({
    mutationFn: () => send<SessionReply>('POST', '/api/session/link', { secret }),
    onSuccess: (session) => {
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
      queries.setQueryData(['session'], session);
      navigate('/', { replace: true });
    },
  });
  return (
    <Bare>
      <div className="gate">
        <h1>{t('linkTitle')}</h1>
        <p className="lead">{t('signInLead')}</p>
        {/^[\w-]{43}$/.test(secret) ? (
          <>
            <p>{t('linkText')}</p>
            {use.error && <Problem error={use.error} />}
            <Button onClick={() => use.mutate()} loading={use.isPending} autoFocus>
              {t('linkUse')}
            </Button>
          </>
        ) : (
          <div className="notice unproven" role="alert">
            {t('linkMissing')}
          </div>
        )}
      </div>
    </Bare>
  );
}
