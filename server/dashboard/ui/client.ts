/** Talks to the JSON API of this origin; every refusal becomes an error with its code and what to do. */
import { currentLanguage } from './i18n.ts';

export class ApiError extends Error {
  readonly code: string;
  readonly next: string;
  readonly status: number;

  constructor(status: number, code: string, message: string, next: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.next = next;
  }
}

type Query = Record<string, string | number | undefined | null>;

function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** The address of a download. */
export const csvAddress = address;

/** `T` is what the route's schema promises; the server checks it before it sends. */
async function request<T>(path: string, init: RequestInit): Promise<T> {
  const response = await fetch(path, {
    ...init,
    headers: {
      accept: 'application/json',
      'accept-language': currentLanguage(),
      // No other site can set it: see server/auth/origin.ts.
      'x-nachweis': '1',
      ...init.headers,
    },
  }).catch(() => {
    throw new ApiError(0, 'UNREACHABLE', '', '');
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body as T;
  throw refusal(response.status, body);
}

function refusal(status: number, body: unknown): ApiError {
  const error =
    typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'object'
      ? (body.error as Record<string, unknown>)
      : {};
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return new ApiError(status, text(error.code) || `HTTP_${status}`, text(error.message), text(error.next));
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal) =>
  request<T>(address(path, query), { method: 'GET', ...(signal ? { signal } : {}) });

export const send = <T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) =>
  request<T>(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
