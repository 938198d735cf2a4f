/** One question over the way to one of the collector's addresses, and what came back: bounded, nothing of it believed yet. */
import { type Dispatcher, request } from 'undici';
import type { TrustBundle } from '../shared/enrolment.ts';
import { CodedError } from '../shared/errors.ts';
import type { Language } from '../shared/outcome.ts';
import { POLICY_HEADER } from '../shared/policy.ts';
import { MOST_ASKED_S } from './back-off.ts';
import { dispatcherFor } from './network/dispatcher.ts';
import { wayProblem } from './network/problem.ts';
import { proxyFor, type WebProxy } from './network/proxy.ts';
import type { Network } from './network/settings.ts';

/** A policy has at most 700 kB in base64; everything else is small. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** The way to one address; opened when it is first used. */
export class Line {
  readonly origin: string;
  readonly language: Language;
  readonly proxy: WebProxy | undefined;
  readonly wholeMs: number;
  readonly #open: () => Dispatcher;
  #dispatcher: Dispatcher | undefined;

  constructor(origin: string, trust: TrustBundle | undefined, language: Language, network: Network) {
    this.origin = origin;
    this.language = language;
    this.wholeMs = network.wholeMs;
    const { frontAuthority, proxyAuthority, connectMs } = network;
    this.proxy = proxyFor(origin, network.proxy, network.environment);
    const { proxy } = this;
    const authorities = trust && [...trust.authorities, ...(frontAuthority ? [frontAuthority] : [])];
    this.#open = () => dispatcherFor({ authorities, proxy, proxyAuthority, connectMs });
  }

  get dispatcher(): Dispatcher {
    this.#dispatcher ??= this.#open();
    return this.#dispatcher;
  }

  async close(): Promise<void> {
    await this.#dispatcher?.destroy();
  }
}

export interface Raw {
  readonly status: number;
  /** Parsed JSON; undefined when it was none. */
  readonly body: unknown;
  readonly retryAfter: number | undefined;
  readonly collectorTime: Date | undefined;
  readonly policyNumber: number | undefined;
  readonly version: string | undefined;
}

export async function ask(line: Line, method: 'GET' | 'POST', path: string, body?: string): Promise<Raw> {
  const { origin, dispatcher, language, proxy } = line;
  try {
    const response = await request(`${origin}${path}`, {
      dispatcher,
      method,
      headers: {
        'accept-language': language,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(line.wholeMs),
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) throw odd(origin, `more than ${MAX_ANSWER_BYTES} bytes`);
      chunks.push(chunk);
    }
    const {
      date,
      'retry-after': retryAfter,
      [POLICY_HEADER]: policy,
      'nachweis-version': version,
    } = response.headers;
    return {
      status: response.statusCode,
      body: parsed(Buffer.concat(chunks).toString('utf8')),
      retryAfter: seconds(first(retryAfter)),
      collectorTime: instant(first(date)),
      policyNumber: wholeNumber(first(policy)),
      version: /^[\w.+-]{1,50}$/.exec(first(version) ?? '')?.[0],
    };
  } catch (error) {
    throw wayProblem(error, { collector: origin, proxy: proxy?.shown, now: new Date() });
  }
}

const first = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/** Retry-After in seconds only (RFC 9110, 10.2.3); at most a day. */
const seconds = (header: string | undefined): number | undefined =>
  header !== undefined && /^\d{1,9}$/.test(header) ? Math.min(Number(header), MOST_ASKED_S) : undefined;

const wholeNumber = (header: string | undefined): number | undefined =>
  header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined;

const instant = (header: string | undefined): Date | undefined => {
  const at = new Date(header ?? Number.NaN);
  return Number.isNaN(at.getTime()) ? undefined : at;
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const odd = (collector: string, problem: string): CodedError =>
  new CodedError('COLLECTOR_ANSWER_INVALID', { collector, problem });
