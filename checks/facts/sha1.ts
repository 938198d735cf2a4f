/** SHA-1 (FIPS 180-4), for nothing but the names of OpenPGP keys: RFC 4880, 12.2. It protects nothing here. Pure. */

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

export function sha1(data: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((data.length + 9) / 64) * 64);
  padded.set(data);
  padded[data.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(data.length / 2 ** 29));
  view.setUint32(padded.length - 4, data.length << 3);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const w = new Int32Array(80);
  for (let block = 0; block < padded.length; block += 64) mix(state, w, view, block);
  const out = new Uint8Array(20);
  for (const [index, word] of state.entries()) new DataView(out.buffer).setInt32(index * 4, word);
  return out;
}

function mix(state: Int32Array, w: Int32Array, view: DataView, block: number): void {
  for (let t = 0; t < 16; t += 1) w[t] = view.getInt32(block + t * 4);
  for (let t = 16; t < 80; t += 1)
    w[t] = rotate((w[t - 3] ?? 0) ^ (w[t - 8] ?? 0) ^ (w[t - 14] ?? 0) ^ (w[t - 16] ?? 0), 1);
  let a = state[0] ?? 0;
  let b = state[1] ?? 0;
  let c = state[2] ?? 0;
  let d = state[3] ?? 0;
  let e = state[4] ?? 0;
  for (let t = 0; t < 80; t += 1) {
    const next = (rotate(a, 5) + logic(t, b, c, d) + e + (K[Math.floor(t / 20)] ?? 0) + (w[t] ?? 0)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  const add = (index: number, value: number): void => {
    state[index] = ((state[index] ?? 0) + value) | 0;
  };
  add(0, a);
  add(1, b);
  add(2, c);
  add(3, d);
  add(4, e);
}

/** FIPS 180-4, 4.2.1 and 4.1.1: one constant and one function for each twenty steps. */
const K: readonly number[] = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];

function logic(t: number, b: number, c: number, d: number): number {
  if (t < 20) return (b & c) | (~b & d);
  if (t >= 40 && t < 60) return (b & c) | (b & d) | (c & d);
  return b ^ c ^ d;
}
