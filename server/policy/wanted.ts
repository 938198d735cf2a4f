/** Policy files read from disk: a file, or every YAML file of a directory; all that a tenant's files say, together. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { canonicalJson } from '../../shared/canonical.ts';
import { isCollectorCheck } from '../../shared/clause-basis.ts';
import { CodedError } from '../../shared/errors.ts';
import {
  type GrantEntry,
  type PolicyFile,
  policyFileSchema,
  type Settings,
} from '../../shared/policy-file.ts';
import type { Scope } from '../../shared/record.ts';
import { parseYaml } from '../yaml-file.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_FILES = 500;

export interface Wanted {
  readonly tenant: string;
  readonly settings: Settings;
  readonly grants: readonly GrantEntry[];
}

/** What is needed of a check to know whether parameters fit it. */
export interface KnownCheck {
  readonly id: string;
  readonly params: z.ZodType;
}

/**
 * What the files want, tenant by tenant, sorted by name.
 * @throws CodedError `FILE_UNREADABLE`, `FILE_INVALID` (with file and line, or what does not fit together)
 */
export function readWanted(path: string, checks: readonly KnownCheck[]): Wanted[] {
  const files = filesAt(path).map((file) => ({ file, content: readPolicyFile(file) }));
  for (const { file, content } of files) checkParams(file, content, checks);
  return [...Map.groupBy(files, ({ content }) => content.tenant)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([tenant, ofTenant]) => together(tenant, ofTenant));
}

function filesAt(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path)
      .filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.'))
      .sort();
    if (names.length === 0)
      throw new CodedError('FILE_INVALID', { path, problem: 'no file here ends in .yaml or .yml' });
    if (names.length > MAX_FILES)
      throw new CodedError('FILE_INVALID', { path, problem: `more than ${MAX_FILES} files` });
    return names.map((name) => join(path, name));
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readPolicyFile(path: string): PolicyFile {
  let bytes: Buffer;
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > MAX_BYTES)
      throw new CodedError('FILE_INVALID', { path, problem: `not a file of at most ${MAX_BYTES} bytes` });
    bytes = readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  return parseYaml(bytes, path, { schema: policyFileSchema, code: 'FILE_INVALID', maxBytes: MAX_BYTES });
}

function unreadable(path: string, error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  const problem = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  return new CodedError('FILE_UNREADABLE', { path, problem }, { cause: error });
}

/** A misspelt name must not leave a default in force unnoticed. */
function checkParams(path: string, { params }: PolicyFile, checks: readonly KnownCheck[]): void {
  for (const { scope, checks: values } of params)
    for (const [id, given] of Object.entries(values)) {
      const check = checks.find((one) => one.id === id);
      if (!check) throw new CodedError('FILE_INVALID', { path, problem: `params: there is no check ${id}` });
      if (isCollectorCheck(id) && scope !== 'tenant')
        throw new CodedError('FILE_INVALID', {
          path,
          problem: `params: ${id} is about the whole tenant; its scope is tenant`,
        });
      const parsed = check.params.safeParse(given);
      const [issue] = parsed.error?.issues ?? [];
      if (issue)
        throw new CodedError('FILE_INVALID', {
          path,
          problem: `params: ${[id, ...issue.path.map(String)].join('.')}: ${issue.message}`,
        });
    }
}

function together(
  tenant: string,
  files: readonly { readonly file: string; readonly content: PolicyFile }[],
): Wanted {
  const groups: Record<string, string[]> = {};
  const seen = new Map<string, string>();
  const invalid = (path: string, problem: string) => new CodedError('FILE_INVALID', { path, problem });
  for (const { file, content } of files) {
    for (const [name, hosts] of Object.entries(content.groups)) {
      if (Object.hasOwn(groups, name)) throw invalid(file, `the group ${name} is defined twice`);
      groups[name] = [...new Set(hosts)].sort();
    }
    for (const grant of content.grants ?? []) {
      const text = canonicalJson(plainGrant(grant));
      const where = seen.get(text);
      if (where !== undefined)
        throw invalid(file, `the grant of ${grant.subject} is there twice (also in ${where})`);
      seen.set(text, file);
    }
  }
  for (const { file, content } of files)
    for (const { scope } of [...content.params, ...(content.grants ?? [])])
      if (isGroup(scope) && !Object.hasOwn(groups, scope.group))
        throw invalid(file, `no file of ${tenant} defines the group ${scope.group}`);
  return {
    tenant,
    settings: {
      groups,
      params: files.flatMap(({ content }) => content.params),
      register: files.some(({ content }) => content.grants !== undefined),
    },
    grants: files.flatMap(({ content }) => content.grants ?? []).map(plainGrant),
  };
}

const isGroup = (scope: Scope): scope is { group: string } => scope !== 'tenant' && 'group' in scope;

/** Lists in one order, so that the same grant is the same text. */
const plainGrant = (grant: GrantEntry): GrantEntry => ({
  ...grant,
  accounts: [...new Set(grant.accounts)].sort(),
  keys: [...new Set(grant.keys)].sort(),
  privileges: [...new Set(grant.privileges)].sort(),
});
