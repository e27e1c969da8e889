/**
 * Interchangeable agents. Two CPUs that run the same code may be exchanged, if everything that tells them apart is exchanged with them: their stacks,
 * the words that shared memory holds for each. What that is, nobody has to say, and no word has to be understood: states are tuples of numbered
 * components, and an exchange is a table from numbers to numbers, learnt while the search goes on.
 *
 * It begins with the claim that the initial state is its own image, so agent 1's first component becomes agent 2's. Whatever agent a can do with the
 * components (own, shared), the exchanged agent is then asked to do with their images. The outcomes must agree one by one in cost and violations, and what
 * they lead to are images of each other. Where an image would have to be two different things, or where outcomes differ, the claim is false: the
 * search begins again without it. Where the search ends, every transition of every state and of all its images was compared, which is a proof (docs/search.md).
 *
 * For three and more agents there is a table for each of their permutations; they are held to be a group, product by product.
 */
import { COST, HEADER, LENGTH, OUTCOME, OWN_AFTER, SHARED_AFTER, VIOLATIONS, WHO } from './memo.ts'
import type { Memory } from './memory.ts'

/** All permutations of four agents. */
const MOST_ELEMENTS = 24
const FIRST_WORDS = 256

export class Symmetry {
  /** How many permutations there are; number 0 changes nothing. */
  readonly order: number
  /** By element: where each place goes (the shared component stays). */
  readonly places: readonly (readonly number[])[]
  readonly inverse: readonly number[]
  private readonly product: readonly (readonly number[])[]
  /** The claim is false. */
  broken = false
  /** Of the last tuple that was settled: the element that was applied, and how many states its orbit has. */
  turn = 0
  size = 1
  private readonly width: number
  private readonly memory: Memory
  /** By element and place: for each component there, the number of its image + 1; 0 where it is not known yet. */
  private readonly images: Int32Array[][]
  /** By element and place: from which place its image takes what lies there. */
  private readonly sources: readonly Int32Array[]
  private readonly scratch: Int32Array
  private readonly least: Int32Array

  /** Null where no agents of equal width are said to be interchangeable. */
  static of(classes: readonly (readonly number[])[], widths: readonly number[], memory: Memory): Symmetry | null {
    const places = permutations(classes, widths)
    return places.length === 1 ? null : new Symmetry(places, widths.length, memory)
  }

  private constructor(places: readonly (readonly number[])[], width: number, memory: Memory) {
    const numberOf = (wanted: readonly number[]) => places.findIndex((each) => each.every((to, place) => to === wanted[place]))
    this.places = places
    this.order = places.length
    this.width = width
    this.memory = memory
    this.product = places.map((g) => places.map((h) => numberOf(h.map((to) => g[to] as number))))
    this.inverse = this.product.map((row) => row.indexOf(0))
    this.images = places.map(() => Array.from({ length: width }, () => memory.insist(FIRST_WORDS)))
    this.sources = this.inverse.map((back) => Int32Array.from(places[back] as readonly number[]))
    this.scratch = new Int32Array(width)
    this.least = new Int32Array(width)
  }

  dispose(): void {
    for (const byPlace of this.images) for (const table of byPlace) this.memory.free(table)
  }

  /** The image of component `index` at `place`; −1 where it is not known. */
  image(element: number, place: number, index: number): number {
    if (element === 0) return index
    const tables = this.images[element] as Int32Array[]
    return ((tables[place] as Int32Array)[index] ?? 0) - 1
  }

  /** The initial state is its own image. False where memory refuses it. */
  begin(tuple: Int32Array): boolean {
    for (let g = 1; g < this.order; g++) {
      for (let place = 0; place < this.width; place++) {
        if (!this.pair(g, place, tuple[place] as number, tuple[this.to(g, place)] as number)) return false
      }
    }
    return true
  }

