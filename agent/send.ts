/**
 * Sends what waits, in order, and does what each answer asks for. A report that is refused for good is set aside
 * and named in the next one's `gap`; it never blocks the rest.
 */
import { redact } from '../checks/evidence.ts';
import type { Signer } from '../shared/crypto.ts';
import { nodeCrypto } from '../shared/crypto-node.ts';
import { keyId } from '../shared/envelope.ts';
import { CodedError, type ErrorCode, errorCatalogue } from '../shared/errors.ts';
import type { Language } from '../shared/outcome.ts';
import type { Receipt, Refusal, refusalActions } from '../shared/report.ts';
import { isPausing, neverSent, pauseMs, type Sending, sendingSchema } from './back-off.ts';
import { isPlacedAt, placeAfterHead } from './chain.ts';
import { type Answered, type Collector, RefusedByCollector } from './collector.ts';
import { readState } from './durable.ts';
import type { PolicyFetched } from './fetch-policy.ts';
import { movedTo, sign } from './report.ts';
import type { RecordsSent } from './send-records.ts';
import type { Entry, Spool } from './spool.ts';
import type { State } from './state.ts';

export interface SendOptions {
  readonly state: State;
  readonly spool: Spool;
  readonly collector: Collector;
  readonly signer: Signer;
  readonly clock: () => Date;
  readonly random: () => number;
  readonly language: Language;
  /** Try although a pause is not over; one that the collector asked for is kept even so. */
  readonly now?: boolean;
}

export interface Sent {
  readonly receipts: readonly Receipt[];
  readonly setAside: readonly { readonly sequence: number; readonly code: string }[];
  /** Reports that still wait. */
  readonly waiting: number;
  /** Why it ended before everything was sent. */
  readonly problem: Sending['problem'];
  readonly notBefore: string | null;
  /** Which policy the collector said with the last receipt that this host should have. */
  readonly policyNumber?: number | undefined;
  /** What became of the records that waited, where there were any. */
  readonly records?: RecordsSent;
  /** What asking for the policy came to, where it was asked for. */
  readonly policy?: PolicyFetched;
}

/** How often one report is given a new place in one run before it has to wait. */
const MAX_BREAKS = 3;

export const readSending = (state: State): Sending =>
  readState(state.file('sending.json'), sendingSchema) ?? neverSent;

export async function sendWaiting(options: SendOptions): Promise<Sent> {
  const { state, spool, clock } = options;
  const receipts: Receipt[] = [];
  const setAside: { sequence: number; code: string }[] = [];
  const sending = readSending(state);
  const pausing = isPausing(sending, clock());
  const ids = spool.waiting();
  if (ids.length === 0 || (pausing && (sending.asked || !options.now))) {
    return {
      receipts,
      setAside,
      waiting: ids.length,
      problem: sending.problem,
      notBefore: sending.notBefore,
    };
  }
  const run = new Run(options, sending);
  try {
    for (const id of ids) {
      const result = await run.deliver(id);
      if (result === 'later') break;
      if (result !== 'gone' && 'receipt' in result) receipts.push(result.receipt);
      else if (result !== 'gone') setAside.push(result);
    }
  } finally {
    state.disk.write(state.file('sending.json'), JSON.stringify(run.sending));
  }
  const { problem, notBefore } = run.sending;
  const { policyNumber } = run;
  return { receipts, setAside, waiting: spool.waiting().length, problem, notBefore, policyNumber };
}

type Delivered = 'gone' | 'later' | { receipt: Receipt } | { sequence: number; code: string };

class Run {
  sending: Sending;
  policyNumber: number | undefined;
  readonly #options: SendOptions;

  constructor(options: SendOptions, sending: Sending) {
    this.#options = options;
    this.sending = sending;
  }

