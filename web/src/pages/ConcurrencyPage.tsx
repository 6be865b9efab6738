import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, type KeyboardEvent as KeyPress, type ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import { concurrencyQuery, sessionSampleQuery, usageQuery } from '../api/queries';
import type { Concurrency, Peak, Series, UserUsage } from '../api/types';
import { countText } from '../format';
import { useMessages } from '../i18n';
import type { Messages } from '../i18n/en';
import { useMay, useMe } from '../session';
import { HostLink, Page, Panel, UserLink, sessionPath, userPath } from '../ui/bits';
import { Chart, seriesOf } from '../ui/Chart';
import { DataTable, type Column } from '../ui/DataTable';
import { Answered, EmptyState, ErrorState, LoadingState } from '../ui/states';
import { Time } from '../ui/Time';
import { useTitle } from '../ui/useTitle';
import { zoomedBy, type SecondsSpan } from './zoom';

const periods = { P1D: 1, P7D: 7, P30D: 30, P90D: 90 } as const;
type Period = keyof typeof periods;

const groupings = ['none', 'host_group', 'host', 'protocol', 'user'] as const;
const dayMs = 24 * 3600 * 1000;

/** A chart has some hundred points; more are no clearer. In minutes. */
const bucketSteps = [1, 5, 15, 60, 180, 720, 1440];
const pointsMax = 360;

export function ConcurrencyPage() {
  const t = useMessages();
  const { tenant } = useMe();
  useTitle(t.concurrency.title);
  const [search, setSearch] = useSearchParams();
  const span = useMemo(() => spanOf(search), [search]);
  const by = groupings.find((one) => one === search.get('by')) ?? 'none';
  const found = useQuery(concurrencyQuery(tenant, { from: span.from, to: span.to, bucket: bucketOf(span), by: 'none' }));
  const set = (change: Record<string, string | null>, options?: { replace: boolean }) => setSearch((old) => {
    const next = new URLSearchParams(old);
    for (const [name, value] of Object.entries(change)) value === null ? next.delete(name) : next.set(name, value);
    return next;
  }, options);
  const zoom: Zoom = (seconds, options) =>
    set(seconds ? { from: new Date(seconds[0] * 1000).toISOString(), to: new Date(seconds[1] * 1000).toISOString() } : { from: null, to: null }, options);
  const onKeyDown = zoomKeys(zoom);
  useEscape(() => zoom(null));
  return (
    <Page title={t.concurrency.title} actions={<PeriodChoice search={search} set={set} zoomOut={() => zoom(null)} />}>
      {found.isPending ? <LoadingState /> : found.isError ? <ErrorState error={found.error} retry={() => void found.refetch()} removeFilter={(name) => set({ [name]: null })} /> : (
        <div className="panels">
          <Whole found={found.data} zoom={zoom} onKeyDown={onKeyDown} />
          <Groups span={span} by={by} choose={(value) => set({ by: value === 'none' ? null : value })} />
        </div>
      )}
      <Usage />
    </Page>
  );
}

/** With null, everything again; what replaces leaves no way back in the history, as one step of many should not. */
type Zoom = (seconds: SecondsSpan | null, options?: { replace: boolean }) => void;

/** Asks the address itself where the chart stands: a key may come before the page has been drawn for the one before it. */
function zoomKeys(zoom: Zoom) {
  return (event: KeyPress) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const search = new URLSearchParams(window.location.search);
    const { from, to } = spanOf(search);
    const next = zoomedBy(event.key, [Date.parse(from) / 1000, Date.parse(to) / 1000], (daysOf(search) * dayMs) / 1000, Date.now() / 1000);
    if (next === undefined) return;
    event.preventDefault();
    zoom(next, { replace: true });
  };
}

interface Span {
  readonly from: string;
  readonly to: string;
}

/** Ends at the last whole minute, so that the question stays the same for that long. */
function spanOf(search: URLSearchParams): Span {
  const [from, to] = [search.get('from'), search.get('to')];
  if (from && to) return { from, to };
  const end = Math.floor(Date.now() / 60_000) * 60_000;
  return { from: new Date(end - daysOf(search) * dayMs).toISOString(), to: new Date(end).toISOString() };
}

function daysOf(search: URLSearchParams): number {
  return periods[(search.get('last') ?? 'P7D') as Period] ?? periods.P7D;
}

