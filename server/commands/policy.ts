/** `nachweis-collector policy apply|show|suggest`: parameters and grants of the hosts, kept in files. */
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { Command, Option } from 'commander';
import { allChecks } from '../../checks/registry.ts';
import { adjustableChecks } from '../../shared/collector-checks.ts';
import { CodedError } from '../../shared/errors.ts';
import type { Language } from '../../shared/outcome.ts';
import { sameHost } from '../../shared/policy-file.ts';
import type { Db } from '../db/database.ts';
import { appendLeaf } from '../log/append.ts';
import { applyPolicy, planPolicy } from '../policy/apply.ts';
import { currentSettings, heldGrants } from '../policy/current.ts';
import { type Diff, diffLines, isEmpty, scopeText } from '../policy/diff.ts';
import { newestPolicy, policyContent } from '../policy/issue.ts';
import { suggestPolicy } from '../policy/suggest.ts';
import { readWanted, type Wanted } from '../policy/wanted.ts';
import { policyYaml } from '../policy/yaml.ts';
import { addRecord } from '../records/store.ts';
import { dataOption, language, print, tenantId, withStore } from './store.ts';

export function policyCommand(): Command {
  const command = new Command('policy').description('parameters and grants of hosts, kept in files');
  command
    .command('apply <path>')
    .description('put a file, or all YAML files of a directory, into force; shows the differences first')
    .addOption(dataOption())
    .option('--yes', 'without asking')
    .option('--dry-run', 'only show the differences')
    .addOption(authorOption())
    .action((path: string, options: ApplyOptions) => apply(path, options));
  command
    .command('show [host]')
    .description('what counts: of a tenant as a policy file, of a host as it is delivered')
    .addOption(dataOption())
    .option('--tenant <name>', 'the tenant; for a host only where its name is not unique')
    .action((host: string | undefined, { data, tenant }: { data: string; tenant?: string }) =>
      withStore(data, async (db) => {
        if (host !== undefined) print(await showHost(db, await findHost(db, host, tenant), new Date()));
        else if (tenant !== undefined) print(await showTenant(db, tenant, new Date()));
        else throw new CodedError('USAGE', { problem: 'Name a host, or a tenant with --tenant.' });
      }),
    );
  command
    .command('suggest <host>')
    .description('draft grants from what the host has, as a policy file to review')
    .addOption(dataOption())
    .option('--tenant <name>', 'where the name of the host is not unique')
    .action((host: string, { data, tenant }: { data: string; tenant?: string }) =>
      withStore(data, async (db) =>
        print(await suggestPolicy(db, await findHost(db, host, tenant), new Date())),
      ),
    );
  return command;
}

export const authorOption = () =>
  new Option('--author <name>', 'who does this').env('NACHWEIS_AUTHOR').default(loginName());

/** Who sits at the keyboard, behind sudo too. */
function loginName(): string {
  try {
    return process.env.SUDO_USER || userInfo().username;
  } catch {
    // A user id without an entry in passwd, as in some containers.
    return `uid ${process.geteuid?.() ?? '?'}`;
  }
}

interface ApplyOptions {
  data: string;
  yes?: boolean;
  dryRun?: boolean;
  author: string;
}

async function apply(path: string, { data, yes, dryRun, author }: ApplyOptions): Promise<void> {
  const wanted = readWanted(path, [...allChecks, ...adjustableChecks]);
  await withStore(data, async (db) => {
    const now = new Date();
    const plans: { tenantId: string; wanted: Wanted; shown: Diff }[] = [];
    for (const one of wanted) {
      const id = await tenantId(db, one.tenant);
      const shown = await planPolicy(db, id, one, now);
      print(`${one.tenant}:${isEmpty(shown) ? ' nothing changes' : ''}`);
      for (const line of diffLines(shown)) print(`  ${line}`);
      for (const name of await strangers(db, id, one))
        print(`  ! ${name} is no host of ${one.tenant}, neither enrolled nor in the contract`);
      if (!isEmpty(shown)) plans.push({ tenantId: id, wanted: one, shown });
    }
    if (plans.length === 0 || dryRun) return;
    if (!yes && !(await agreed(language()))) {
      print('Nothing was applied.');
      return;
    }
    // The moment of the plan, so that what was shown is what is done.
    for (const plan of plans)
      await applyPolicy(db, (trx, more) => addRecord(trx, appendLeaf, more), { ...plan, author, now });
    print('Applied. Hosts get it after their next report.');
  });
}

