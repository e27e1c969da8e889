/** What a second thread is worth: for one search shared among threads, and for a table of searches that know nothing of each other. Whole commands, start included. */
import { spawnSync } from 'node:child_process'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly note?: string
}

const COMMANDS = [
  ['explore, one search shared', ['explore', 'text-poke', '--set', 'batch=jump-label']],
  ['ablate, a table of searches', ['ablate', 'text-poke', '--fetch', 'worst']],
] as const

export function bench(): Row[] {
  return COMMANDS.flatMap(([name, args]) => {
    const [one, two] = ['1', '2'].map((workers) => seconds([...args, '--workers', workers])) as [number, number]
    return [
      { name: `${name}: one thread`, value: one, unit: 's' },
      { name: `${name}: two threads`, value: two, unit: 's', note: `${(one / two).toFixed(2)} times as fast` },
    ]
  })
}

function seconds(args: readonly string[]): number {
  const begun = performance.now()
  const { status } = spawnSync(process.execPath, ['scripts/cli.mjs', ...args], { stdio: 'ignore' })
  if (status !== 0 && status !== 1) throw new Error(`${args.join(' ')}: ended with ${status}`)
  return (performance.now() - begun) / 1000
}
