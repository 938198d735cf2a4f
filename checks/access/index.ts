/** The checks of the family `access`, listed explicitly: a file dropped into this folder never becomes code. */
import type { Check } from '../check.ts';
import { accountsGranted } from './accounts-granted.ts';
import { expiredGrants } from './expired-grants.ts';
import { fileModes } from './file-modes.ts';
import { gidZero } from './gid-zero.ts';
import { homeDirectories } from './home-directories.ts';
import { idleAccounts } from './idle-accounts.ts';
import { keyStrength } from './key-strength.ts';
import { legacyEntries } from './legacy-entries.ts';
import { nologinNotAShell } from './nologin-not-a-shell.ts';
import { privilegesGranted } from './privileges-granted.ts';
import { rootPathCheck } from './root-path.ts';
import { sshKeysGranted } from './ssh-keys-granted.ts';
import { systemAccounts } from './system-accounts.ts';
import { uidZero } from './uid-zero.ts';
import { umask } from './umask.ts';
import { uniqueIds, uniqueNames } from './unique-names.ts';

export const accessChecks: readonly Check[] = [
  accountsGranted,
  expiredGrants,
  fileModes,
  gidZero,
  homeDirectories,
  idleAccounts,
  keyStrength,
  legacyEntries,
  nologinNotAShell,
  privilegesGranted,
  rootPathCheck,
  sshKeysGranted,
  systemAccounts,
  uidZero,
  umask,
  uniqueIds,
  uniqueNames,
];
