/** What went wrong on the way to the collector, as a code that says what to do: one for each thing that people meet. */
import { CodedError, type ErrorCode } from '../../shared/errors.ts';

/** An error on the way to the proxy, or its own refusal to open a tunnel. */
export class ProxyProblem extends Error {
  constructor(cause: unknown) {
    super('on the way to the proxy', { cause });
  }
}

export interface Way {
  /** Origin of the collector. */
  readonly collector: string;
  /** Origin of the proxy, if there is one. */
  readonly proxy: string | undefined;
  /** This machine's clock, as certificates were held against. */
  readonly now: Date;
}

/** Codes that say "not by this way": another address of the same collector may work. */
const WAYS = /^(?:COLLECTOR_|PROXY_)/;
export const isWayProblem = (error: unknown): error is CodedError =>
  error instanceof CodedError && WAYS.test(error.code);

/** Node's and OpenSSL's names, most particular first. */
const TABLE: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^(?:ENOTFOUND|EAI_\w+)$/, 'COLLECTOR_NAME_UNKNOWN'],
  [/^CERT_HAS_EXPIRED$/, 'COLLECTOR_CERT_EXPIRED'],
  [/^CERT_NOT_YET_VALID$/, 'COLLECTOR_CERT_EARLY'],
  [/^(?:ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|UND_ERR_PRX_TLS)$/, 'COLLECTOR_CERT_NAME'],
  [
    /CERT_|_CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY|DECODE)|INVALID_(?:CA|PURPOSE)|PATH_LENGTH/,
    'COLLECTOR_UNTRUSTED',
  ],
  // Bytes that are no TLS record at all: somebody speaks plainly there.
  [/^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)$/, 'COLLECTOR_NOT_TLS'],
  [/^ERR_SSL_.*(?:PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW)/, 'COLLECTOR_TLS_VERSION'],
  [/^ERR_SSL_/, 'COLLECTOR_TLS_REFUSED'],
  [/^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET|ECONNABORTED)$/, 'COLLECTOR_CUT_OFF'],
  [/TIMEOUT|^ETIMEDOUT$|^ABORT_ERR$/, 'COLLECTOR_TIMEOUT'],
];

/** `error` of a request that got no answer. */
export function wayProblem(error: unknown, way: Way): CodedError {
  if (error instanceof CodedError) return error;
  const { collector, proxy = '', now } = way;
  const inner = error instanceof ProxyProblem ? error.cause : error;
  const details = { collector, proxy, problem: problemOf(inner), time: now.toISOString().slice(0, 19) };
  const said = (code: ErrorCode) => new CodedError(code, details, { cause: inner });
  if (error instanceof ProxyProblem) {
    const status = /\((\d{3})\)/.exec(String((inner as Error).message))?.[1];
    if (status === '407') return said('PROXY_AUTH');
    if (status) return new CodedError('PROXY_REFUSED', { ...details, status }, { cause: inner });
    const code = find(inner);
    return said(/^COLLECTOR_(?:CERT|UNTRUSTED)/.test(code) ? 'PROXY_UNTRUSTED' : 'PROXY_UNREACHABLE');
  }
  return said(find(inner));
}

function find(error: unknown): ErrorCode {
  const code = codeOf(error);
  return TABLE.find(([pattern]) => pattern.test(code))?.[1] ?? 'COLLECTOR_UNREACHABLE';
}

/** Where every address of a name failed (happy eyeballs), the first failure speaks for all. */
function codeOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'ETIMEDOUT';
  const { code, errors } = error as { code?: unknown; errors?: unknown };
  if (typeof code === 'string') return code;
  return Array.isArray(errors) ? codeOf(errors[0]) : '';
}

function problemOf(error: unknown): string {
  const { errors } = error as { errors?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return [...new Set(errors.map(problemOf))].join('; ');
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  // OpenSSL's messages run over several lines with addresses of its source; its reason is enough.
  const { reason } = error as { reason?: unknown };
  const words = code.startsWith('ERR_SSL_') && typeof reason === 'string' ? reason : message;
  const line = (words.split('\n')[0] ?? '').replace(/\.$/, '').slice(0, 200);
  return code && !line.includes(code) ? `${line} (${code})` : line || code || 'no reason was given';
}