function bucketOf(span: Span): string {
  const minutes = (Date.parse(span.to) - Date.parse(span.from)) / 60_000;
  return `PT${bucketSteps.find((step) => minutes / step <= pointsMax) ?? bucketSteps.at(-1)}M`;
}

/** Asks the address itself whether there is a zoom to leave: a key may come before the page has been drawn for a new one. */
function useEscape(leave: () => void) {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => event.key === 'Escape' && new URLSearchParams(window.location.search).has('from') && leave();
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  });
}

function PeriodChoice({ search, set, zoomOut }: { search: URLSearchParams; set: (change: Record<string, string | null>) => void; zoomOut: () => void }) {
  const t = useMessages();
  return (
    <>
      {search.has('from') && <Button variant="light" onClick={zoomOut}>{t.concurrency.zoomOut}</Button>}
      <SegmentedControl
        aria-label={t.concurrency.period} value={search.get('last') ?? 'P7D'} onChange={(last) => set({ last: last === 'P7D' ? null : last, from: null, to: null })}
        data={Object.entries(t.concurrency.last).map(([value, label]) => ({ value, label }))}
      />
    </>
  );
}

function Whole({ found, zoom, onKeyDown }: { found: Concurrency; zoom: Zoom; onKeyDown: (event: KeyPress) => void }) {
  const t = useMessages();
  const series = found.series[0];
  const data = useMemo(() => (series ? seriesOf(series) : null), [series]);
  if (!series?.peak || !data) return <Panel title={t.concurrency.title} wide><EmptyState title={t.concurrency.noData} hint={t.concurrency.noDataHint} /></Panel>;
  return (
    <>
      <Panel title={t.concurrency.title} wide note={found.limited_by ? `${t.concurrency.zoomHint} · ${t.sessions.limitedBy(found.limited_by)}` : t.concurrency.zoomHint}>
        <Chart series={data} label={t.concurrency.chartLabel} height={260} mark={Date.parse(series.peak.at) / 1000} zoom={zoom} onKeyDown={onKeyDown} />
      </Panel>
      <Panel title={t.concurrency.peak} note={<Link to={atPeak(series.peak)}>{t.concurrency.showSessions}</Link>}>
        <PeakFacts peak={series.peak} />
      </Panel>
    </>
  );
}

/** Of those who made a peak, so many are named. */
const makersMax = 10;

const atPeak = (peak: Peak) => `/sessions?active_at=${encodeURIComponent(peak.at)}`;

function PeakFacts({ peak }: { peak: Peak }) {
  const t = useMessages();
  const { tenant } = useMe();
  // The same order and the same sessions as the peak names: those that began last.
  const makers = useQuery(sessionSampleQuery(tenant, { active_at: peak.at }, makersMax));
  return (
    <>
      <p className="peak"><b className="tile-count" data-peak>{countText(peak.sessions)}</b> {t.concurrency.peakAt} <Time at={peak.at} /></p>
      <p className="small-print">{t.concurrency.madeBy(peak.sessions)}</p>
      <Answered by={makers}>
        {({ items }) => (
          <ul className="lines lines-three">
            {items.map((one) => <li key={one.id} data-maker={one.id}><UserLink user={one.user} /><HostLink host={one.host.name} /><Link className="plain" to={sessionPath(one.id)}><Time at={one.start_time} /></Link></li>)}
          </ul>
        )}
      </Answered>
      {peak.sessions > makersMax && <p className="small-print"><Link to={atPeak(peak)}>{t.common.more(peak.sessions - makersMax)}</Link></p>}
    </>
  );
}

function Groups({ span, by, choose }: { span: Span; by: (typeof groupings)[number]; choose: (by: string) => void }) {
  const t = useMessages();
  const { tenant } = useMe();
  const grouping = by === 'none' ? 'host_group' : by;
  // One bucket for the whole span: only the peaks are wanted here.
  const hours = Math.max(1, Math.ceil((Date.parse(span.to) - Date.parse(span.from)) / 3_600_000));
  const found = useQuery(concurrencyQuery(tenant, { ...span, bucket: `PT${hours}H`, by: grouping }));
  return (
    <Panel
      title={t.concurrency.groups}
      note={<SegmentedControl aria-label={t.concurrency.by} value={grouping} onChange={choose} data={groupings.filter((one) => one !== 'none').map((value) => ({ value, label: t.concurrency.bys[value] }))} />}
    >
      {found.isPending ? <LoadingState /> : found.isError ? <ErrorState error={found.error} retry={() => void found.refetch()} /> : <GroupPeaks found={found.data} by={grouping} t={t} />}
    </Panel>
  );
}

