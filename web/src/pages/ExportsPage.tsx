import { Button, Modal, Progress } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, unwrap } from '../api/client';
import { exportsQuery, fileUrl, manifestQuery } from '../api/queries';
import type { Export } from '../api/types';
import { bytesText, countText } from '../format';
import { useMessages, wordOf } from '../i18n';
import { useMay, useMe } from '../session';
import { Dot, Facts, Page } from '../ui/bits';
import { EmptyState, ErrorState, LoadingState } from '../ui/states';
import { Time } from '../ui/Time';
import { useTitle } from '../ui/useTitle';

const tones: Record<string, string> = { queued: 'initializing', running: 'initializing', finished: 'active', failed: 'failed', expired: 'ended', cancelled: 'ended' };

export function ExportsPage() {
  const t = useMessages();
  const { tenant } = useMe();
  useTitle(t.exports.title);
  const found = useInfiniteQuery(exportsQuery(tenant));
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const [manifestOf, setManifestOf] = useState<Export | null>(null);
  const [deleting, setDeleting] = useState<Export | null>(null);
  return (
    <Page title={t.exports.title} note={found.data && t.common.rows(found.data.pages[0]?.count ?? rows.length)}>
      {found.isPending ? <LoadingState /> : found.isError ? <ErrorState error={found.error} retry={() => void found.refetch()} />
        : rows.length === 0 ? <EmptyState title={t.exports.empty} hint={t.exports.emptyHint}><Link to="/sessions">{t.nav.sessions}</Link></EmptyState> : (
          <div className="scroll scroll-page" tabIndex={0} role="region" aria-label={t.exports.title}>
            <table className="table">
              <thead>
                <tr><th>{t.exports.file}</th><th>{t.exports.what}</th><th>{t.exports.state}</th><th className="cell-number">{t.exports.rows}</th><th className="cell-number">{t.exports.size}</th><th>{t.exports.by}</th><th>{t.exports.created} / {t.exports.expires}</th><th className="cell-number">{t.exports.downloads}</th><th>{t.exports.actions}</th></tr>
              </thead>
              <tbody>{rows.map((task) => <Row key={task.id} task={task} showManifest={() => setManifestOf(task)} remove={() => setDeleting(task)} />)}</tbody>
            </table>
            {found.hasNextPage && <Button variant="default" m="sm" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>{t.common.showAll}</Button>}
          </div>
        )}
      {manifestOf && <ManifestDialog task={manifestOf} close={() => setManifestOf(null)} />}
      {deleting && <DeleteDialog task={deleting} close={() => setDeleting(null)} />}
    </Page>
  );
}

function Row({ task, showManifest, remove }: { task: Export; showManifest: () => void; remove: () => void }) {
  const t = useMessages();
  const { tenant } = useMe();
  const client = useQueryClient();
  const [mayDownload, mayDelete] = [useMay('download-exports'), useMay('delete-exports')];
  const isUnderWay = task.state === 'queued' || task.state === 'running';
  const callOff = useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/tenants/{tenant}/exports/{id}/cancel', { params: { path: { tenant, id: task.id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ['exports'] }),
  });
  return (
    <tr data-export={task.id} data-state={task.state}>
      <td className="file-name" title={task.file_name}><bdi>{task.file_name}</bdi></td>
      <td>{wordOf(t.exports.whats, task.what)}</td>
      <td>
        <Dot tone={tones[task.state] ?? 'ended'}>{wordOf(t.exports.states, task.state)}</Dot>
        {isUnderWay && <Progress size="xs" mt={3} value={task.rows_expected ? (100 * (task.rows ?? 0)) / task.rows_expected : 5} aria-label={t.exportDialog.working} />}
        {task.failure && <div className="warn">{task.failure}</div>}
      </td>
      <td className="cell-number">{isUnderWay ? t.exports.progress(task.rows ?? 0, task.rows_expected ?? null) : countText(task.rows)}</td>
      <td className="cell-number">{task.bytes == null ? '–' : bytesText(task.bytes)}</td>
      <td dir="auto">{task.requested_by}</td>
      <td><Time at={task.created_at} /><br /><span className="dim"><Time at={task.expires_at} /></span></td>
      <td className="cell-number">{countText(task.downloads)}</td>
      <td><div className="row-actions">
        {task.state === 'finished' && mayDownload && <Button size="compact-xs" component="a" variant="default" href={fileUrl(tenant, task.id)} download={task.file_name}>{t.exports.download}</Button>}
        {task.state === 'finished' && <Button size="compact-xs" variant="subtle" onClick={showManifest}>{t.exports.manifest}</Button>}
        {isUnderWay && mayDelete && <Button size="compact-xs" variant="subtle" loading={callOff.isPending} onClick={() => callOff.mutate()}>{t.exports.callOff}</Button>}
        {!isUnderWay && mayDelete && <Button size="compact-xs" variant="subtle" color="red" onClick={remove}>{t.exports.delete}</Button>}
      </div></td>
    </tr>
  );
}

function ManifestDialog({ task, close }: { task: Export; close: () => void }) {
  const t = useMessages();
  const { tenant } = useMe();
  const found = useQuery(manifestQuery(tenant, task.id));
  const m = found.data;
  return (
    <Modal opened onClose={close} size="lg" title={`${t.exports.manifestTitle}: ${task.file_name}`} closeButtonProps={{ 'aria-label': t.common.close }}>
      {found.isPending ? <LoadingState /> : !m ? <ErrorState error={found.error} /> : (
        <>
          <Facts
            facts={[
              [t.manifest.sha256, <code className="breaks">{m.sha256}</code>], [t.manifest.rows, countText(m.rows)], [t.manifest.rows_cut, countText(m.rows_cut)], [t.manifest.cells_cut, countText(m.cells_cut)],
              [t.manifest.sheets, countText(m.sheets)], [t.manifest.bytes, countText(m.bytes)], [t.manifest.filter, <code className="breaks">{JSON.stringify(m.filter)}</code>],
              [t.manifest.columns, m.columns.join(', ')], [t.manifest.snapshot_at, <Time at={m.snapshot_at} />], [t.manifest.requested_by, m.requested_by], [t.manifest.finished_at, <Time at={m.finished_at} />],
              [t.manifest.time_zone, m.time_zone], [t.manifest.language, m.language], [t.manifest.format, m.format], [t.manifest.version, m.version],
            ]}
          />
          <p className="small-print" style={{ marginTop: 10 }}>{t.manifest.check} <code>{task.file_name}</code></p>
        </>
      )}
    </Modal>
  );
}

function DeleteDialog({ task, close }: { task: Export; close: () => void }) {
  const t = useMessages();
  const { tenant } = useMe();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/v1/tenants/{tenant}/exports/{id}', { params: { path: { tenant, id: task.id } } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['exports'] });
      close();
    },
  });
  return (
    <Modal opened onClose={close} title={t.exports.deleteTitle} closeButtonProps={{ 'aria-label': t.common.close }}>
      <p className="prose breaks"><bdi>{task.file_name}</bdi></p>
      <p className="small-print">{t.exports.deleteExplain}</p>
      {remove.isError && <ErrorState error={remove.error} />}
      <div className="state-actions">
        <Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate()} data-autofocus>{t.exports.delete}</Button>
        <Button variant="default" onClick={close}>{t.common.cancel}</Button>
      </div>
    </Modal>
  );
}
