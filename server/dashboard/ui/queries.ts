/** What the screens ask the API for. Everything is fetched anew after a minute, and when one comes back to it. */
import { keepPreviousData, QueryCache, QueryClient, useIsMutating, useQuery } from '@tanstack/react-query';
import type { SessionReply } from '../../auth/session-reply.ts';
import type { AccessReply } from '../api/access.ts';
import type { AlertsReply } from '../api/alerts.ts';
import type { AnnexReply, ClauseReply } from '../api/annex.ts';
import type { DrillsReply } from '../api/drills.ts';
import type { HistoryReply, HostReply, HostsReply } from '../api/hosts.ts';
import type { MediaReply } from '../api/media.ts';
import type { OverviewReply, TenantsReply } from '../api/overview.ts';
import type { RecordsReply } from '../api/records.ts';
import type { UpdatesReply } from '../api/updates.ts';
import { ApiError, get } from './client.ts';

const MINUTE = 60_000;

export const queryClient: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: MINUTE / 2,
      refetchInterval: MINUTE,
      // A refusal stays one; only what did not arrive is tried again.
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status === 503),
    },
  },
  queryCache: new QueryCache({
    onError: (error) => {
      if (error instanceof ApiError && error.code === 'SIGNED_OUT')
        void queryClient.invalidateQueries({ queryKey: ['session'] });
    },
  }),
});

export const useSession = () =>
  useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => get<SessionReply>('/api/session', {}, signal),
    staleTime: 5 * MINUTE,
    refetchInterval: false,
  });

/** Of the mutation that ends the session. */
export const SIGN_OUT = ['sign-out'];
export const useSigningOut = (): boolean => useIsMutating({ mutationKey: SIGN_OUT }) > 0;

export const useTenants = () =>
  useQuery({
    queryKey: ['tenants'],
    queryFn: ({ signal }) => get<TenantsReply>('/api/tenants', {}, signal),
    refetchInterval: 5 * MINUTE,
  });

export const useOverview = (tenant: string | null) =>
  useQuery({
    queryKey: ['overview', tenant],
    queryFn: ({ signal }) => get<OverviewReply>('/api/overview', { tenant }, signal),
    placeholderData: keepPreviousData,
  });

export const useAnnex = (tenant: string | null) =>
  useQuery({
    queryKey: ['annex', tenant],
    queryFn: ({ signal }) => get<AnnexReply>('/api/annex', { tenant }, signal),
    enabled: tenant !== null,
    placeholderData: keepPreviousData,
  });

export const useClause = (tenant: string | null, clause: string) =>
  useQuery({
    queryKey: ['clause', tenant, clause],
    queryFn: ({ signal }) => get<ClauseReply>('/api/annex/clause', { tenant, clause }, signal),
    enabled: tenant !== null,
  });

export interface HostsWanted {
  tenant: string | null;
  q: string | undefined;
  freshness: string | undefined;
  outcome: string | undefined;
  check: string | undefined;
  life: string | undefined;
  sort: string | undefined;
  order: string | undefined;
  page: number;
}

export const useHosts = (wanted: HostsWanted) =>
  useQuery({
    queryKey: ['hosts', wanted],
    queryFn: ({ signal }) => get<HostsReply>('/api/hosts', { ...wanted }, signal),
    placeholderData: keepPreviousData,
  });

/** Asked often: somebody is looking at a terminal and waiting. */
export const useNewestHosts = (tenant: string) =>
  useQuery({
    queryKey: ['newest-hosts', tenant],
    queryFn: ({ signal }) => get<HostsReply>('/api/hosts', { tenant, sort: 'enrolled', size: 20 }, signal),
    refetchInterval: 3000,
  });

export const useHost = (host: string) =>
  useQuery({
    queryKey: ['host', host],
    queryFn: ({ signal }) => get<HostReply>(`/api/hosts/${encodeURIComponent(host)}`, {}, signal),
  });

export const useHistory = (host: string, page: number, enabled: boolean) =>
  useQuery({
    queryKey: ['history', host, page],
    queryFn: ({ signal }) =>
      get<HistoryReply>(`/api/hosts/${encodeURIComponent(host)}/history`, { page, size: 50 }, signal),
    enabled,
    placeholderData: keepPreviousData,
  });

export const useAlerts = (tenant: string | null, state: 'open' | 'resolved', page: number) =>
  useQuery({
    queryKey: ['alerts', tenant, state, page],
    queryFn: ({ signal }) => get<AlertsReply>('/api/alerts', { tenant, state, page }, signal),
    placeholderData: keepPreviousData,
  });

export interface AccessWanted {
  tenant: string | null;
  q: string | undefined;
  host: string | undefined;
  way: string | undefined;
  covered: string | undefined;
  page: number;
}

export const useAccess = (wanted: AccessWanted) =>
  useQuery({
    queryKey: ['access', wanted],
    queryFn: ({ signal }) => get<AccessReply>('/api/access', { ...wanted }, signal),
    placeholderData: keepPreviousData,
  });

export interface UpdatesWanted {
  tenant: string | null;
  q: string | undefined;
  host: string | undefined;
  severity: string | undefined;
  due: string | undefined;
  page: number;
}

export const useUpdates = (wanted: UpdatesWanted) =>
  useQuery({
    queryKey: ['updates', wanted],
    queryFn: ({ signal }) => get<UpdatesReply>('/api/updates', { ...wanted }, signal),
    placeholderData: keepPreviousData,
  });

export const useMedia = (tenant: string | null, state: 'open' | 'settled', size = 50) =>
  useQuery({
    queryKey: ['media', tenant, state, size],
    queryFn: ({ signal }) => get<MediaReply>('/api/media', { tenant, state, size }, signal),
    placeholderData: keepPreviousData,
  });

export interface RecordsWanted {
  tenant: string | null;
  type: string | undefined;
  q: string | undefined;
  state: 'live' | 'ended';
  page: number;
}

export const useRecords = (wanted: RecordsWanted) =>
  useQuery({
    queryKey: ['records', wanted],
    queryFn: ({ signal }) => get<RecordsReply>('/api/records', { ...wanted }, signal),
    placeholderData: keepPreviousData,
  });

export interface DrillsWanted {
  tenant: string | null;
  q: string | undefined;
  host: string | undefined;
  outcome: string | undefined;
  tool: string | undefined;
  page: number;
}

export const useDrills = (wanted: DrillsWanted) =>
  useQuery({
    queryKey: ['drills', wanted],
    queryFn: ({ signal }) => get<DrillsReply>('/api/drills', { ...wanted }, signal),
    placeholderData: keepPreviousData,
  });
