/** What a browser does, by hand: keeps its cookie, sends the dashboard's own header, asks in JSON. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came back
  readonly body: any;
}

export interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  /** Over what the dashboard sends by itself; undefined leaves a header out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export class BrowserSession {
  readonly #origin: string;
  readonly #ca: readonly string[] | undefined;
  /** `name=value` */
  cookie: string | undefined;
  /** The whole Set-Cookie line that came last. */
  setCookie: string | undefined;

  constructor(origin: string, ca?: readonly string[]) {
    this.#origin = origin;
    this.#ca = ca;
  }

  ask(path: string, { method = 'GET', body, headers = {} }: Ask = {}): Promise<Answer> {
    const url = new URL(path, this.#origin);
    const sent: Record<string, string | undefined> = {
      'x-nachweis': '1',
      origin: this.#origin,
      'sec-fetch-site': 'same-origin',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
      ...headers,
    };
    const present = Object.fromEntries(
      Object.entries(sent).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    const options = { method, headers: present, ...(this.#ca ? { ca: [...this.#ca] } : {}) };
    return new Promise((resolve, reject) => {
      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          this.#keep(response.headers['set-cookie']);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) });
        });
      });
      request.on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  #keep(lines: string[] | undefined): void {
    const line = lines?.at(-1);
    if (line === undefined) return;
    this.setCookie = line;
    const pair = line.split(';')[0] ?? '';
    this.cookie = pair.endsWith('=') ? undefined : pair;
  }

  /** Uses a sign-in link, and sets a password where one is given. */
  async enter(secret: string, password?: string): Promise<this> {
    const link = await this.ask('/api/session/link', { method: 'POST', body: { secret } });
    if (link.status !== 200) throw new Error(`the link was refused: ${link.text}`);
    if (password === undefined) return this;
    const set = await this.ask('/api/session/password', { method: 'PUT', body: { password } });
    if (set.status !== 200) throw new Error(`the password was refused: ${set.text}`);
    return this;
  }

  signIn(name: string, password: string): Promise<Answer> {
    return this.ask('/api/session', { method: 'POST', body: { name, password } });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
