import { Button, PasswordInput, SegmentedControl, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent } from 'react';
import { api, Refusal, unwrap } from '../api/client';
import { meQuery } from '../api/queries';
import { useMessages } from '../i18n';
import type { Messages } from '../i18n/en';
import { usePreferences, type Language } from '../preferences';
import { Icon } from '../ui/icons';

/** @param isOver A sign-in was here and has ended by itself; the address stays, so that the work goes on. */
export function SignInPage({ isOver }: { isOver: boolean }) {
  const t = useMessages();
  const client = useQueryClient();
  const { preferences, change } = usePreferences();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  useEffect(() => {
    document.title = `${t.signIn.title} · ${t.appTitle}`;
  }, [t]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setIsBusy(true);
    setWrong(null);
    try {
      const { me } = await unwrap(api.POST('/api/v1/signin', { body: { name, password, cookie: true } }));
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== meQuery.queryKey[0] }); // The next reader may not be the last one.
      client.setQueryData(meQuery.queryKey, me);
    } catch (cause) {
      setWrong(wordsOf(cause, t));
      setIsBusy(false);
    }
  };

  return (
    <main className="lonely">
      <form className="sign-in" onSubmit={(event) => void submit(event)}>
        <div className="brand brand-big"><Icon name="mark" /> <span>{t.appTitle}</span></div>
        <p className="sign-in-tagline">{t.tagline}</p>
        <h1>{t.signIn.title}</h1>
        {isOver && !wrong && <p className="notice">{t.signIn.over}</p>}
        {wrong && <p className="notice notice-bad" role="alert">{wrong}</p>}
        <TextInput size="sm" label={t.signIn.name} value={name} onChange={(event) => setName(event.currentTarget.value)} autoComplete="username" autoFocus required maxLength={128} withAsterisk={false} />
        <PasswordInput label={t.signIn.password} value={password} onChange={(event) => setPassword(event.currentTarget.value)} autoComplete="current-password" required maxLength={256} withAsterisk={false} />
        <Button type="submit" size="sm" fullWidth loading={isBusy}>{t.signIn.submit}</Button>
        <p className="small-print">{t.signIn.kept}</p>
        <SegmentedControl
          aria-label={t.shell.language} value={preferences.language} onChange={(language) => change({ language: language as Language })}
          data={[{ value: 'en', label: 'English' }, { value: 'zh', label: '简体中文' }]}
        />
      </form>
    </main>
  );
}

function wordsOf(cause: unknown, t: Messages): string {
  if (!(cause instanceof Refusal) || cause.status >= 500) return t.errors.failed;
  if (cause.status === 0) return `${t.errors.unreachable}. ${t.errors.unreachableHint}`;
  return cause.status === 429 ? t.signIn.tooMany : t.signIn.wrong;
}
