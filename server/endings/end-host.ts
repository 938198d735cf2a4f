/**
 * The end of a host as people bring it about. Closing ends what is owed for it, and so needs every disk or volume
 * accounted for; a host that is only missing stays owed.
 */
import { CodedError } from '../../shared/errors.ts';
import type { Obligation } from '../../shared/obligations.ts';
import type { Text } from '../../shared/outcome.ts';
import type { Db, Trx } from '../db/database.ts';
import {
  type EndingRow,
  type EndingSteps,
  type EndingSubject,
  endingsOfSubject,
  findSubject,
  retireKey,
  writeEnding,
} from './store.ts';

export interface Closing {
  readonly hostId: string;
  readonly author: string;
  readonly reason: string;
  readonly now: Date;
  /** Writes the record that comes with it, inside the same transaction. */
  readonly addRecord?: (trx: Trx, tenantId: string) => Promise<unknown>;
}

/**
 * @returns what is recorded about its disks or volumes
 * @throws CodedError `NOT_FOUND`, `HOST_ENDED`, `HOST_NOT_CLOSABLE` with what is missing; then nothing was written
 */
export async function closeHost(
  db: Db,
  steps: EndingSteps,
  { hostId, author, reason, now, addRecord }: Closing,
): Promise<readonly Obligation[]> {
  return db.transaction().execute(async (trx) => {
    const subject = await findSubject(trx, hostId);
    const at = now.toISOString();
    refuseEnded(subject, await endingsOfSubject(trx, hostId), 'closed');
    await addRecord?.(trx, subject.tenantId);
    await writeEnding(trx, steps, { subject, state: 'closed', at, author, reason });
    await retireKey(trx, hostId, at);
    await trx
      .updateTable('contract_hosts')
      .set({ until: at })
      .where((is) => is.or([is('host_id', '=', hostId), is('id', '=', hostId)]))
      .where((is) => is.or([is('until', 'is', null), is('until', '>', at)]))
      .execute();
    const owed = (await steps.obligationsOf(trx, subject.tenantId, at)).filter(
      (one) => one.hostId === hostId,
    );
    const open = owed.filter(({ erasure }) => erasure.state === 'open');
    if (open.length > 0)
      throw new CodedError('HOST_NOT_CLOSABLE', { name: subject.name, problem: missing(open) });
    return owed;
  });
}

function missing(open: readonly Obligation[]): Text {
  const list = (language: 'de' | 'en') =>
    open
      .slice(0, 10)
      .map((one) => {
        const why = one.erasure.reason?.[language];
        return `${whatWords(one)[language]}${why ? ` (${why.replace(/\.$/, '')})` : ''}`;
      })
      .join('; ');
  return { de: `kein Löschnachweis für ${list('de')}`, en: `no record of erasure for ${list('en')}` };
}

export function whatWords({ what }: Obligation): Text {
  switch (what.type) {
    case 'disk':
      return both([what.serial, what.model].filter(Boolean).join(', '));
    case 'volume':
      return both(what.device);
    case 'unidentified':
      return {
        de: `${what.count} Datenträger ohne eigene Seriennummer`,
        en:
          what.count === 1
            ? '1 disk without a serial number of its own'
            : `${what.count} disks without a serial number of their own`,
      };
    case 'host':
      return { de: 'das ganze System', en: 'the whole host' };
  }
}

const both = (text: string): Text => ({ de: text, en: text });

/**
 * Nobody knows where it is: its key is retired, its place in the contract stays, and its erasure is owed from now on.
 * @throws CodedError `NOT_FOUND`, `HOST_ENDED`, `HOST_MISSING`
 */
export async function markMissing(
  db: Db,
  steps: Pick<EndingSteps, 'appendLeaf'>,
  { hostId, author, reason, now }: Omit<Closing, 'addRecord'>,
): Promise<EndingSubject> {
  return db.transaction().execute(async (trx) => {
    const subject = await findSubject(trx, hostId);
    refuseEnded(subject, await endingsOfSubject(trx, hostId), 'missing');
    const at = now.toISOString();
    await writeEnding(trx, steps, { subject, state: 'missing', at, author, reason });
    await retireKey(trx, hostId, at);
    return subject;
  });
}

/**
 * Takes a key out of service, of a host that is enrolled anew: its reports are refused from now on, its place waits for the
 * next of its name. What it proved stays, and so does what is owed for its disks.
 * @throws CodedError `NOT_FOUND` where there is no such key in service
 */
export async function retireHost(
  db: Db,
  steps: Pick<EndingSteps, 'appendLeaf'> & {
    freePlace(trx: Trx, hostId: string, at: string): Promise<void>;
  },
  { hostId, author, reason, now }: Omit<Closing, 'addRecord'>,
): Promise<EndingSubject> {
  return db.transaction().execute(async (trx) => {
    const subject = await findSubject(trx, hostId);
    if (!subject.enrolled || subject.retiredAt !== null) throw new CodedError('NOT_FOUND');
    const at = now.toISOString();
    await writeEnding(trx, steps, { subject, state: 'retired', at, author, reason });
    await retireKey(trx, hostId, at);
    await steps.freePlace(trx, hostId, at);
    return subject;
  });
}

function refuseEnded(subject: EndingSubject, before: readonly EndingRow[], to: EndingRow['state']): void {
  const { name } = subject;
  const closed = before.find(({ state }) => state === 'closed');
  if (closed) throw new CodedError('HOST_ENDED', { name, at: closed.at });
  const gone = before.find(({ state }) => state === 'missing');
  if (gone && to === 'missing') throw new CodedError('HOST_MISSING', { name, at: gone.at });
}
