/** The checks of the family `login`, listed explicitly: a file dropped into this folder never becomes code. */
import type { Check } from '../check.ts';
import { consoleAutologin } from './console-autologin.ts';
import { emptyPassword } from './empty-password.ts';
import { pamAccount } from './pam-account.ts';
import { pamAuthentication } from './pam-authentication.ts';
import { remoteServicesCheck } from './remote-services.ts';
import { rescueMode } from './rescue-mode.ts';
import { sshdChecks } from './sshd.ts';

export const loginChecks: readonly Check[] = [
  consoleAutologin,
  emptyPassword,
  pamAccount,
  pamAuthentication,
  remoteServicesCheck,
  rescueMode,
  ...sshdChecks,
];
