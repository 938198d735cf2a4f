/**
 * Reports on their way to the collector, on disk before the first try to send, in order, bounded.
 *
 *   <host>/chain.json           where the chain stands (agent/chain.ts)
 *   <host>/spool/<id>.json      signed envelopes, ids rising
 *   <host>/documents/<digest>   results documents that waiting envelopes name, and the last accepted one
 *   <host>/receipts/<sequence>.json, <host>/refused/<sequence>-<CODE>.json
 *
 * Durability order. A new report: document, then envelope; an envelope without its document would be useless.
 * Accepted: receipt, then chain, then the envelope goes; a crash in between sends the same bytes once more, and
 * the collector gives the same receipt. Set aside: chain (which holds the gap), then the envelope moves.
 */
import { setImmediate } from 'node:timers/promises';
import { fromBase64, fromUtf8 } from '../shared/bytes.ts';
import { canonicalJson } from '../shared/canonical.ts';
import { nodeCrypto } from '../shared/crypto-node.ts';
import { type Envelope, envelopeDigest, envelopeSchema } from '../shared/envelope.ts';
import { CodedError } from '../shared/errors.ts';
import { type Receipt, type Statement, statementSchema } from '../shared/report.ts';
import {
  afterAccepted,
  afterBreak,
  afterSetAside,
  type Chain,
  chainSchema,
  newChain,
  type Place,
  placeAfterHead,
} from './chain.ts';
import { leftovers, listState, readState, readStateText, stateSize } from './durable.ts';
import { withLock } from './lock.ts';
import type { Document } from './report.ts';
import type { State } from './state.ts';

export interface Entry {
  readonly id: number;
  readonly envelope: Envelope;
  readonly statement: Statement;
  readonly digest: string;
}

export interface Limits {
  /** Waiting envelopes; a year of hourly ones by default, about 30 MB. */
  readonly envelopes: number;
  /** Documents of waiting envelopes, in bytes of text. */
  readonly documentBytes: number;
}
const LIMITS: Limits = { envelopes: 9000, documentBytes: 64 * 1024 * 1024 };
const MAX_RECEIPTS = 9000;
const MAX_REFUSED = 100;
/** Whoever holds the lock writes a few small files; a disk may be slow. */
const LOCK_WAIT_MS = 30_000;

export interface Spool {
  chain(): Chain;
  /** Ids of what waits, in order. */
  waiting(): number[];
  /** One that waits; undefined when it is gone or damaged. Damaged ones are given up. */
  read(id: number): Promise<Entry | undefined>;
  /** A results document, if it is still here. */
  document(digest: string): string | undefined;
  /** On disk when it resolves. `sign` gets the place in the chain. @throws CodedError `NO_SPACE` */
  append(document: Document, sign: (place: Place) => Promise<Envelope>): Promise<Entry>;
  /** The same report, signed anew at its new place; undefined when it was given up meanwhile. */
  replace(entry: Entry, envelope: Envelope): Promise<Entry | undefined>;
  accept(entry: Entry, receipt: Receipt): Promise<void>;
  setAside(entry: Entry, code: string): Promise<void>;
  continueAfter(last: { sequence: number; envelopeDigest: string | null }): Promise<void>;
  /** As `continueAfter`, of a host that was reinstalled: there is nothing that it forgot. */
  startBehind(last: { sequence: number; envelopeDigest: string | null }): Promise<void>;
}

export function openSpool(state: State, host: string, limits: Partial<Limits> = {}): Spool {
  return new FileSpool(state, host, { ...LIMITS, ...limits });
}

const numbered = (number: number): string => String(number).padStart(10, '0');

class FileSpool implements Spool {
  readonly #state: State;
  readonly #host: string;
  readonly #limits: Limits;

