/** `npm run ring0`: frames, IRET, shadows and NMIs in a second opinion (an emulator that boots our test image), case by case beside our own machine. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDecode } from '../../decoder/decode.ts'
import { loadIcedNode } from '../../decoder/iced-node.ts'
import { CASES_OF, type Ring0Case } from './cases.ts'
import { REPORTED, STACK_WORDS } from './driver.ts'
import { buildImage } from './image.ts'
import { type Report, runOurs } from './ours.ts'
import type { Bits } from './places.ts'

const EMULATOR = 'qemu-system-x86_64'
const FLAG_RF = 0x1_0000n

export function main(): number {
  const version = spawnSync(EMULATOR, ['--version'], { encoding: 'utf8' })
  if (version.status !== 0) {
    process.stdout.write(`ring0: skipped, there is no ${EMULATOR} here\n`)
    return 0
  }
  process.stdout.write(`${version.stdout.split('\n')[0]}\n`)
  loadIcedNode()
  const decode = createDecode()
  let wrong = 0
  for (const bits of [64, 32] as const) {
    const cases = CASES_OF[bits]
    const theirs = boot(bits, cases)
    const known = new Map<string, number>()
    let same = 0
    for (const [i, given] of cases.entries()) {
      const [ours, other] = [runOurs(given, i, decode), theirs[i] ?? 'no report']
      const differences = compare(ours, other)
      const unexpected = differences.filter(({ field }) => given.differs?.fields.includes(field) !== true)
      if (unexpected.length > 0) {
        wrong++
        process.stdout.write(
          `${bits}-bit, ${given.name}: ${unexpected.map(({ field, ours, theirs }) => `${field}: ours ${ours}, theirs ${theirs}`).join('; ')}\n`,
        )
      } else if (differences.length > 0) known.set(given.differs?.why ?? '', (known.get(given.differs?.why ?? '') ?? 0) + 1)
      else same++
    }
    process.stdout.write(`${bits}-bit: ${same} of ${cases.length} cases the same\n`)
    for (const [why, count] of known) process.stdout.write(`  ${count} differ as known: ${why}\n`)
  }
  process.stdout.write(wrong === 0 ? 'ring0: no unexplained difference\n' : `ring0: ${wrong} unexplained differences\n`)
  return wrong === 0 ? 0 : 1
}

/** Boots the image and reads its reports, one line a case. Single instructions to a translation block: interrupts come between any two. */
function boot(bits: Bits, cases: readonly Ring0Case[]): Report[] {
  const folder = mkdtempSync(join(tmpdir(), 'ring0-'))
  try {
    const image = join(folder, 'image')
    writeFileSync(image, buildImage(bits, cases))
    const options = ['-accel', 'tcg', '-singlestep', '-cpu', 'max', '-m', '64', '-nodefaults', '-display', 'none', '-no-reboot']
    const devices = ['-debugcon', 'stdio', '-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04', '-kernel', image]
    const { stdout } = spawnSync(EMULATOR, [...options, ...devices], { encoding: 'latin1', timeout: 60_000 })
    return stdout
      .split('\n')
      .filter((line) => line.includes(' '))
      .map((line) => read(line, bits))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function read(line: string, _bits: Bits): Report {
  const [vector = 0n, sp = 0n, flags = 0n, cs = 0n, ss = 0n, cr2 = 0n, ...words] = line
    .trim()
    .split(' ')
    .map((word) => BigInt(`0x${word}`))
  return { vector: Number(vector), sp, flags, cs, ss, cr2, words: words.slice(0, STACK_WORDS) }
}

interface Difference {
  readonly field: string
  readonly ours: string
  readonly theirs: string
}

function compare(ours: Report | string, theirs: Report | string): Difference[] {
  if (typeof ours === 'string' || typeof theirs === 'string') {
    return ours === theirs ? [] : [{ field: 'event', ours: text(ours), theirs: text(theirs) }]
  }
  const found: Difference[] = []
  const note = (field: string, a: bigint | number, b: bigint | number) => {
    if (a !== b) found.push({ field, ours: `0x${a.toString(16)}`, theirs: `0x${b.toString(16)}` })
  }
  for (const field of REPORTED) if (field !== 'cr2' || ours.vector === 14) note(field, ours[field], theirs[field])
  for (let i = 0; i < STACK_WORDS; i++) {
    const [a, b] = [ours.words[i] ?? 0n, theirs.words[i] ?? 0n]
    if ((a ^ b) === FLAG_RF) note('pushed RF', a & FLAG_RF, b & FLAG_RF)
    else note('frame', a, b)
  }
  return found
}

function text(report: Report | string): string {
  return typeof report === 'string' ? report : `vector ${report.vector}`
}
