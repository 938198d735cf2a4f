/** `POST /v1/reports`: read and verify many at once, commit them in groups, answer after the commit. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { POLICY_HEADER } from '../../shared/policy.ts';
import {
  MAX_DOCUMENT_BYTES,
  type Receipt,
  receiptSchema,
  refusalSchema,
  submissionSchema,
} from '../../shared/report.ts';
import type { Deps } from '../deps.ts';
import { acceptReport } from './accept-report.ts';
import type { IngestSteps } from './change.ts';
import { createCommitQueue } from './commit-queue.ts';
import { type ReadReport, readReport } from './read-report.ts';

/** A document travels as a JSON string, in which every quote takes two bytes; the envelope has at most 88 kB. */
export const REPORT_BODY_LIMIT = 2 * MAX_DOCUMENT_BYTES + 128 * 1024;

/** Of the policy that counts for a host; undefined: it has to ask. */
type PolicyNumber = (hostId: string, now: Date) => Promise<number | undefined>;

export function registerIngestRoutes(
  app: FastifyInstance,
  { db, clock, log }: Deps,
  steps: IngestSteps,
  policyNumber: PolicyNumber,
): void {
  const queue = createCommitQueue<ReadReport, Receipt>(db, (trx, report) =>
    acceptReport(trx, steps, report, clock()),
  );
  app.addHook('onClose', () => queue.drained());

  app.withTypeProvider<ZodTypeProvider>().post(
    '/v1/reports',
    {
      bodyLimit: REPORT_BODY_LIMIT,
      config: { rateLimit: false },
      helmet: false,
      schema: {
        summary: 'Takes one signed report; the receipt means that it is committed and synced',
        tags: ['agents'],
        body: submissionSchema,
        response: { 200: receiptSchema, '4xx': refusalSchema, '5xx': refusalSchema },
      },
    },
    async (request, reply) => {
      const report = await readReport(db, request.body);
      const receipt = await queue.submit(report);
      log.debug({ host: receipt.host, sequence: receipt.sequence, index: receipt.log.index }, 'accepted');
      // The report is safe; without the hint the agent asks for its policy, that is all.
      const number = await policyNumber(receipt.host, clock()).catch(() => undefined);
      if (number !== undefined) reply.header(POLICY_HEADER, String(number));
      return receipt;
    },
  );
}
