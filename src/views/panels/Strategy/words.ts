import type { ScenarioInfo } from '../../../worker/protocol.ts'

/** The expected verdicts of a strategy in a sentence; tests search every one of them. */
export function searchSays({ strategies, expected, properties }: Pick<ScenarioInfo, 'strategies' | 'expected' | 'properties'>, id: string): string {
  const param = strategies?.param ?? null
  const rows = expected.filter(({ when }) => param === null || when[param] === undefined || when[param] === id)
  if (rows.length === 0) return 'No verdict is stated.'
  const violated = rows.filter(({ verdict }) => verdict === 'violated')
  const broken = properties.filter((property) => violated.some(({ violates }) => violates.includes(property.id))).map(({ title }) => title)
  const clean = rows.length - violated.length
  const [what] = rows.length === 1 ? ['the one way to set the parameters'] : [`${rows.length} ways to set the parameters`]
  if (violated.length === 0) return `Of ${what}, all were exhausted: nothing is violated.`
  const list = broken.map((title) => `“${title}”`).join(', ')
  return `Of ${what}, ${clean === 0 ? 'none is' : clean === 1 ? 'one is' : `${clean} are`} exhausted clean; ${violated.length} break ${list}.`
}
