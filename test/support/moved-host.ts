/** This machine as a host, with some of its paths lying elsewhere. */
import { linuxHost } from '../../agent/host-linux.ts';
import type { Host } from '../../checks/host.ts';

/**
 * @param at where a path really lies
 * @param more what is answered otherwise
 */
export function movedHost(at: (path: string) => string, more: Partial<Host> = {}): Host {
  const real = linuxHost();
  return {
    live: true,
    privileged: true,
    policy: real.policy,
    memory: real.memory,
    readText: (path, options) => real.readText(at(path), options),
    scan: (path, maxBytes, take) => real.scan(at(path), maxBytes, take),
    list: (path) => real.list(at(path)),
    stat: (path) => real.stat(at(path)),
    lstat: (path) => real.lstat(at(path)),
    realPath: (path) => real.realPath(at(path)),
    readlink: (path) => real.readlink(at(path)),
    acl: (path) => real.acl(at(path)),
    run: (command, args) => real.run(command, args),
    ...more,
  };
}
