import { Button, Checkbox, NativeSelect, Popover, TextInput } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState, type FormEvent } from 'react';
import { useSearchParams } from 'react-router';
import { sessionsQuery } from '../api/queries';
import { fromInput, inputText } from '../format';
import { useMessages } from '../i18n';
import type { Messages } from '../i18n/en';
import { useLive } from '../live';
import { usePreferences } from '../preferences';
import { useMay, useMe } from '../session';
import { Page, sessionPath } from '../ui/bits';
import { DataTable } from '../ui/DataTable';
import { Icon } from '../ui/icons';
import { EmptyState, ErrorState, LoadingState } from '../ui/states';
import { useTitle } from '../ui/useTitle';
import { ExportDialog } from './ExportDialog';
import { AddFilter, FilterChips, filterOf } from './filters';
import { defaultColumns, sessionColumns } from './sessionColumns';

export function SessionsPage() {
  const t = useMessages();
  const { tenant } = useMe();
  useTitle(t.sessions.title);
  const [search, setSearch] = useSearchParams();
  const filter = useMemo(() => filterOf(search), [search]);
  const query = useMemo(() => sessionsQuery(tenant, filter), [tenant, filter]);
  const found = useInfiniteQuery(query);
  const rows = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);
  const first = found.data?.pages[0];
  const columns = useMemo(() => sessionColumns(t), [t]);
  const visible = usePreferences().preferences.sessionColumns ?? defaultColumns;

  const change = useCallback((name: string, values: readonly string[]) => setSearch((old) => changed(old, name, values)), [setSearch]);
  const { fetchNextPage, isFetching } = found;
  const more = useCallback(() => {
    if (!isFetching) void fetchNextPage();
  }, [fetchNextPage, isFetching]);
  const hasNews = useNews(found.data?.pages.length ?? 0, isFetching && !found.isFetchingNextPage);
  const [begun, begin] = useBeginning(query.queryKey, () => void found.refetch());
  useFilterKey();
  return (
    <Page
      title={t.sessions.title}
      note={first && <span aria-live="polite" data-count={first.count}>{t.sessions.count(first.count ?? rows.length)}{first.limited_by ? ` · ${t.sessions.limitedBy(first.limited_by)}` : ''}</span>}
      actions={<Actions columnIds={visible} countText={first ? t.sessions.count(first.count ?? rows.length) : ''} filter={filter} />}
    >
      <div className="filter-bar" role="group" aria-label={t.sessions.addFilter}>
        <AddFilter search={search} change={change} />
        <FilterChips search={search} change={change} />
        {search.size > 0 && <Button variant="subtle" onClick={() => setSearch(new URLSearchParams())}>{t.sessions.clear}</Button>}
        <span className="filter-space" />
        {hasNews && <Button variant="light" onClick={begin}>{t.sessions.changed}</Button>}
        <WhoWasOn at={search.get('active_at')} change={change} />
        <Order order={search.get('order')} change={change} />
      </div>
      {found.isError ? <ErrorState error={found.error} retry={() => void found.refetch()} removeFilter={(name) => change(name, [])} />
        : found.isPending ? <LoadingState />
        : rows.length === 0 ? <EmptyState title={t.sessions.empty} hint={t.sessions.emptyHint} />
        : (
          <DataTable
            key={begun} label={t.sessions.gridLabel} rows={rows} columns={columns} visible={visible} rowId={(session) => session.id} rowPath={(session) => sessionPath(session.id)}
            count={first?.count ?? null} isBusy={found.isPlaceholderData} hasMore={found.hasNextPage} isLoadingMore={found.isFetchingNextPage} loadMore={more}
          />
        )}
    </Page>
  );
}

function changed(old: URLSearchParams, name: string, values: readonly string[]): URLSearchParams {
  const next = new URLSearchParams(old);
  next.delete(name);
  for (const value of values) next.append(name, value);
  return next;
}

