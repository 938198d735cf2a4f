/** The checks of the family `login`, listed explicitly: a file dropped into this folder never becomes code. */
import type { Check } from '../check.ts';
import { accountRoot } from './account-root-locked-or-strong.ts';
import { authLogged } from './auth-logged.ts';
import { banner } from './banner.ts';
import { bootloaderPassword } from './bootloader-password.ts';
import { consoleAutologin } from './console-autologin.ts';
import { ctrlAltDel } from './ctrl-alt-del.ts';
import { emptyPassword } from './empty-password.ts';
import { lockout } from './lockout.ts';
import { logonDelay } from './logon-delay.ts';
import { maxSessionsPerUser } from './max-sessions-per-user.ts';
import { mfa } from './mfa.ts';
import { pamAccount } from './pam-account.ts';
import { pamAuthentication } from './pam-authentication.ts';
import { remoteServicesCheck } from './remote-services.ts';
import { rescueMode } from './rescue-mode.ts';
import { rootConsole } from './root-console.ts';
import { sessionTimeout } from './session-timeout.ts';
import { sshdChecks } from './sshd.ts';
import { suRestricted } from './su-restricted.ts';
import { sudoAuthenticates } from './sudo-authenticates.ts';
import { sudoSession } from './sudo-session.ts';

export const loginChecks: readonly Check[] = [
  accountRoot,
  authLogged,
  banner,
  bootloaderPassword,
  consoleAutologin,
  ctrlAltDel,
  emptyPassword,
  pamAccount,
  pamAuthentication,
  lockout,
  logonDelay,
  maxSessionsPerUser,
  mfa,
  remoteServicesCheck,
  rescueMode,
  rootConsole,
  sessionTimeout,
  ...sshdChecks,
  sudoAuthenticates,
  sudoSession,
  suRestricted,
];
