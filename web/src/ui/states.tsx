import { Button, Loader } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Refusal } from '../api/client';
import { useMessages } from '../i18n';
import type { Messages } from '../i18n/en';

/** Nothing to show, and what to do about it. */
export function EmptyState({ title, hint, children }: { title: string; hint?: string; children?: ReactNode }) {
  return (
    <div className="state" role="status">
      <p className="state-title">{title}</p>
      {hint && <p className="state-hint">{hint}</p>}
      {children}
    </div>
  );
}

export function LoadingState() {
  const t = useMessages();
  return (
    <div className="state" role="status" aria-live="polite">
      <Loader size="sm" aria-hidden="true" />
      <span className="visually-hidden">{t.common.loading}</span>
    </div>
  );
}

interface ErrorStateProps {
  readonly error: unknown;
  readonly retry?: () => void;
  /** What takes the filter at fault out of the address. */
  readonly removeFilter?: (name: string) => void;
}

/** A refusal in the reader's words first, and in the server's below: those name the field. */
export function ErrorState({ error, retry, removeFilter }: ErrorStateProps) {
  const t = useMessages();
  const refusal = error instanceof Refusal ? error : new Refusal(500, '', String(error), {}, null);
  const [title, hint] = wordsOf(refusal, t);
  const fields = Object.keys(refusal.fields);
  return (
    <div className={isUnknownPath(error) ? 'state' : 'state state-error'} role={isUnknownPath(error) ? 'status' : 'alert'} data-refused={refusal.status}>
      <p className="state-title">{title}</p>
      <p className="state-hint">{hint}</p>
      {refusal.status > 0 && refusal.detail && !isUnknownPath(error) && <p className="state-detail">{refusal.detail}</p>}
      {refusal.status >= 500 && refusal.requestId && <p className="state-detail">{t.errors.requestId}: <code>{refusal.requestId}</code></p>}
      <div className="state-actions">
        {removeFilter && fields.map((field) => (
          <Button key={field} variant="default" onClick={() => removeFilter(field)}>
            {t.errors.removeFilter((t.filters as Record<string, string>)[field] ?? field)}
          </Button>
        ))}
        {retry && !isUnknownPath(error) && <Button variant="default" onClick={retry}>{t.errors.tryAgain}</Button>}
      </div>
    </div>
  );
}

/** What an answer is shown as; until it comes, that it is under way, or why it cannot be had. */
export function Answered<T>({ by, children }: { by: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  if (by.isError) return <ErrorState error={by.error} retry={() => void by.refetch()} />;
  return by.isPending ? <LoadingState /> : children(by.data);
}

function wordsOf(refusal: Refusal, t: Messages): readonly [string, string] {
  switch (refusal.status) {
    case 0:
      return [t.errors.unreachable, t.errors.unreachableHint];
    case 400:
      return [t.errors.badFilter, t.errors.badFilterHint];
    case 403:
      return [t.errors.notAllowed, t.errors.notAllowedHint];
    case 404:
      return isUnknownPath(refusal) ? [t.errors.notYet, t.errors.notYetHint] : [t.errors.notFound, t.errors.notFoundHint];
    case 429:
    case 503:
      return [t.errors.busy, t.errors.busyHint];
    default:
      return [t.errors.failed, t.errors.failedHint];
  }
}

/** The server has no such operation, as against no such thing. */
export const isUnknownPath = (error: unknown): boolean => error instanceof Refusal && error.status === 404 && error.title === 'No such path';

export const isNotFound = (error: unknown): boolean => error instanceof Refusal && error.status === 404 && error.title !== 'No such path';
