import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { onSignedOut, setCsrfToken } from './api/client';
import { meQuery } from './api/queries';
import { LiveProvider } from './live';
import { ConcurrencyPage } from './pages/ConcurrencyPage';
import { ExportsPage } from './pages/ExportsPage';
import { HealthPage } from './pages/HealthPage';
import { HostPage } from './pages/HostPage';
import { HostsPage } from './pages/HostsPage';
import { NowPage } from './pages/NowPage';
import { SessionPage } from './pages/SessionPage';
import { SessionsPage } from './pages/SessionsPage';
import { SignInPage } from './pages/SignInPage';
import { UserPage } from './pages/UserPage';
import { UsersPage } from './pages/UsersPage';
import { MeContext } from './session';
import { Shell } from './ui/Shell';
import { ErrorState } from './ui/states';

export function App() {
  const client = useQueryClient();
  const me = useQuery(meQuery);
  const [wasIn, setWasIn] = useState(false);

  useEffect(() => onSignedOut(() => client.setQueryData(meQuery.queryKey, null)), [client]);
  useEffect(() => {
    if (me.data) setWasIn(true);
  }, [me.data]);

  if (me.isPending) return null;
  if (me.isError) return <main className="lonely"><ErrorState error={me.error} retry={() => void me.refetch()} /></main>;
  if (!me.data) return <SignInPage isOver={wasIn} />;

  setCsrfToken(me.data.csrf_token);
  return (
    <MeContext value={me.data}>
      <LiveProvider>
        <Shell>
          <Pages />
        </Shell>
      </LiveProvider>
    </MeContext>
  );
}

function Pages() {
  return (
    <Routes>
      <Route path="/now" element={<NowPage />} />
      <Route path="/sessions" element={<SessionsPage />} />
      <Route path="/sessions/:id" element={<SessionPage />} />
      <Route path="/users" element={<UsersPage />} />
      <Route path="/users/:name" element={<UserPage />} />
      <Route path="/hosts" element={<HostsPage />} />
      <Route path="/hosts/:name" element={<HostPage />} />
      <Route path="/concurrency" element={<ConcurrencyPage />} />
      <Route path="/exports" element={<ExportsPage />} />
      <Route path="/health" element={<HealthPage />} />
      <Route path="*" element={<Navigate to="/now" replace />} />
    </Routes>
  );
}
