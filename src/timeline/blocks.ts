/**
 * A run as blocks: steps that one CPU takes in a row. Drawn with a width that grows with the logarithm of their number, so that a long block leaves room for short ones.
 *
 *     CPU 0  ▐███12███▌          ▐█3█▌
 *     CPU 1             ▐█2█▌
 */
export interface Block {
  readonly cpu: number
  /** Steps of the run, from 0; `to` is exclusive. */
  readonly from: number
  readonly to: number
}

export interface DrawnBlock extends Block {
  /** Pixels. */
  readonly x: number
  readonly width: number
}

/** `cut`: a step at which a block is cut in two. */
export function blocksOf(movers: ArrayLike<number>, cut: number): Block[] {
  const blocks: Block[] = []
  for (let from = 0; from < movers.length; ) {
    const cpu = movers[from] as number
    let to = from + 1
    while (to < movers.length && movers[to] === cpu && to !== cut) to++
    blocks.push({ cpu, from, to })
    from = to
  }
  return blocks
}

/** `room`: pixels that are there to be filled; where the blocks need more they take it. */
export function drawBlocks(blocks: readonly Block[], room: number): readonly DrawnBlock[] {
  const widths = blocks.map(({ from, to }) => 14 + 6 * Math.log2(to - from))
  const stretch = Math.max(1, room / widths.reduce((sum, width) => sum + width, 0))
  let x = 0
  return blocks.map((block, i) => {
    const width = Math.floor((widths[i] as number) * stretch)
    const drawn = { ...block, x, width }
    x += width
    return drawn
  })
}

/** The step at a place of the picture; within `snap` pixels of the edge of a block it is that edge. */
export function stepAt(blocks: readonly DrawnBlock[], x: number, snap: number): number {
  const block = blocks.find((each) => x < each.x + each.width) ?? blocks.at(-1)
  if (block === undefined || x <= block.x + snap) return block?.from ?? 0
  if (x >= block.x + block.width - snap) return block.to
  return block.from + Math.round(((x - block.x) / block.width) * (block.to - block.from))
}

/** The inverse: where a step begins. */
export function placeOf(blocks: readonly DrawnBlock[], step: number): number {
  const block = blocks.find((each) => step < each.to) ?? blocks.at(-1)
  if (block === undefined) return 0
  return block.x + (block.width * (Math.min(Math.max(step, block.from), block.to) - block.from)) / (block.to - block.from)
}

/** The next place to which a block can go, by edges of blocks or step by step; never into itself. */
export function nextPlace(blocks: readonly Block[], moving: Block, at: number, by: 1 | -1, single: boolean): number {
  // At either of its own edges it is where it was.
  const start = at < moving.from || at > moving.to ? at : by > 0 ? moving.to : moving.from
  const edges = single ? [start + by] : [blocks[0]?.from ?? 0, ...blocks.map(({ to }) => to)].filter((edge) => (by > 0 ? edge > start : edge < start))
  const next = by > 0 ? Math.min(...edges) : Math.max(...edges)
  if (!Number.isFinite(next) || next < (blocks[0]?.from ?? 0) || next > (blocks.at(-1)?.to ?? 0)) return at
  return next
}
