/** What the dashboard is handed by app.ts: other features' functions, not their files. */
import type { FastifyRequest } from 'fastify';
import type { Catalogue } from '../../shared/catalogue.ts';
import type { StatusHost } from '../../shared/clause-status.ts';
import { CodedError } from '../../shared/errors.ts';
import type { Obligation } from '../../shared/obligations.ts';
import type { Language } from '../../shared/outcome.ts';
import type { Reach } from '../auth/reach.ts';
import type { TenantStatus } from '../catalogue/tenant-status.ts';
import type { TenantRef } from './api/common.ts';

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
  /** The tenant's hosts with their disks, and what has to be erased or disposed of. */
  readonly tenantMedia: (
    tenantId: string,
    now: string,
  ) => Promise<{ readonly hosts: readonly StatusHost[]; readonly owed: readonly Obligation[] }>;
  /** A record to fill in, as YAML. */
  readonly recordForm: (about: {
    readonly host: string;
    readonly tenant: TenantRef;
    readonly type: 'erasure' | 'disposal';
    readonly language: Language;
  }) => Promise<string>;
  /** Stores a record of erasure or disposal. @returns its id */
  readonly recordMedia: (given: Recorded & { readonly record: string }) => Promise<string>;
  readonly closeHost: (
    given: Recorded & {
      readonly host: string;
      readonly record?: string | undefined;
      readonly reason: string;
    },
  ) => Promise<void>;
  readonly markMissing: (given: {
    readonly host: string;
    readonly reason: string;
    readonly author: string;
  }) => Promise<void>;
}

interface Recorded {
  readonly tenant: TenantRef;
  readonly attachments: readonly { readonly name: string; readonly sha256: string }[];
  readonly author: string;
}

/** What this request may see. @throws CodedError `SIGNED_OUT` on a route that no guard stands before */
export function reachOf(request: FastifyRequest): Reach {
  if (!request.reach) throw new CodedError('SIGNED_OUT');
  return request.reach;
}
