/** The example page: each button asks one thing, and what comes back is shown. */
import { drive } from './embed-example.js'

const said = document.getElementById('said')
const answer = document.getElementById('answer')

function tell({ step, steps, said: sentence, digest }) {
  said.textContent = `Step ${step} of ${steps}: ${sentence ?? 'nothing has happened yet.'} State ${digest}.`
}

const scope = await drive(document.getElementById('scope'), tell)
tell((await scope.ask('subscribe')).state)

document.getElementById('controls').addEventListener('click', async ({ target }) => {
  const { ask, more = '{}' } = target.dataset
  if (ask === undefined) return
  try {
    const { state, verdict } = await scope.ask(ask, JSON.parse(more))
    answer.textContent = JSON.stringify(
      { ...(verdict === undefined ? {} : { verdict }), state: { ...state, choices: `${state.choices.length} choices` } },
      null,
      2,
    )
  } catch (refused) {
    answer.textContent = `Refused: ${refused.message}`
  }
})
