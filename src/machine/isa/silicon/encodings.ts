/**
 * Every user-level encoding that the machine supports, as raw opcodes, so that the comparison with silicon trusts no assembler and
 * reaches encodings that none emits. Source: SDM vol. 2 appendix A (opcode maps).
 *
 * A line: opcode bytes (a mandatory 66, F2 or F3 first, where there is one; or vexMAP.PP, numbered as the prefix does), `+r` for a register in the opcode, `/r` or `/digit` for a ModRM byte, an
 * immediate (ib iw iz iv, o for a moffs address, short near for a branch), and words:
 *   byte        8-bit registers in ModRM      lock       takes LOCK with a memory destination
 *   mem, reg    only that kind of r/m         only32, only64
 *   bmi1 bmi2 adx sse4_2 movbe abm popcnt   a feature of the processor
 *   no66        undefined with that prefix, or vendors differ
 *   plain       neither 66 nor REX, which would make it another instruction
 *   undefined   raises #UD
 *   anything else names how cases prepare its registers (case-maker.ts)
 */
export interface Encoding {
  readonly text: string
  readonly opcode: readonly number[]
  /** A VEX prefix: the opcode map and the implied prefix. */
  readonly vex: { readonly map: number; readonly prefix: number } | null
  readonly plusRegister: boolean
  /** The reg field of ModRM: a digit, 'r' for any register, or null without ModRM. */
  readonly modrm: number | 'r' | null
  readonly immediate: 'ib' | 'iw' | 'iz' | 'iv' | 'o' | 'short' | 'near' | null
  readonly second: 'ib' | null
  readonly words: ReadonlySet<string>
}

const ARITHMETIC = Array.from({ length: 8 }, (_, i) => {
  const lock = i === 7 ? '' : 'lock'
  const at = (offset: number) => (8 * i + offset).toString(16).padStart(2, '0')
  return [
    `${at(0)} /r byte ${lock}`,
    `${at(1)} /r ${lock}`,
    `${at(2)} /r byte`,
    `${at(3)} /r`,
    `${at(4)} ib`,
    `${at(5)} iz`,
    `80 /${i} ib byte ${lock}`,
    `81 /${i} iz ${lock}`,
    `82 /${i} ib byte only32 ${lock}`,
    `83 /${i} ib ${lock}`,
  ]
}).flat()

const SHIFTS = Array.from({ length: 8 }, (_, i) => [
  `c0 /${i} ib byte`,
  `c1 /${i} ib`,
  `d0 /${i} byte`,
  `d1 /${i}`,
  `d2 /${i} byte count`,
  `d3 /${i} count`,
]).flat()

const CONDITIONAL = Array.from({ length: 16 }, (_, i) => {
  const digit = i.toString(16)
  return [`7${digit} short`, `0f 8${digit} near`, `0f 4${digit} /r`, `0f 9${digit} /0 byte`]
}).flat()

