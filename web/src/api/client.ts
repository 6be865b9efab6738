import createClient from 'openapi-fetch';
import type { paths } from './schema';

/** What the server refused, in its own words (RFC 9457), or that it could not be reached: status 0. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly fields: Readonly<Record<string, string>>,
    readonly requestId: string | null,
  ) {
    super(detail);
  }
}

// Kept in memory alone: a page that is loaded anew asks for it again with GET /api/v1/me.
let csrfToken: string | null = null;
let signedOut: () => void = () => undefined;

export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Called when the server says that the sign-in is over. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

export const api = createClient<paths>({ fetch: (request) => send(request) });

/** Answers the data, or throws what was refused. */
export async function unwrap<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw refusalOf(response, error);
  return data as T;
}

/** Parameters of a list, as they stand in an address. */
export type Query = Readonly<Record<string, string>>;

async function send(request: Request): Promise<Response> {
  if (csrfToken && request.method !== 'GET') request.headers.set('X-CSRF-Token', csrfToken);
  try {
    const response = await fetch(request);
    if (response.status === 401 && !request.url.endsWith('/signin')) signedOut();
    return response;
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new Refusal(0, 'unreachable', 'unreachable', {}, null);
  }
}

function refusalOf(response: Response, body: unknown): Refusal {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<Record<string, unknown>>;
  return new Refusal(
    response.status,
    typeof problem['title'] === 'string' ? problem['title'] : response.statusText,
    typeof problem['detail'] === 'string' ? problem['detail'] : '',
    (problem['errors'] ?? {}) as Record<string, string>,
    response.headers.get('X-Request-Id'),
  );
}
