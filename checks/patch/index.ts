/** The checks of the family `patch`, listed explicitly: a file dropped into this folder never becomes code. */
import type { Check } from '../check.ts';
import { automaticUpdates } from './automatic-updates.ts';
import { brokenPackages } from './broken-packages.ts';
import { heldPackages } from './held-packages.ts';
import { indexFresh } from './index-fresh.ts';
import { latency } from './latency.ts';
import { obsoletePackages } from './obsolete-packages.ts';
import { outdatedProcesses } from './outdated-processes.ts';
import { rebootPending } from './reboot-pending.ts';
import { releaseSupported } from './release-supported.ts';
import { runningKernelNewest } from './running-kernel.ts';
import { securityUpdates } from './security-updates.ts';
import { sourcesTrusted } from './sources-trusted.ts';

export const patchChecks: readonly Check[] = [
  automaticUpdates,
  brokenPackages,
  heldPackages,
  indexFresh,
  latency,
  obsoletePackages,
  outdatedProcesses,
  rebootPending,
  releaseSupported,
  runningKernelNewest,
  securityUpdates,
  sourcesTrusted,
];
