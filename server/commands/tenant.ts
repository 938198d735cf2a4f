/** `nachweis-collector tenant add|list` */
import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { CodedError } from '../../shared/errors.ts';
import type { Db } from '../db/database.ts';
import { dataOption, print, withStore } from './store.ts';

export function tenantCommand(): Command {
  const command = new Command('tenant').description('the customers whose data the hosts process');
  command
    .command('add <name>')
    .description('add a tenant')
    .addOption(dataOption())
    .action((name: string, { data }: { data: string }) =>
      withStore(data, async (db) => {
        await addTenant(db, name.trim(), new Date());
        print(`${name.trim()} added.`);
      }),
    );
  command
    .command('list')
    .description('name all tenants')
    .addOption(dataOption())
    .action(({ data }: { data: string }) =>
      withStore(data, async (db) => {
        const tenants = await db.selectFrom('tenants').select('name').orderBy('name').execute();
        for (const { name } of tenants) print(name);
      }),
    );
  return command;
}

/**
 * @returns the new tenant's id
 * @throws CodedError `USAGE`, `NAME_TAKEN`
 */
export async function addTenant(db: Db, name: string, now: Date): Promise<string> {
  if (!/^[^\p{C}]{1,100}$/u.test(name))
    throw new CodedError('USAGE', { problem: 'A name has 1 to 100 printable characters.' });
  return db.transaction().execute(async (trx) => {
    const taken = await trx.selectFrom('tenants').select('id').where('name', '=', name).executeTakeFirst();
    if (taken) throw new CodedError('NAME_TAKEN', { name });
    const id = `t-${randomBytes(16).toString('hex')}`;
    await trx.insertInto('tenants').values({ id, name, created_at: now.toISOString() }).execute();
    return id;
  });
}
