import { Button, CopyButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { sessionQuery } from '../api/queries';
import type { SessionDetail } from '../api/types';
import { useMessages, wordOf } from '../i18n';
import { useMay, useMe } from '../session';
import { Facts, HostLink, Page, Panel, State, UserLink } from '../ui/bits';
import { ErrorState, LoadingState } from '../ui/states';
import { Duration, Time } from '../ui/Time';
import { useTitle } from '../ui/useTitle';
import { CloseDialog, CorrectDialog } from './SessionWords';
import { Timeline } from './Timeline';

export function SessionPage() {
  const t = useMessages();
  const { tenant } = useMe();
  const { id = '' } = useParams();
  const found = useQuery(sessionQuery(tenant, id));
  const session = found.data;
  useTitle(session ? t.session.title(session.user, session.host.name) : t.session.back);
  if (found.isPending) return <Page title={t.session.back}><LoadingState /></Page>;
  if (!session) return <Page title={t.session.back} actions={<Link to="/sessions">{t.session.back}</Link>}><ErrorState error={found.error} retry={() => void found.refetch()} /></Page>;
  return (
    <Page
      title={<><UserLink user={session.user} /> <span className="dim">·</span> <HostLink host={session.host.name} /></>}
      note={<State state={session.state} />}
      actions={<Actions session={session} />}
    >
      <div className="panels">
        <Panel title={t.session.timeline} wide><Timeline session={session} /></Panel>
        <HowItEnded session={session} />
        <Panel title={t.session.facts}><SessionFacts session={session} /></Panel>
        <Panel title={t.session.client}><ClientFacts session={session} /></Panel>
        <Panel title={t.session.connections} wide><Connections session={session} /></Panel>
        <Panel title={t.session.events} wide><Events session={session} /></Panel>
        <Panel title={t.session.readings} wide note={!session.readings_complete && t.session.readingsCut}><Readings session={session} /></Panel>
      </div>
    </Page>
  );
}

function Actions({ session }: { session: SessionDetail }) {
  const t = useMessages();
  const [mayClose, mayCorrect] = [useMay('close-sessions'), useMay('correct-sessions')];
  const [dialog, setDialog] = useState<'close' | 'correct' | null>(null);
  const isOpen = session.state !== 'ended' && session.state !== 'failed';
  return (
    <>
      <CopyButton value={session.id}>{({ copied, copy }) => <Button variant="subtle" onClick={copy}>{copied ? t.common.copied : t.session.copyId}</Button>}</CopyButton>
      {mayCorrect && session.state !== 'failed' && <Button variant="default" onClick={() => setDialog('correct')}>{t.session.correct}</Button>}
      {mayClose && isOpen && <Button onClick={() => setDialog('close')}>{t.session.closeSession}</Button>}
      {dialog === 'close' && <CloseDialog session={session} close={() => setDialog(null)} />}
      {dialog === 'correct' && <CorrectDialog session={session} close={() => setDialog(null)} />}
    </>
  );
}

function HowItEnded({ session }: { session: SessionDetail }) {
  const t = useMessages();
  const isInferred = session.end_time_source !== 'reported' && session.end_time_earliest !== session.end_time_latest;
  return (
    <Panel title={t.session.howEnd}>
      <p className="prose" data-end={session.end_time_source ?? 'open'}>{wordOf(t.endSentences, session.end_time_source ?? 'open')}</p>
      <Facts
        facts={[
          [t.session.ended, session.end_time && <Time at={session.end_time} />],
          [t.session.notBefore, isInferred && session.end_time_earliest && <Time at={session.end_time_earliest} />],
          [t.session.notAfter, isInferred && session.end_time_latest && <Time at={session.end_time_latest} />],
          [t.session.reason, session.end_reason],
        ].filter((fact): fact is [string, Exclude<(typeof fact)[1], false>] => fact[1] !== false) as never}
      />
      {session.rosters && <p className="small-print">{t.session.rosters('')}<Time at={session.rosters.newest.time} /></p>}
      <h3>{t.session.corrections}</h3>
      <Corrections session={session} />
    </Panel>
  );
}

function SessionFacts({ session }: { session: SessionDetail }) {
  const t = useMessages();
  return (
    <Facts
      facts={[
        [t.session.logon, session.requested_at && <Time at={session.requested_at} />],
        [t.session.started, <Time at={session.start_time} />],
        [t.session.duration, <Duration ms={session.duration_ms} />],
        [t.session.connected, <Duration ms={session.connected_ms} />],
        [t.session.disconnected, session.disconnected_ms > 0 && <Duration ms={session.disconnected_ms} />],
        [t.session.failure, session.failure && `${session.failure.code ?? ''} ${session.failure.reason ?? ''}`],
        [t.session.group, session.host.group_name],
        [t.columns.kind, `${wordOf(t.kinds, session.kind)}${session.app_name ? `: ${session.app_name}` : ''}`],
        [t.columns.protocol, session.protocol],
        [t.session.osSession, <code>{session.os_session_id}</code>],
        [t.session.agent, session.agent_version],
        [t.session.revision, session.revision],
      ].map(([name, value]) => [name as string, value === false ? null : value] as const)}
    />
  );
}

function ClientFacts({ session }: { session: SessionDetail }) {
  const t = useMessages();
  const words = t.session.clientFacts;
  return (
    <Facts
      facts={[
        [words.name, session.client?.name], [words.ip, session.client?.ip], [words.public_ip, session.client?.public_ip],
        [words.source_ip, session.client?.source_ip], [words.mac, session.client?.mac], [words.type, session.client?.type], [words.version, session.client?.version],
      ]}
    />
  );
}

function Corrections({ session }: { session: SessionDetail }) {
  const t = useMessages();
  if (session.corrections.length === 0) return <p className="small-print">{t.session.noCorrections}</p>;
  return (
    <ul className="lines">
      {session.corrections.map((one) => (
        <li key={one.time + one.source}><span dir="auto">{one.reason}<br /><span className="dim">{one.source} · {shortType(one.type)}</span></span><Time at={one.time} /></li>
      ))}
    </ul>
  );
}

export const shortType = (type: string) => type.replace(/^rollcall\./, '');

function Connections({ session }: { session: SessionDetail }) {
  const t = useMessages();
  if (session.connections.length === 0) return <p className="small-print">{t.session.noConnections}</p>;
  return (
    <Scroll label={t.session.connections}>
      <thead><tr><th>{t.columns.kind}</th><th>{t.session.requested}</th><th>{t.session.established}</th><th>{t.session.detached}</th><th>{t.session.client}</th><th className="cell-number">{t.session.rtt}</th><th>{t.session.transaction}</th></tr></thead>
      <tbody>
        {session.connections.map((one) => (
          <tr key={one.id}>
            <td>{one.failure ? `${t.session.kindFailed} ${one.failure.code ?? ''}` : one.is_reconnect ? t.session.kindReconnect : t.session.kindFirst}</td>
            <td><Time at={one.requested_at} /></td><td><Time at={one.established_at} /></td><td><Time at={one.ended_at} /></td>
            <td dir="auto">{[one.client?.name, one.client?.ip].filter(Boolean).join(' · ') || '–'}</td>
            <td className="cell-number">{one.network_rtt_ms == null ? '–' : `${one.network_rtt_ms} ms`}</td>
            <td><code>{one.transaction_id ?? '–'}</code></td>
          </tr>
        ))}
      </tbody>
    </Scroll>
  );
}

function Events({ session }: { session: SessionDetail }) {
  const t = useMessages();
  return (
    <Scroll label={t.session.events}>
      <thead><tr><th>{t.session.what}</th><th>{t.session.happened}</th><th>{t.session.arrived}</th><th>{t.session.source}</th><th>{t.session.reason}</th></tr></thead>
      <tbody>
        {session.timeline.map((one) => (
          <tr key={one.source + one.id}><td>{shortType(one.type)}</td><td><Time at={one.time} /></td><td><Time at={one.received_at} /></td><td><code>{one.source}</code></td><td dir="auto">{one.reason ?? '–'}</td></tr>
        ))}
      </tbody>
    </Scroll>
  );
}

function Readings({ session }: { session: SessionDetail }) {
  const t = useMessages();
  return (
    <Scroll label={t.session.readings}>
      <thead><tr><th>{t.session.knownFrom}</th><th>{t.columns.state}</th><th>{t.session.started}</th><th>{t.session.ended}</th><th>{t.columns.end_time_source}</th><th>{t.session.because}</th></tr></thead>
      <tbody>
        {session.readings.map((one) => (
          <tr key={one.known_from + (one.known_until ?? '')}>
            <td><Time at={one.known_from} /></td><td><State state={one.state} /></td><td><Time at={one.start_time} /></td><td><Time at={one.end_time} /></td>
            <td>{one.end_time_source ? wordOf(t.endSources, one.end_time_source) : '–'}</td>
            <td>{one.because ? shortType(one.because.type) : '–'}</td>
          </tr>
        ))}
      </tbody>
    </Scroll>
  );
}

function Scroll({ label, children }: { label: string; children: React.ReactNode }) {
  return <div className="scroll" tabIndex={0} role="region" aria-label={label}><table className="table">{children}</table></div>;
}
