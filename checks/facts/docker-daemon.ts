/** What Docker's daemon takes from its own file: dockerd(8), /etc/docker/daemon.json. */
import { absent, defineFact, type Fact, known } from '../fact.ts';

export const DOCKER_FILE = '/etc/docker/daemon.json';

export interface DockerDaemon {
  readonly source: string;
  /** Whose socket it makes it, where systemd does not make the socket. */
  readonly group: string | undefined;
  /** Where it listens, as written: `unix:///run/docker.sock`, `tcp://0.0.0.0:2375`. */
  readonly hosts: readonly string[];
  /** Whether clients must show a certificate. */
  readonly tlsVerify: boolean;
}

const PROGRAMS = ['/usr/bin/dockerd', '/usr/sbin/dockerd', '/usr/local/bin/dockerd'];

/** Absent where the daemon is not installed or has no such file; one that is no JSON keeps it from starting. */
export const dockerDaemon = defineFact<DockerDaemon>({
  id: 'docker-daemon',
  collect: async (host): Promise<Fact<DockerDaemon>> => {
    const there = await Promise.all(PROGRAMS.map((path) => host.stat(path)));
    if (there.every(({ state }) => state === 'absent')) return absent('dockerd');
    const file = await host.readText(DOCKER_FILE);
    if (file.state !== 'known') return file;
    const settings = parsed(file.value.text);
    if (settings === undefined) return absent(DOCKER_FILE);
    const { group, hosts, tlsverify } = settings;
    return known({
      source: DOCKER_FILE,
      group: typeof group === 'string' && group !== '' ? group : undefined,
      hosts: Array.isArray(hosts) ? hosts.filter((one) => typeof one === 'string').slice(0, 20) : [],
      tlsVerify: tlsverify === true,
    });
  },
});

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
