/** The checks of the family `backup`, listed explicitly: a file dropped into this folder never becomes code. */
import type { Check } from '../check.ts';
import { configured } from './configured.ts';
import { credentialsSafe } from './credentials-safe.ts';
import { encrypted } from './encrypted.ts';
import { offHost } from './off-host.ts';
import { recent } from './recent.ts';
import { restoreDrill } from './restore-drill.ts';
import { retention } from './retention.ts';
import { scheduled } from './scheduled.ts';
import { scope } from './scope.ts';
import { tamperResistant } from './tamper-resistant.ts';
import { verified } from './verified.ts';

export const backupChecks: readonly Check[] = [
  configured,
  credentialsSafe,
  encrypted,
  offHost,
  recent,
  restoreDrill,
  retention,
  scheduled,
  scope,
  tamperResistant,
  verified,
];
