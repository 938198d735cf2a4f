/** All rebuilt systems, family by family, oldest release first. */
import { leap15 } from './leap-15.ts';
import { leap16 } from './leap-16.ts';
import { rhel8 } from './rhel-8.ts';
import { rhel9 } from './rhel-9.ts';
import { rhel10 } from './rhel-10.ts';
import { sles15 } from './sles-15.ts';
import { sles16 } from './sles-16.ts';
import { ubuntu2204 } from './ubuntu-22.04.ts';
import { ubuntu2404 } from './ubuntu-24.04.ts';
import type { RebuiltSystem } from './unpacked.ts';

export const rebuiltSystems: readonly RebuiltSystem[] = [
  ubuntu2204,
  ubuntu2404,
  rhel8,
  rhel9,
  rhel10,
  sles15,
  sles16,
  leap15,
  leap16,
];
