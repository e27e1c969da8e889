/** `list [--json]`: every bundled scenario, its parameters, properties, expected verdicts and sources. */
import { atlas } from '../atlas/index.ts'
import type { ScenarioFile } from '../scenario/format.ts'
import type { CliIo } from './io.ts'
import { parseOptions } from './scenarios.ts'

export async function run(args: string[], io: CliIo): Promise<number> {
  const options = parseOptions(args, { '--json': 0 })
  if (!options.ok || options.value.positional.length > 0) {
    io.err(`list: ${options.ok ? `unexpected "${options.value.positional[0]}"` : options.error}\n`)
    return 2
  }
  const files = [...atlas.values()].map((scenario) => scenario.file)
  if (options.value.has('--json')) io.out(`${JSON.stringify(files.map(summary), null, 2)}\n`)
  else for (const file of files) io.out(text(file))
  return 0
}

function summary(file: ScenarioFile) {
  return {
    id: file.id,
    title: file.title,
    family: file.family,
    summary: file.summary,
    bits: file.bits,
    strategies: (file.strategies?.cards ?? []).map((card) => ({ ...card, param: file.strategies?.param ?? null })),
    params: file.params.map(({ name, title, values, default: standard, help }) => ({ name, title, values, default: standard, help: help ?? null })),
    properties: file.properties.map(({ id, title }) => ({ id, title: title ?? id })),
    expected: file.expected,
    sources: file.sources,
  }
}

function text(file: ScenarioFile): string {
  const lines = [file.id, `  ${file.title}`, `  ${file.summary}`]
  for (const card of file.strategies?.cards ?? []) lines.push(`  --strategy ${card.id}   ${card.title} (${card.who}, ${card.date})`)
  for (const param of file.params) {
    lines.push(
      `  --set ${param.name}=${param.values.map((value) => (value === param.default ? `${value}*` : value)).join('|')}${param.help === undefined ? '' : `   ${param.help}`}`,
    )
  }
  lines.push(`  properties: ${file.properties.map((property) => property.id).join(', ')}`)
  const violated = file.expected.filter((row) => row.verdict === 'violated').length
  lines.push(
    `  expected: ${file.expected.length} combinations stated, ${violated} violated, ${file.expected.length - violated} exhausted (list --json shows them)`,
  )
  lines.push(...file.sources.map((source) => `  ${source.kind}: ${source.title} (${source.ref})`))
  return `${lines.join('\n')}\n`
}
