/** The way to the collector, address by address, without sending a report. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { TrustBundle } from '../../shared/enrolment.ts';
import { CodedError } from '../../shared/errors.ts';
import { fingerprintOf, type Greeting, greet } from '../collector.ts';
import { proxyFor } from '../network/proxy.ts';
import type { Network } from '../network/settings.ts';
import { agentVersion } from '../version.ts';
import { type Finding, fail, ofError, ok, same, warn } from './finding.ts';

const RESOLVE_MS = 5000;
/** Reports further ahead are refused (CLOCK_AHEAD); so much is no reason to worry. */
const CLOCK_LIMIT_S = 300;
const CLOCK_WARN_S = 30;

export async function lookAtNetwork(
  addresses: readonly string[],
  trust: TrustBundle,
  network: Network,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const greetings: Greeting[] = [];
  for (const address of addresses) {
    const { findings: found, greeting } = await lookAtAddress(address, trust, network, addresses.length > 1);
    findings.push(...found);
    if (greeting) greetings.push(greeting);
  }
  const [first] = greetings;
  return first ? [...findings, versions(first), clock(first)] : findings;
}

async function lookAtAddress(address: string, trust: TrustBundle, network: Network, several: boolean) {
  const findings: Finding[] = [];
  try {
    const proxy = proxyFor(address, network.proxy, network.environment);
    if (proxy)
      findings.push(
        ok('proxy', { en: `${address} by ${proxy.shown}`, de: `${address} über ${proxy.shown}` }),
      );
    // Behind a proxy it is the proxy that resolves the collector's name.
    findings.push(await resolved((proxy?.url ?? new URL(address)).hostname));
    const greeting = await greet(address, trust, network);
    findings.push(identity(address, trust, greeting));
    return { findings: findings.filter(({ found }) => found.en !== ''), greeting };
  } catch (error) {
    // One of several that does not answer is what the others are for.
    findings.push(ofError(codeTopic(error), error, several ? 'warn' : 'fail'));
    return { findings: findings.filter(({ found }) => found.en !== ''), greeting: undefined };
  }
}

const codeTopic = (error: unknown) =>
  error instanceof CodedError && error.code.startsWith('PROXY_') ? 'proxy' : 'collector';

/** Nothing to say of what is an address already. */
async function resolved(hostname: string): Promise<Finding> {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host)) return ok('name', same(''));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('ETIMEOUT'), { code: 'ETIMEOUT' })), RESOLVE_MS);
  });
  try {
    const found = await Promise.race([lookup(host, { all: true }), late]);
    return ok('name', same(`${host}: ${found.map(({ address }) => address).join(', ')}`));
  } catch (error) {
    return fail('name', same(`${host}: ${String((error as NodeJS.ErrnoException).code)}`), {
      en: 'Check the name and the name servers in /etc/resolv.conf.',
      de: 'Den Namen und die Nameserver in /etc/resolv.conf prüfen.',
    });
  } finally {
    clearTimeout(timer);
  }
}

function identity(address: string, trust: TrustBundle, { trust: shown, ms }: Greeting): Finding {
  if (fingerprintOf(shown) === fingerprintOf(trust))
    return ok('collector', {
      en: `${address} answers with the keys that this host trusts, in ${ms} ms`,
      de: `${address} antwortet mit den Schlüsseln, denen dieses System vertraut, in ${ms} ms`,
    });
  return warn(
    'collector',
    {
      en: `${address} answers under the right authority, but shows other keys than at enrolment`,
      de: `${address} antwortet unter der richtigen Zertifizierungsstelle, zeigt aber andere Schlüssel als bei der Anmeldung`,
    },
    {
      en: 'If its keys were changed on purpose, enrol this host again.',
      de: 'Wurden die Schlüssel absichtlich gewechselt, dieses System neu anmelden.',
    },
  );
}

function versions({ version }: Greeting): Finding {
  const found = {
    en: `agent ${agentVersion}, collector ${version ?? 'unknown'}`,
    de: `Agent ${agentVersion}, Kollektor ${version ?? 'unbekannt'}`,
  };
  return version === undefined || version === agentVersion
    ? ok('version', found)
    : warn('version', found, {
        en: 'Bring both to the same version; the collector first.',
        de: 'Beide auf dieselbe Version bringen; den Kollektor zuerst.',
      });
}

function clock({ collectorTime, at }: Greeting): Finding {
  if (!collectorTime)
    return warn(
      'clock',
      { en: 'the collector did not say its time', de: 'der Kollektor hat seine Zeit nicht genannt' },
      {
        en: 'Look at what stands before the collector.',
        de: 'Prüfen, was vor dem Kollektor steht.',
      },
    );
  const ahead = Math.round((at.getTime() - collectorTime.getTime()) / 1000);
  const by = Math.abs(ahead);
  if (by <= 2) return ok('clock', { en: 'in step with the collector', de: 'geht mit dem Kollektor gleich' });
  const found = {
    en: `${by} s ${ahead > 0 ? 'ahead of' : 'behind'} the collector`,
    de: `${by} s ${ahead > 0 ? 'vor' : 'hinter'} dem Kollektor`,
  };
  const next = {
    en: 'Set the clock and see that time synchronisation runs.',
    de: 'Die Uhr stellen und die Zeitsynchronisation prüfen.',
  };
  if (ahead > CLOCK_LIMIT_S) return fail('clock', found, next);
  return by > CLOCK_WARN_S ? warn('clock', found, next) : ok('clock', found);
}
