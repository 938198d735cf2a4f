/** `nachweis-collector user add|link`: people who may sign in, and the links they do it with the first time. */
import { Command, Option } from 'commander';
import { CodedError } from '../../shared/errors.ts';
import { createSignInLink, createUser, signInUrl } from '../auth/sign-in-link.ts';
import { providerRoles, type Role } from '../auth/viewer.ts';
import { configSchema } from '../config.ts';
import type { Db } from '../db/database.ts';
import { rememberedUrls } from '../urls.ts';
import { dataOption, language, print, tenantId, withStore } from './store.ts';

interface AddOptions {
  data: string;
  role: Role;
  tenant?: string;
  language: 'de' | 'en';
}

const roles: readonly Role[] = [...providerRoles, 'customer', 'auditor'];

export function userCommand(): Command {
  const command = new Command('user').description('people who may sign in to the dashboard');
  command
    .command('add <name>')
    .description('add somebody and print a link to sign in with, once, within 24 hours')
    .addOption(dataOption())
    .addOption(new Option('--role <role>', 'what they may do').choices(roles).makeOptionMandatory())
    .option('--tenant <name>', 'the one tenant that a customer or auditor sees')
    .addOption(new Option('--language <language>').choices(['de', 'en']).default(language()))
    .action((name: string, options: AddOptions) =>
      withStore(options.data, (db) => add(db, name.trim(), options)),
    );
  command
    .command('link <name>')
    .description('print a new link for somebody who has no password, or forgot it')
    .addOption(dataOption())
    .action((name: string, { data }: { data: string }) =>
      withStore(data, async (db) => {
        const user = await db.selectFrom('users').select('id').where('name', '=', name).executeTakeFirst();
        if (!user) throw new CodedError('USAGE', { problem: `There is no user ${name}.` });
        await printLink(db, user.id);
      }),
    );
  return command;
}

async function add(db: Db, name: string, { role, tenant, language: spoken }: AddOptions): Promise<void> {
  if (!/^[^\p{C}]{1,100}$/u.test(name))
    throw new CodedError('USAGE', { problem: 'A name has 1 to 100 printable characters.' });
  const bound = !providerRoles.includes(role);
  if (bound !== (tenant !== undefined))
    throw new CodedError('USAGE', {
      problem: bound ? `A ${role} needs --tenant.` : `--tenant is for customers and auditors, not ${role}.`,
    });
  const now = new Date();
  const id = await createUser(
    db,
    { name, role, tenantId: tenant === undefined ? null : await tenantId(db, tenant), language: spoken },
    now,
  );
  await printLink(db, id);
}

async function printLink(db: Db, userId: string): Promise<void> {
  const { secret } = await createSignInLink(db, userId, new Date());
  print(signInUrl((await rememberedUrls(db, configSchema.parse({}))).dashboard, secret));
}
