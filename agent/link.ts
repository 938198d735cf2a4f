/** The line of an enrolled host to its collector: by the addresses, the proxy and the way that worked last. */
import { z } from 'zod';
import { addressSchema } from '../shared/enrolment.ts';
import type { Language } from '../shared/outcome.ts';
import { type Collector, connect } from './collector.ts';
import type { Config } from './config.ts';
import { readState } from './durable.ts';
import type { Environment } from './network/proxy.ts';
import { networkOf } from './network/settings.ts';
import type { Enrolment, State } from './state.ts';

/** `address.json`; losing it costs a try. */
const lastAddressSchema = z.strictObject({
  format: z.literal('nachweis.address/1'),
  address: addressSchema,
});

/** What agent.yaml lists wins over what the enrolment string named. */
export const addressesOf = (enrolment: Enrolment, config: Config): readonly string[] =>
  config.addresses ?? enrolment.addresses ?? [enrolment.collector];

export interface LinkOptions {
  readonly state: State;
  readonly enrolment: Enrolment;
  readonly config: Config;
  readonly environment: Environment;
  readonly language: Language;
}

/** @throws CodedError `PROXY_INVALID`, `FILE_UNREADABLE`, `FILE_INVALID` */
export function openLink({ state, enrolment, config, environment, language }: LinkOptions): Collector {
  const file = state.file('address.json');
  return connect(addressesOf(enrolment, config), enrolment.trust, language, {
    network: networkOf(config, environment),
    first: readState(file, lastAddressSchema)?.address,
    onMoved: (address) => state.disk.write(file, JSON.stringify({ format: 'nachweis.address/1', address })),
  });
}
