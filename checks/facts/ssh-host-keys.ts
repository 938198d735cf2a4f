/** The host keys of every SSH server here, from the public halves beside them. */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, known, unreadable } from '../fact.ts';
import { parseAuthorizedKeys } from './authorized-keys.ts';
import type { PublicKey } from './ssh-public-key.ts';
import { type SshdServer, sshd } from './sshd.ts';

export interface HostKey {
  /** The file of the public half. */
  readonly path: string;
  readonly key: PublicKey;
}

export interface HostKeys {
  readonly keys: readonly HostKey[];
  /** Private keys whose public half could not be read. */
  readonly unclear: readonly { readonly source: string; readonly reason: Text }[];
}

/** servconf.c, `fill_default_server_options`. */
const DEFAULT_KEYS = ['rsa', 'ecdsa', 'ed25519'].map((type) => `/etc/ssh/ssh_host_${type}_key`);

/** Absent where no SSH server is installed. */
export const hostKeys = defineFact<HostKeys>({
  id: 'ssh-host-keys',
  collect: async (host, get) => {
    const state = await get(sshd);
    if (state.state !== 'known') return state;
    const paths = new Set<string>();
    for (const server of state.value.servers) {
      const named = namedKeys(server);
      if ('reason' in named) return unreadable(server.file, named.reason);
      for (const path of named.paths) paths.add(path);
    }
    const keys: HostKey[] = [];
    const unclear: { source: string; reason: Text }[] = [];
    for (const path of paths) {
      const there = await host.stat(path);
      if (there.state === 'absent') continue;
      const file = await host.readText(path.endsWith('.pub') ? path : `${path}.pub`, {
        maxBytes: 64 * 1024,
        encoding: 'latin1',
      });
      const key = file.state === 'known' ? parseAuthorizedKeys(file.value.text).keys[0]?.key : undefined;
      if (file.state === 'known' && key) keys.push({ path: file.value.path, key });
      else
        unclear.push({
          source: path,
          reason: file.state === 'unreadable' ? file.reason : noPublicHalf(path),
        });
    }
    return known({ keys, unclear });
  },
});

function namedKeys(server: SshdServer): { paths: readonly string[] } | { reason: Text } {
  const answered = server.answers.find((answer) => answer.state === 'answered');
  const said = answered?.state === 'answered' ? answered.values.get('hostkey') : undefined;
  if (said) return { paths: said };
  if (server.reading.state === 'unsure') return { reason: server.reading.reason };
  if (server.reading.state === 'refused')
    return {
      reason: {
        en: `sshd does not accept its configuration: ${server.reading.words}`,
        de: `sshd nimmt seine Konfiguration nicht an: ${server.reading.words}`,
      },
    };
  const set = server.reading.configuration.global('hostkey').map(({ value }) => value);
  return { paths: set.length > 0 ? set : DEFAULT_KEYS };
}

const noPublicHalf = (path: string): Text => ({
  en: `${path}.pub, the public half of the key, holds no key or is missing`,
  de: `${path}.pub, die öffentliche Hälfte des Schlüssels, enthält keinen Schlüssel oder fehlt`,
});