  constructor(state: State, host: string, limits: Limits) {
    this.#state = state;
    this.#host = host;
    this.#limits = limits;
    for (const name of ['', 'spool', 'documents', 'receipts', 'refused']) {
      state.disk.makeDirectory(this.#file(name));
    }
  }

  #file(...names: string[]): string {
    return [this.#state.file(this.#host), ...names].filter(Boolean).join('/');
  }

  #locked<T>(work: () => Promise<T> | T): Promise<T> {
    return withLock(this.#state.file('lock'), LOCK_WAIT_MS, work);
  }

  chain(): Chain {
    return readState(this.#file('chain.json'), chainSchema) ?? newChain;
  }

  #writeChain(chain: Chain): void {
    this.#state.disk.write(this.#file('chain.json'), canonicalJson(chain));
  }

  waiting(): number[] {
    const { done } = this.chain();
    return listState(this.#file('spool'))
      .map((name) => Number(/^(\d{10})\.json$/.exec(name)?.[1]))
      .filter((id) => id > done);
  }

  #entry(id: number): Entry | undefined {
    const text = readStateText(this.#file('spool', `${numbered(id)}.json`));
    if (text === undefined) return undefined;
    try {
      const envelope = envelopeSchema.parse(JSON.parse(text));
      const statement = statementSchema.parse(JSON.parse(fromUtf8(fromBase64(envelope.payload))));
      return { id, envelope, statement, digest: envelopeDigest(nodeCrypto, envelope) };
    } catch {
      return undefined;
    }
  }

  async read(id: number): Promise<Entry | undefined> {
    const entry = this.#entry(id);
    if (entry) return entry;
    // Damaged on disk: its number is lost with it, so the collector will see a break and be told of it.
    await this.#locked(() => {
      const chain = this.chain();
      this.#writeChain({ ...chain, done: Math.max(chain.done, id) });
      this.#state.disk.remove(this.#file('spool', `${numbered(id)}.json`));
    });
    return undefined;
  }

