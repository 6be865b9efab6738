import { useEffect } from 'react';
import { useMessages } from '../i18n';

export function useTitle(title: string): void {
  const { appTitle } = useMessages();
  useEffect(() => {
    document.title = `${title} · ${appTitle}`;
  }, [title, appTitle]);
}
