/** Messages as the outbox holds them. */
import type { Delivery } from '../../../server/alerts/channel.ts';
import type { Message } from '../../../server/alerts/message.ts';

export function message(changes: Partial<Message> = {}): Message {
  return {
    alert: 'a-1',
    change: 'opened',
    kind: 'check-failing',
    severity: 'high',
    at: '2026-06-15T12:00:00.000Z',
    openedAt: '2026-06-15T12:00:00.000Z',
    tenant: { id: 't-1', name: 'Müller & Söhne GmbH' },
    host: { id: 'h-00000000000000000001', name: 'web1.example.org' },
    checks: [
      {
        id: 'login.empty-password',
        severity: 'high',
        title: { de: 'Kein Konto mit leerem Passwort', en: 'No account with an empty password' },
        remedy: { de: 'Ein Passwort setzen.', en: 'Set a password.' },
      },
    ],
    reason: { de: 'Die Prüfung schlägt fehl.', en: 'The check has started to fail.' },
    flapping: false,
    ...changes,
  };
}

export function delivery(changes: Partial<Message> = {}): Delivery {
  const told = message(changes);
  return {
    message: told,
    id: `${told.alert}.${told.change}.ops`,
    openedId: `${told.alert}.opened.ops`,
    now: new Date(told.at),
  };
}
