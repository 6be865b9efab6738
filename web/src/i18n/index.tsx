import { createContext, useContext, useEffect, type ReactNode } from 'react';
import { usePreferences, type Language } from '../preferences';
import { en, type Messages } from './en';
import { zh } from './zh';

const catalogues: Record<Language, Messages> = { en, zh };

const Context = createContext<Messages>(en);

export function LanguageProvider({ children }: { children: ReactNode }) {
  const { language } = usePreferences().preferences;
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  }, [language]);
  return <Context.Provider value={catalogues[language]}>{children}</Context.Provider>;
}

export const useMessages = (): Messages => useContext(Context);

export const useLanguage = (): Language => usePreferences().preferences.language;

/** A word of the API in the reader's language; one that this console does not know stands as it came. */
export function wordOf(words: Readonly<Record<string, string>>, word: string | null | undefined): string {
  return word == null ? '–' : (words[word] ?? word);
}
