import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link, useParams } from 'react-router';
import { sessionSampleQuery, userQuery } from '../api/queries';
import type { Session, SessionPage } from '../api/types';
import { countText, durationText } from '../format';
import { useLanguage, useMessages } from '../i18n';
import { useMe } from '../session';
import { Facts, Page, Panel, sessionPath } from '../ui/bits';
import { DayBars, dayHours } from '../ui/DayBars';
import { DataTable } from '../ui/DataTable';
import { EmptyState, ErrorState, isNotFound, LoadingState } from '../ui/states';
import { Time } from '../ui/Time';
import { useTitle } from '../ui/useTitle';
import { defaultColumns, sessionColumns } from './sessionColumns';
import { UserState } from './UsersPage';

export const monthMs = 30 * 24 * 3600 * 1000;
export const sampleRows = 1000;

/** The beginning of an hour, so that the question stays the same while the page is open. */
export const monthAgo = () => new Date(Math.floor((Date.now() - monthMs) / 3_600_000) * 3_600_000).toISOString();

export function UserPage() {
  const t = useMessages();
  const { tenant } = useMe();
  const { name = '' } = useParams();
  useTitle(name);
  const from = useMemo(monthAgo, [name]);
  const month = useQuery(sessionSampleQuery(tenant, { user: name, from }, sampleRows));
  const all = `/sessions?user=${encodeURIComponent(name)}`;
  return (
    <Page title={<span dir="auto">{name}</span>} note={month.data && basisOf(month.data, t)} actions={<Link to={all}>{t.user.allSessions}</Link>}>
      {month.isError ? <ErrorState error={month.error} retry={() => void month.refetch()} /> : month.isPending ? <LoadingState /> : (
        <div className="panels">
          <Directory name={name} />
          <Panel title={t.user.devices}><Devices sessions={month.data.items} /></Panel>
          <Panel title={t.user.failures}><Failed sessions={month.data.items} empty={t.user.failuresEmpty} /></Panel>
          <Panel title={t.user.hours} wide><Hours sessions={month.data.items} from={from} asOf={month.data.as_of} /></Panel>
          <Panel title={t.user.history} wide note={<Link to={all}>{t.common.showAll}</Link>}>
            <History sessions={month.data.items} hide="user" />
          </Panel>
        </div>
      )}
    </Page>
  );
}

export function basisOf(page: SessionPage, t: ReturnType<typeof useMessages>): string {
  return page.next_cursor ? t.user.basisCut(page.items.length) : t.user.basis(page.items.length);
}

function Directory({ name }: { name: string }) {
  const t = useMessages();
  const { tenant } = useMe();
  // The directory mostly knows plain names; the ledger knows them as DOMAIN\anna and anna@domain as well. A directory may hold the latter as they are.
  const account = name.split('\\').at(-1)!;
  const plain = account.split('@')[0]!;
  const whole = useQuery(userQuery(tenant, account));
  const isElsewhere = isNotFound(whole.error) && plain !== account && plain !== '';
  const part = useQuery({ ...userQuery(tenant, plain), enabled: isElsewhere });
  const found = isElsewhere ? part : whole;
  const user = found.data;
  return (
    <Panel title={t.user.directory} note={user && <UserState user={user} />}>
      {found.isPending ? <LoadingState /> : isNotFound(found.error) ? <p className="small-print">{t.user.notInDirectory}</p>
        : user ? <Facts facts={[[t.users.fullName, user.full_name], [t.users.domain, user.domain], [t.users.email, user.email], [t.users.groups, user.groups.join(', ')]]} />
        : <ErrorState error={found.error} retry={() => void found.refetch()} />}
    </Panel>
  );
}

function Hours({ sessions, from, asOf }: { sessions: readonly Session[]; from: string; asOf: string }) {
  const t = useMessages();
  const language = useLanguage();
  const days = dayHours(sessions, from, asOf);
  const started = sessions.filter((session) => session.state !== 'failed');
  const seen = started.map((session) => session.end_time ?? asOf).toSorted().at(-1);
  const connected = started.reduce((sum, session) => sum + session.connected_ms, 0);
  if (started.length === 0) return <EmptyState title={t.user.never} hint={t.user.neverHint} />;
  return (
    <>
      <DayBars days={days} label={t.user.hoursLabel} unit={t.user.hoursShort} />
      <Facts
        facts={[
          [t.user.logons, countText(started.length)], [t.user.total, durationText(connected, language)],
          [t.user.days, countText(days.filter((day) => day.hours > 0).length)], [t.user.lastSeen, seen && <Time at={seen} />],
        ]}
      />
    </>
  );
}

function Devices({ sessions }: { sessions: readonly Session[] }) {
  const t = useMessages();
  const devices = new Map<string, { session: Session; times: number }>();
  for (const session of sessions.filter((one) => one.client)) {
    const key = `${session.client!.name}\n${session.client!.ip}`;
    devices.set(key, { session: devices.get(key)?.session ?? session, times: (devices.get(key)?.times ?? 0) + 1 });
  }
  if (devices.size === 0) return <p className="small-print">{t.user.devicesEmpty}</p>;
  return (
    <ul className="lines">
      {[...devices.values()].slice(0, 10).map(({ session, times }) => (
        <li key={`${session.client!.name}${session.client!.ip}`}>
          <span><bdi>{session.client!.name ?? '–'}</bdi> <span className="dim">{[session.client!.ip, session.client!.type, session.client!.version].filter(Boolean).join(' · ')}</span></span>
          <span className="number">{countText(times)}×</span>
        </li>
      ))}
    </ul>
  );
}

export function Failed({ sessions, empty }: { sessions: readonly Session[]; empty: string }) {
  const failed = sessions.filter((session) => session.state === 'failed');
  if (failed.length === 0) return <p className="small-print">{empty}</p>;
  return (
    <ul className="lines lines-two">
      {failed.slice(0, 6).map((session) => (
        <li key={session.id}>
          <Link className="plain clip" to={sessionPath(session.id)}>{session.failure?.code ?? '–'}</Link>
          <Time at={session.start_time} />
          <span className="second clip"><bdi>{session.failure?.reason}</bdi> · <bdi>{session.user}</bdi> · <bdi>{session.host.name}</bdi></span>
        </li>
      ))}
    </ul>
  );
}

const [rowPx, frameRows, rowsMax] = [30, 1.2, 10];

/** As high as its rows, up to ten of them. */
export const insetHeight = (rows: number) => rowPx * (Math.min(rows, rowsMax) + frameRows);

export function History({ sessions, hide }: { sessions: readonly Session[]; hide: string }) {
  const t = useMessages();
  const columns = useMemo(() => sessionColumns(t), [t]);
  if (sessions.length === 0) return <EmptyState title={t.sessions.empty} />;
  return (
    <div className="grid-inset" style={{ height: insetHeight(sessions.length) }}>
      <DataTable label={t.sessions.gridLabel} rows={sessions} columns={columns} visible={defaultColumns.filter((id) => id !== hide)} rowId={(session) => session.id} rowPath={(session) => sessionPath(session.id)} />
    </div>
  );
}
