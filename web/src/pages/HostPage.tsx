import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link, useParams } from 'react-router';
import { hostQuery, sessionSampleQuery } from '../api/queries';
import type { HostDetail } from '../api/types';
import { countText, durationText } from '../format';
import { useLanguage, useMessages } from '../i18n';
import { useMe } from '../session';
import { Facts, Page, Panel } from '../ui/bits';
import { DayBars, dayHours } from '../ui/DayBars';
import { Answered, ErrorState, LoadingState } from '../ui/states';
import { Time } from '../ui/Time';
import { useTitle } from '../ui/useTitle';
import { HostState, skewText } from './HostsPage';
import { Failed, History, basisOf, monthAgo, sampleRows } from './UserPage';

export function HostPage() {
  const t = useMessages();
  const { tenant } = useMe();
  const { name = '' } = useParams();
  useTitle(name);
  const from = useMemo(monthAgo, [name]);
  const found = useQuery(hostQuery(tenant, name));
  const open = useQuery(sessionSampleQuery(tenant, { host: name, state: ['active', 'disconnected', 'initializing'] }, sampleRows));
  const month = useQuery(sessionSampleQuery(tenant, { host: name, from }, sampleRows));
  const all = `/sessions?host=${encodeURIComponent(name)}`;
  if (found.isPending) return <Page title={name}><LoadingState /></Page>;
  if (!found.data) return <Page title={<span dir="auto">{name}</span>} actions={<Link to="/hosts">{t.host.back}</Link>}><ErrorState error={found.error} retry={() => void found.refetch()} /></Page>;
  return (
    <Page title={<span dir="auto">{name}</span>} note={<HostState host={found.data} />} actions={<Link to={all}>{t.host.allSessions}</Link>}>
      <div className="panels">
        <Panel title={t.host.facts}><HostFacts host={found.data} /></Panel>
        <Panel title={t.host.failures}><Answered by={month}>{(page) => <Failed sessions={page.items} empty={t.host.failuresEmpty} />}</Answered></Panel>
        <Panel title={t.host.openNow} wide note={open.data && t.sessions.count(open.data.count ?? open.data.items.length)}>
          <Answered by={open}>{(page) => (page.items.length === 0 ? <p className="small-print">{t.host.nobodyOn}</p> : <History sessions={page.items} hide="host" />)}</Answered>
        </Panel>
        <Panel title={t.host.hours} wide note={month.data && basisOf(month.data, t)}>
          <Answered by={month}>{(page) => <DayBars days={dayHours(page.items, from, page.as_of)} label={t.host.hours} unit={t.user.hoursShort} />}</Answered>
        </Panel>
        <Panel title={t.host.sources} wide><Sources host={found.data} /></Panel>
        <Panel title={t.host.recent} wide note={<Link to={all}>{t.common.showAll}</Link>}><Answered by={month}>{(page) => <History sessions={page.items.slice(0, 200)} hide="host" />}</Answered></Panel>
      </div>
    </Page>
  );
}

function HostFacts({ host }: { host: HostDetail }) {
  const t = useMessages();
  const language = useLanguage();
  return (
    <Facts
      facts={[
        [t.hosts.group, host.group_name], [t.hosts.ip, host.ip], ['SID', host.sid && <code>{host.sid}</code>],
        [t.hosts.silentSince, host.silent_since && <Time at={host.silent_since} />],
        [t.hosts.lastBeat, host.last_beat && <Time at={host.last_beat} />], [t.hosts.lastSeen, <Time at={host.last_seen} />], [t.host.firstSeen, <Time at={host.first_seen} />],
        [t.host.lease, host.lease_seconds && durationText(host.lease_seconds * 1000, language)],
        [t.hosts.skew, <span className={host.skew_exceeded ? 'warn' : undefined}>{skewText(host, t, language)}</span>],
        [t.host.beats, countText(host.beats)], [t.host.accepted, countText(host.events.accepted)], [t.hosts.late, countText(host.events.late)],
        [t.hosts.duplicate, countText(host.events.duplicate)], [t.hosts.rejected, countText(host.events.rejected)],
      ]}
    />
  );
}

function Sources({ host }: { host: HostDetail }) {
  const t = useMessages();
  const language = useLanguage();
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t.host.sources}>
      <table className="table">
        <thead><tr><th>{t.host.source}</th><th>{t.hosts.lastSeen}</th><th>{t.host.newest}</th><th>{t.hosts.skew}</th><th className="cell-number">{t.host.accepted}</th><th className="cell-number">{t.hosts.late}</th><th className="cell-number">{t.hosts.duplicate}</th><th className="cell-number">{t.hosts.rejected}</th></tr></thead>
        <tbody>
          {host.sources.map((source) => (
            <tr key={source.source ?? ''}>
              <td>{source.source === null ? t.host.unreadable : <code>{source.source}</code>}</td>
              <td><Time at={source.last_received_at} /></td><td><Time at={source.newest_event} /></td><td>{skewText(source, t, language)}</td>
              <td className="cell-number">{countText(source.events.accepted)}</td><td className="cell-number">{countText(source.events.late)}</td>
              <td className="cell-number">{countText(source.events.duplicate)}</td><td className="cell-number">{countText(source.events.rejected)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
