import { Tooltip } from '@mantine/core';
import { Link } from 'react-router';
import type { Session } from '../api/types';
import { bothText } from '../format';
import { wordOf } from '../i18n';
import type { Messages } from '../i18n/en';
import { HostLink, State, UserLink, sessionPath } from '../ui/bits';
import type { Column } from '../ui/DataTable';
import { Duration, Time } from '../ui/Time';

/** Shown until the reader chooses others. */
export const defaultColumns: readonly string[] = ['user', 'state', 'host', 'start_time', 'end_time', 'duration_ms', 'client_name'];

/** The ids are those of an export's columns, so that what is seen can be written out. */
export function sessionColumns(t: Messages): readonly Column<Session>[] {
  const column = (id: keyof Messages['columns'], width: number, cell: Column<Session>['cell'], isNumber = false): Column<Session> => ({ id, title: t.columns[id], width, cell, isNumber });
  const text = (id: keyof Messages['columns'], width: number, value: (session: Session) => string | null | undefined) =>
    column(id, width, (session) => <span dir="auto" title={value(session) ?? undefined}>{value(session) ?? <span className="dim">–</span>}</span>);
  return [
    column('user', 160, (session) => <UserLink user={session.user} />),
    column('state', 118, (session) => <Link className="plain" to={sessionPath(session.id)}><State state={session.state} /></Link>),
    column('host', 100, (session) => <HostLink host={session.host.name} />),
    text('host_group_name', 150, (session) => session.host.group_name),
    column('start_time', 200, (session) => <Time at={session.start_time} />),
    column('end_time', 216, (session) => <End session={session} t={t} />),
    column('duration_ms', 102, (session) => <Duration ms={session.duration_ms} />, true),
    column('connected_ms', 102, (session) => <Duration ms={session.connected_ms} />, true),
    text('client_name', 120, (session) => session.client?.name),
    text('client_ip', 112, (session) => session.client?.ip),
    text('client_public_ip', 112, (session) => session.client?.public_ip),
    text('client_type', 90, (session) => session.client?.type),
    text('client_version', 90, (session) => session.client?.version),
    text('protocol', 70, (session) => session.protocol),
    text('kind', 90, (session) => wordOf(t.kinds, session.kind)),
    text('app_name', 120, (session) => session.app_name),
    text('failure_code', 110, (session) => session.failure?.code),
    text('end_time_source', 100, (session) => (session.end_time_source ? wordOf(t.endSources, session.end_time_source) : null)),
    text('end_reason', 140, (session) => session.end_reason),
    text('os_session_id', 80, (session) => session.os_session_id),
    text('agent_version', 80, (session) => session.agent_version),
    text('id', 250, (session) => session.id),
  ];
}

/** A time that was worked out bears a mark and says between which instants it lies. */
function End({ session, t }: { session: Session; t: Messages }) {
  if (!session.end_time) return <span className="dim">{session.state === 'failed' ? '–' : t.common.open}</span>;
  if (session.end_time_source === 'reported') return <Time at={session.end_time} />;
  const sentence = wordOf(t.endSentences, session.end_time_source);
  const bounds = session.end_time_earliest && session.end_time_latest ? ` ${t.session.between(bothText(session.end_time_earliest), bothText(session.end_time_latest))}` : '';
  return (
    <Tooltip label={sentence + bounds} multiline w={300} events={{ hover: true, focus: true, touch: true }}>
      <span><span className="inferred" role="img" tabIndex={0} aria-label={sentence + bounds}>≈</span> <Time at={session.end_time} /></span>
    </Tooltip>
  );
}
