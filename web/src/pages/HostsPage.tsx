import { Button, Chip, NativeSelect, TextInput } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import { hostGroupsQuery, hostsQuery } from '../api/queries';
import type { Host } from '../api/types';
import { countText, durationText } from '../format';
import { useLanguage, useMessages, wordOf } from '../i18n';
import type { Messages } from '../i18n/en';
import type { Language } from '../preferences';
import { useMe } from '../session';
import { Dot, HostLink, Page, hostPath } from '../ui/bits';
import { DataTable, type Column } from '../ui/DataTable';
import { EmptyState, ErrorState, LoadingState } from '../ui/states';
import { Time } from '../ui/Time';
import { useTitle } from '../ui/useTitle';

export function HostsPage() {
  const t = useMessages();
  const language = useLanguage();
  const { tenant } = useMe();
  useTitle(t.hosts.title);
  const [search, setSearch] = useSearchParams();
  const found = useInfiniteQuery(hostsQuery(tenant, Object.fromEntries(search)));
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const columns = useMemo(() => columnsOf(t, language), [t, language]);
  const count = found.data?.pages[0]?.count ?? null;
  const set = (name: string, value: string | null) => setSearch((old) => {
    const next = new URLSearchParams(old);
    if (value) next.set(name, value);
    else next.delete(name);
    return next;
  });
  return (
    <Page title={t.hosts.title} note={count !== null && <span data-count={count}>{t.common.rows(count)}</span>}>
      <HostFilters search={search} set={set} />
      {found.isPending ? <LoadingState /> : found.isError ? <ErrorState error={found.error} retry={() => void found.refetch()} removeFilter={(name) => set(name, null)} />
        : rows.length === 0 ? <EmptyState title={t.hosts.empty} hint={t.hosts.emptyHint} />
        : <DataTable label={t.hosts.title} rows={rows} columns={columns} rowId={(host) => host.name} rowPath={(host) => hostPath(host.name)} count={count} hasMore={found.hasNextPage} isLoadingMore={found.isFetchingNextPage} loadMore={() => void found.fetchNextPage()} />}
    </Page>
  );
}

const typingMs = 300;

function HostFilters({ search, set }: { search: URLSearchParams; set: (name: string, value: string | null) => void }) {
  const t = useMessages();
  const { tenant } = useMe();
  const groups = useQuery(hostGroupsQuery(tenant));
  const [name, setName] = useState(search.get('name_contains') ?? '');
  useEffect(() => {
    if (name === (search.get('name_contains') ?? '')) return undefined;
    const timer = setTimeout(() => set('name_contains', name), typingMs);
    return () => clearTimeout(timer);
  }, [name]);
  const flags = ['silent', 'skewed'] as const;
  const traits = ['open_sessions', 'late', 'duplicate', 'rejected'] as const;
  return (
    <div className="filter-bar" role="group" aria-label={t.sessions.addFilter}>
      <TextInput placeholder={t.hosts.search} aria-label={t.hosts.search} value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={256} w={140} />
      <NativeSelect
        w={170} aria-label={t.hosts.group} value={search.get('host_group') ?? ''} onChange={(event) => set('host_group', event.currentTarget.value)}
        data={[{ value: '', label: t.hosts.groupAll }, ...(groups.data?.items ?? []).map((group) => ({ value: group.id, label: group.name ?? group.id }))]}
      />
      {flags.map((flag) => <Chip key={flag} size="xs" checked={search.get(flag) === 'true'} onChange={(checked) => set(flag, checked ? 'true' : null)}>{t.hosts.filters[flag]}</Chip>)}
      {traits.map((trait) => <Chip key={trait} size="xs" checked={search.get('has') === trait} onChange={(checked) => set('has', checked ? trait : null)}>{t.hosts.filters[trait]}</Chip>)}
      {search.has('source') && <Button variant="light" onClick={() => set('source', null)} aria-label={t.errors.removeFilter(t.hosts.sourceIs)}>{t.hosts.sourceIs}: {search.get('source')} ×</Button>}
    </div>
  );
}

export function HostState({ host }: { host: Host }) {
  const t = useMessages();
  const tone = { beating: 'active', silent: 'failed', no_beats: 'ended' }[host.state] ?? 'ended';
  return <Dot tone={tone}>{wordOf(t.hosts.states, host.state)}</Dot>;
}

export function skewText(host: { skew_ms?: number | null; skew_from?: string | null }, t: Messages, language: Language): string {
  if (host.skew_ms == null) return '–';
  if (Math.abs(host.skew_ms) < 1000) return t.hosts.right;
  const span = durationText(Math.abs(host.skew_ms), language);
  const lower = host.skew_from === 'events' ? `${t.host.skewLower} ` : '';
  return lower + (host.skew_ms > 0 ? t.hosts.ahead(span) : t.hosts.behind(span));
}

function columnsOf(t: Messages, language: Language): readonly Column<Host>[] {
  const number = (id: string, title: string, width: number, value: (host: Host) => number): Column<Host> =>
    ({ id, title, width, isNumber: true, cell: (host) => (value(host) === 0 ? <span className="dim">0</span> : countText(value(host))) });
  return [
    { id: 'name', title: t.hosts.name, width: 105, cell: (host) => <HostLink host={host.name} /> },
    { id: 'group', title: t.hosts.group, width: 180, cell: (host) => <span dir="auto">{host.group_name ?? '–'}</span> },
    { id: 'state', title: t.hosts.state, width: 142, cell: (host) => <HostState host={host} /> },
    number('open', t.hosts.open, 112, (host) => host.open_sessions),
    { id: 'beat', title: t.hosts.lastBeat, width: 200, cell: (host) => <Time at={host.last_beat} /> },
    { id: 'seen', title: t.hosts.lastSeen, width: 200, cell: (host) => <Time at={host.last_seen} /> },
    { id: 'skew', title: t.hosts.skew, width: 110, cell: (host) => <span className={host.skew_exceeded ? 'warn' : undefined}>{skewText(host, t, language)}</span> },
    { id: 'ip', title: t.hosts.ip, width: 110, cell: (host) => host.ip ?? '–' },
    number('late', t.hosts.late, 70, (host) => host.events.late),
    number('rejected', t.hosts.rejected, 70, (host) => host.events.rejected),
  ];
}
