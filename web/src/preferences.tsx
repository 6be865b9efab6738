import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';

export type Language = 'en' | 'zh';

/** All that the console keeps in the browser beside the cookie: how the reader likes it, never what was read. */
export interface Preferences {
  readonly language: Language;
  readonly sessionColumns: readonly string[] | null;
}

const storageKey = 'rollcall.preferences';

interface PreferenceStore {
  readonly preferences: Preferences;
  readonly change: (part: Partial<Preferences>) => void;
}

const Context = createContext<PreferenceStore | null>(null);

export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [preferences, setPreferences] = useState(read);
  const change = useCallback((part: Partial<Preferences>) => {
    setPreferences((old) => {
      const next = { ...old, ...part };
      write(next);
      return next;
    });
  }, []);
  const store = useMemo(() => ({ preferences, change }), [preferences, change]);
  return <Context.Provider value={store}>{children}</Context.Provider>;
}

export function usePreferences(): PreferenceStore {
  const store = useContext(Context);
  if (!store) throw new Error('outside the provider of preferences');
  return store;
}

function read(): Preferences {
  const fallback: Preferences = { language: navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en', sessionColumns: null };
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Preferences>;
    return {
      language: stored.language === 'en' || stored.language === 'zh' ? stored.language : fallback.language,
      sessionColumns: Array.isArray(stored.sessionColumns) ? stored.sessionColumns.filter((name) => typeof name === 'string') : null,
    };
  } catch {
    return fallback; // A browser that keeps nothing still shows everything.
  }
}

function write(preferences: Preferences): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(preferences));
  } catch {
    // The choice then holds for this page alone.
  }
}