/** Whether something changed since the rows were asked for, and nobody asks for them by itself. News that come during the asking may not be in its answer. */
function useNews(pages: number, isRefetching: boolean): boolean {
  const { news } = useLive();
  const latest = useRef(news);
  latest.current = news;
  const [seen, setSeen] = useState(news);
  useEffect(() => {
    if (isRefetching) setSeen(latest.current);
  }, [isRefetching]);
  return pages > 1 && news !== seen;
}

/** Back to the first page and its first row: the pages after it are dropped, for each would be asked for again. */
function useBeginning(queryKey: ReturnType<typeof sessionsQuery>['queryKey'], refetch: () => void): readonly [number, () => void] {
  const client = useQueryClient();
  const [begun, setBegun] = useState(0);
  const begin = () => {
    client.setQueryData(queryKey, (old) => old && { pages: old.pages.slice(0, 1), pageParams: old.pageParams.slice(0, 1) });
    setBegun((count) => count + 1);
    refetch();
  };
  return [begun, begin];
}

/** The slash opens the menu of filters. */
function useFilterKey() {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== '/' || (event.target as HTMLElement).closest('input, textarea, select')) return;
      event.preventDefault();
      document.querySelector<HTMLElement>('[data-add-filter]')?.click();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
}

function WhoWasOn({ at, change }: { at: string | null; change: (name: string, values: readonly string[]) => void }) {
  const t = useMessages();
  const [text, setText] = useState(inputText(at));
  useEffect(() => setText(inputText(at)), [at]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const instant = fromInput(text);
    change('active_at', instant ? [instant] : []);
  };
  return (
    <form className="who" onSubmit={submit}>
      <TextInput type="datetime-local" step={1} value={text} onChange={(event) => setText(event.currentTarget.value)} aria-label={t.sessions.whoWasOn} title={t.sessions.whoWasOnHint} leftSection={<Icon name="clock" />} />
      <Button type="submit" variant="default">{t.sessions.whoWasOn}</Button>
    </form>
  );
}

function Order({ order, change }: { order: string | null; change: (name: string, values: readonly string[]) => void }) {
  const t = useMessages();
  return (
    <NativeSelect
      aria-label={t.sessions.order} value={order ?? '-start_time'} data={Object.entries(t.sessions.orders).map(([value, label]) => ({ value, label }))}
      onChange={(event) => change('order', event.currentTarget.value === '-start_time' ? [] : [event.currentTarget.value])}
    />
  );
}

interface ActionsProps {
  readonly columnIds: readonly string[];
  readonly countText: string;
  readonly filter: ReturnType<typeof filterOf>;
}

function Actions({ columnIds, countText, filter }: ActionsProps) {
  const t = useMessages();
  const mayExport = useMay('export-sessions');
  const [isExporting, setIsExporting] = useState(false);
  const [isCopied, setIsCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(window.location.href).catch(() => undefined);
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), 2000);
  };
  return (
    <>
      <Button variant="default" leftSection={<Icon name="link" />} onClick={() => void copy()}><span aria-live="polite">{isCopied ? t.common.copied : t.sessions.share}</span></Button>
      <Columns t={t} visible={columnIds} />
      {mayExport && <Button leftSection={<Icon name="export" />} onClick={() => setIsExporting(true)}>{t.sessions.export}</Button>}
      {isExporting && <ExportDialog filter={filter} columns={columnIds} countText={countText} close={() => setIsExporting(false)} />}
    </>
  );
}

function Columns({ t, visible }: { t: Messages; visible: readonly string[] }) {
  const { change } = usePreferences();
  const all = sessionColumns(t);
  const toggle = (id: string) => {
    const next = all.map((column) => column.id).filter((one) => (one === id) !== visible.includes(one));
    if (next.length > 0) change({ sessionColumns: next });
  };
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target><Button variant="default" leftSection={<Icon name="columns" />}>{t.common.columns}</Button></Popover.Target>
      <Popover.Dropdown>
        <div className="checks checks-two">
          {all.map((column) => <Checkbox key={column.id} label={column.title} checked={visible.includes(column.id)} onChange={() => toggle(column.id)} />)}
        </div>
        <Button variant="subtle" mt="xs" onClick={() => change({ sessionColumns: null })}>{t.common.reset}</Button>
      </Popover.Dropdown>
    </Popover>
  );
}