async function agreed(words: Language): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new CodedError('USAGE', { problem: 'Nobody is there to agree; use --yes or --dry-run.' });
  const line = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await line.question(words === 'de' ? 'Übernehmen? [j/N] ' : 'Apply? [y/N] ');
    return /^(?:y|yes|j|ja)$/i.test(answer.trim());
  } finally {
    line.close();
  }
}

/** Hosts that the files name and the tenant does not have: a misspelt name would grant nothing. */
async function strangers(db: Db, id: string, { settings, grants }: Wanted): Promise<string[]> {
  const named = [
    ...Object.values(settings.groups).flat(),
    ...[...settings.params, ...grants].flatMap(({ scope }) =>
      scope !== 'tenant' && 'host' in scope ? [scope.host] : [],
    ),
  ];
  const [hosts, contract] = await Promise.all([
    db.selectFrom('hosts').select('name').where('tenant_id', '=', id).execute(),
    db.selectFrom('contract_hosts').select('name').where('tenant_id', '=', id).execute(),
  ]);
  const known = [...hosts, ...contract];
  return [...new Set(named)].filter((name) => !known.some((host) => sameHost(host.name, name))).sort();
}

async function findHost(db: Db, given: string, tenant: string | undefined) {
  const hosts = await db
    .selectFrom('hosts')
    .innerJoin('tenants', 'tenants.id', 'hosts.tenant_id')
    .select(['hosts.id', 'hosts.name', 'hosts.tenant_id as tenantId', 'tenants.name as tenant'])
    .where('hosts.retired_at', 'is', null)
    .execute();
  const found = hosts.filter(
    (host) =>
      (host.id === given || sameHost(host.name, given)) && (tenant === undefined || host.tenant === tenant),
  );
  const [host, second] = found;
  if (!host) throw new CodedError('NOT_FOUND');
  if (second) {
    const ids = found.map(({ id, tenant: of }) => `${id} (${of})`).join(', ');
    throw new CodedError('USAGE', { problem: `Several hosts are called ${given}: ${ids}.` });
  }
  return host;
}

async function showTenant(db: Db, tenant: string, now: Date): Promise<string> {
  const id = await tenantId(db, tenant);
  const { settings } = await currentSettings(db, id);
  const open = (await heldGrants(db, id)).filter(
    ({ endedAt, entry }) => endedAt === null && now.getTime() < Date.parse(entry.until),
  );
  return policyYaml(
    tenant,
    settings,
    open.map(({ entry }) => entry),
  ).trimEnd();
}

async function showHost(
  db: Db,
  host: { id: string; name: string; tenantId: string },
  now: Date,
): Promise<string> {
  const { params, grants } = await policyContent(db, host, now);
  const newest = await newestPolicy(db, host.id);
  const lines = [
    newest
      ? `${host.name}: policy ${newest.number} of ${newest.issued_at}, valid until ${newest.valid_until}`
      : `${host.name}: no policy was fetched yet`,
    ...Object.entries(params).flatMap(([check, values]) =>
      Object.entries(values).map(([name, value]) => `  ${check} ${name}: ${JSON.stringify(value)}`),
    ),
    ...(grants === null
      ? ['  no register of grants']
      : grants.length === 0
        ? ['  nobody is granted entry']
        : grants.map(
            ({ id, subject, accounts, privileges, until, scope }) =>
              `  ${id} ${subject}: ${accounts.join(', ')} (${privileges.join(', ') || 'no privileges'}), until ${until}, ${scopeText(scope)}`,
          )),
  ];
  return lines.join('\n');
}
