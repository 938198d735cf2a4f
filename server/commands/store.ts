/** What the commands share: the data directory, tenants by name, numbers and dates as people write them. */
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { addressSchema, MAX_ADDRESSES } from '../../shared/enrolment.ts';
import { CodedError } from '../../shared/errors.ts';
import { instantSchema } from '../../shared/identifier.ts';
import type { Language } from '../../shared/outcome.ts';
import { type DataDirectory, openDataDirectory } from '../data-directory.ts';
import { type Db, openDatabase } from '../db/database.ts';

export const dataOption = () =>
  new Option('--data <directory>', 'where the collector keeps everything')
    .default('/var/lib/nachweis-collector')
    .env('NACHWEIS_COLLECTOR_DATA');

/** German where the terminal is, otherwise English. */
export function language(): Language {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  return /^de(?:_|\b)/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'de' : 'en';
}

/** Runs `work` on the database of the collector in `data`, whether or not that is being served. */
export async function withStore<T>(
  data: string,
  work: (db: Db, directory: DataDirectory) => Promise<T>,
): Promise<T> {
  const directory = openDataDirectory(data);
  const db = await openDatabase(directory.database);
  try {
    return await work(db, directory);
  } finally {
    await db.destroy();
  }
}

/** @throws CodedError `TENANT_UNKNOWN` */
export async function tenantId(db: Db, name: string): Promise<string> {
  const tenant = await db.selectFrom('tenants').select('id').where('name', '=', name).executeTakeFirst();
  if (!tenant) throw new CodedError('TENANT_UNKNOWN', { name });
  return tenant.id;
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`It is a whole number from ${min} to ${max}.`);
    return value;
  };
}

/** A day is its first moment in UTC. */
export function instant(text: string): string {
  const parsed = instantSchema.safeParse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00.000Z` : text);
  const date = new Date(parsed.data ?? Number.NaN);
  if (Number.isNaN(date.getTime()) || date.toISOString() !== parsed.data)
    throw new InvalidArgumentError('It is a day as 2026-03-01 or an instant as 2026-03-01T00:00:00.000Z.');
  return date.toISOString();
}

export function yesOrNo(text: string): boolean {
  if (text === 'yes') return true;
  if (text === 'no') return false;
  throw new InvalidArgumentError('It is yes or no.');
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Addresses of a collector, separated by commas. */
export function origins(text: string): string {
  const parsed = z.array(addressSchema).min(1).max(MAX_ADDRESSES).safeParse(text.split(','));
  if (!parsed.success)
    throw new InvalidArgumentError('It is an address as https://collector.example.org:8443.');
  return parsed.data.join(',');
}
