/**
 * 32-bit hashes of words, for tables that compare whole afterwards: fast and well mixed, no defence against an adversary, and never the
 * last word on equality. All arithmetic is Math.imul, which every engine compiles to one machine multiplication.
 */

/** The finaliser of MurmurHash3 (Appleby, public domain): every input bit changes every output bit with probability about one half. */
export function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/**
 * Hash of `words[from … from + length)`. Four lanes, because one would wait for its own multiplication at every word; and a folding shift
 * after each, because multiplication carries differences only upwards: two changes of top bits would cancel out. (A rotation in its
 * place is not enough: a change of bit 31 then looks like a change of another bit four words on. The test finds that.)
 */
export function hashWords(words: Int32Array, from: number, length: number): number {
  let a = length | 0
  let b = 0x3c6ef372
  let c = 0x1b873593
  let d = 0x5bd1e995
  let i = from
  for (const end = from + length - 3; i < end; i += 4) {
    a = Math.imul(a ^ (words[i] as number), 0x9e3779b1)
    a ^= a >>> 15
    b = Math.imul(b ^ (words[i + 1] as number), 0x85ebca77)
    b ^= b >>> 15
    c = Math.imul(c ^ (words[i + 2] as number), 0xc2b2ae3d)
    c ^= c >>> 15
    d = Math.imul(d ^ (words[i + 3] as number), 0x27d4eb2f)
    d ^= d >>> 15
  }
  for (const end = from + length; i < end; i++) {
    a = Math.imul(a ^ (words[i] as number), 0x9e3779b1)
    a ^= a >>> 15
  }
  a = Math.imul(a ^ mix(b), 0x9e3779b1) ^ Math.imul(mix(c), 0x85ebca77)
  return mix(a + Math.imul(d, 0x165667b1))
}
