/**
 * How often somebody may try to sign in. A guesser is slowed down by address and by account; a person who signed in
 * from an address before is only held by what happens between that address and that account, so that nobody can
 * lock others out by failing in their name.
 */
import { isIPv6 } from 'node:net';
import { CodedError } from '../../shared/errors.ts';

interface Bucket {
  failures: number;
  until: number;
}

const MINUTE_MS = 60_000;
/** Failures that cost nothing; each further one doubles the wait, from two seconds to the maximum. */
const limits = {
  pair: { free: 5, maxMs: 15 * MINUTE_MS },
  address: { free: 30, maxMs: 15 * MINUTE_MS },
  account: { free: 50, maxMs: 5 * MINUTE_MS },
} as const;
/** A bucket is forgotten so long after its last failure. */
const FORGET_MS = 60 * MINUTE_MS;
const KNOWN_MS = 30 * 24 * 60 * MINUTE_MS;
const MAX_BUCKETS = 20_000;
/** Each takes 46 MiB and a thread of the pool that also verifies reports. */
const ARGON2_AT_ONCE = 2;
const MAX_WAITING = 50;
const MAX_WAITING_PER_ADDRESS = 5;

export class SignInThrottle {
  readonly #buckets = new Map<string, Bucket>();
  readonly #known = new Map<string, number>();
  readonly #queues = new Map<string, { last: Promise<unknown>; length: number }>();
  readonly #slots = new Slots(ARGON2_AT_ONCE, MAX_WAITING);

  /**
   * Runs one attempt; `attempt` says whether it was right. One after the other per address: guesses can't be
   * parallel, and the wait that one earns holds for the next.
   * @throws CodedError `TOO_MANY_REQUESTS` with the seconds to wait
   */
  async run(account: string, ip: string, now: () => Date, attempt: () => Promise<boolean>): Promise<boolean> {
    const address = network(ip);
    const queue = this.#queues.get(address) ?? { last: Promise.resolve(), length: 0 };
    if (queue.length >= MAX_WAITING_PER_ADDRESS) throw tooMany(2000);
    const mine = queue.last.then(() => this.#try(account, address, now, attempt));
    queue.length += 1;
    queue.last = mine.catch(() => undefined);
    this.#queues.set(address, queue);
    try {
      return await mine;
    } finally {
      queue.length -= 1;
      if (queue.length === 0) this.#queues.delete(address);
    }
  }

  async #try(
    account: string,
    address: string,
    now: () => Date,
    attempt: () => Promise<boolean>,
  ): Promise<boolean> {
    const pair = `${address} ${account}`;
    const instant = now().getTime();
    const known = (this.#known.get(pair) ?? 0) > instant - KNOWN_MS;
    const buckets: [keyof typeof limits, string][] = [['pair', pair]];
    if (!known) buckets.push(['address', address], ['account', account]);
    const until = Math.max(...buckets.map(([kind, key]) => this.#buckets.get(`${kind} ${key}`)?.until ?? 0));
    if (until > instant) throw tooMany(until - instant);
    const right = await this.#slots.run(attempt);
    if (right) {
      this.#buckets.delete(`pair ${pair}`);
      remember(this.#known, pair, instant);
    } else for (const [kind, key] of buckets) this.#fail(kind, key, instant);
    return right;
  }

  #fail(kind: keyof typeof limits, key: string, instant: number): void {
    const { free, maxMs } = limits[kind];
    const name = `${kind} ${key}`;
    const before = this.#buckets.get(name);
    const failures = before && instant - before.until < FORGET_MS ? before.failures + 1 : 1;
    const wait = failures < free ? 0 : Math.min(maxMs, 1000 * 2 ** Math.min(20, failures - free + 1));
    remember(this.#buckets, name, { failures, until: instant + wait });
  }
}

/** So many at once, and a bounded number behind them. */
class Slots {
  #free: number;
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number, limit: number) {
    this.#free = atOnce;
    this.#limit = limit;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else if (this.#waiting.length >= this.#limit) throw tooMany(5000);
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}

/** The last entry touched stays longest; the size is bounded whatever strangers send. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_BUCKETS) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}

/** Whoever has one IPv6 address has the /64 around it. */
export function network(ip: string): string {
  const plain = ip.replace(/^::ffff:(?=\d+\.)/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.replace(/%.*$/, '').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined
      ? left
      : [...left, ...Array(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

function tooMany(ms: number): CodedError {
  return new CodedError('TOO_MANY_REQUESTS', { seconds: Math.ceil(ms / 1000) });
}
