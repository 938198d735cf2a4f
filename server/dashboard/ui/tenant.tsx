/** Whose data is looked at: `?tenant=` in the address, so that it can be linked to. */
import { createContext, type ReactNode, useContext } from 'react';
import { Link, type LinkProps, NavLink, type NavLinkProps, useLocation, useSearchParams } from 'react-router';
import type { TenantsReply } from '../api/overview.ts';

interface Tenancy {
  readonly tenants: TenantsReply['tenants'];
  /** The one in view; null: all of several, or none there. */
  readonly tenant: { readonly id: string; readonly name: string } | null;
}

const Context = createContext<Tenancy>({ tenants: [], tenant: null });

export function TenancyProvider({ tenants, children }: Pick<Tenancy, 'tenants'> & { children: ReactNode }) {
  const [search] = useSearchParams();
  const wanted = search.get('tenant');
  const only = tenants.length === 1 ? tenants[0] : undefined;
  const tenant = only ?? tenants.find(({ id }) => id === wanted) ?? null;
  return <Context.Provider value={{ tenants, tenant }}>{children}</Context.Provider>;
}

export const useTenancy = () => useContext(Context);

/** `to` with the tenant in view, unless it names one itself. */
export function useAddress() {
  const { tenants, tenant } = useTenancy();
  return (to: string, of: string | null = tenant?.id ?? null) => {
    if (tenants.length < 2 || of === null) return to;
    const [path = '', hash] = to.split('#');
    const [before = '', query = ''] = path.split('?');
    const search = new URLSearchParams(query);
    if (!search.has('tenant')) search.set('tenant', of);
    return `${before}?${search}${hash === undefined ? '' : `#${hash}`}`;
  };
}

export function To({ to, tenant, ...rest }: Omit<LinkProps, 'to'> & { to: string; tenant?: string }) {
  const address = useAddress();
  return <Link {...rest} to={tenant === undefined ? address(to) : address(to, tenant)} />;
}

type NavToProps = Omit<NavLinkProps, 'to' | 'className'> & { to: string; className: string; also?: string };

/** @param also a page below the one that it leads to, with an address of its own */
export function NavTo({ to, also, className, ...rest }: NavToProps) {
  const address = useAddress();
  const within = useLocation().pathname === also;
  return <NavLink {...rest} className={within ? `${className} within` : className} to={address(to)} />;
}

/** `I.2.1/login-required` keeps its slash: the address reads like the annex. */
export const clausePath = (id: string) => `/annex/${id}`;
export const hostPath = (id: string, check?: string) => `/hosts/${id}${check ? `#${check}` : ''}`;