  async deliver(id: number): Promise<Delivered> {
    const { spool } = this.#options;
    let entry = await spool.read(id);
    let breaks = 0;
    let whole = false;
    for (;;) {
      entry = entry && (await this.#placed(entry));
      if (!entry) return 'gone';
      const answer = await this.#try(entry, whole);
      if ('value' in answer) {
        await spool.accept(entry, answer.value);
        this.policyNumber = answer.policyNumber;
        this.#worked(answer.collectorTime);
        return { receipt: answer.value };
      }
      if (!(answer instanceof RefusedByCollector)) return this.#later(answer, undefined);
      const { refusal } = answer;
      const action = actionOf(refusal);
      if (action === 'resend-with-document' && !whole && spool.document(documentOf(entry)) !== undefined) {
        whole = true;
      } else if (action === 'continue-after' && refusal.last && breaks < MAX_BREAKS) {
        breaks += 1;
        await spool.continueAfter(refusal.last);
      } else if (action === 'set-aside' || action === 'resend-with-document') {
        // Asked for a document that a full spool has dropped: this one can't be delivered any more either.
        await spool.setAside(entry, refusal.code);
        this.#worked(answer.collectorTime, said(refusal));
        return { sequence: entry.statement.predicate.sequence, code: refusal.code };
      } else {
        return this.#later(answer, answer.retryAfterSeconds);
      }
    }
  }

  /** Signed anew where the place it was signed for is not the one that comes next. */
  async #placed(entry: Entry): Promise<Entry | undefined> {
    const { spool, signer } = this.#options;
    const place = placeAfterHead(spool.chain(), entry.statement.predicate.sequence);
    const signedNow = entry.envelope.signatures[0].keyid === keyId(nodeCrypto, signer.publicKey);
    // Also what waited while the machine was enrolled anew under another key.
    if (isPlacedAt(entry.statement, place) && signedNow) return entry;
    // On disk again before it is sent: a crash must not leave the collector with bytes that we do not have.
    return spool.replace(entry, await sign(signer, movedTo(entry.statement, place)));
  }

  async #try(
    { statement, envelope, digest }: Entry,
    whole: boolean,
  ): Promise<Answered<Receipt> | RefusedByCollector | CodedError> {
    const { spool, collector, clock } = this.#options;
    const subject = statement.subject[0].digest.sha256;
    const text = whole || subject !== spool.chain().document ? spool.document(subject) : undefined;
    this.#note({ lastTry: clock().toISOString() });
    try {
      const answer = await collector.send(text === undefined ? { envelope } : { envelope, document: text });
      const { host, sequence } = statement.predicate;
      const { value } = answer;
      if (value.host === host && value.sequence === sequence && value.envelopeDigest === digest)
        return answer;
      return new CodedError('COLLECTOR_ANSWER_INVALID', {
        collector: collector.origin,
        problem: 'the receipt is for another report',
      });
    } catch (error) {
      if (error instanceof RefusedByCollector || error instanceof CodedError) return error;
      throw error;
    }
  }

  #worked(collectorTime: Date | undefined, problem: Sending['problem'] = null): void {
    this.#note({ attempts: 0, notBefore: null, asked: false, problem, ...this.#heard(collectorTime) });
  }

  #later(error: CodedError | RefusedByCollector, retryAfter: number | undefined): 'later' {
    const { clock, random, language } = this.#options;
    const attempts = this.sending.attempts + 1;
    const pause = retryAfter === undefined ? pauseMs(attempts, random()) : retryAfter * 1000;
    const problem =
      error instanceof CodedError ? { code: error.code, ...error.explain(language) } : said(error.refusal);
    this.#note({
      attempts,
      notBefore: new Date(clock().getTime() + pause).toISOString(),
      asked: retryAfter !== undefined,
      problem,
      ...(error instanceof RefusedByCollector ? this.#heard(error.collectorTime) : {}),
    });
    return 'later';
  }

  #heard(collectorTime: Date | undefined): Partial<Sending> {
    const now = this.#options.clock();
    return {
      lastAnswer: now.toISOString(),
      clockAheadSeconds: collectorTime
        ? Math.round((now.getTime() - collectorTime.getTime()) / 1000)
        : this.sending.clockAheadSeconds,
    };
  }

  #note(change: Partial<Sending>): void {
    this.sending = { ...this.sending, ...change };
  }
}

const documentOf = (entry: Entry): string => entry.statement.subject[0].digest.sha256;

/** The collector's words, for terminals and files: one line, nothing that steers. */
const said = ({ code, message, next }: Refusal['error']): Sending['problem'] => ({
  code: redact(code),
  message: redact(message),
  next: redact(next),
});

/** What the refusal says to do; else what this agent's own catalogue says for that code; else try again later. */
function actionOf({ code, action }: Refusal['error']): (typeof refusalActions)[number] {
  if (action) return action;
  const known = Object.hasOwn(errorCatalogue, code) ? errorCatalogue[code as ErrorCode].action : undefined;
  return known ?? 'retry';
}
