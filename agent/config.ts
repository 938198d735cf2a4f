/** The agent's own configuration and the files people hand it: parameters and a contract. YAML or JSON. */
import fs from 'node:fs';
import { z } from 'zod';
import { type ContractFile, contractFileSchema } from '../shared/contract.ts';
import { addressSchema, MAX_ADDRESSES } from '../shared/enrolment.ts';
import { CodedError } from '../shared/errors.ts';
import { isOpen } from './trusted-path.ts';

export const CONFIG_PATH = '/etc/nachweis/agent.yaml';
const MAX_BYTES = 256 * 1024;

/** `{check-id: {name: value}}`. */
export type Params = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const paramsSchema = z.record(z.string().max(100), z.record(z.string().max(60), z.unknown()));

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Seconds, or `90s`, `30m`, `1h`, `1d`; a minute to a week, as reports state it. */
export const intervalSchema = z
  .union([z.int(), z.string().regex(/^\d{1,6}[smhd]?$/)])
  .transform((value) => {
    const [, number, unit = 's'] = /^(\d+)([smhd])?$/.exec(String(value)) ?? [];
    return Number(number) * UNITS[unit as keyof typeof UNITS];
  })
  .pipe(
    z
      .int()
      .min(60)
      .max(7 * 86_400),
  );

const filePathSchema = z.string().startsWith('/').max(4096);

const configSchema = z.strictObject({
  interval: intervalSchema.default(3600),
  params: paramsSchema.default({}),
  contract: contractFileSchema.optional(),
  /** Origins of the one collector that this host is enrolled at, in the order in which they are tried. */
  addresses: z.array(addressSchema).min(1).max(MAX_ADDRESSES).optional(),
  /** `http://proxy:3128`, or `none` whatever the environment says. */
  proxy: z.string().max(2048).optional(),
  /** PEM of the authority that the certificate of an https proxy comes from, where the system does not know it. */
  proxyAuthority: filePathSchema.optional(),
  /**
   * PEM of an authority that may stand in for the collector's own: that of a reverse proxy before it, or of a proxy
   * that inspects TLS. Whoever holds it can read reports and answer in the collector's place.
   */
  frontAuthority: filePathSchema.optional(),
});
export type Config = z.output<typeof configSchema>;

/**
 * Defaults where there is no file.
 * @throws CodedError `CONFIG_INVALID`, `PARAMS_INVALID`, `FILE_UNREADABLE`, `STATE_UNSAFE` when others can write it
 */
export async function readConfig(path: string = CONFIG_PATH): Promise<Config> {
  const config = await readConfigForm(path);
  await checkParams(path, config.params);
  return config;
}

/**
 * As `readConfig`, without knowing the checks that parameters are for: what sends needs none of them.
 * @throws CodedError `CONFIG_INVALID`, `FILE_UNREADABLE`, `FILE_INVALID`, `STATE_UNSAFE`
 */
export async function readConfigForm(path: string = CONFIG_PATH): Promise<Config> {
  refuseUnsafe(path);
  const value = await readData(path, 'may be missing');
  const config = configSchema.safeParse(value ?? {});
  if (!config.success) throw new CodedError('CONFIG_INVALID', { path, problem: issues(config.error) });
  refuseOpenPassword(path, config.data.proxy);
  return config.data;
}

/** A proxy's password is no secret in a file that everybody may read. */
function refuseOpenPassword(path: string, proxy: string | undefined): void {
  if (!proxy?.includes('@')) return;
  const { uid, gid, mode } = fs.statSync(path);
  if ((mode & 0o004) !== 0 || ((mode & 0o040) !== 0 && gid !== uid))
    throw new CodedError('CONFIG_INVALID', {
      path,
      problem: 'proxy: the file holds a password and may be read by others (chmod 600)',
    });
}

/** Whoever writes the configuration says by which parameters signed reports are judged. */
function refuseUnsafe(path: string): void {
  const stats = fs.statSync(path, { throwIfNoEntry: false });
  if (!stats) return;
  const foreign = stats.uid !== 0 && stats.uid !== process.geteuid?.();
  if (foreign || isOpen(stats)) throw new CodedError('STATE_UNSAFE', { path });
}

/** @throws CodedError `PARAMS_INVALID`, `FILE_UNREADABLE`, `FILE_INVALID` */
export async function readParams(path: string): Promise<Params> {
  const params = paramsSchema.safeParse((await readData(path)) ?? {});
  if (!params.success) throw new CodedError('PARAMS_INVALID', { path, problem: issues(params.error) });
  await checkParams(path, params.data);
  return params.data;
}

/** @throws CodedError `FILE_UNREADABLE`, `FILE_INVALID` */
export async function readContract(path: string): Promise<ContractFile> {
  const contract = contractFileSchema.safeParse((await readData(path)) ?? {});
  if (!contract.success) throw new CodedError('FILE_INVALID', { path, problem: issues(contract.error) });
  return contract.data;
}

/** A misspelt name must not leave the default in force unnoticed. */
async function checkParams(path: string, params: Params): Promise<void> {
  if (Object.keys(params).length === 0) return;
  // Only who sets parameters pays for knowing all checks.
  const { allChecks } = await import('../checks/registry.ts');
  for (const [id, values] of Object.entries(params)) {
    const check = allChecks.find((one) => one.id === id);
    if (!check) throw new CodedError('PARAMS_INVALID', { path, problem: `${id}: no such check` });
    const parsed = check.params.safeParse(values);
    if (!parsed.success) {
      throw new CodedError('PARAMS_INVALID', { path, problem: `${id}: ${issues(parsed.error)}` });
    }
  }
}

const issues = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ');

async function readData(path: string, absent?: 'may be missing'): Promise<unknown> {
  let text: string;
  try {
    const { size } = fs.statSync(path);
    if (size > MAX_BYTES) throw new CodedError('FILE_INVALID', { path, problem: `> ${MAX_BYTES} bytes` });
    text = fs.readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (absent && code === 'ENOENT') return undefined;
    if (error instanceof CodedError) throw error;
    throw new CodedError('FILE_UNREADABLE', { path, problem: String(code) }, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch {
    // YAML's reader takes 15 ms to load: only for files that are not JSON.
    const { parse } = await import('yaml');
    try {
      return parse(text, { maxAliasCount: 20 });
    } catch (error) {
      throw new CodedError('FILE_INVALID', {
        path,
        problem: String((error as Error).message).split('\n')[0] ?? '',
      });
    }
  }
}
