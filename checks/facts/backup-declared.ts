/**
 * Backup jobs that an operator declares, for tools that are not recognised by themselves: /etc/nachweis/backup.d/*.yaml.
 *
 *   name: etc-to-vault
 *   tool: rsync
 *   what: [/etc, /var/spool/cron]
 *   to: vault.example.org
 *   when: { timer: vault.timer }          # or { cron: /etc/cron.d/vault }, or { outside: 'pulled at 02:00' }
 *   lastSuccess: { file: /var/lib/vault/last-success }   # its time of change is the last success
 *
 *   lastCheck: /var/lib/vault/last-check                 # its time of change is the last check of the repository
 *   protection: append-only                              # or object-lock, or pull: who holds this system can't delete
 *
 * With restic, borg, borgmatic and duplicity, `lastSuccess: { probe: {...} }` has `nachweis probe backup` open the repository.
 */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';

const absolutePath = z
  .string()
  .max(500)
  .regex(/^\/[^\0\n]*$/, 'an absolute path');
const unitName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9:_.\\@-]+\.timer$/, 'a name that ends in .timer');
export const jobNameSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/, 'a-z, 0-9 and dashes');

/** How the probe reaches a repository of restic, borg or duplicity: with what the job itself uses. Never a password. */
export const resticAccessSchema = z.strictObject({
  /** Lines `NAME=value` as for EnvironmentFile= of systemd. */
  environmentFile: absolutePath.optional(),
  repository: z.string().max(500).optional(),
  repositoryFile: absolutePath.optional(),
  passwordFile: absolutePath.optional(),
  /** borgmatic's own configuration file: repository and passphrase are taken from it. */
  configuration: absolutePath.optional(),
  /** The name under which the job's snapshots are stored, where it sets one with --host. */
  snapshotHost: z.string().max(255).optional(),
  /** duplicity: the job's own --file-prefix. */
  filePrefix: z
    .string()
    .regex(/^[\w.-]{1,100}$/)
    .optional(),
  timeoutSeconds: z.int().min(1).max(3600).default(120),
});
export type ResticAccess = z.output<typeof resticAccessSchema>;

export const declaredJobSchema = z.strictObject({
  name: jobNameSchema,
  tool: z.string().min(1).max(60),
  what: z.array(absolutePath).min(1).max(100),
  to: z.string().min(1).max(300),
  when: z.union([
    z.strictObject({ timer: unitName }),
    z.strictObject({ cron: absolutePath }),
    z.strictObject({ outside: z.string().min(1).max(200) }),
  ]),
  lastSuccess: z.union([
    z.strictObject({ file: absolutePath }),
    z.strictObject({ probe: resticAccessSchema }),
  ]),
  lastCheck: absolutePath.optional(),
  protection: z.enum(['append-only', 'object-lock', 'pull']).optional(),
});
export type DeclaredJob = z.output<typeof declaredJobSchema>;

export interface Declaration {
  readonly source: string;
  readonly job?: DeclaredJob;
  /** Why it does not count: not valid, or not only root can write it. */
  readonly problem?: Text;
}

export const DECLARED_DIRECTORY = '/etc/nachweis/backup.d';
/** A document this large is no declaration; aliases are refused, so that none can grow. */
const MAX_BYTES = 64 * 1024;

/** Parses and validates one document of YAML, whose reader is loaded only where there is one. */
export async function parseDeclaration(text: string): Promise<{ job: DeclaredJob } | { problem: string }> {
  const { parse } = await import('yaml');
  let data: unknown;
  try {
    data = parse(text, { maxAliasCount: 0, prettyErrors: false, logLevel: 'error' });
  } catch (error) {
    return { problem: error instanceof Error ? (error.message.split('\n')[0] ?? 'no YAML') : 'no YAML' };
  }
  const job = declaredJobSchema.safeParse(data);
  if (job.success) return { job: job.data };
  return { problem: job.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') };
}

/** One entry per file, valid or not. Empty where there is no such directory. */
export const declaredBackups = defineFact<readonly Declaration[]>({
  id: 'declared-backups',
  collect: async (host): Promise<Fact<readonly Declaration[]>> => {
    const names = await host.list(DECLARED_DIRECTORY);
    if (names.state === 'absent') return known([]);
    if (names.state === 'unreadable') return names;
    const files = names.value
      .filter((name) => /\.ya?ml$/.test(name))
      .map((name) => `${DECLARED_DIRECTORY}/${name}`);
    return known(await Promise.all(files.map((path) => readDeclaration(host, path))));
  },
});

async function readDeclaration(host: Host, path: string): Promise<Declaration> {
  const file = await host.readText(path, { maxBytes: MAX_BYTES });
  if (file.state === 'absent')
    return { source: path, problem: { en: 'it vanished', de: 'ist verschwunden' } };
  if (file.state === 'unreadable') return { source: path, problem: file.reason };
  if (file.value.stat.uid !== 0 || (file.value.stat.mode & 0o022) !== 0) {
    return {
      source: path,
      problem: { en: 'not only root can write it', de: 'nicht nur root kann sie schreiben' },
    };
  }
  const parsed = await parseDeclaration(file.value.text);
  if ('job' in parsed) return { source: path, job: parsed.job };
  return {
    source: path,
    problem: { en: `not valid: ${parsed.problem}`, de: `nicht gültig: ${parsed.problem}` },
  };
}