function GroupPeaks({ found, by, t }: { found: Concurrency; by: string; t: Messages }) {
  const shown = found.series.slice(0, 12);
  const cut = found.groups - shown.length;
  return (
    <>
      <ul className="lines">
        {shown.map((series) => <li key={series.key ?? ''}><span dir="auto">{nameOf(series, by, t)}</span><span>{series.peak && <><b className="number">{countText(series.peak.sessions)}</b> <Time at={series.peak.at} /></>}</span></li>)}
      </ul>
      {cut > 0 && <p className="small-print">{t.common.more(cut)}</p>}
    </>
  );
}

function nameOf(series: Series, by: string, t: Messages): ReactNode {
  if (series.key === null) return <span className="dim">{t.now.ungrouped}</span>;
  return <Link className="plain" to={`/sessions?${by}=${encodeURIComponent(series.key)}${series.peak ? `&active_at=${encodeURIComponent(series.peak.at)}` : ''}`}>{series.name ?? series.key}</Link>;
}

const unseenChoices = ['P30D', 'P60D', 'P90D'] as const;

function Usage() {
  const t = useMessages();
  const { tenant } = useMe();
  const mayRead = useMay('read-users');
  const [search, setSearch] = useSearchParams();
  const unseen = search.get('not_seen_for');
  const found = useInfiniteQuery({ ...usageQuery(tenant, unseen ? { not_seen_for: unseen, order: 'last_seen' } : { order: '-hours' }), enabled: mayRead });
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const columns = useMemo(() => usageColumns(t), [t]);
  const count = found.data?.pages[0]?.count ?? null;
  const limitedBy = found.data?.pages.find((page) => page.limited_by)?.limited_by;
  const choose = (value: string) => setSearch((old) => {
    const next = new URLSearchParams(old);
    value === '' ? next.delete('not_seen_for') : next.set('not_seen_for', value);
    return next;
  });
  if (!mayRead) return null;
  return (
    <Panel
      title={<>{t.concurrency.usage} {count !== null && <span className="dim number" data-usage={count}>{t.common.rows(count)}</span>}</>} wide
      note={<SegmentedControl aria-label={t.concurrency.usage} value={unseen ?? ''} onChange={choose} data={[{ value: '', label: t.concurrency.usageAll }, ...unseenChoices.map((value) => ({ value, label: t.concurrency.notSeen(Number.parseInt(value.slice(1), 10)) }))]} />}
    >
      <p className="small-print">{t.concurrency.usageHint}{limitedBy ? ` ${t.sessions.limitedBy(limitedBy)}` : ''}</p>
      {found.isPending ? <LoadingState /> : found.isError ? <ErrorState error={found.error} retry={() => void found.refetch()} /> : rows.length === 0 ? <EmptyState title={t.concurrency.usageEmpty} hint={t.concurrency.usageEmptyHint} /> : (
        <div className="grid-inset">
          <DataTable label={t.concurrency.usage} rows={rows} columns={columns} rowId={(row) => row.user} rowPath={(row) => userPath(row.user)} count={count} hasMore={found.hasNextPage} isLoadingMore={found.isFetchingNextPage} loadMore={() => void found.fetchNextPage()} />
        </div>
      )}
    </Panel>
  );
}

function usageColumns(t: Messages): readonly Column<UserUsage>[] {
  return [
    { id: 'user', title: t.columns.user, width: 220, cell: (row) => <UserLink user={row.user} /> },
    { id: 'logons', title: t.concurrency.logons, width: 90, isNumber: true, cell: (row) => countText(row.logons) },
    { id: 'hours', title: t.concurrency.hours, width: 90, isNumber: true, cell: (row) => row.hours.toFixed(1) },
    { id: 'last_seen', title: t.concurrency.lastSeen, width: 200, cell: (row) => (row.last_seen ? <Time at={row.last_seen} /> : <span className="dim">{t.concurrency.never}</span>) },
  ];
}
