/** Where the state lies. Apart from agent/state.ts, so that the resident process needs no more than this. */
import path from 'node:path';

export const DEFAULT_STATE = '/var/lib/nachweis';

/** `--state` or NACHWEIS_STATE, else the default. */
export const stateDirectory = (given?: string): string =>
  path.resolve(given || process.env.NACHWEIS_STATE || DEFAULT_STATE);
