import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { api, unwrap } from '../api/client';
import { sessionQuery } from '../api/queries';
import type { SessionDetail } from '../api/types';
import { fromInput, isReaderUtc, readerZone } from '../format';
import { useMessages } from '../i18n';
import { useMe } from '../session';
import { ErrorState } from '../ui/states';
import { Time } from '../ui/Time';

interface DialogProps {
  readonly session: SessionDetail;
  readonly close: () => void;
}

export function CloseDialog({ session, close }: DialogProps) {
  const t = useMessages();
  const [end, setEnd] = useState('');
  const word = useWord(session, close, (tenant, reason) =>
    unwrap(api.POST('/api/v1/tenants/{tenant}/sessions/{id}/close', { params: { path: { tenant, id: session.id } }, body: { reason, end_time: fromInput(end) } })));
  return (
    <WordDialog title={t.close.title} explain={t.close.explain} submit={t.close.submit} word={word} close={close} canSubmit>
      <TextInput type="datetime-local" step={1} label={t.close.endTime} value={end} onChange={(event) => setEnd(event.currentTarget.value)} />
    </WordDialog>
  );
}

export function CorrectDialog({ session, close }: DialogProps) {
  const t = useMessages();
  const [start, setStart] = useState('');
  const [end, setEnd] = useState('');
  const isOpen = !session.end_time;
  // Milliseconds are no reader's, so a time that is not touched is not sent.
  const set = { ...(start ? { start_time: fromInput(start) } : {}), ...(end ? { end_time: fromInput(end) } : {}) } as { start_time: string | null; end_time: string | null };
  const word = useWord(session, close, (tenant, reason) =>
    unwrap(api.POST('/api/v1/tenants/{tenant}/sessions/{id}/correct', { params: { path: { tenant, id: session.id } }, body: { reason, set } })));
  return (
    <WordDialog title={t.correct.title} explain={t.correct.explain} submit={t.correct.submit} word={word} close={close} canSubmit={start !== '' || end !== ''}>
      <TextInput type="datetime-local" step={1} label={t.correct.start} value={start} onChange={(event) => setStart(event.currentTarget.value)} description={<Time at={session.start_time} />} />
      {!isOpen && <TextInput type="datetime-local" step={1} label={t.correct.end} value={end} onChange={(event) => setEnd(event.currentTarget.value)} description={<Time at={session.end_time} />} />}
    </WordDialog>
  );
}

function useWord(session: SessionDetail, close: () => void, say: (tenant: string, reason: string) => Promise<unknown>) {
  const { tenant } = useMe();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) => say(tenant, reason),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: sessionQuery(tenant, session.id).queryKey });
      void client.invalidateQueries({ queryKey: ['sessions'] });
      close();
    },
  });
}

interface WordDialogProps {
  readonly title: string;
  readonly explain: string;
  readonly submit: string;
  readonly word: ReturnType<typeof useWord>;
  readonly close: () => void;
  readonly canSubmit: boolean;
  readonly children: ReactNode;
}

function WordDialog({ title, explain, submit, word, close, canSubmit, children }: WordDialogProps) {
  const t = useMessages();
  const [reason, setReason] = useState('');
  const send = (event: FormEvent) => {
    event.preventDefault();
    word.mutate(reason.trim());
  };
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': t.common.close }}>
      <form className="form" onSubmit={send}>
        <p className="small-print">{explain}</p>
        <Textarea label={t.close.reason} description={t.close.reasonHint} value={reason} onChange={(event) => setReason(event.currentTarget.value.replace(/[\r\n]+/g, ' '))} required withAsterisk={false} maxLength={1000} autosize minRows={2} data-autofocus />
        {children}
        <p className="small-print">{isReaderUtc ? t.common.zoneUtc : t.common.zoneInput(readerZone)}</p>
        {!canSubmit && <p className="small-print">{t.correct.nothing}</p>}
        {word.isError && <ErrorState error={word.error} />}
        <div className="state-actions">
          <Button type="submit" loading={word.isPending} disabled={!canSubmit || reason.trim() === ''}>{submit}</Button>
          <Button variant="default" onClick={close}>{t.common.cancel}</Button>
        </div>
      </form>
    </Modal>
  );
}
