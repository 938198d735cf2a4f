/** Sends the records that wait, in order. One that is refused for good is set aside and never blocks the rest. */
import { redact } from '../checks/evidence.ts';
import type { RecordReceipt } from '../shared/drill-statement.ts';
import { CodedError, type ErrorCode, errorCatalogue } from '../shared/errors.ts';
import type { Language } from '../shared/outcome.ts';
import type { Refusal } from '../shared/report.ts';
import { type Collector, RefusedByCollector } from './collector.ts';
import type { RecordSpool } from './record-spool.ts';

export interface RecordsSent {
  readonly receipts: readonly RecordReceipt[];
  readonly setAside: readonly { readonly id: number; readonly code: string }[];
  readonly waiting: number;
  /** Why it ended before everything was sent. */
  readonly problem: { readonly code: string; readonly message: string; readonly next: string } | null;
}

/** Undefined where nothing waits. */
export async function sendRecords(
  spool: RecordSpool,
  collector: Collector,
  language: Language,
): Promise<RecordsSent | undefined> {
  const ids = spool.waiting();
  if (ids.length === 0) return undefined;
  const receipts: RecordReceipt[] = [];
  const setAside: { id: number; code: string }[] = [];
  let problem: RecordsSent['problem'] = null;
  for (const id of ids) {
    const record = await spool.read(id);
    if (!record) continue;
    try {
      const { value } = await collector.record({ envelope: record.envelope });
      if (value.envelopeDigest !== record.digest) {
        const odd = { collector: collector.origin, problem: 'the receipt is for another record' };
        throw new CodedError('COLLECTOR_ANSWER_INVALID', odd);
      }
      await spool.accept(id, value);
      receipts.push(value);
    } catch (error) {
      if (error instanceof RefusedByCollector && isFinal(error.refusal)) {
        await spool.setAside(id, error.refusal.code);
        setAside.push({ id, code: redact(error.refusal.code) });
        continue;
      }
      problem = told(error, language);
      break;
    }
  }
  return { receipts, setAside, waiting: spool.waiting().length, problem };
}

/** A collector from before there were such records knows no such address: it may be newer tomorrow. */
function isFinal({ code, action }: Refusal['error']): boolean {
  const known = Object.hasOwn(errorCatalogue, code) ? errorCatalogue[code as ErrorCode].action : undefined;
  return code !== 'NOT_FOUND' && (action ?? known) === 'set-aside';
}

function told(error: unknown, language: Language): NonNullable<RecordsSent['problem']> {
  if (error instanceof CodedError) return { code: error.code, ...error.explain(language) };
  if (!(error instanceof RefusedByCollector)) throw error;
  const { code, message, next } = error.refusal;
  return { code: redact(code), message: redact(message), next: redact(next) };
}
