/** An error on its way to an agent or a browser, and the answer made of it. */
import { randomBytes } from 'node:crypto';
import { CodedError, type Details, type ErrorCode, errorCatalogue } from '../shared/errors.ts';
import type { Language } from '../shared/outcome.ts';
import type { Refusal } from '../shared/report.ts';
import { storeTrouble } from './db/sqlite.ts';

type Last = NonNullable<Refusal['error']['last']>;

/** A refusal by somebody who knows more than its code: which host proved to be there, and where it may go on. */
export class Refused extends CodedError {
  /** Known only once the host's own key has signed; never set on somebody's mere word. */
  readonly host: string | undefined;
  readonly last: Last | undefined;
  /** What is counted and logged, where the answer must not tell as much. */
  readonly countedAs: ErrorCode;

  constructor(
    code: ErrorCode,
    details: Details = {},
    more: { host?: string | undefined; last?: Last | undefined; countedAs?: ErrorCode } = {},
  ) {
    super(code, details);
    this.host = more.host;
    this.last = more.last;
    this.countedAs = more.countedAs ?? code;
  }
}

/** `error` as an error with a code. What nobody foresaw becomes `INTERNAL` with an id to look up in the log. */
export function coded(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  if (storeTrouble(error)) return new CodedError('STORE_UNAVAILABLE', {}, { cause: error });
  const http = httpError(error);
  if (http) return http;
  return new CodedError('INTERNAL', { id: randomBytes(6).toString('hex') }, { cause: error });
}

/** Errors that fastify and its plugins make before a handler is reached. */
function httpError(error: unknown): CodedError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new CodedError('BODY_TOO_LARGE', { limit: '' });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new CodedError('BODY_INVALID', { problem: 'the content type is not application/json' });
  if ('validation' in error && Array.isArray(error.validation))
    return new CodedError('BODY_INVALID', { problem: validationProblem(error.validation) });
  if (status >= 400 && status < 500)
    return new CodedError('BODY_INVALID', { problem: code || 'it is not understood' });
  return undefined;
}

/** Where and what, never the value that was sent. */
function validationProblem(issues: readonly unknown[]): string {
  const first = issues[0];
  if (typeof first !== 'object' || first === null) return 'it is not understood';
  const path = 'instancePath' in first && typeof first.instancePath === 'string' ? first.instancePath : '';
  const message = 'message' in first && typeof first.message === 'string' ? first.message : '';
  return `${path || '/'}: ${message}`.slice(0, 300);
}

export function statusOf(error: CodedError): number {
  return errorCatalogue[error.code].status ?? 500;
}

/** The body of every refusal, on every path. */
export function refusalBody(error: CodedError, language: Language): Refusal {
  const { action } = errorCatalogue[error.code];
  const last = error instanceof Refused ? error.last : undefined;
  return {
    error: {
      code: error.code,
      ...error.explain(language),
      ...(action ? { action } : {}),
      ...(last ? { last } : {}),
    },
  };
}
