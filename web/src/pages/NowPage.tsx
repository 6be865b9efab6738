import { useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { concurrencyQuery, hostGroupsQuery, hostsQuery, sessionSampleQuery, summaryQuery } from '../api/queries';
import type { Session } from '../api/types';
import { countText } from '../format';
import { useMessages, wordOf } from '../i18n';
import { useLive } from '../live';
import { useMe } from '../session';
import { Bar, HostLink, Page, Panel, State, UserLink, hostPath, sessionPath } from '../ui/bits';
import { Chart, seriesOf } from '../ui/Chart';
import { EmptyState, ErrorState, LoadingState } from '../ui/states';
import { Duration, Time } from '../ui/Time';
import { useTitle } from '../ui/useTitle';

const openStates = ['active', 'disconnected', 'initializing'] as const;
const dayMs = 24 * 3600 * 1000;

/** To the whole minute, so that the same question is asked, and answered from the cache, within it. */
const since = (ms: number) => new Date(Math.floor((Date.now() - ms) / 60_000) * 60_000).toISOString();

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
  const enabled = summary.isError;
  const [active, disconnected, initializing] = useQueries({ queries: openStates.map((state) => ({ ...sessionSampleQuery(tenant, { state: [state] }, 1), enabled })) });
  const failed = useQuery({ ...sessionSampleQuery(tenant, { state: ['failed'], from: useMemo(() => since(dayMs), []), range: 'starts_in' }, 1), enabled });
  const counts = { active: active?.data?.count, disconnected: disconnected?.data?.count, initializing: initializing?.data?.count, ...summary.data?.open };
  return (
    <div className="tiles">
      {openStates.map((state) => <Tile key={state} state={state} count={counts[state]} to={`/sessions?state=${state}`} label={wordOf(t.states, state)} />)}
      <Tile state="failed" count={summary.data?.failures.count ?? failed.data?.count} to={`/sessions?state=failed&range=starts_in&from=${encodeURIComponent(since(dayMs))}`} label={t.now.failures} />
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
  const found = useQuery({ ...concurrencyQuery(tenant, { bucket: 'PT15M' }), refetchInterval: how === 'paused' ? false : 60_000 });
  const series = found.data?.series[0];
  return (
    <Panel title={t.now.last24} wide note={series?.peak && <Link to="/concurrency">{t.now.exactPeak(series.peak.sessions)}</Link>}>
      {found.isPending ? <LoadingState /> : found.isError ? <ErrorState error={found.error} />
        : series ? <Chart series={seriesOf(series)} label={t.now.last24} height={150} /> : <EmptyState title={t.concurrency.noData} />}
    </Panel>
  );
}

function Groups() {
  const t = useMessages();
  const { tenant } = useMe();
  const groups = useQuery(hostGroupsQuery(tenant));
  const rows = (groups.data?.items ?? []).toSorted((a, b) => b.open_sessions - a.open_sessions).slice(0, 8);
  const most = Math.max(...rows.map((group) => group.open_sessions), 1);
  return (
    <Panel title={t.now.byGroup}>
      {groups.isPending ? <LoadingState /> : groups.isError ? <ErrorState error={groups.error} /> : rows.length === 0 ? <EmptyState title={t.now.ungrouped} /> : (
        <ul className="bars">
          {rows.map((group) => (
            <li key={group.id}>
              <Link className="plain" to={`/hosts?host_group=${encodeURIComponent(group.id)}`} dir="auto">{group.name ?? group.id}</Link>
              <span className="number">{countText(group.open_sessions)}</span>
              <Bar value={group.open_sessions} of={most} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function BusiestHosts() {
  const t = useMessages();
  const { tenant } = useMe();
  const hosts = useInfiniteQuery(hostsQuery(tenant, { has: 'open_sessions' }));
  const rows = (hosts.data?.pages[0]?.items ?? []).toSorted((a, b) => b.open_sessions - a.open_sessions).slice(0, 8);
  const most = Math.max(...rows.map((host) => host.open_sessions), 1);
  return (
    <Panel title={t.now.byHost} note={<Link to="/hosts?has=open_sessions">{t.common.showAll}</Link>}>
      {hosts.isPending ? <LoadingState /> : hosts.isError ? <ErrorState error={hosts.error} /> : rows.length === 0 ? <EmptyState title={t.now.nobody} /> : (
        <ul className="bars">
          {rows.map((host) => (
            <li key={host.name}>
              <Link className="plain" to={hostPath(host.name)} dir="auto">{host.name}</Link>
              <span className="number">{countText(host.open_sessions)}</span>
              <Bar value={host.open_sessions} of={most} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** By code, as the server counts them; where it does not count yet, those of the newest failures. */
function Failures() {
  const t = useMessages();
  const { tenant } = useMe();
  const from = useMemo(() => since(dayMs), []);
  const summary = useQuery(summaryQuery(tenant));
  const newest = useQuery(sessionSampleQuery(tenant, { state: ['failed'], from, range: 'starts_in' }, 200));
  const rows = useMemo(() => codesOf(newest.data?.items ?? []), [newest.data]);
  const counted = new Map(summary.data?.failures.by_code.map((one) => [one.code, one.count]));
  const path = (code: string | null) => `/sessions?state=failed&range=starts_in&from=${encodeURIComponent(from)}${code ? `&failed_code=${encodeURIComponent(code)}` : ''}`;
  return (
    <Panel title={t.now.failures} note={<Link to={path(null)}>{t.common.showAll}</Link>}>
      {newest.isPending ? <LoadingState /> : newest.isError ? <ErrorState error={newest.error} /> : rows.length === 0 ? <EmptyState title={t.now.noFailures} /> : (
        <ul className="lines">
          {rows.slice(0, 6).map(({ code, count, example }) => (
            <li key={code ?? ''}>
              <span><Link className="plain" to={counted.size > 0 ? path(code) : sessionPath(example.id)}>{code ?? '–'}</Link> <span className="dim" dir="auto">{example.failure?.reason}</span></span>
              <span className="number">{countText(counted.get(code) ?? count)}×</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function codesOf(failed: readonly Session[]): readonly { code: string | null; count: number; example: Session }[] {
  const byCode = new Map<string | null, { code: string | null; count: number; example: Session }>();
  for (const session of failed) {
    const code = session.failure?.code ?? null;
    const known = byCode.get(code);
    byCode.set(code, known ? { ...known, count: known.count + 1 } : { code, count: 1, example: session });
  }
  return [...byCode.values()].toSorted((a, b) => b.count - a.count);
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
