import { expect, test } from 'vitest'
import { TIMELINE_KEYS } from '../views/timeline/keys.ts'
import { GDB_HELP } from './gdb.ts'
import { bindingFor, KEYS, type KeyPress, nameOf } from './keys.ts'

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  ...more,
})
const titleOf = (key: string, more: Partial<KeyPress> = {}) => bindingFor(press(key, more))?.binding.title ?? null

test('no stroke means two things', () => {
  const strokes = KEYS.flatMap(({ keys }) => keys.map((stroke) => nameOf(stroke).join('+')))
  expect(strokes.filter((stroke, i) => strokes.indexOf(stroke) !== i)).toEqual([])
})

test('every function key has a twin without one', () => {
  const lonely = KEYS.filter(({ keys }) => keys.every(({ key }) => /^f\d+$/.test(key)))
  expect(lonely).toEqual([])
})

test.each([
  ['ArrowRight', {}, 'Step'],
  ['j', {}, 'Step'],
  ['F10', {}, 'Step over calls and handlers'],
  ['F10', { shiftKey: true }, 'Back over calls and handlers'],
  ['F11', {}, 'Step into: to the next line'],
  ['F11', { altKey: true }, 'Back into: to the line before'],
  ['F11', { shiftKey: true }, 'Step out of the call or handler'],
  ['F5', { shiftKey: true }, 'Back to a breakpoint or watchpoint'],
  ['f', { ctrlKey: true }, 'Search the events of this run'],
  ['ArrowRight', { shiftKey: true }, 'Run to where there is a choice'],
  ['?', { shiftKey: true }, 'This help'],
  ['z', { ctrlKey: true }, 'Undo the last choice, step or jump'],
  ['Z', { metaKey: true, shiftKey: true }, 'Redo it'],
  ['7', {}, 'Take choice 1 to 9'],
])('%s with %o is "%s"', (key, more, title) => {
  expect(titleOf(key, more)).toBe(title)
})

test.each([
  ['ArrowLeft', { altKey: true }],
  ['r', { ctrlKey: true }],
  ['S', { shiftKey: true }],
  ['F5', { ctrlKey: true }],
  ['PageDown', {}],
  ['1', { ctrlKey: true }],
])('%s with %o belongs to the browser', (key, more) => {
  expect(titleOf(key, more)).toBeNull()
})

test('a clicker acts where the page is shown to a room, and only there', () => {
  expect(bindingFor(press('PageDown'), true)?.binding.title).toBe('To the next decisive moment of a race')
  expect(bindingFor(press('PageUp'), true)?.binding.title).toBe('To the decisive moment before')
  expect(bindingFor(press('.'), true)?.binding.title).toBe('Play or pause')
  expect(bindingFor(press('.'))).toBeNull()
})

test('every way to step as debuggers do has a way back', () => {
  const titles = KEYS.filter(({ group }) => group === 'Debug').map(({ title }) => title)
  expect(titles.filter((title) => title.startsWith('Back'))).toHaveLength(7)
  expect(titles.filter((title) => title.startsWith('Step') || title.startsWith('Run'))).toHaveLength(6)
  expect(titleOf('I', { shiftKey: true })).toBe('Back to the last int3')
})

test('the keys in the documentation are those of the table', async () => {
  await expect(keysPage()).toMatchFileSnapshot('../../docs/keys.md')
})

function keysPage(): string {
  const rows = KEYS.map(({ group, title, keys }) => {
    const strokes = keys.map((stroke) => `${nameOf(stroke).join(' ')}${stroke.presenting === true ? ' (presenting)' : ''}`)
    return `| ${group} | ${title} | ${strokes.length > 3 && group === 'Choose' ? `${strokes[0]} … ${strokes.at(-1)}` : strokes.join(', ')} |`
  })
  const timeline = TIMELINE_KEYS.map(({ title, strokes }) => `| ${title} | ${strokes.map((stroke) => stroke.join(' ')).join(', ')} |`)
  return `${[
    '# Keys',
    '',
    'Generated from the key table of the page by its test. Every key is free while a text field or a list has the focus; Ctrl is Command on a Mac. F5 runs to a',
    'breakpoint; Ctrl R reloads. Keys marked (presenting) act while the page is presented (Z), and with the projector’s colours.',
    '',
    '| group | what | keys |',
    '|---|---|---|',
    ...rows,
    '',
    '## While the timeline has the focus',
    '',
    '| what | keys |',
    '|---|---|',
    ...timeline,
    '',
    '## gdb’s letters',
    '',
    'In the palette (Ctrl Shift P, or >) and in the console of the Debug panel. Enter alone repeats; expressions are those of scenarios (scenario-format.md).',
    '',
    ...GDB_HELP.map((line) => `    ${line}`),
  ].join('\n')}\n`
}

test('only stepping repeats while the key is held', () => {
  expect(titleOf('ArrowRight', { repeat: true })).toBe('Step')
  expect(titleOf('r', { repeat: true })).toBeNull()
})
