/** SHA-256 (FIPS 180-4), for the fingerprints of public keys: facts import no program's library. Pure. */

const K: readonly number[] = constants(64, 1 / 3);
const INITIAL: readonly number[] = constants(8, 1 / 2);

/** The first 32 bits of the fractional parts of the roots of the first `count` primes: FIPS 180-4, 4.2.2 and 5.3.3. */
function constants(count: number, power: number): readonly number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n += 1) if (primes.every((p) => n % p !== 0)) primes.push(n);
  return primes.map((p) => {
    const root = p ** power;
    return ((root - Math.floor(root)) * 2 ** 32) | 0;
  });
}

const rotate = (x: number, by: number): number => (x >>> by) | (x << (32 - by));

export function sha256(data: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((data.length + 9) / 64) * 64);
  padded.set(data);
  padded[data.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(data.length / 2 ** 29));
  view.setUint32(padded.length - 4, data.length << 3);
  const state = Int32Array.from(INITIAL);
  const w = new Int32Array(64);
  for (let block = 0; block < padded.length; block += 64) mix(state, w, view, block);
  const out = new Uint8Array(32);
  for (const [index, word] of state.entries()) new DataView(out.buffer).setInt32(index * 4, word);
  return out;
}

function mix(state: Int32Array, w: Int32Array, view: DataView, block: number): void {
  for (let t = 0; t < 16; t += 1) w[t] = view.getInt32(block + t * 4);
  for (let t = 16; t < 64; t += 1) {
    const a = w[t - 15] ?? 0;
    const b = w[t - 2] ?? 0;
    const small = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
    const large = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
    w[t] = ((w[t - 16] ?? 0) + small + (w[t - 7] ?? 0) + large) | 0;
  }
  let a = state[0] ?? 0;
  let b = state[1] ?? 0;
  let c = state[2] ?? 0;
  let d = state[3] ?? 0;
  let e = state[4] ?? 0;
  let f = state[5] ?? 0;
  let g = state[6] ?? 0;
  let h = state[7] ?? 0;
  for (let t = 0; t < 64; t += 1) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = (h + sum1 + ((e & f) ^ (~e & g)) + (K[t] ?? 0) + (w[t] ?? 0)) | 0;
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const second = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  const add = (index: number, value: number): void => {
    state[index] = ((state[index] ?? 0) + value) | 0;
  };
  add(0, a);
  add(1, b);
  add(2, c);
  add(3, d);
  add(4, e);
  add(5, f);
  add(6, g);
  add(7, h);
}
