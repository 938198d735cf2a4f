/** `nachweis-collector serve`: until SIGTERM or SIGINT. */
import { once } from 'node:events';
import { Command } from 'commander';
import pino from 'pino';
import { type Config, configSchema, readConfig } from '../config.ts';
import { serve } from '../serve.ts';
import { dataOption, language, print, wholeNumber } from './store.ts';

interface Options {
  data: string;
  config?: string;
  listen?: string;
  port?: number;
  dashboardPort?: number;
  name?: string[];
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('take reports and show the dashboard, until it is told to end')
    .addOption(dataOption())
    .option('--config <file>', 'settings, in YAML')
    .option('--listen <address>', 'address for agents (default: all)')
    .option('--port <number>', 'HTTPS port for agents (default: 8443)', wholeNumber(0, 65_535))
    .option('--dashboard-port <number>', 'HTTP port on loopback (default: 8080)', wholeNumber(0, 65_535))
    .option('--name <name...>', 'further names or addresses that agents reach this collector by')
    .action(run);
}

async function run(options: Options): Promise<void> {
  // Asked to end while still starting, it ends when it is up.
  const ended = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  const serving = await serve({
    data: options.data,
    config: withOptions(options.config ? await readConfig(options.config) : configSchema.parse({}), options),
    log: pino({ name: 'nachweis-collector' }, pino.destination({ fd: 2, sync: true })),
    clock: () => new Date(),
    language: language(),
  });
  // In one piece: whoever waits for the first line gets the last one too.
  print(
    [
      `Agents:     ${serving.agentsUrl}`,
      `Dashboard:  ${serving.dashboardUrl}`,
      ...(serving.firstSignIn ? [`First sign-in, once, within 24 hours: ${serving.firstSignIn}`] : []),
    ].join('\n'),
  );
  await ended;
  await serving.stop();
}

function withOptions(config: Config, { listen, port, dashboardPort, name = [] }: Options): Config {
  return {
    ...config,
    agents: {
      ...config.agents,
      ...(listen === undefined ? {} : { address: listen }),
      ...(port === undefined ? {} : { port }),
      names: [...name, ...config.agents.names],
    },
    dashboard: { ...config.dashboard, ...(dashboardPort === undefined ? {} : { port: dashboardPort }) },
  };
}
