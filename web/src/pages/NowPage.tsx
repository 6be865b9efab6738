import { useQueries, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { busiestHostsQuery, concurrencyQuery, hostGroupsQuery, sessionSampleQuery, summaryQuery } from '../api/queries';
import type { Session } from '../api/types';
import { countText } from '../format';
import { useMessages, wordOf } from '../i18n';
import { useLive } from '../live';
import { useMe } from '../session';
import { Bar, HostLink, Page, Panel, State, UserLink, hostPath, sessionPath } from '../ui/bits';
import { Chart, seriesOf } from '../ui/Chart';
import { Answered, EmptyState, ErrorState, LoadingState } from '../ui/states';
import { Duration, Time } from '../ui/Time';
import { useTitle } from '../ui/useTitle';

const openStates = ['active', 'disconnected', 'initializing'] as const;
const dayMs = 24 * 3600 * 1000;

const minuteMs = 60_000;
const linesMax = 8;
const codesMax = 6;

/** To the whole minute, so that the same question is asked, and answered from the cache, within it. */
const since = (ms: number) => new Date(Math.floor((Date.now() - ms) / minuteMs) * minuteMs).toISOString();

/** Moves on with the clock, for as long as somebody may be looking: a new instant is a new question. */
function useSince(ms: number): string {
  const { how } = useLive();
  const isWatched = how !== 'paused';
  const [from, setFrom] = useState(() => since(ms));
  useEffect(() => {
    if (!isWatched) return;
    setFrom(since(ms));
    const timer = setInterval(() => setFrom(since(ms)), minuteMs);
    return () => clearInterval(timer);
  }, [ms, isWatched]);
  return from;
}

export function NowPage() {
  const t = useMessages();
  const { tenant } = useMe();
  useTitle(t.now.title);
  const newest = useQuery(sessionSampleQuery(tenant, { state: [...openStates] }, 12));
  return (
    <Page title={t.now.title} note={newest.data && <>{t.common.asOf} <Time at={newest.data.as_of} /></>}>
      {newest.isError ? <ErrorState error={newest.error} retry={() => void newest.refetch()} /> : (
        <>
          <OpenTiles />
          <div className="panels">
            <LastDay />
            <Groups />
            <BusiestHosts />
            <Failures />
            <Panel title={t.now.newest} note={<Link to="/sessions?state=active&state=disconnected&state=initializing">{t.common.showAll}</Link>} wide>
              {newest.isPending ? <LoadingState /> : newest.data.items.length === 0 ? <EmptyState title={t.now.nobody} hint={t.now.nobodyHint} /> : <Newest sessions={newest.data.items} />}
            </Panel>
          </div>
        </>
      )}
    </Page>
  );
}

/** How many are open in each state: counted by the server, exactly, and all at once where it can. */
function OpenTiles() {
  const t = useMessages();
  const { tenant } = useMe();
  const summary = useQuery(summaryQuery(tenant));
  const from = useSince(dayMs);
  const enabled = summary.isError;
  const [active, disconnected, initializing] = useQueries({ queries: openStates.map((state) => ({ ...sessionSampleQuery(tenant, { state: [state] }, 1), enabled })) });
  const failed = useQuery({ ...sessionSampleQuery(tenant, { state: ['failed'], from, range: 'starts_in' }, 1), enabled });
  const counts = { active: active?.data?.count, disconnected: disconnected?.data?.count, initializing: initializing?.data?.count, ...summary.data?.open };
  return (
    <div className="tiles">
      {openStates.map((state) => <Tile key={state} state={state} count={counts[state]} to={`/sessions?state=${state}`} label={wordOf(t.states, state)} />)}
      <Tile state="failed" count={summary.data?.failures.count ?? failed.data?.count} to={`/sessions?state=failed&range=starts_in&from=${encodeURIComponent(from)}`} label={t.now.failures} />
    </div>
  );
}

function Tile({ state, count, to, label }: { state: string; count: number | null | undefined; to: string; label: string }) {
  return (
    <Link to={to} className="tile" data-tile={state}>
      <span className="tile-count">{countText(count)}</span>
      <span className="dotted"><i className={`dot dot-${state}`} aria-hidden="true" />{label}</span>
    </Link>
  );
}

function LastDay() {
  const t = useMessages();
  const { tenant } = useMe();
  const { how } = useLive();
  // A page that nobody touches must not keep its sign-in alive.
  const found = useQuery({ ...concurrencyQuery(tenant, { bucket: 'PT15M' }), refetchInterval: how === 'paused' ? false : minuteMs });
  const series = found.data?.series[0];
  return (
    <Panel title={t.now.last24} wide note={series?.peak && <Link to="/concurrency">{t.now.exactPeak(series.peak.sessions)}</Link>}>
      <Answered by={found}>
        {() => (series ? <Chart series={seriesOf(series)} label={t.now.last24} height={150} /> : <EmptyState title={t.now.lastDayEmpty} hint={t.now.nobodyHint} />)}
      </Answered>
    </Panel>
  );
}

function Groups() {
  const t = useMessages();
  const { tenant } = useMe();
  const groups = useQuery(hostGroupsQuery(tenant));
  const rows = (groups.data?.items ?? []).toSorted((a, b) => b.open_sessions - a.open_sessions).slice(0, linesMax);
  return (
    <Panel title={t.now.byGroup}>
      <Answered by={groups}>
        {() => (rows.length === 0 ? <EmptyState title={t.now.ungrouped} hint={t.now.ungroupedHint} />
          : <Bars rows={rows.map((group) => ({ name: group.name ?? group.id, path: `/hosts?host_group=${encodeURIComponent(group.id)}`, open: group.open_sessions }))} />)}
      </Answered>
    </Panel>
  );
}

function BusiestHosts() {
  const t = useMessages();
  const { tenant } = useMe();
  const hosts = useQuery(busiestHostsQuery(tenant, linesMax));
  return (
    <Panel title={t.now.byHost} note={<Link to="/hosts?has=open_sessions">{t.common.showAll}</Link>}>
      <Answered by={hosts}>
        {({ items }) => (items.length === 0 ? <EmptyState title={t.now.nobody} hint={t.now.nobodyHint} />
          : <Bars rows={items.map((host) => ({ name: host.name, path: hostPath(host.name), open: host.open_sessions }))} />)}
      </Answered>
    </Panel>
  );
}

interface BarRow {
  readonly name: string;
  readonly path: string;
  readonly open: number;
}

function Bars({ rows }: { rows: readonly BarRow[] }) {
  const most = Math.max(...rows.map((row) => row.open), 1);
  return (
    <ul className="bars">
      {rows.map((row) => (
        <li key={row.path}>
          <Link className="plain" to={row.path} dir="auto">{row.name}</Link>
          <span className="number">{countText(row.open)}</span>
          <Bar value={row.open} of={most} />
        </li>
      ))}
    </ul>
  );
}

/** By code, as the server counts them all; what a code means is read off the newest failures. */
function Failures() {
  const t = useMessages();
  const { tenant } = useMe();
  const from = useSince(dayMs);
  const summary = useQuery(summaryQuery(tenant));
  const newest = useQuery(sessionSampleQuery(tenant, { state: ['failed'], from, range: 'starts_in' }, 200));
  const reasonOf = (code: string | null) => newest.data?.items.find((one) => (one.failure?.code ?? null) === code)?.failure?.reason;
  const path = (code: string | null) => `/sessions?state=failed&range=starts_in&from=${encodeURIComponent(from)}${code ? `&failed_code=${encodeURIComponent(code)}` : ''}`;
  return (
    <Panel title={t.now.failures} note={<Link to={path(null)}>{t.common.showAll}</Link>}>
      <Answered by={summary}>
        {({ failures }) => (failures.by_code.length === 0 ? <EmptyState title={t.now.noFailures} /> : (
          <ul className="lines">
            {failures.by_code.slice(0, codesMax).map(({ code, count }) => (
              <li key={code ?? ''}>
                <span><Link className="plain" to={path(code)}>{code ?? '–'}</Link> <span className="dim" dir="auto">{reasonOf(code)}</span></span>
                <span className="number">{countText(count)}×</span>
              </li>
            ))}
          </ul>
        ))}
      </Answered>
    </Panel>
  );
}

function Newest({ sessions }: { sessions: readonly Session[] }) {
  const t = useMessages();
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t.now.newest}>
      <table className="table">
        <thead><tr><th>{t.columns.user}</th><th>{t.columns.state}</th><th>{t.columns.host}</th><th>{t.columns.start_time}</th><th className="cell-number">{t.columns.duration_ms}</th><th>{t.columns.client_name}</th></tr></thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.id}>
              <td><UserLink user={session.user} /></td>
              <td><Link className="plain" to={sessionPath(session.id)}><State state={session.state} /></Link></td>
              <td><HostLink host={session.host.name} /></td>
              <td><Time at={session.start_time} /></td>
              <td className="cell-number"><Duration ms={session.duration_ms} /></td>
              <td dir="auto">{session.client?.name ?? session.client?.ip ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
