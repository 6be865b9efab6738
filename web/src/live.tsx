import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { streamUrl } from './api/queries';
import { useMe } from './session';

export type Liveness = 'live' | 'polling' | 'paused';

interface Live {
  readonly how: Liveness;
  /** Rises with every piece of news. */
  readonly news: number;
}

const pollEveryMs = 5000;
/** News come in bursts; asking again once for all of them is enough. */
const gatherMs = 700;
/** A page that nobody looks at must not keep its sign-in alive. */
const idleAfterMs = 10 * 60 * 1000;

/** An EventSource hands named events to who names them. */
const changeTypes = [
  'session', 'change', 'changed', 'reset', 'rollcall.session',
  ...['initializing', 'started', 'disconnected', 'reconnected', 'ended', 'failed', 'changed', 'closed', 'corrected'].map((word) => `rollcall.session.${word}`),
];

const Context = createContext<Live>({ how: 'polling', news: 0 });

export const useLive = (): Live => useContext(Context);

export function LiveProvider({ children }: { children: ReactNode }) {
  const { tenant } = useMe();
  const client = useQueryClient();
  const isIdle = useIdle();
  const [how, setHow] = useState<Liveness>('polling');
  const [news, setNews] = useState(0);

  useEffect(() => {
    if (isIdle) {
      setHow('paused');
      return;
    }
    let gathering: ReturnType<typeof setTimeout> | undefined;
    let polling: ReturnType<typeof setInterval> | undefined;
    const tell = () => {
      setNews((count) => count + 1);
      void client.invalidateQueries({ predicate: (query) => query.meta?.['live'] === true });
    };
    const gather = () => {
      gathering ??= setTimeout(() => {
        gathering = undefined;
        tell();
      }, gatherMs);
    };
    const poll = () => {
      setHow('polling');
      polling ??= setInterval(() => document.visibilityState === 'visible' && tell(), pollEveryMs);
    };
    const stream = new EventSource(streamUrl(tenant));
    stream.onopen = () => {
      clearInterval(polling);
      polling = undefined;
      setHow('live');
    };
    // Closed for good means that this server has no stream, or that the sign-in is over; else the browser connects again by itself.
    stream.onerror = poll;
    stream.onmessage = gather;
    for (const type of changeTypes) stream.addEventListener(type, gather);
    return () => {
      stream.close();
      clearTimeout(gathering);
      clearInterval(polling);
    };
  }, [tenant, client, isIdle]);

  return <Context.Provider value={{ how, news }}>{children}</Context.Provider>;
}

function useIdle(): boolean {
  const [isIdle, setIsIdle] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const seen = () => {
      setIsIdle(false);
      clearTimeout(timer);
      timer = setTimeout(() => setIsIdle(true), idleAfterMs);
    };
    const signs = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'focus'] as const;
    for (const sign of signs) window.addEventListener(sign, seen, { passive: true });
    seen();
    return () => {
      clearTimeout(timer);
      for (const sign of signs) window.removeEventListener(sign, seen);
    };
  }, []);
  return isIdle;
}
