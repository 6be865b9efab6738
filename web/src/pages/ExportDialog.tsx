import { Alert, Button, Checkbox, Modal, NativeSelect, Progress } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, unwrap } from '../api/client';
import { exportQuery, fileUrl, type SessionFilter } from '../api/queries';
import { bytesText, isReaderUtc, readerZone } from '../format';
import { useMessages, wordOf } from '../i18n';
import { useMe } from '../session';
import { ErrorState } from '../ui/states';

interface ExportDialogProps {
  readonly filter: SessionFilter;
  readonly columns: readonly string[];
  readonly countText: string;
  readonly close: () => void;
}

/** Exactly what is on the page: its filter and order, its columns in their order. */
export function ExportDialog({ filter, columns, countText, close }: ExportDialogProps) {
  const t = useMessages();
  const { tenant } = useMe();
  const client = useQueryClient();
  const [format, setFormat] = useState('xlsx');
  const [language, setLanguage] = useState(t.code === 'zh' ? 'zh_CN' : 'en_US');
  const isPast = 'as_known_at' in filter;
  const [hasZone, setHasZone] = useState(!isReaderUtc);
  const order = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST('/api/v1/tenants/{tenant}/exports', {
          params: { path: { tenant } },
          body: {
            what: 'sessions', format, filter: filter as Record<string, string>, columns: [...columns], language, time_zone: hasZone ? readerZone : null, bom: null, delimiter: null,
          },
        }) as Promise<{ data?: { id: string }; error?: unknown; response: Response }>,
      ),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['exports'] }),
  });
  return (
    <Modal opened onClose={close} title={t.exportDialog.title} closeButtonProps={{ 'aria-label': t.common.close }}>
      {order.data ? <Progressing id={order.data.id} /> : (
        <form className="form" onSubmit={(event) => { event.preventDefault(); order.mutate(); }}>
          <p className="small-print">{t.exportDialog.explain(countText)}</p>
          <NativeSelect label={t.exportDialog.format} value={format} onChange={(event) => setFormat(event.currentTarget.value)} data={Object.entries(t.exportDialog.formats).map(([value, label]) => ({ value, label }))} data-autofocus />
          <NativeSelect label={t.exportDialog.language} value={language} onChange={(event) => setLanguage(event.currentTarget.value)} data={[{ value: 'en_US', label: 'English' }, { value: 'zh_CN', label: '简体中文' }]} />
          {!isReaderUtc && <Checkbox label={t.exportDialog.zone} checked={hasZone} onChange={(event) => setHasZone(event.currentTarget.checked)} />}
          {isPast && <Alert color="yellow">{t.exportDialog.noPast}</Alert>}
          {order.isError && <ErrorState error={order.error} />}
          <Button type="submit" loading={order.isPending} disabled={isPast}>{t.exportDialog.submit}</Button>
        </form>
      )}
    </Modal>
  );
}

function Progressing({ id }: { id: string }) {
  const t = useMessages();
  const { tenant } = useMe();
  const task = useQuery(exportQuery(tenant, id));
  if (task.isError) return <ErrorState error={task.error} retry={() => void task.refetch()} />;
  const { state = 'queued', rows = 0, rows_expected = null, bytes, failure, file_name } = task.data ?? {};
  const isDone = state === 'finished';
  const percent = isDone ? 100 : rows_expected ? Math.min(99, (100 * (rows ?? 0)) / rows_expected) : 0;
  return (
    <div className="form" aria-live="polite" data-export={state}>
      <Progress value={percent} animated={!isDone} aria-label={t.exportDialog.working} />
      <p>{isDone ? t.exportDialog.done : wordOf(t.exports.states, state)}: {t.exports.progress(rows ?? 0, rows_expected ?? null)}{isDone && bytes ? ` · ${bytesText(bytes)}` : ''}</p>
      {failure && <Alert color="red">{failure}</Alert>}
      <div className="state-actions">
        {isDone && <Button component="a" href={fileUrl(tenant, id)} download={file_name}>{t.exportDialog.download}</Button>}
        <Button component={Link} to="/exports" variant="default">{t.exportDialog.toExports}</Button>
      </div>
    </div>
  );
}
