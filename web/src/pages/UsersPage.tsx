import { Button, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { usersQuery } from '../api/queries';
import type { User } from '../api/types';
import { useMessages } from '../i18n';
import type { Messages } from '../i18n/en';
import { useMe } from '../session';
import { Dot, Page, UserLink, userPath } from '../ui/bits';
import { DataTable, type Column } from '../ui/DataTable';
import { EmptyState, ErrorState, LoadingState } from '../ui/states';
import { useTitle } from '../ui/useTitle';

export function UsersPage() {
  const t = useMessages();
  const { tenant } = useMe();
  useTitle(t.users.title);
  const found = useInfiniteQuery(usersQuery(tenant));
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const columns = useMemo(() => columnsOf(t), [t]);
  const count = found.data?.pages[0]?.count ?? null;
  return (
    <Page title={t.users.title} note={count !== null && t.common.rows(count)} actions={<Lookup />}>
      {found.isPending ? <LoadingState /> : found.isError ? <ErrorState error={found.error} retry={() => void found.refetch()} />
        : rows.length === 0 ? <EmptyState title={t.users.empty} hint={t.users.emptyHint} />
        : <DataTable label={t.users.title} rows={rows} columns={columns} rowId={(user) => user.id} rowPath={(user) => userPath(user.name)} count={count} hasMore={found.hasNextPage} isLoadingMore={found.isFetchingNextPage} loadMore={() => void found.fetchNextPage()} />}
    </Page>
  );
}

/** The ledger knows people that no directory has. */
function Lookup() {
  const t = useMessages();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) void navigate(userPath(name.trim()));
  };
  return (
    <form className="who" onSubmit={submit}>
      <TextInput aria-label={t.users.lookup} placeholder={t.filterHints.user} value={name} onChange={(event) => setName(event.currentTarget.value)} w={260} maxLength={256} />
      <Button type="submit" variant="default" title={t.users.lookupHint}>{t.users.go}</Button>
    </form>
  );
}

function columnsOf(t: Messages): readonly Column<User>[] {
  const text = (id: string, title: string, width: number, value: (user: User) => string | null | undefined): Column<User> =>
    ({ id, title, width, cell: (user) => <span dir="auto">{value(user) || <span className="dim">–</span>}</span> });
  return [
    { id: 'name', title: t.users.name, width: 160, cell: (user) => <UserLink user={user.name} /> },
    text('full_name', t.users.fullName, 160, (user) => user.full_name),
    text('domain', t.users.domain, 100, (user) => user.domain),
    text('email', t.users.email, 200, (user) => user.email),
    text('groups', t.users.groups, 220, (user) => user.groups.join(', ')),
    { id: 'state', title: t.columns.state, width: 110, cell: (user) => <UserState user={user} /> },
  ];
}

export function UserState({ user }: { user: User }) {
  const t = useMessages();
  if (user.locked) return <Dot tone="failed">{t.users.locked}</Dot>;
  return user.enabled ? <Dot tone="active">{t.users.ok}</Dot> : <Dot tone="ended">{t.users.disabled}</Dot>;
}
