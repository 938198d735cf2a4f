/**
 * Empties the outbox. Per channel in the order of the changes, one at a time; channels don't wait for each other.
 *
 * Order of durability: the row is committed with the alert's change; the message is sent; the row is marked. A crash
 * between sending and marking sends once more under the same id (at least once, never lost), so receivers can drop
 * the repetition: e-mail by Message-ID, webhooks by webhook-id.
 */
import type { Selectable } from 'kysely';
import type { Logger } from 'pino';
import * as texts from '../../shared/alert-texts.ts';
import type { Db, Trx } from '../db/database.ts';
import type { Database } from '../db/schema.ts';
import { type Channel, SendError } from './channel.ts';
import * as keys from './keys.ts';
import { idempotencyId, messageSchema } from './message.ts';
import { type Channels, openAlert, openAlertOf, resolveAlert } from './store.ts';

type OutboxRow = Selectable<Database['outbox']>;

/** Seconds until the next try: 30, 60, 120 ... up to an hour. With the tries below that is two and a half days. */
export function backoffSeconds(tries: number): number {
  return Math.min(30 * 2 ** (tries - 1), 3600);
}
export const MAX_TRIES = 65;
/** A message that the receiver refuses for itself must not hold up the others for days. */
export const MAX_REFUSALS = 3;
/** From this try on a failing channel is an alert of its own, told through the other channels. */
const ALERT_AT_TRY = 3;

export interface SenderDeps {
  readonly db: Db;
  readonly clock: () => Date;
  readonly log: Logger;
  readonly channels: readonly Channel[];
  /** All that are configured, for alerts about one of them. */
  readonly configured: Channels;
  /** True: begin no more messages. */
  readonly stopping: () => boolean;
}

/** Sends what is due on every channel. Errors of a channel end in its row, never here. */
export async function sendDue(deps: SenderDeps): Promise<void> {
  await Promise.all(deps.channels.map((channel) => drain(deps, channel)));
}

async function drain(deps: SenderDeps, channel: Channel): Promise<void> {
  while (!deps.stopping()) {
    const now = deps.clock().toISOString();
    const row = await nextRow(deps.db, channel.name);
    if (!row || row.next_try_at > now) return;
    await sendRow(deps, channel, row);
  }
}

/** The oldest one that is neither sent nor given up: a later one waits for it, so that order is kept. */
async function nextRow(db: Db, channel: string): Promise<OutboxRow | undefined> {
  return db
    .selectFrom('outbox')
    .selectAll()
    .where('channel', '=', channel)
    .where('sent_at', 'is', null)
    .where('given_up_at', 'is', null)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
}

async function sendRow(deps: SenderDeps, channel: Channel, row: OutboxRow): Promise<void> {
  const { db, clock, log, configured } = deps;
  let failure: SendError | undefined;
  try {
    const message = messageSchema.parse(JSON.parse(row.payload));
    const openedId = idempotencyId({ ...row, change: 'opened' });
    await channel.send({ message, id: idempotencyId(row), openedId, now: new Date(row.created_at) });
  } catch (error) {
    failure = asSendError(error);
  }
  const now = clock();
  await db
    .transaction()
    .execute((trx) =>
      failure
        ? markFailed(trx, configured, row, failure, now)
        : markSent(trx, configured, row, now.toISOString()),
    );
  if (failure)
    log.warn(
      { channel: channel.name, outbox: row.id, tries: row.tries + 1, problem: failure.message },
      'alert not sent',
    );
}

function asSendError(error: unknown): SendError {
  if (error instanceof SendError) return error;
  // Not about the receiver: a secret's file that can't be read, or a row that is not a message.
  const permanent = error instanceof SyntaxError || (error instanceof Error && error.name === 'ZodError');
  return new SendError(error instanceof Error ? error.message.slice(0, 200) : 'failed', permanent, {
    cause: error,
  });
}

async function markSent(trx: Trx, configured: Channels, row: OutboxRow, now: string): Promise<void> {
  await trx
    .updateTable('outbox')
    .set({ sent_at: now, tries: row.tries + 1, last_error: null })
    .where('id', '=', row.id)
    .execute();
  await setChannel(trx, row.channel, { failing_since: null, last_ok_at: now, last_error: null });
  const alert = await openAlertOf(trx, keys.channel(row.channel));
  if (alert && configured.some(({ name }) => name === row.channel))
    await resolveAlert(trx, alert, now, texts.channelWorks);
}

async function markFailed(
  trx: Trx,
  configured: Channels,
  row: OutboxRow,
  failure: SendError,
  at: Date,
): Promise<void> {
  const now = at.toISOString();
  const tries = row.tries + 1;
  const givenUp = tries >= (failure.permanent ? MAX_REFUSALS : MAX_TRIES);
  await trx
    .updateTable('outbox')
    .set({
      tries,
      last_error: failure.message,
      next_try_at: new Date(at.getTime() + backoffSeconds(tries) * 1000).toISOString(),
      given_up_at: givenUp ? now : null,
    })
    .where('id', '=', row.id)
    .execute();
  const channel = await trx
    .selectFrom('channels')
    .selectAll()
    .where('name', '=', row.channel)
    .executeTakeFirst();
  await setChannel(trx, row.channel, {
    failing_since: channel?.failing_since ?? now,
    last_ok_at: channel?.last_ok_at ?? null,
    last_error: failure.message,
  });
  if (tries < ALERT_AT_TRY && !givenUp) return;
  const key = keys.channel(row.channel);
  if (await openAlertOf(trx, key)) return;
  await openAlert(
    trx,
    configured.filter(({ name }) => name !== row.channel),
    {
      kind: 'channel-failing',
      key,
      tenantId: null,
      hostId: null,
      severity: 'high',
      reason: texts.channelFails(row.channel),
      at: now,
    },
  );
}

export async function setChannel(
  trx: Trx,
  name: string,
  state: Omit<Database['channels'], 'name'>,
): Promise<void> {
  await trx
    .insertInto('channels')
    .values({ name, ...state })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(state))
    .execute();
}
