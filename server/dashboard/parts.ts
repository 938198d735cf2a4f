/** What the dashboard is handed by app.ts: other features' functions, not their files. */
import type { FastifyRequest } from 'fastify';
import type { Catalogue } from '../../shared/catalogue.ts';
import { CodedError } from '../../shared/errors.ts';
import type { Reach } from '../auth/reach.ts';
import type { TenantStatus } from '../catalogue/tenant-status.ts';

export interface DashboardParts {
  readonly now: () => Date;
  readonly catalogue: Catalogue;
  /** Every clause for one tenant at `now`, an instant as Date.prototype.toISOString writes it. */
  readonly tenantStatus: (tenantId: string, now: string) => Promise<TenantStatus>;
  /** Makes a token of the tenant, or for one host of it; `line` is the string to paste into `nachweis enrol`. */
  readonly createEnrolment: (terms: {
    readonly tenantId: string;
    readonly uses: number;
    readonly hours: number;
    readonly hostId?: string;
    readonly author: string;
  }) => Promise<{ readonly line: string; readonly expiresAt: string }>;
}

/** What this request may see. @throws CodedError `SIGNED_OUT` on a route that no guard stands before */
export function reachOf(request: FastifyRequest): Reach {
  if (!request.reach) throw new CodedError('SIGNED_OUT');
  return request.reach;
}
