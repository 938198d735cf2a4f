/** `nachweis network`: lets the report unit speak to the collector alone. Run by nachweis-network.service. */
import type { Language } from '../../shared/outcome.ts';
import { readConfigForm } from '../config.ts';
import { REPORT_UNIT } from '../confinement.ts';
import { speaker } from '../language.ts';
import { addressesOf } from '../link.ts';
import { openState, readEnrolment } from '../state.ts';
import { stateDirectory } from '../state-directory.ts';
import { allowedAddresses, setUnitFilter } from '../unit-filter.ts';

export interface NetworkOptions {
  readonly state?: string;
  readonly config?: string;
}

/** @returns 0, also where there is nothing that could filter: that is said */
export async function network(options: NetworkOptions, language: Language): Promise<number> {
  const say = speaker(language);
  const enrolment = readEnrolment(openState(stateDirectory(options.state)));
  const config = await readConfigForm(options.config);
  const addresses = await allowedAddresses({
    collectors: addressesOf(enrolment, config),
    proxy: config.proxy,
    environment: process.env,
  });
  const state = await setUnitFilter(addresses);
  const list = addresses.join(', ');
  const text = {
    set: say({
      en: `systemd was told: ${REPORT_UNIT} may speak to ${list}, and to nobody else. Each report tries whether the kernel sees to it: nachweis status.`,
      de: `systemd weiß: ${REPORT_UNIT} darf mit ${list} sprechen und mit sonst niemandem. Jeder Bericht probiert, ob der Kernel das durchsetzt: nachweis status.`,
    }),
    'no-unit': say({
      en: `Not restricted: systemd does not run here. It would be ${list}.`,
      de: `Nicht eingeschränkt: systemd läuft hier nicht. Erlaubt wäre ${list}.`,
    }),
    'no-kernel-support': say({
      en: `Not restricted: this kernel can't filter by unit (no unified control groups). It would be ${list}.`,
      de: `Nicht eingeschränkt: Dieser Kernel kann nicht je Unit filtern (keine vereinheitlichten Control Groups). Erlaubt wäre ${list}.`,
    }),
  };
  process.stdout.write(`${text[state]}\n`);
  return 0;
}
