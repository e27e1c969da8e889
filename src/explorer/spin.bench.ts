/**
 * The same small models in SPIN and here, each from nothing to the verdict: for SPIN generating, compiling and running the verifier, for us the start of
 * Node and the search. The models are the store buffer toys; states must be as many. Where SPIN or a C compiler is missing, that is said, and nothing else.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Search } from './search.ts'
import { ADD, JNZ, LOAD, RIVALS, STORE, storeBufferToy, type ToyInstruction } from './store-buffer-toy.ts'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly note?: string
}

const ROUNDS = 3

export function bench(): Row[] {
  try {
    execFileSync('spin', ['-V'], { stdio: 'pipe' })
    execFileSync('gcc', ['--version'], { stdio: 'pipe' })
  } catch {
    return [{ name: 'SPIN', value: Number.NaN, unit: 's', note: 'not measured: spin or gcc is not installed' }]
  }
  return [1, 2, 3].flatMap((cpus) => {
    const spin = times(() => bySpin(RIVALS.slice(0, cpus)))
    const here = times(() => byUs(cpus))
    if (spin.states !== here.states) throw new Error(`${cpus} CPUs: ${spin.states} states in SPIN, ${here.states} here`)
    const name = `store buffer toy, ${cpus} CPU${cpus === 1 ? '' : 's'}`
    return [
      { name: `${name}: SPIN, generate, compile and run`, value: spin.seconds, unit: 's', note: `${spin.states} states` },
      { name: `${name}: here, start and search`, value: here.seconds, unit: 's', note: `${here.states} states` },
    ]
  })
}

/** The median time of some rounds. */
function times(round: () => number): { readonly seconds: number; readonly states: number } {
  let states = 0
  const all = Array.from({ length: ROUNDS }, () => {
    const begun = performance.now()
    states = round()
    return (performance.now() - begun) / 1000
  })
  return { seconds: all.toSorted((a, b) => a - b)[ROUNDS >> 1] as number, states }
}

function byUs(cpus: number): number {
  const script = `import(${JSON.stringify(import.meta.url)}).then(({ searchToy }) => console.log(searchToy(${cpus})))`
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }))
}

/** In a process of its own: answers the number of states. */
export function searchToy(cpus: number): number {
  const search = new Search(storeBufferToy(RIVALS.slice(0, cpus)), { maxStates: 2 ** 30, maxBytes: 2 ** 32, stuck: false })
  while (search.run(1e6) === 'running');
  return search.result().states
}

function bySpin(programs: readonly (readonly ToyInstruction[])[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'pokescope-spin-'))
  try {
    writeFileSync(join(folder, 'toy.pml'), promela(programs))
    const run = (file: string, args: string[]) => execFileSync(file, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
    run('spin', ['-a', '-o1', '-o2', 'toy.pml'])
    run('gcc', ['-O2', '-DSAFETY', '-DNOREDUCE', '-o', 'pan', 'pan.c'])
    const said = run('./pan', ['-m1000000', '-w24'])
    if (!said.includes('errors: 0')) throw new Error(said)
    return Number(/(\d+) states, stored/.exec(said)?.[1])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The toy in SPIN's language: a process a CPU, one option for each instruction and one for its store buffer. */
function promela(programs: readonly (readonly ToyInstruction[])[]): string {
  const processes = programs.map((program, cpu) => {
    const options = program.map((instruction, at) => `:: d_step { ${optionOf(instruction, at, cpu)} }`)
    const at = (i: number) => 4 * cpu + i
    const shift = [0, 1, 2].map((i) => `adr[${at(i)}] = adr[${at(i + 1)}]; val[${at(i)}] = val[${at(i + 1)}];`).join(' ')
    const drain = `cnt[${cpu}] > 0 -> mem[adr[${at(0)}]] = val[${at(0)}]; ${shift} adr[${at(3)}] = 0; val[${at(3)}] = 0; cnt[${cpu}] = cnt[${cpu}] - 1`
    return `active proctype cpu${cpu}() {\nend: do\n${options.join('\n')}\n:: d_step { ${drain} }\nod\n}`
  })
  const count = programs.length
  return `byte mem[8];\nbyte pc[${count}];\nbyte cnt[${count}];\nbyte reg[${4 * count}];\nbyte adr[${4 * count}];\nbyte val[${4 * count}];\n${processes.join('\n')}\n`
}

function optionOf([operation, a, b]: ToyInstruction, at: number, cpu: number): string {
  const here = `pc[${cpu}] == ${at}`
  const next = `pc[${cpu}] = ${at + 1}`
  const reg = (i: number) => `reg[${4 * cpu + i}]`
  switch (operation) {
    case ADD:
      return `${here} -> ${reg(a)} = (${reg(a)} + ${b}) & 255; ${next}`
    case STORE:
      return `${here} && cnt[${cpu}] < 4 -> adr[${4 * cpu} + cnt[${cpu}]] = ${a}; val[${4 * cpu} + cnt[${cpu}]] = ${reg(b)}; cnt[${cpu}] = cnt[${cpu}] + 1; ${next}`
    case LOAD: {
      const forwarded = [0, 1, 2, 3].reduce(
        (rest, i) => `(cnt[${cpu}] > ${i} && adr[${4 * cpu + i}] == ${b} -> val[${4 * cpu + i}] : ${rest})`,
        `mem[${b}]`,
      )
      return `${here} -> ${reg(a)} = ${forwarded}; ${next}`
    }
    case JNZ:
      return `${here} -> pc[${cpu}] = (${reg(a)} != 0 -> ${b} : ${at + 1})`
    default:
      throw new Error(`the toy has no operation ${operation}`)
  }
}
