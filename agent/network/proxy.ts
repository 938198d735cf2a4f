/** Which proxy leads to an address: what agent.yaml says, else the environment. Pure. */
import { BlockList, isIP, isIPv6 } from 'node:net';
import { CodedError } from '../../shared/errors.ts';

export interface WebProxy {
  /** For dispatchers alone: it may hold a name and a password. */
  readonly url: URL;
  /** For people: without name and password. */
  readonly shown: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy to take for `address` (an https origin); undefined: none.
 *
 * `configured` is `proxy` of agent.yaml: it is for every address, and `none` turns the environment off. Otherwise
 * https_proxy or HTTPS_PROXY counts, except for what no_proxy or NO_PROXY lists and for this machine itself.
 * @throws CodedError `PROXY_INVALID`
 */
export function proxyFor(
  address: string,
  configured: string | undefined,
  environment: Environment,
): WebProxy | undefined {
  if (configured === 'none') return undefined;
  if (configured) return parseProxy(configured, 'agent.yaml');
  const [name, text] = given(environment, 'https_proxy');
  if (!text) return undefined;
  const { hostname, port } = new URL(address);
  if (isOwn(hostname) || isListed(hostname, port || '443', given(environment, 'no_proxy')[1]))
    return undefined;
  return parseProxy(text, name);
}

/** As curl does: small letters win, and what is empty is not there. */
function given(environment: Environment, name: string): [name: string, value: string] {
  const lower = environment[name];
  if (lower) return [name, lower.trim()];
  const upper = name.toUpperCase();
  return [upper, environment[upper]?.trim() ?? ''];
}

function parseProxy(text: string, source: string): WebProxy {
  const full = /^[a-z0-9+.-]+:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  // Never the text itself: it may hold a password.
  const refused = (problem: string): CodedError => new CodedError('PROXY_INVALID', { source, problem });
  if (!url?.hostname) throw refused('it is not an address');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refused(`${url.protocol.slice(0, 20)} is not spoken here`);
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    throw refused('name or password is not percent-encoded');
  }
  return { url, shown: url.origin };
}

/** The collector of `npm start` must be found although the environment names a proxy for the rest of the world. */
const isOwn = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  /^127\./.test(hostname) ||
  hostname === '[::1]';

/** Names with all below them, addresses, networks (CIDR), each with or without a port; `*` is everything. */
function isListed(hostname: string, port: string, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', at] = /^(\[[^\]]*\]|[^:]*|[0-9a-f:]*:[0-9a-f:.]*)(?::(\d+))?$/i.exec(entry) ?? [];
      if (at !== undefined && at !== port) return false;
      const wanted = (isIPv6(entry) ? entry : name.replace(/^\[|\]$/g, '')).toLowerCase();
      if (isIP(host)) return covers(entry.includes('/') ? entry : wanted, host);
      const domain = wanted.replace(/^\*?\./, '');
      return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
    });
}

function covers(network: string, address: string): boolean {
  const [base = '', bits] = network.split('/');
  const family = isIP(base);
  if (family === 0 || family !== isIP(address)) return false;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  const most = family === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > most) return false;
  list.addSubnet(base, prefix, type);
  return list.check(address, type);
}
