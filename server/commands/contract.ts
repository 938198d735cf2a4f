/** `nachweis-collector contract set|end`: what a tenant ordered for a host. */
import { Command, Option } from 'commander';
import { hostContractSchema } from '../../shared/contract.ts';
import { CodedError } from '../../shared/errors.ts';
import { endContract, hostName, isHostName, setContract } from '../enrol/contract-places.ts';
import { dataOption, instant, print, tenantId, withStore, yesOrNo } from './store.ts';

interface Options {
  data: string;
  tenant: string;
  host: string;
}

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
    .action(({ data, tenant, host, ...terms }: Options & Record<string, unknown>) =>
      withStore(data, async (db) => {
        const name = hostName(host);
        if (!isHostName(name))
          throw new CodedError('USAGE', { problem: `${host} is not the name of a host.` });
        const id = await tenantId(db, tenant);
        const done = await setContract(db, { tenantId: id, name, ...hostContractSchema.parse(terms) });
        print(`${name} ${done} in the contract of ${tenant}.`);
      }),
    );
  common(command.command('end').description('end what was ordered for a host'))
    .requiredOption('--until <day>', 'up to when the host is owed', instant)
    .action(({ data, tenant, host, until }: Options & { until: string }) =>
      withStore(data, async (db) => {
        const name = hostName(host);
        await endContract(db, { tenantId: await tenantId(db, tenant), name, until });
        print(`${name} ends in the contract of ${tenant} on ${until}.`);
      }),
    );
  return command;
}

function common(command: Command): Command {
  return command
    .addOption(dataOption())
    .requiredOption('--tenant <name>', 'the tenant who ordered')
    .requiredOption('--host <name>', 'the name under which the host enrols');
}
