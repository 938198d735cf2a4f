/** `nachweis-collector contract set|end|history`: what a tenant ordered for a host, and who changed it when. */
import { Command, Option } from 'commander';
import { type ContractChange, hostContractSchema } from '../../shared/contract.ts';
import { CodedError } from '../../shared/errors.ts';
import type { Obligation } from '../../shared/obligations.ts';
import { tenantMedia } from '../catalogue/tenant-status.ts';
import type { Db } from '../db/database.ts';
import {
  type ChangedBy,
  contractHistory,
  endContract,
  hostName,
  isHostName,
  setContract,
} from '../enrol/contract-places.ts';
import { appendLeaf } from '../log/append.ts';
import { authorOption } from './policy.ts';
import { dataOption, instant, language, print, tenantId, withStore, yesOrNo } from './store.ts';

interface Options {
  data: string;
  tenant: string;
  host: string;
  author: string;
}

/** An author whom nobody named is the account that ran the command, and is called so. */
const by = (command: Command, author: string): ChangedBy => ({
  author,
  osUser: command.getOptionValueSource('author') === 'default',
  now: new Date(),
  appendLeaf,
});

export function contractCommand(): Command {
  const command = new Command('contract').description('which hosts are owed, and what was ordered for them');
  common(
    command.command('set').description('put a host into the contract, or change what was ordered for it'),
  )
    .addOption(
      new Option('--site <site>', 'where the machine stands')
        .choices(['provider', 'customer'])
        .makeOptionMandatory(),
    )
    .addOption(new Option('--kind <kind>', 'default: as the agent detects').choices(['server', 'vm']))
    .requiredOption('--backup <yes|no>', 'backup of the operating system was commissioned', yesOrNo)
    .requiredOption('--patch <yes|no>', 'patch management was commissioned', yesOrNo)
    .requiredOption('--since <day>', 'from when on the host is owed', instant)
    .addOption(authorOption())
    .action(({ data, tenant, host, author, ...terms }: Options & Record<string, unknown>, self: Command) =>
      withStore(data, async (db) => {
        const name = hostName(host);
        if (!isHostName(name))
          throw new CodedError('USAGE', { problem: `${host} is not the name of a host.` });
        const id = await tenantId(db, tenant);
        const place = { tenantId: id, name, ...hostContractSchema.parse(terms) };
        const done = await setContract(db, place, by(self, author));
        print(`${name} ${done} in the contract of ${tenant}.`);
        const kept = place.kind === 'vm' ? await disksKept(db, id, name) : 0;
        if (kept > 0)
          print(
            `It was a server: ${kept} ${kept === 1 ? 'disk stays' : 'disks stay'} owed one by one (nachweis-collector host owed).`,
          );
      }),
    );
  common(command.command('end').description('end what was ordered for a host'))
    .requiredOption('--until <day>', 'up to when the host is owed', instant)
    .addOption(authorOption())
    .action(({ data, tenant, host, author, until }: Options & { until: string }, self: Command) =>
      withStore(data, async (db) => {
        const name = hostName(host);
        await endContract(db, { tenantId: await tenantId(db, tenant), name, until }, by(self, author));
        print(`${name} ends in the contract of ${tenant} on ${until}.`);
      }),
    );
  command
    .command('history')
    .description('who changed what was ordered, and when; separated by tabs, oldest first')
    .addOption(dataOption())
    .requiredOption('--tenant <name>', 'the tenant who ordered')
    .option('--host <name>', 'of one host')
    .action(({ data, tenant, host }: { data: string; tenant: string; host?: string }) =>
      withStore(data, async (db) => {
        const id = await tenantId(db, tenant);
        const name = host === undefined ? undefined : hostName(host);
        for (const change of await contractHistory(db, { tenantId: id, name })) print(historyLine(change));
      }),
    );
  return command;
}

/** Of a host that is a VM now: disks from its time as a server whose erasure or disposal is still open. */
async function disksKept(db: Db, tenant: string, name: string): Promise<number> {
  const { owed } = await tenantMedia(db, tenant, new Date().toISOString());
  return owed.filter(
    (one) => one.hostName === name && one.what.type === 'disk' && one.cause === 'disk-removed' && isOpen(one),
  ).length;
}

const isOpen = ({ erasure, disposal }: Obligation) => erasure.state === 'open' || disposal.state === 'open';

const account = { en: 'account on the collector', de: 'Konto auf dem Kollektor' };
const notIn = { en: 'not in the contract', de: 'nicht im Leistungsumfang' };

/** When, host, who, and each term that changed: `backup: no -> yes`. */
function historyLine({ at, host, author, osUser, before, after }: ContractChange): string {
  const names = ['site', 'kind', 'backup', 'patch', 'since', 'until'] as const;
  const said = (value: unknown) =>
    value === true ? 'yes' : value === false ? 'no' : value === null ? '-' : String(value ?? '-');
  const was: Record<string, unknown> = before ?? {};
  const is: Record<string, unknown> = after;
  const changes = names
    .filter((name) => said(was[name]) !== said(is[name]))
    .map((name) => `${name}: ${before ? `${said(was[name])} -> ` : ''}${said(is[name])}`);
  const who = osUser ? `${author} (${account[language()]})` : author;
  return [at, host, who, ...(before ? [] : [notIn[language()]]), changes.join(', ')].join('\t');
}

function common(command: Command): Command {
  return command
    .addOption(dataOption())
    .requiredOption('--tenant <name>', 'the tenant who ordered')
    .requiredOption('--host <name>', 'the name under which the host enrols');
}
