/**
 * What this host records about itself, on its way to the collector: signed, on disk before the first try to send, in order.
 *
 *   <host>/records/<id>.json            envelopes, ids rising
 *   <host>/record-receipts/<id>.json    what the collector answered
 *   <host>/refused/record-<id>-<CODE>.json
 *
 * Unlike reports they are no chain: each says something of its own. Durability order. Accepted: receipt, then the envelope
 * goes; a crash in between sends the same bytes once more, and the collector gives the same place in its log.
 */
import { canonicalJson } from '../shared/canonical.ts';
import { nodeCrypto } from '../shared/crypto-node.ts';
import type { RecordReceipt } from '../shared/drill-statement.ts';
import { type Envelope, envelopeDigest, envelopeSchema } from '../shared/envelope.ts';
import { CodedError } from '../shared/errors.ts';
import { leftovers, listState, readStateText } from './durable.ts';
import { withLock } from './lock.ts';
import type { State } from './state.ts';

export interface WaitingRecord {
  readonly id: number;
  readonly envelope: Envelope;
  readonly digest: string;
}

/** A host that is drilled every hour and can reach nobody for months has fewer. */
const MAX_WAITING = 2000;
const MAX_RECEIPTS = 1000;
const MAX_REFUSED = 100;
const LOCK_WAIT_MS = 30_000;

const numbered = (id: number): string => String(id).padStart(10, '0');

export class RecordSpool {
  readonly #state: State;
  readonly #host: string;

  constructor(state: State, host: string) {
    this.#state = state;
    this.#host = host;
    for (const name of ['', 'records', 'record-receipts', 'refused'])
      state.disk.makeDirectory(this.#file(name));
  }

  #file(...names: string[]): string {
    return [this.#state.file(this.#host), ...names].filter(Boolean).join('/');
  }

  #locked<T>(work: () => Promise<T> | T): Promise<T> {
    return withLock(this.#state.file('lock'), LOCK_WAIT_MS, work);
  }

  /** Ids of what waits, in order. */
  waiting(): number[] {
    return idsIn(this.#file('records'));
  }

  /** On disk when it resolves. @throws CodedError `NO_SPACE`, `RECORDS_WAITING` */
  append(envelope: Envelope): Promise<WaitingRecord> {
    return this.#locked(() => {
      for (const name of ['records', 'record-receipts'])
        for (const left of leftovers(this.#file(name))) this.#state.disk.remove(this.#file(name, left));
      const waiting = this.waiting();
      // Nothing that was signed is dropped to make room: the new one is refused, and whoever made it hears of it.
      if (waiting.length >= MAX_WAITING) throw new CodedError('RECORDS_WAITING');
      const used = [
        ...waiting,
        ...idsIn(this.#file('record-receipts')),
        ...refusedIds(this.#file('refused')),
      ];
      const id = Math.max(0, ...used) + 1;
      this.#state.disk.write(this.#file('records', `${numbered(id)}.json`), canonicalJson(envelope));
      return { id, envelope, digest: envelopeDigest(nodeCrypto, envelope) };
    });
  }

  /** Undefined when it is gone; one that is damaged on disk is set aside. */
  async read(id: number): Promise<WaitingRecord | undefined> {
    const text = readStateText(this.#file('records', `${numbered(id)}.json`));
    if (text === undefined) return undefined;
    try {
      const envelope = envelopeSchema.parse(JSON.parse(text));
      return { id, envelope, digest: envelopeDigest(nodeCrypto, envelope) };
    } catch {
      await this.setAside(id, 'DAMAGED');
      return undefined;
    }
  }

  accept(id: number, receipt: RecordReceipt): Promise<void> {
    return this.#locked(() => {
      this.#state.disk.write(this.#file('record-receipts', `${numbered(id)}.json`), canonicalJson(receipt));
      this.#state.disk.remove(this.#file('records', `${numbered(id)}.json`));
      this.#keepNewest('record-receipts', /^\d/, MAX_RECEIPTS);
    });
  }

  setAside(id: number, code: string): Promise<void> {
    return this.#locked(() => {
      const file = this.#file('records', `${numbered(id)}.json`);
      if (readStateText(file) === undefined) return;
      const name = `record-${numbered(id)}-${code.replace(/\W/g, '')}.json`;
      this.#state.disk.move(file, this.#file('refused', name));
      this.#keepNewest('refused', /^record-/, MAX_REFUSED);
    });
  }

  #keepNewest(folder: string, which: RegExp, most: number): void {
    const names = listState(this.#file(folder)).filter((name) => which.test(name));
    for (const name of names.slice(0, -most)) this.#state.disk.remove(this.#file(folder, name));
  }
}

function idsIn(directory: string): number[] {
  return listState(directory)
    .map((name) => Number(/^(\d{10})\.json$/.exec(name)?.[1]))
    .filter((id) => !Number.isNaN(id))
    .sort((a, b) => a - b);
}

const refusedIds = (directory: string): number[] =>
  listState(directory)
    .map((name) => Number(/^record-(\d{10})-/.exec(name)?.[1]))
    .filter((id) => !Number.isNaN(id));
