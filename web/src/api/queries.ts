import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, Refusal, unwrap, type Query } from './client';
import type { HostDetail, Me, SessionDetail } from './types';

/** Rows of one request: some screens full, and still small. */
export const pageRows = 200;

/** Changes on the server are asked for again whenever the server says so, or every few seconds. */
const live = { meta: { live: true } } as const;

const base = (tenant: string) => `/api/v1/tenants/${tenant}`;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await unwrap(api.GET('/api/v1/me', { signal }));
    } catch (cause) {
      if (cause instanceof Refusal && cause.status === 401) return null;
      throw cause;
    }
  },
  staleTime: Infinity,
});

/** The list's own parameters, as they stand in the page's address. */
export type SessionFilter = Record<string, string | string[]>;

export const sessionsQuery = (tenant: string, filter: SessionFilter) =>
  infiniteQueryOptions({
    queryKey: ['sessions', tenant, filter],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/v1/tenants/{tenant}/sessions', {
          params: { path: { tenant }, query: { ...filter, limit: String(pageRows), ...(pageParam ? { cursor: pageParam, count: 'none' } : {}) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    meta: { live: 'one-page' },
    // All pages would be asked for anew, one after another, whenever the window is looked at.
    refetchOnWindowFocus: false,
  });

/** A bounded look at sessions, for a page that is about something else. */
export const sessionSampleQuery = (tenant: string, filter: SessionFilter, limit: number) =>
  queryOptions({
    queryKey: ['session-sample', tenant, filter, limit],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/tenants/{tenant}/sessions', { params: { path: { tenant }, query: { ...filter, limit: String(limit) } }, signal })),
    placeholderData: keepPreviousData,
    ...live,
  });

export const sessionQuery = (tenant: string, id: string) =>
  queryOptions({
    queryKey: ['session', tenant, id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/tenants/{tenant}/sessions/{id}', { params: { path: { tenant, id } }, signal })) as Promise<SessionDetail>,
    ...live,
  });

export const hostsQuery = (tenant: string, filter: Query) =>
  infiniteQueryOptions({
    queryKey: ['hosts', tenant, filter],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/v1/tenants/{tenant}/hosts', {
          params: { path: { tenant }, query: { ...filter, limit: String(pageRows), ...(pageParam ? { cursor: pageParam, count: 'none' } : {}) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    ...live,
  });

export const busiestHostsQuery = (tenant: string, rows: number) =>
  queryOptions({
    queryKey: ['hosts-busiest', tenant, rows],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/api/v1/tenants/{tenant}/hosts', {
          params: { path: { tenant }, query: { has: 'open_sessions', order: '-open_sessions', limit: String(rows), count: 'none' } }, signal,
        }),
      ),
    ...live,
  });

export const hostQuery = (tenant: string, name: string) =>
  queryOptions({
    queryKey: ['host', tenant, name],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/tenants/{tenant}/hosts/{name}', { params: { path: { tenant, name } }, signal })) as Promise<HostDetail>,
    ...live,
  });

export const hostGroupsQuery = (tenant: string) =>
  queryOptions({
    queryKey: ['host-groups', tenant],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/tenants/{tenant}/host-groups', { params: { path: { tenant }, query: { limit: '1000' } }, signal })),
    ...live,
  });

export const usersQuery = (tenant: string) =>
  infiniteQueryOptions({
    queryKey: ['users', tenant],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/v1/tenants/{tenant}/users', {
          params: { path: { tenant }, query: { limit: String(pageRows), ...(pageParam ? { cursor: pageParam } : {}) } }, signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  });

export const userQuery = (tenant: string, name: string) =>
  queryOptions({
    queryKey: ['user', tenant, name],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/tenants/{tenant}/users/{name}', { params: { path: { tenant, name } }, signal })),
  });

export const exportsQuery = (tenant: string) =>
  infiniteQueryOptions({
    queryKey: ['exports', tenant],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/v1/tenants/{tenant}/exports', {
          params: { path: { tenant }, query: { limit: '100', ...(pageParam ? { cursor: pageParam } : {}) } }, signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    ...live,
    // Progress is no change of a session, so nothing tells of it.
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.items.some((task) => task.state === 'queued' || task.state === 'running')) ? 1000 : false,
  });

export const exportQuery = (tenant: string, id: string) =>
  queryOptions({
    queryKey: ['export', tenant, id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/tenants/{tenant}/exports/{id}', { params: { path: { tenant, id } }, signal })),
    refetchInterval: (query) => (!query.state.data || ['queued', 'running'].includes(query.state.data.state) ? 400 : false),
  });

export const manifestQuery = (tenant: string, id: string) =>
  queryOptions({
    queryKey: ['manifest', tenant, id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/tenants/{tenant}/exports/{id}/manifest', { params: { path: { tenant, id } }, signal })),
    staleTime: Infinity,
  });

export const healthQuery = (tenant: string, openLongerThan: string) =>
  queryOptions({
    queryKey: ['health', tenant, openLongerThan],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/tenants/{tenant}/health', { params: { path: { tenant }, query: { open_longer_than: openLongerThan } }, signal })),
    placeholderData: keepPreviousData,
    ...live,
  });

export const concurrencyQuery = (tenant: string, query: Query) =>
  queryOptions({
    queryKey: ['concurrency', tenant, query],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/tenants/{tenant}/stats/concurrency', { params: { path: { tenant }, query }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

export const summaryQuery = (tenant: string) =>
  queryOptions({
    queryKey: ['summary', tenant],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/tenants/{tenant}/stats/summary', { params: { path: { tenant } }, signal })),
    ...live,
  });

export const usageQuery = (tenant: string, query: Query) =>
  infiniteQueryOptions({
    queryKey: ['usage', tenant, query],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/v1/tenants/{tenant}/stats/usage', {
          params: { path: { tenant }, query: { ...query, limit: String(pageRows), ...(pageParam ? { cursor: pageParam, count: 'none' } : {}) } }, signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

export const fileUrl = (tenant: string, id: string) => `${base(tenant)}/exports/${id}/file`;
/** @param lastId The id of the last event that was received; null begins now. */
export const streamUrl = (tenant: string, lastId: string | null) => `${base(tenant)}/stream${lastId ? `?last_event_id=${encodeURIComponent(lastId)}` : ''}`;
