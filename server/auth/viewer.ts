/** Who looks: a user of the dashboard, the role, and the tenant that customers are bound to. */
import type { Database } from '../db/schema.ts';

export type Role = Database['users']['role'];

/** The provider's own people see every tenant; customers and auditors see theirs. */
export const providerRoles: readonly Role[] = ['administrator', 'operations', 'officer'];

export interface Viewer {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Null: all tenants. */
  readonly tenantId: string | null;
  readonly language: 'de' | 'en';
  readonly hasPassword: boolean;
}

export const viewerColumns = [
  'users.id',
  'users.name',
  'users.role',
  'users.tenant_id',
  'users.language',
  'users.password_hash',
] as const;

type ViewerRow = Pick<Database['users'], 'id' | 'name' | 'role' | 'tenant_id' | 'language' | 'password_hash'>;

export function viewerOf(row: ViewerRow): Viewer {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    tenantId: row.tenant_id,
    language: row.language,
    hasPassword: row.password_hash !== null,
  };
}

/** A customer or auditor without a tenant is a mistake, and sees nothing rather than everything. */
export function isMisplaced(viewer: Viewer): boolean {
  return viewer.tenantId === null && !providerRoles.includes(viewer.role);
}
