/** `POST /v1/records`: what a host records about itself, signed with its own key. Answered after the commit. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { recordReceiptSchema, recordSubmissionSchema } from '../../shared/drill-statement.ts';
import { refusalSchema } from '../../shared/report.ts';
import type { Deps } from '../deps.ts';
import { acceptRecord, readRecord } from './accept-record.ts';
import { drillKind } from './drill.ts';
import type { HostRecordKind, RecordSteps } from './kind.ts';

/** An envelope has at most 88 kB. */
const BODY_LIMIT = 96 * 1024;

export function registerHostRecordRoutes(
  app: FastifyInstance,
  { db, clock, log }: Deps,
  steps: RecordSteps,
): void {
  const kinds: readonly HostRecordKind[] = [drillKind(steps) as HostRecordKind];
  app.withTypeProvider<ZodTypeProvider>().post(
    '/v1/records',
    {
      bodyLimit: BODY_LIMIT,
      config: { rateLimit: false },
      schema: {
        summary:
          'Takes one signed record of a host, such as a restore drill; the receipt means that it is committed and synced',
        tags: ['agents'],
        body: recordSubmissionSchema,
        response: { 200: recordReceiptSchema, '4xx': refusalSchema, '5xx': refusalSchema },
      },
    },
    async (request) => {
      const read = await readRecord(db, kinds, request.body.envelope);
      const receipt = await db.transaction().execute((trx) => acceptRecord(trx, steps, read, clock()));
      log.info({ host: receipt.host, record: receipt.record, index: receipt.log.index }, 'record accepted');
      return receipt;
    },
  );
}