  document(digest: string): string | undefined {
    return readStateText(this.#file('documents', digest));
  }

  append(document: Document, sign: (place: Place) => Promise<Envelope>): Promise<Entry> {
    return this.#locked(async () => {
      this.#sweep();
      const waiting = await this.#makeRoom();
      const chain = this.chain();
      const id = Math.max(chain.done, ...waiting.map((entry) => entry.id)) + 1;
      const last = waiting.at(-1);
      const place: Place = last
        ? { sequence: last.statement.predicate.sequence + 1, previous: last.digest }
        : placeAfterHead(chain);
      const envelope = await sign(place);
      // 1. The document. 2. The envelope that names it. Until then there is no such report.
      if (this.document(document.digest) === undefined) {
        this.#write(this.#file('documents', document.digest), document.text, document.digest);
      }
      this.#write(this.#file('spool', `${numbered(id)}.json`), canonicalJson(envelope), document.digest);
      this.#dropDocuments([...waiting.map(documentOf), document.digest], chain);
      const entry = this.#entry(id);
      if (!entry)
        throw new CodedError('STATE_UNREADABLE', { path: this.#file('spool'), problem: String(id) });
      return entry;
    });
  }

  /** What a crash left behind: half-written files, and envelopes that are done with. */
  #sweep(): void {
    for (const name of ['', 'spool', 'documents', 'receipts', 'refused']) {
      for (const left of leftovers(this.#file(name))) this.#state.disk.remove(this.#file(name, left));
    }
    const { done } = this.chain();
    for (const name of listState(this.#file('spool'))) {
      const id = Number(/^(\d{10})\.json$/.exec(name)?.[1]);
      if (id <= done) this.#state.disk.remove(this.#file('spool', name));
    }
  }

  /** Writes; on a full disk once more without all documents but the one that this report names. */
  #write(file: string, text: string, keep: string): void {
    try {
      this.#state.disk.write(file, text);
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'NO_SPACE') throw error;
      for (const name of listState(this.#file('documents'))) {
        if (name !== keep) this.#state.disk.remove(this.#file('documents', name));
      }
      this.#state.disk.write(file, text);
    }
  }

  /** All that waits, with the oldest given up where there are too many; damaged ones are left to `read`. */
  async #makeRoom(): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (const [index, id] of this.waiting().entries()) {
      const entry = this.#entry(id);
      if (entry) entries.push(entry);
      // A year's reports take a second to read: let signals in meanwhile.
      if (index % 100 === 99) await setImmediate();
    }
    const excess = Math.max(0, entries.length + 1 - this.#limits.envelopes);
    for (const entry of entries.splice(0, excess)) this.#giveUp(entry, 'SPOOL_FULL');
    return entries;
  }

  /** `wanted`: digests in the order of the reports that name them, the newest last. */
  #dropDocuments(wanted: readonly string[], chain: Chain): void {
    const here = new Set(listState(this.#file('documents')));
    const drop = (digest: string): void => {
      here.delete(digest);
      this.#state.disk.remove(this.#file('documents', digest));
    };
    const keep = new Set([...wanted, ...(chain.document ? [chain.document] : [])]);
    for (const digest of [...here]) if (!keep.has(digest)) drop(digest);
    // Full: the oldest go first, never the newest. Their envelopes stay.
    const sizes = new Map([...here].map((name) => [name, stateSize(this.#file('documents', name))]));
    let total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    for (const digest of new Set(wanted)) {
      if (total <= this.#limits.documentBytes) break;
      if (digest === wanted.at(-1) || !here.has(digest)) continue;
      total -= sizes.get(digest) ?? 0;
      drop(digest);
    }
  }

  replace(entry: Entry, envelope: Envelope): Promise<Entry | undefined> {
    return this.#locked(() => {
      const file = this.#file('spool', `${numbered(entry.id)}.json`);
      // A new round may have given it up meanwhile, because there were too many.
      if (readStateText(file) === undefined) return undefined;
      this.#state.disk.write(file, canonicalJson(envelope));
      return this.#entry(entry.id);
    });
  }

  accept(entry: Entry, receipt: Receipt): Promise<void> {
    return this.#locked(() => {
      const { disk } = this.#state;
      // 1. The receipt. 2. The chain. 3. Only then does the envelope go.
      disk.write(this.#file('receipts', `${numbered(receipt.sequence)}.json`), canonicalJson(receipt));
      this.#writeChain(afterAccepted(this.chain(), entry.id, entry.statement, entry.digest));
      disk.remove(this.#file('spool', `${numbered(entry.id)}.json`));
      this.#keepNewest('receipts', MAX_RECEIPTS);
    });
  }

  setAside(entry: Entry, code: string): Promise<void> {
    return this.#locked(() => this.#giveUp(entry, code));
  }

  #giveUp(entry: Entry, code: string): void {
    const { sequence } = entry.statement.predicate;
    this.#writeChain(afterSetAside(this.chain(), entry.id, sequence, code));
    const file = this.#file('spool', `${numbered(entry.id)}.json`);
    if (readStateText(file) === undefined) return;
    this.#state.disk.move(
      file,
      this.#file('refused', `${numbered(sequence)}-${code.replace(/\W/g, '')}.json`),
    );
    this.#keepNewest('refused', MAX_REFUSED);
  }

  continueAfter(last: { sequence: number; envelopeDigest: string | null }): Promise<void> {
    return this.#locked(() => this.#writeChain(afterBreak(this.chain(), last)));
  }

  startBehind(last: { sequence: number; envelopeDigest: string | null }): Promise<void> {
    return this.#locked(() => this.#writeChain({ ...afterBreak(this.chain(), last), rollbackFrom: null }));
  }

  #keepNewest(folder: string, most: number): void {
    for (const name of listState(this.#file(folder)).slice(0, -most)) {
      this.#state.disk.remove(this.#file(folder, name));
    }
  }
}

const documentOf = (entry: Entry): string => entry.statement.subject[0].digest.sha256;
