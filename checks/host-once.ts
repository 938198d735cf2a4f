/** The host as one round sees it: whatever is looked at twice is the same both times, and costs once. */
import type { Fact } from './fact.ts';
import type { Host, TextFile } from './host.ts';

/** Longer texts (UTF-16 code units) are read again: few are asked for twice, and they would be held for the whole round. */
const MAX_KEPT = 16 * 1024;

const origins = new WeakMap<Host, Host>();

/** For the few that have to see whether something changed meanwhile: the host below, looked at anew. */
export const lookAgain = (host: Host): Host => origins.get(host) ?? host;

/** Commands and `scan` are asked of the host each time. */
export function lookOnce(host: Host): Host {
  const { live, privileged, policy, memory } = host;
  const texts = new Map<string, Promise<Fact<TextFile>>>();
  const seen: Host = {
    ...{ live, privileged, policy, memory },
    readText(path, options = {}) {
      const key = `${options.encoding ?? 'utf8'} ${options.maxBytes ?? ''} ${path}`;
      const before = texts.get(key);
      if (before) return before;
      const reading = host.readText(path, options).then((fact) => {
        if (fact.state === 'known' && fact.value.text.length > MAX_KEPT) texts.delete(key);
        return fact;
      });
      texts.set(key, reading);
      return reading;
    },
    stat: once((path) => host.stat(path)),
    lstat: once((path) => host.lstat(path)),
    list: once((path) => host.list(path)),
    realPath: once((path) => host.realPath(path)),
    readlink: once((path) => host.readlink(path)),
    acl: once((path) => host.acl(path)),
    scan: (path, maxBytes, take) => host.scan(path, maxBytes, take),
    run: (command, args) => host.run(command, args),
  };
  origins.set(seen, host);
  return seen;
}

function once<T>(look: (path: string) => Promise<T>): (path: string) => Promise<T> {
  const looks = new Map<string, Promise<T>>();
  return (path) => {
    const before = looks.get(path);
    if (before) return before;
    const looking = look(path);
    looks.set(path, looking);
    return looking;
  };
}
