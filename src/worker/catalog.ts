/** What the page must know of a scenario without running it. */
import type { Scenario } from '../scenario/format.ts'
import type { ScenarioInfo } from './protocol.ts'

export function scenarioInfo({ file, edited }: Scenario): ScenarioInfo {
  return {
    id: edited?.id ?? file.id,
    ...(edited === undefined ? {} : { editedFrom: edited.origin }),
    title: file.title,
    family: file.family,
    summary: file.summary,
    story: file.story,
    sources: file.sources,
    params: file.params.map(({ name, title, values, default: standard, help, alone, unsearched }) => ({
      name,
      title,
      values,
      default: standard,
      help: help ?? null,
      alone: alone === true,
      ...(unsearched === undefined ? {} : { unsearched }),
    })),
    properties: file.properties.map(({ id, title }) => ({ id, title: title ?? id })),
    expected: file.expected,
    ...(file.strategies === undefined ? {} : { strategies: { param: file.strategies.param ?? null, cards: file.strategies.cards } }),
    ...(file.shows.length === 0 ? {} : { shows: file.shows }),
    removable: file.removable.length,
  }
}