const REST = `
84 /r byte; 85 /r; a8 ib; a9 iz; f6 /0 ib byte; f6 /1 ib byte; f7 /0 iz; f7 /1 iz
86 /r byte lock; 87 /r lock; 90 +r
88 /r byte; 89 /r; 8a /r byte; 8b /r; c6 /0 ib byte; c7 /0 iz; b0 +r ib byte; b8 +r iv; a0 o byte; a1 o; a2 o byte; a3 o
8d /r mem; 63 /r only64 no66; 0f b6 /r byte; 0f b7 /r; 0f be /r byte; 0f bf /r; 98; 99
0f c8 +r no66; 0f 38 f0 /r mem movbe; 0f 38 f1 /r mem movbe; d7 table
fe /0 byte lock; fe /1 byte lock; ff /0 lock; ff /1 lock; 40 +r only32; 48 +r only32
f6 /2 byte lock; f6 /3 byte lock; f7 /2 lock; f7 /3 lock
f6 /4 byte; f6 /5 byte; f7 /4; f7 /5; f6 /6 byte divide; f6 /7 byte divide; f7 /6 divide; f7 /7 divide
0f af /r; 69 /r iz; 6b /r ib
0f a4 /r ib double; 0f a5 /r count double; 0f ac /r ib double; 0f ad /r count double
0f a3 /r bit; 0f ab /r bit lock; 0f b3 /r bit lock; 0f bb /r bit lock
0f ba /4 ib; 0f ba /5 ib lock; 0f ba /6 ib lock; 0f ba /7 ib lock
0f bc /r; 0f bd /r; f3 0f bc /r bmi1; f3 0f bd /r abm; f3 0f b8 /r popcnt
0f b0 /r byte lock compare; 0f b1 /r lock compare; 0f c0 /r byte lock; 0f c1 /r lock; 0f c7 /1 mem lock pair
50 +r; 58 +r; 68 iz; 6a ib; ff /6; 8f /0; 60 only32; 61 only32; c8 iw ib frame; c9 frame; 9c; 9d flags
0f a0; 0f a8; 06 only32; 0e only32; 16 only32; 1e only32
e8 near; e9 near; eb short; e0 short counter; e1 short counter; e2 short counter; e3 short counter
ff /2 target; ff /4 target; c3 return; c2 iw return
a4 string; a5 string; a6 string; a7 string; aa string; ab string; ac string; ad string; ae string; af string
9e; 9f; f5; f8; f9; fc; fd; d6 only32
27 only32; 2f only32; 37 only32; 3f only32; d4 ib only32; d5 ib only32; 62 /r mem only32
90; f3 90 plain; 0f 1f /0; f3 0f 1e fa; f3 0f 1e fb; 0f 0d /0 mem; 0f 0d /1 mem; 0f 18 /0 mem; 0f 18 /1 mem; 0f 18 /2 mem; 0f 18 /3 mem
0f ae e8 plain; 0f ae f0 plain; 0f ae f8 plain; ce only32; 0f 0b; 0f b9 /r undefined; 0f ff /r undefined; f4; fa; fb; 0f 30; 0f 32; 0f 01 f8 only64; 0f 06; 0f 08; 0f 09
vex2.0 f2 /r bmi1; vex2.0 f7 /r bmi1; vex2.0 f3 /1 bmi1; vex2.0 f3 /2 bmi1; vex2.0 f3 /3 bmi1
vex2.0 f5 /r bmi2; vex2.3 f5 /r bmi2; vex2.2 f5 /r bmi2; vex2.3 f6 /r bmi2; vex3.3 f0 /r ib bmi2
vex2.1 f7 /r bmi2; vex2.2 f7 /r bmi2; vex2.3 f7 /r bmi2
66 0f 38 f6 /r adx; f3 0f 38 f6 /r adx; f2 0f 38 f0 /r byte sse4_2; f2 0f 38 f1 /r sse4_2
06 only64 undefined; 0e only64 undefined; 16 only64 undefined; 1e only64 undefined; 27 only64 undefined; 2f only64 undefined; 37 only64 undefined; 3f only64 undefined; 60 only64 undefined; 61 only64 undefined; 82 /0 ib byte only64 undefined; ce only64 undefined; d4 ib only64 undefined; d5 ib only64 undefined; d6 only64 undefined;c6 /1 ib byte undefined; c7 /3 iz undefined; fe /2 byte undefined; fe /7 byte undefined; ff /7 undefined; 8d /r reg undefined; 0f ba /0 ib undefined; 0f c7 /1 reg undefined
`

function parse(text: string): Encoding {
  const words = text.trim().split(/\s+/)
  const vex = /^vex(\d)\.(\d)$/.exec(words[0] ?? '')
  if (vex !== null) words.shift()
  const opcode: number[] = []
  while (words[0] !== undefined && /^[0-9a-f]{2}$/.test(words[0])) {
    opcode.push(Number.parseInt(words.shift() as string, 16))
  }
  const take = <T extends string>(pattern: RegExp): T | null => {
    const index = words.findIndex((word) => pattern.test(word))
    return index < 0 ? null : (words.splice(index, 1)[0] as T)
  }
  const plusRegister = take(/^\+r$/) !== null
  const modrm = take(/^\/(r|[0-7])$/)
  const immediate = take<NonNullable<Encoding['immediate']>>(/^(ib|iw|iz|iv|o|short|near)$/)
  const second = take<'ib'>(/^ib$/)
  const field = modrm === null ? null : modrm === '/r' ? 'r' : Number(modrm[1])
  return {
    text: text.trim(),
    opcode,
    vex: vex === null ? null : { map: Number(vex[1]), prefix: Number(vex[2]) },
    plusRegister,
    modrm: field,
    immediate,
    second,
    words: new Set(words),
  }
}

const LINES = [...ARITHMETIC, ...SHIFTS, ...CONDITIONAL, ...REST.split(/[;\n]/)].filter((line) => line.trim() !== '')

export const ENCODINGS: readonly Encoding[] = LINES.map(parse)

const FEATURES = ['bmi1', 'bmi2', 'adx', 'sse4_2', 'movbe', 'abm', 'popcnt']

/** Does a processor with these features have it? */
export function isAvailable({ words }: Encoding, features: ReadonlySet<string>): boolean {
  return FEATURES.every((feature) => !words.has(feature) || features.has(feature))
}
