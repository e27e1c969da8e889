/** Builds native/silicon.c, where this machine can, and runs cases through it. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { type Case, CODE_BYTES, PAGE, TABLE_BYTES } from './case.ts'

/** Bytes of struct test_case and struct result in native/silicon.c. */
const CASE_BYTES = 240
const RESULT_BYTES = 168
const NO_PATCH = 0xffff_ffff

/** What the processor made of a case. */
export interface Outcome {
  readonly vector: number
  readonly errorCode: number
  readonly cr2: bigint
  readonly registers: BigUint64Array
  readonly rip: bigint
  readonly flags: number
  readonly changes: readonly { readonly offset: number; readonly value: number }[]
}

export interface Harness {
  /** Features of the processor, as Linux names them. */
  readonly features: ReadonlySet<string>
  /** The outcomes, in order. `table` is where initial memory is cut from; `program` lies in the code page under the cases' own bytes. */
  run(table: Uint8Array, cases: readonly Case[], program?: Uint8Array): Outcome[]
}

/** The harness, or why there is none. `root` is the project's folder. */
export function openHarness(root: string): Harness | string {
  if (process.platform !== 'linux' || process.arch !== 'x64') return `needs x86-64 Linux, this is ${process.arch} ${process.platform}`
  const source = join(root, 'native/silicon.c')
  const digest = createHash('sha1').update(readFileSync(source)).digest('hex').slice(0, 16)
  const folder = join(root, 'node_modules/.cache/pokescope')
  const binary = join(folder, `silicon-${digest}`)
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true })
    // Several test runs may start together: each builds under a name of its own.
    const draft = `${binary}.${process.pid}`
    const built = spawnSync('gcc', ['-O2', '-o', draft, source], { encoding: 'utf8' })
    if (built.error !== undefined) return 'needs gcc'
    if (built.status !== 0) return `gcc failed: ${built.stderr.split('\n')[0]}`
    renameSync(draft, binary)
  }
  const run = (table: Uint8Array, cases: readonly Case[], program: Uint8Array = new Uint8Array()) => {
    const result = spawnSync(binary, { input: encodeAll(table, program, cases), maxBuffer: 1 << 30 })
    if (result.status !== 0) throw new Error(`silicon harness: ${result.stderr?.toString().trim() || result.signal || result.error?.message}`)
    return decodeAll(result.stdout, cases.length)
  }
  try {
    run(new Uint8Array(TABLE_BYTES), [])
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? ''
  return { features: new Set(flags.trim().split(' ')), run }
}

const INT3 = 0xcc

function encodeAll(table: Uint8Array, program: Uint8Array, cases: readonly Case[]): Buffer {
  const head = TABLE_BYTES + PAGE
  const bytes = Buffer.alloc(head + cases.length * CASE_BYTES)
  bytes.set(table)
  bytes.fill(INT3, TABLE_BYTES, head)
  bytes.set(program, TABLE_BYTES)
  cases.forEach((given, i) => {
    encode(given, bytes.subarray(head + i * CASE_BYTES))
  })
  return bytes
}

function encode(given: Case, into: Buffer): void {
  into.writeUInt32LE(given.bits, 0)
  into.writeUInt32LE(given.codeOffset, 4)
  into.writeUInt32LE(given.code.length, 8)
  into.writeUInt32LE(given.tableOffset, 12)
  into.set(given.code, 16)
  const patches = 16 + CODE_BYTES
  for (let i = 0; i < 2; i++) {
    into.writeUInt32LE(given.patches[i]?.offset ?? NO_PATCH, patches + 4 * i)
    into.writeBigUInt64LE(given.patches[i]?.value ?? 0n, patches + 8 + 8 * i)
  }
  const registers = patches + 24
  given.registers.forEach((value, i) => {
    into.writeBigUInt64LE(value, registers + 8 * i)
  })
  into.writeBigUInt64LE(BigInt(given.flags), registers + 128)
}

function decodeAll(bytes: Buffer, count: number): Outcome[] {
  const outcomes: Outcome[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    const changed = bytes.readUInt32LE(at + 160)
    const registers = new BigUint64Array(16)
    for (let r = 0; r < 16; r++) registers[r] = bytes.readBigUInt64LE(at + 16 + 8 * r)
    outcomes.push({
      vector: bytes.readUInt32LE(at),
      errorCode: bytes.readUInt32LE(at + 4),
      cr2: bytes.readBigUInt64LE(at + 8),
      registers,
      rip: bytes.readBigUInt64LE(at + 144),
      flags: Number(bytes.readBigUInt64LE(at + 152)),
      changes: Array.from({ length: changed }, (_, k) => ({
        offset: bytes.readUInt16LE(at + RESULT_BYTES + 4 * k),
        value: bytes[at + RESULT_BYTES + 4 * k + 2] as number,
      })),
    })
    at += RESULT_BYTES + 4 * changed
  }
  return outcomes
}
