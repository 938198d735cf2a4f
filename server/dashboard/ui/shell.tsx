/** What stands around every screen: skip link, name, navigation, tenant, account. */
import { Menu, Select, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { type Query, useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { useLocation, useNavigate, useSearchParams } from 'react-router';
import type { SessionReply } from '../../auth/session-reply.ts';
import { send } from './client.ts';
import { changeLanguage, useWords } from './i18n.ts';
import {
  IconBell,
  IconChevronDown,
  IconDeviceDesktop,
  IconFileCertificate,
  IconFileText,
  IconGauge,
  IconKey,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconPackage,
  IconPlus,
  IconRestore,
  IconServer2,
  IconSun,
  IconUserKey,
} from './icons.ts';
import { SIGN_OUT } from './queries.ts';
import { NavTo, To, useTenancy } from './tenant.tsx';

export type User = NonNullable<SessionReply['user']>;

export const mayEnrol = ({ role }: User) => role === 'administrator' || role === 'operations';

export function Wordmark() {
  return (
    <span className="wordmark">
      <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
        <rect width="32" height="32" rx="7" className="wordmark-ground" />
        <path d="M9.5 23V9.5L22.5 22.5V13" className="wordmark-line" />
        <circle cx="22.5" cy="8.6" r="2.9" className="wordmark-dot" />
      </svg>
      Nachweis
    </span>
  );
}

/** For screens before anybody is signed in. */
export function Bare({ children }: { children: ReactNode }) {
  return (
    <div className="bare">
      <header className="bare-head">
        <Wordmark />
        <Switches />
      </header>
      <main className="bare-main" id="content">
        {children}
      </main>
    </div>
  );
}

function Switches() {
  const { t, language } = useWords();
  const other = language === 'de' ? 'en' : 'de';
  return (
    <UnstyledButton className="text-button" lang={other} onClick={() => void changeLanguage(other)}>
      <IconLanguage size={17} stroke={1.8} aria-hidden /> {t('otherLanguage')}
    </UnstyledButton>
  );
}

export function Shell({ user, children }: { user: User; children: ReactNode }) {
  const { t } = useWords();
  const { pathname } = useLocation();
  const content = useRef<HTMLElement>(null);
  const first = useRef(true);
  // Where one goes, screen readers and the keyboard go along.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what sets it off
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    window.scrollTo(0, 0);
    content.current?.focus({ preventScroll: true });
  }, [pathname]);

  const items = [
    { to: '/', word: t('navOverview'), icon: IconGauge },
    { to: '/annex', word: t('navAnnex'), icon: IconFileText },
    { to: '/hosts', word: t('navHosts'), icon: IconServer2 },
    { to: '/alerts', word: t('navAlerts'), icon: IconBell },
  ];
  return (
    <>
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <header className="top">
        <div className="top-in">
          <To to="/" className="home" aria-label={`Nachweis: ${t('navOverview')}`}>
            <Wordmark />
          </To>
          <nav className="nav" aria-label={t('navMain')}>
            {items.map(({ to, word, icon: IconOf }) => (
              <NavTo key={to} to={to} end={to === '/'} className="nav-link">
                <IconOf size={20} stroke={1.7} aria-hidden />
                <span>{word}</span>
              </NavTo>
            ))}
            <NavTo to="/updates" className="nav-link nav-wide">
              <IconPackage size={20} stroke={1.7} aria-hidden />
              <span>{t('navUpdates')}</span>
            </NavTo>
            <NavTo to="/access" className="nav-link nav-wide">
              <IconUserKey size={20} stroke={1.7} aria-hidden />
              <span>{t('navAccess')}</span>
            </NavTo>
            <NavTo to="/records" also="/drills" className="nav-link nav-wide">
              <IconFileCertificate size={20} stroke={1.7} aria-hidden />
              <span>{t('navRecords')}</span>
            </NavTo>
            {mayEnrol(user) && (
              <NavTo to="/enrol" className="nav-link nav-wide nav-roomy">
                <IconPlus size={18} stroke={1.8} aria-hidden />
                <span>{t('navEnrol')}</span>
              </NavTo>
            )}
          </nav>
          <div className="top-side">
            <TenantPicker />
            <AccountMenu user={user} />
          </div>
        </div>
      </header>
      <main id="content" className="content" ref={content} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function TenantPicker() {
  const { t } = useWords();
  const { tenants, tenant } = useTenancy();
  const [search, setSearch] = useSearchParams();
  if (tenants.length < 2) return null;
  return (
    <Select
      className="tenant-picker"
      size="xs"
      aria-label={t('tenant')}
      placeholder={t('allTenants')}
      data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
      value={tenant?.id ?? null}
      searchable={tenants.length > 8}
      clearable
      allowDeselect={false}
      clearButtonProps={{ 'aria-label': t('allTenants') }}
      onChange={(id) => {
        const next = new URLSearchParams(search);
        if (id) next.set('tenant', id);
        else next.delete('tenant');
        next.delete('page');
        setSearch(next);
      }}
    />
  );
}

const OTHERS = { predicate: ({ queryKey }: Query) => queryKey[0] !== 'session' };

function AccountMenu({ user }: { user: User }) {
  const { t, language } = useWords();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const other = language === 'de' ? 'en' : 'de';
  const schemes = [
    { value: 'light', word: t('schemeLight'), icon: IconSun },
    { value: 'dark', word: t('schemeDark'), icon: IconMoon },
    { value: 'auto', word: t('schemeAuto'), icon: IconDeviceDesktop },
  ] as const;

  const signOut = useMutation({
    mutationKey: SIGN_OUT,
    mutationFn: async () => {
      // The screens go first (app.tsx), and what they asked for: without a session it would be refused.
      await new Promise((resolve) => setTimeout(resolve, 50));
      await queries.cancelQueries(OTHERS);
      return send<SessionReply>('DELETE', '/api/session');
    },
    onSuccess: (session) => {
      queries.setQueryData(['session'], session);
      // The session's own query stays, because the screens listen to it; everything else is forgotten.
      queries.removeQueries(OTHERS);
      navigate('/');
    },
  });

  return (
    <Menu position="bottom-end" width={230} shadow="md">
      <Menu.Target>
        <UnstyledButton className="text-button account" aria-label={t('accountOf', { name: user.name })}>
          <span className="initial" aria-hidden>
            {user.name.slice(0, 1).toUpperCase()}
          </span>
          <IconChevronDown size={15} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.name} · {t(`role_${user.role}`)}
        </Menu.Label>
        <Menu.Item component={To} to="/updates" leftSection={<IconPackage size={16} aria-hidden />}>
          {t('navUpdates')}
        </Menu.Item>
        <Menu.Item component={To} to="/access" leftSection={<IconUserKey size={16} aria-hidden />}>
          {t('navAccess')}
        </Menu.Item>
        <Menu.Item component={To} to="/drills" leftSection={<IconRestore size={16} aria-hidden />}>
          {t('navDrills')}
        </Menu.Item>
        <Menu.Item component={To} to="/records" leftSection={<IconFileCertificate size={16} aria-hidden />}>
          {t('navRecords')}
        </Menu.Item>
        {mayEnrol(user) && (
          <Menu.Item component={To} to="/enrol" leftSection={<IconPlus size={16} aria-hidden />}>
            {t('navEnrol')}
          </Menu.Item>
        )}
        <Menu.Item component={To} to="/account" leftSection={<IconKey size={16} aria-hidden />}>
          {t('changePassword')}
        </Menu.Item>
        <Menu.Item
          lang={other}
          leftSection={<IconLanguage size={16} aria-hidden />}
          onClick={() => {
            void changeLanguage(other);
            void send('PUT', '/api/session/language', { language: other });
          }}
        >
          {t('otherLanguage')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('scheme')}</Menu.Label>
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(value) => setColorScheme(value as typeof colorScheme)}
        >
          {schemes.map(({ value, word, icon: IconOf }) => (
            <Menu.RadioItem key={value} value={value} closeMenuOnClick>
              <span className="menu-choice">
                <IconOf size={16} aria-hidden /> {word}
              </span>
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => signOut.mutate()}>
          {t('signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
