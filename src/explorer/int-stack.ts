/** A stack of words within the memory account. */
import type { Memory } from './memory.ts'

export class IntStack {
  words: Int32Array = new Int32Array(0)
  length = 0
  private readonly memory: Memory

  constructor(memory: Memory) {
    this.memory = memory
  }

  /** Room for that many more words; false where memory does not allow it. */
  reserve(more: number): boolean {
    if (this.length + more <= this.words.length) return true
    const larger = this.memory.grow(this.words, this.length + more)
    if (larger === null) return false
    this.words = larger
    return true
  }

  /** There must be room. */
  push(word: number): void {
    this.words[this.length++] = word
  }

  pop(): number {
    return this.words[--this.length] as number
  }

  dispose(): void {
    this.memory.free(this.words)
    this.words = new Int32Array(0)
    this.length = 0
  }
}
