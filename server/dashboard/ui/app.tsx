/** Which screen is shown: without a session only signing in, without a password only setting one. */
import { lazy, Suspense } from 'react';
import { Route, Routes } from 'react-router';
import { ErrorScreen } from './error-screen.tsx';
import { Problem, Waiting } from './page.tsx';
import { useSession, useSigningOut, useTenants } from './queries.ts';
import { Bare, Shell } from './shell.tsx';
import { TenancyProvider } from './tenant.tsx';

const Overview = lazy(() => import('./page-overview.tsx'));
const Annex = lazy(() => import('./page-annex.tsx'));
const Clause = lazy(() => import('./page-clause.tsx'));
const Hosts = lazy(() => import('./page-hosts.tsx'));
const Host = lazy(() => import('./page-host.tsx'));
const Access = lazy(() => import('./page-access.tsx'));
const Alerts = lazy(() => import('./page-alerts.tsx'));
const Records = lazy(() => import('./page-records.tsx'));
const Drills = lazy(() => import('./page-drills.tsx'));
const Updates = lazy(() => import('./page-updates.tsx'));
const Enrol = lazy(() => import('./page-enrol.tsx'));
const Account = lazy(() => import('./page-account.tsx'));
const SignIn = lazy(() => import('./page-sign-in.tsx'));
const LinkPage = lazy(() => import('./page-link.tsx'));
const NotFound = lazy(() => import('./page-not-found.tsx'));

export function App() {
  return (
    <ErrorScreen>
      <Suspense fallback={<Waiting />}>
        <Routes>
          <Route path="/link" element={<LinkPage />} />
          <Route path="/*" element={<Inside />} />
        </Routes>
      </Suspense>
    </ErrorScreen>
  );
}

function Inside() {
  const session = useSession();
  const signingOut = useSigningOut();
  if (session.data === undefined || signingOut)
    return (
      <Bare>
        {session.error ? <Problem error={session.error} retry={() => void session.refetch()} /> : <Waiting />}
      </Bare>
    );
  const { user } = session.data;
  if (!user) return <SignIn />;
  if (!user.hasPassword) return <Account first />;
  return <Screens user={user} />;
}

function Screens({ user }: { user: import('./shell.tsx').User }) {
  const tenants = useTenants();
  if (tenants.data === undefined)
    return (
      <Bare>
        {tenants.error ? <Problem error={tenants.error} retry={() => void tenants.refetch()} /> : <Waiting />}
      </Bare>
    );
  return (
    <TenancyProvider tenants={tenants.data.tenants}>
      <Shell user={user}>
        <Suspense fallback={<Waiting />}>
          <Routes>
            <Route index element={<Overview user={user} />} />
            <Route path="annex" element={<Annex />} />
            <Route path="annex/*" element={<Clause />} />
            <Route path="hosts" element={<Hosts user={user} />} />
            <Route path="hosts/:host" element={<Host user={user} />} />
            <Route path="access" element={<Access />} />
            <Route path="alerts" element={<Alerts />} />
            <Route path="records" element={<Records />} />
            <Route path="drills" element={<Drills />} />
            <Route path="updates" element={<Updates />} />
            <Route path="enrol" element={<Enrol user={user} />} />
            <Route path="account" element={<Account />} />
            <Route path="*" element={<NotFound />} />
          </Routes>
        </Suspense>
      </Shell>
    </TenancyProvider>
  );
}
