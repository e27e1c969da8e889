/**
 * A digest of packed words: 64 bits as 16 hexadecimal digits, from two independent 32-bit lanes (multiply and rotate, constants of MurmurHash3). It tells a
 * reader of a link that the state is the very one that was shared; it is no defence against somebody who wants to deceive.
 */
export function digestOf(words: Int32Array): string {
  let a = 0x9747b28c
  let b = 0x5bd1e995 ^ words.length
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number
    let k = Math.imul(word, 0xcc9e2d51)
    k = (k << 15) | (k >>> 17)
    a ^= Math.imul(k, 0x1b873593)
    a = Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64
    let j = Math.imul(word ^ i, 0x85ebca6b)
    j = (j << 16) | (j >>> 16)
    b ^= Math.imul(j, 0xc2b2ae35)
    b = Math.imul((b << 17) | (b >>> 15), 9) + 0x38b34ae5
  }
  return finish(a) + finish(b ^ a)
}

function finish(lane: number): string {
  let h = lane ^ (lane >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  h ^= h >>> 16
  return (h >>> 0).toString(16).padStart(8, '0')
}
