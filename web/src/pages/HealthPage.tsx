import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import { healthQuery } from '../api/queries';
import type { Health } from '../api/types';
import { countText, durationText } from '../format';
import { useLanguage, useMessages } from '../i18n';
import { useMe } from '../session';
import { Dot, HostLink, Page, Panel, sessionPath } from '../ui/bits';
import { ErrorState, LoadingState } from '../ui/states';
import { Time } from '../ui/Time';
import { useTitle } from '../ui/useTitle';

const spans = ['PT8H', 'P1D', 'P3D', 'P7D', 'P30D'] as const;

export function HealthPage() {
  const t = useMessages();
  const { tenant } = useMe();
  useTitle(t.health.title);
  const [search, setSearch] = useSearchParams();
  const longerThan = search.get('open_longer_than') ?? 'P1D';
  const found = useQuery(healthQuery(tenant, longerThan));
  const words = spans.map((value) => ({ value, label: value.startsWith('PT') ? t.health.hoursLong(8) : t.health.days(Number.parseInt(value.slice(1), 10)) }));
  return (
    <Page
      title={t.health.title} note={found.data && <>{t.common.asOf} <Time at={found.data.as_of} /></>}
      actions={<label className="inline-label">{t.health.longerThan} <NativeSelect value={longerThan} data={words} onChange={(event) => setSearch({ open_longer_than: event.currentTarget.value })} /></label>}
    >
      {found.isPending ? <LoadingState /> : !found.data ? <ErrorState error={found.error} retry={() => void found.refetch()} removeFilter={() => setSearch({})} /> : (
        <div className="panels">
          <Panel title={isFine(found.data) ? t.health.fine : t.health.worries} wide><Lines health={found.data} /></Panel>
          <Panel title={t.health.sources} wide><Sources health={found.data} /></Panel>
        </div>
      )}
    </Page>
  );
}

function isFine({ silent_hosts, skewed_hosts, open_sessions, events }: Health): boolean {
  return silent_hosts.count + skewed_hosts.count + open_sessions.count + events.rejected.count + events.late.count === 0;
}

/** The server gives the API's path to the rows of each line; the console's views have the same names and filters. */
function viewOf(path: string): string {
  return path.replace(/^\/api\/v1\/tenants\/[^/]+/, '');
}

interface Line {
  readonly name: string;
  readonly explain?: string;
  readonly count: number;
  readonly path: string | null;
  readonly isWorry: boolean;
  readonly first?: ReactNode;
}

function useLines(health: Health): readonly Line[] {
  const t = useMessages();
  const language = useLanguage();
  const { events } = health;
  return [
    { name: t.health.silent, explain: t.health.explains.silent, count: health.silent_hosts.count, path: health.silent_hosts.path, isWorry: true, first: health.silent_hosts.first.map((one) => <HostLink key={one.name} host={one.name} />) },
    { name: t.health.longOpen, explain: t.health.explains.longOpen, count: health.open_sessions.count, path: health.open_sessions.path, isWorry: true, first: health.open_sessions.first.map((one) => <Link key={one.id} className="plain" to={sessionPath(one.id)} dir="auto">{one.user}</Link>) },
    { name: t.health.skewed, explain: t.health.explains.skewed(durationText(health.skewed_hosts.limit_ms, language)), count: health.skewed_hosts.count, path: health.skewed_hosts.path, isWorry: true, first: health.skewed_hosts.first.map((one) => <HostLink key={one.name} host={one.name} />) },
    { name: t.health.rejected, explain: t.health.explains.rejected, count: events.rejected.count, path: events.rejected.path, isWorry: true },
    { name: t.health.late, explain: t.health.explains.late(durationText(events.late_after_ms, language)), count: events.late.count, path: events.late.path, isWorry: true },
    { name: t.health.duplicate, explain: t.health.explains.duplicate, count: events.duplicate.count, path: events.duplicate.path, isWorry: false },
    { name: t.health.accepted, count: events.accepted, path: null, isWorry: false },
    { name: t.health.backfilled, count: events.backfilled, path: null, isWorry: false },
    { name: t.health.total, count: health.hosts.count, path: health.hosts.path, isWorry: false },
    { name: t.health.noBeats, count: health.hosts.no_beats, path: null, isWorry: false },
  ];
}

function Lines({ health }: { health: Health }) {
  const t = useMessages();
  const language = useLanguage();
  return (
    <div className="scroll scroll-whole" tabIndex={0} role="region" aria-label={t.health.title}>
      <table className="table table-roomy">
        <thead><tr><th>{t.health.line}</th><th className="cell-number">{t.health.count}</th><th>{t.health.first}</th><th>{t.common.details}</th></tr></thead>
        <tbody>
          {useLines(health).map((line) => (
            <tr key={line.name} data-line={line.name}>
              <td><Dot tone={!line.isWorry ? 'ended' : line.count === 0 ? 'active' : 'warn'}>{line.name}</Dot>{line.explain && <span className="dim"> {line.explain}</span>}</td>
              <td className="cell-number">{countText(line.count)}</td>
              <td><div className="first-few">{line.first}</div></td>
              <td className="no-wrap">{line.path && line.count > 0 && <Link to={viewOf(line.path)} aria-label={`${t.health.seeRows}: ${line.name}`}>{t.health.seeRows}</Link>}</td>
            </tr>
          ))}
          <tr><td><Dot tone="ended">{t.health.lag}</Dot></td><td /><td colSpan={2}>{health.lag ? t.health.lagText(durationText(health.lag.lag_ms, language), health.lag.host) : t.health.nothingYet}</td></tr>
          <tr><td><Dot tone="ended">{t.health.purge}</Dot></td><td /><td colSpan={2}>{health.last_purge ? <Time at={health.last_purge} /> : t.health.noPurge}</td></tr>
        </tbody>
      </table>
    </div>
  );
}

function Sources({ health }: { health: Health }) {
  const t = useMessages();
  const { first } = health.events.sources;
  if (first.length === 0) return <p className="small-print">{t.health.none}</p>;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t.health.sources}>
      <table className="table">
        <thead><tr><th>{t.health.source}</th><th className="cell-number">{t.health.late}</th><th className="cell-number">{t.health.duplicate}</th><th className="cell-number">{t.health.rejected}</th><th>{t.user.last}</th></tr></thead>
        <tbody>
          {first.map((one) => (
            <tr key={one.source ?? ''}>
              <td>{one.path ? <Link className="plain" to={viewOf(one.path)}><code>{one.source}</code></Link> : t.host.unreadable}</td>
              <td className="cell-number">{countText(one.events.late)}</td><td className="cell-number">{countText(one.events.duplicate)}</td><td className="cell-number">{countText(one.events.rejected)}</td>
              <td><Time at={one.last_rejected_at ?? one.last_late_at ?? one.last_duplicate_at} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
