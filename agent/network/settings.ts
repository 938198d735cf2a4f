/** How this machine gets to its collector: what agent.yaml and the environment say, read once for a process. */

import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import { CodedError } from '../../shared/errors.ts';
import type { Config } from '../config.ts';
import type { Environment } from './proxy.ts';

export interface Network {
  /** `proxy` of agent.yaml. */
  readonly proxy: string | undefined;
  readonly environment: Environment;
  /** PEM. */
  readonly proxyAuthority: string | undefined;
  /** PEM. */
  readonly frontAuthority: string | undefined;
  /** For a connection, and again for a proxy's tunnel. */
  readonly connectMs: number;
  /** For a request as a whole: an answer that trickles in must not hold the agent for ever. */
  readonly wholeMs: number;
}

const CONNECT_MS = 10_000;
const WHOLE_MS = 120_000;
const MAX_PEM_BYTES = 1024 * 1024;

/** No proxy, no other authority. */
export const directly: Network = {
  proxy: 'none',
  environment: {},
  proxyAuthority: undefined,
  frontAuthority: undefined,
  connectMs: CONNECT_MS,
  wholeMs: WHOLE_MS,
};

/** @throws CodedError `FILE_UNREADABLE`, `FILE_INVALID` for an authority that can't be read */
export function networkOf(config: Config, environment: Environment): Network {
  const { proxy, proxyAuthority, frontAuthority } = config;
  return {
    proxy,
    environment,
    proxyAuthority: proxyAuthority && readPem(proxyAuthority),
    frontAuthority: frontAuthority && readPem(frontAuthority),
    connectMs: CONNECT_MS,
    wholeMs: WHOLE_MS,
  };
}

function readPem(path: string): string {
  let text: string;
  try {
    text = fs.readFileSync(path, 'latin1').slice(0, MAX_PEM_BYTES);
  } catch (error) {
    const problem = String((error as NodeJS.ErrnoException).code);
    throw new CodedError('FILE_UNREADABLE', { path, problem }, { cause: error });
  }
  try {
    void new X509Certificate(text);
    return text;
  } catch (error) {
    throw new CodedError('FILE_INVALID', { path, problem: 'no PEM certificate' }, { cause: error });
  }
}
