import { useQueryClient, type Query } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useRef, useState, type ReactNode } from 'react';
import { streamUrl } from './api/queries';
import { useMe } from './session';

export type Liveness = 'live' | 'polling' | 'paused';

interface Live {
  readonly how: Liveness;
  /** Rises with every piece of news. */
  readonly news: number;
}

const pollEveryMs = 5000;
/** The stream tells of sessions; beats, sign-ins and exports of others are asked for now and then. That also keeps the sign-in alive, which a stream does not. */
const refreshEveryMs = 60_000;
/** News come in bursts; asking again once for all of them is enough. It takes longer where the answers do, so that the views of a slow server are a small part of its work. */
const gatherMs = 700;
const gatherMsMax = 10_000;
/** Of the time that the last answers took. */
const restFactor = 5;
/** A page that nobody looks at must not keep its sign-in alive. */
const idleAfterMs = 10 * 60 * 1000;
/** A browser gives up a stream that was refused; it is tried again so often. */
const retryEveryMs = 30_000;

/** What the server sends; an EventSource hands named events to who names them. */
const eventTypes = ['session', 'joined', 'removed', 'reset'] as const;

const Context = createContext<Live>({ how: 'polling', news: 0 });

export const useLive = (): Live => useContext(Context);

/** Of a list in pages, one is asked for anew; whoever has scrolled further is told, and not moved. */
function isLive(query: Query): boolean {
  if (query.meta?.['live'] !== 'one-page') return query.meta?.['live'] === true;
  const data = query.state.data as { readonly pages: readonly unknown[] } | undefined;
  return data === undefined || data.pages.length === 1;
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const { tenant } = useMe();
  const client = useQueryClient();
  const isWatched = useWatched();
  const [how, setHow] = useState<Liveness>('polling');
  const [news, setNews] = useState(0);
  const lastId = useRef<{ tenant: string; id: string } | null>(null);

  useEffect(() => {
    if (!isWatched) {
      setHow('paused');
      return;
    }
    let gathering: ReturnType<typeof setTimeout> | undefined;
    let restMs = gatherMs;
    let isTelling = false;
    let isMore = false;
    let isOver = false;
    let retrying: ReturnType<typeof setTimeout> | undefined;
    let asking: ReturnType<typeof setInterval> | undefined;
    let stream: EventSource | undefined;
    const tell = async () => {
      gathering = undefined;
      isTelling = true;
      // A question under way is not asked anew: an answer slower than the news would never come. It may have been asked before the news, so they are told once more.
      isMore = client.isFetching({ predicate: isLive }) > 0;
      setNews((count) => count + 1);
      const began = performance.now();
      await client.invalidateQueries({ predicate: isLive }, { cancelRefetch: false });
      restMs = Math.min(Math.max(restFactor * (performance.now() - began), gatherMs), gatherMsMax);
      isTelling = false;
      if (isMore && !isOver) gather();
    };
    const gather = () => {
      if (isTelling) isMore = true;
      else gathering ??= setTimeout(() => void tell(), restMs);
    };
    const ask = (what: Liveness, everyMs: number) => {
      setHow(what);
      clearInterval(asking);
      asking = setInterval(gather, everyMs);
    };
    const take = (event: MessageEvent) => {
      if (event.lastEventId) lastId.current = { tenant, id: event.lastEventId };
      gather();
    };
    const open = () => {
      stream = new EventSource(streamUrl(tenant, lastId.current?.tenant === tenant ? lastId.current.id : null));
      for (const type of eventTypes) stream.addEventListener(type, take);
      stream.onopen = () => {
        ask('live', refreshEveryMs);
        // What changed between the views' answers and the beginning of the stream is in neither.
        gather();
      };
      stream.onerror = () => {
        ask('polling', pollEveryMs);
        // Closed for good means that it was refused: too many streams, or the sign-in is over. Else the browser connects again by itself.
        if (stream?.readyState === EventSource.CLOSED) retrying = setTimeout(open, retryEveryMs);
      };
    };
    open();
    return () => {
      isOver = true;
      stream?.close();
      clearTimeout(gathering);
      clearTimeout(retrying);
      clearInterval(asking);
    };
  }, [tenant, client, isWatched]);

  return <Context.Provider value={{ how, news }}>{children}</Context.Provider>;
}

/** Whether somebody may be looking: a page in a hidden tab gives its connection back, of which browsers have six to a server. */
function useWatched(): boolean {
  const isIdle = useIdle();
  const [isVisible, setIsVisible] = useState(document.visibilityState === 'visible');
  useEffect(() => {
    const look = () => setIsVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return isVisible && !isIdle;
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
