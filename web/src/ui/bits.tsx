import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useMessages, wordOf } from '../i18n';

/** A state is told by a word; its dot only helps to find it. */
export function State({ state }: { state: string }) {
  const t = useMessages();
  return <span className="dotted"><i className={`dot dot-${state}`} aria-hidden="true" />{wordOf(t.states, state)}</span>;
}

export function Dot({ tone, children }: { tone: string; children: ReactNode }) {
  return <span className="dotted"><i className={`dot dot-${tone}`} aria-hidden="true" />{children}</span>;
}

export const userPath = (user: string) => `/users/${encodeURIComponent(user)}`;
export const hostPath = (host: string) => `/hosts/${encodeURIComponent(host)}`;
export const sessionPath = (id: string) => `/sessions/${encodeURIComponent(id)}`;

export function UserLink({ user }: { user: string }) {
  return <Link className="plain" to={userPath(user)} dir="auto">{user}</Link>;
}

export function HostLink({ host }: { host: string }) {
  return <Link className="plain" to={hostPath(host)} dir="auto">{host}</Link>;
}

export function Page({ title, note, actions, children }: { title: ReactNode; note?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <div className="page">
      <header className="page-head">
        <h1>{title}</h1>
        {note && <div className="page-note">{note}</div>}
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function Panel({ title, note, wide, children }: { title: ReactNode; note?: ReactNode; wide?: boolean; children: ReactNode }) {
  return (
    <section className={wide ? 'panel panel-wide' : 'panel'}>
      <header className="panel-head"><h2>{title}</h2>{note && <span className="panel-note">{note}</span>}</header>
      {children}
    </section>
  );
}

/** Facts by name; those that are not known are left out. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return (
    <dl className="facts">
      {known.map(([name, value]) => (
        <div key={name}><dt>{name}</dt><dd dir="auto">{value}</dd></div>
      ))}
    </dl>
  );
}

/** One quantity as a bar among its like. */
export function Bar({ value, of }: { value: number; of: number }) {
  return <progress className="bar" max={Math.max(of, 1)} value={value} aria-hidden="true" />;
}