  /**
   * `lists[h]`: the outcomes (a list of the memo) that the image of `agent` under h has with the images of its components. False where the claim is broken,
   * or memory refuses to note what was learnt.
   */
  admits(agent: number, lists: readonly Int32Array[]): boolean {
    const shared = this.width - 1
    const [first] = lists as [Int32Array]
    for (const list of lists) {
      if (list[LENGTH] !== first[LENGTH] || ((list[WHO] as number) & 1) !== ((first[WHO] as number) & 1)) return this.break()
      for (let at = HEADER; at < first.length; at += OUTCOME) {
        if (list[at + COST] !== first[at + COST] || list[at + VIOLATIONS] !== first[at + VIOLATIONS]) return this.break()
      }
    }
    for (let h = 0; h < this.order; h++) {
      const from = lists[h] as Int32Array
      const place = this.to(h, agent)
      for (let g = 1; g < this.order; g++) {
        const to = lists[this.times(g, h)] as Int32Array
        for (let at = HEADER; at < first.length; at += OUTCOME) {
          if (!this.pair(g, place, from[at + OWN_AFTER] as number, to[at + OWN_AFTER] as number)) return false
          if (!this.pair(g, shared, from[at + SHARED_AFTER] as number, to[at + SHARED_AFTER] as number)) return false
        }
      }
    }
    return true
  }

  /** Replaces a tuple by the least of its images: the one that stands for all. Sets `turn` and `size`. */
  settle(tuple: Int32Array): void {
    const { width, least } = this
    let best = 0
    let equal = 1
    for (let place = 0; place < width; place++) least[place] = tuple[place] as number
    for (let h = 1; h < this.order; h++) {
      const images = this.images[h] as Int32Array[]
      const sources = this.sources[h] as Int32Array
      let order = 0
      let place = 0
      for (; place < width && order === 0; place++) {
        const from = sources[place] as number
        const table = images[from] as Int32Array
        order = (table[tuple[from] as number] as number) - 1 - (least[place] as number)
      }
      if (order === 0) equal++
      else if (order < 0) {
        best = h
        equal = 1
        for (place--; place < width; place++) {
          const from = sources[place] as number
          const table = images[from] as Int32Array
          least[place] = (table[tuple[from] as number] as number) - 1
        }
      }
    }
    this.turn = best
    this.size = this.order / equal
    if (best !== 0) for (let place = 0; place < width; place++) tuple[place] = least[place] as number
  }

  /** Writes the image of a tuple. */
  apply(element: number, tuple: Int32Array, into: Int32Array): void {
    for (let place = 0; place < this.width; place++) into[place] = this.at(element, place, tuple)
  }

  /** For each state of the orbit of this tuple, the first element that leads to it. */
  members(tuple: Int32Array): number[] {
    const found = new Set<string>()
    return this.places.flatMap((_, h) => {
      this.apply(h, tuple, this.scratch)
      const text = this.scratch.join()
      if (found.has(text)) return []
      found.add(text)
      return [h]
    })
  }

  /** First h, then g. */
  times(g: number, h: number): number {
    const row = this.product[g] as readonly number[]
    return row[h] as number
  }

  /** Where a place goes. */
  to(element: number, place: number): number {
    return this.places[element]?.[place] as number
  }

  /** What lies at `place` of the image of a tuple. */
  private at(element: number, place: number, tuple: Int32Array): number {
    const from = this.to(this.inverse[element] as number, place)
    return this.image(element, from, tuple[from] as number)
  }

  private pair(element: number, place: number, index: number, image: number): boolean {
    const tables = this.images[element] as Int32Array[]
    let table = tables[place] as Int32Array
    if (index >= table.length) {
      const larger = this.memory.grow(table, index + 1)
      if (larger === null) return false
      tables[place] = table = larger
    }
    if (table[index] === 0) table[index] = image + 1
    return table[index] === image + 1 || this.break()
  }

  private break(): false {
    this.broken = true
    return false
  }
}

/** All ways to permute agents within their classes, as far as their number stays small; the identity first. */
function permutations(classes: readonly (readonly number[])[], widths: readonly number[]): number[][] {
  let all = [widths.map((_, place) => place)]
  for (const agents of classes) {
    const [first] = agents
    const alike = agents.filter((agent) => widths[agent] === widths[first as number])
    const ways = orders(alike)
    if (ways.length * all.length > MOST_ELEMENTS) continue
    all = ways.flatMap((way) => all.map((places) => places.map((to, place) => (alike.includes(place) ? (way[alike.indexOf(place)] as number) : to))))
  }
  return all
}

function orders(agents: readonly number[]): number[][] {
  if (agents.length <= 1) return [[...agents]]
  return agents.flatMap((agent, i) => orders(agents.toSpliced(i, 1)).map((rest) => [agent, ...rest]))
}
