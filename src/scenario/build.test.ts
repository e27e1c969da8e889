/** Everything that can be wrong with a scenario is told with its place, before anything runs. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { build } from './build.ts'
import { parseScenario, type Scenario } from './format.ts'
import { OutcomeNames } from './outcomes.ts'
import { Checker } from './properties.ts'
import { type Fields, mustBuild, scenarioOf } from './toy.ts'

const decode = createDecode()

const TEXT = `
section .text at 0xffffffff81000000 exec
start:
  hlt
site:
  call start
section .new at 0xffffffff81002000
new: db 0xe8, 0, 0, 0, 0
section .data at 0xffffffff82000000 shared
x: dd 0
section .stack at 0xffffc90000010000 private=0 stack
  resb 64
top:`

function data(fields: Fields = {}, text = TEXT): Fields {
  const cpus = [{ role: 'only', entry: 'start', registers: { rsp: 'top' } }]
  return { format: 1, id: 'own', title: 'own', program: [{ name: 'own.asm', text }], cpus, ...fields }
}

/** All that is wrong, as the command line would find it. */
function mistakes(fields: Fields, params: Readonly<Record<string, string>> = {}, text = TEXT): readonly string[] {
  const parsed = parseScenario(data(fields, text))
  if (!parsed.ok) return parsed.error
  const scenario: Scenario = scenarioOf(data(fields, text))
  const built = build(scenario, params, decode)
  if (!built.ok) return built.error
  const checker = Checker.create(built.value)
  const names = OutcomeNames.create(built.value)
  return [...(checker.ok ? [] : checker.error), ...(names.ok ? [] : names.error)]
}

const cpu = (fields: Fields) => ({ cpus: [{ role: 'only', entry: 'start', ...fields }] })
const onOff = (name: string) => ({ name, title: name, values: ['on', 'off'], default: 'on' })

test('the scenario that the others are made from is right', () => {
  expect(mistakes({})).toEqual([])
})

describe('a file', () => {
  test.each<[string, Fields, RegExp]>([
    ['another format', { format: 2 }, /^format: /],
    ['no CPU', { cpus: [] }, /^cpus: /],
    ['nine CPUs', { cpus: Array.from({ length: 9 }, () => ({ role: 'x', entry: 0 })) }, /^cpus: /],
    ['a key that nobody knows', { colours: [] }, /^colours: /],
    ['a bad id', { id: 'My Scenario' }, /^id: /],
    ['a number with a fraction', cpu({ flags: 0.5 }), /^cpus\.0\.flags: /],
    ['a default that is no value', { params: [{ ...onOff('a'), default: 'maybe' }] }, /^params\.a: the default "maybe"/],
    ['an unsearched value that is the default', { params: [{ ...onOff('a'), unsearched: ['on'] }] }, /^params\.a\.unsearched: "on"/],
    ['a value twice', { params: [{ ...onOff('a'), values: ['on', 'on'] }] }, /^params\.a: the value "on" is there twice/],
    ['two parameters that become one symbol', { params: [onOff('a'), onOff('A')] }, /^params: two of them become the symbol A/],
    ['a property twice', { properties: [{ kind: 'no-deadlock' }, { kind: 'no-deadlock' }] }, /^properties: "no-deadlock" is there twice/],
    ['a property that is always there', { properties: [{ kind: 'never', id: 'within-model', title: '', at: [] }] }, /"within-model" is always there/],
    [
      'an expected verdict of no parameter',
      { expected: [{ when: { a: 'on' }, verdict: 'exhausted', states: 1 }] },
      /^expected\.0\.when: there is no a=on/,
    ],
    [
      'an expected violation of no property',
      { expected: [{ when: {}, verdict: 'violated', states: 1, violates: ['x'] }] },
      /^expected\.0\.violates: .*"x"/,
    ],
    ['a verdict that contradicts itself', { expected: [{ when: {}, verdict: 'violated', states: 1 }] }, /^expected\.0: "violated" does not go with/],
    ['a recording without its parameter', { recording: { param: 'batch', file: 'x.json', batches: {} } }, /^recording\.param: /],
  ])('with %s', (_, fields, message) => {
    expect(mistakes(fields).join('\n')).toMatch(message)
  })
})

describe('a build', () => {
  test.each<[string, Fields, RegExp]>([
    ['an entry that is nowhere', cpu({ entry: 'gone' }), /^cpus\.0\.entry: "gone" is no register/],
    ['an entry that is no expression', cpu({ entry: '1 +' }), /^cpus\.0\.entry: "1 \+": it ends/],
    ['a register of the other mode', cpu({ registers: { eax: 1 } }), /^cpus\.0\.registers: there is no register "eax"/],
    [
      'a parameter that is called like a label',
      { params: [{ ...onOff('site'), values: ['on', 'start'] }] },
      /^params\.site: the program has a symbol "site" too\nparams\.site: .*"start" too/,
    ],
    ['no CPU left', cpu({ when: '0' }), /^cpus: no CPU is present/],
    ['a stack of the table that is none', cpu({ ist: { 8: 'top' } }), /^cpus\.0\.ist: "8"/],
    ['a vector beyond the table', { idt: [{ vector: 256, handler: 'start' }] }, /^idt\.0\.vector: 256 is not 0\.\.255/],
    [
      'two gates of one vector',
      {
        idt: [
          { vector: 3, handler: 0 },
          { vector: '1 + 2', handler: 0 },
        ],
      },
      /^idt\.1\.vector: vector 3 has a gate already/,
    ],
    ['a fetch model that is none', { machine: { fetch: 'psychic' } }, /^machine\.fetch: .*psychic/],
    ['tearing as nobody does it', { machine: { tearing: 'arm' } }, /^machine\.tearing: "arm" is neither intel nor amd, nor a parameter/],
    ['a split lock that is something else', { machine: { splitLock: 'slow' } }, /^machine\.splitLock: "slow" is neither allowed nor fault/],
    ['a selector of user mode', { machine: { cs: 0x33 } }, /^machine\.cs: 51 is no selector/],
    ['a site without a place', { sites: [{ label: 0x1234, length: 5, new: 'new' }] }, /^sites\.0\.label/],
    ['a site outside of the program', { sites: [{ label: 'site + 0x1000', length: 5, new: 'new' }] }, /^sites\.0\.label: site \+ 0x1000 is no place/],
    ['a site of no length', { sites: [{ label: 'site', length: 0, new: 'new' }] }, /^sites\.0\.length: 0 is not 1\.\.15/],
    ['new bytes that are nowhere', { sites: [{ label: 'site', length: 5, new: '5' }] }, /^sites\.0\.new: 5 is no place/],
    [
      'sites that overlap',
      {
        sites: [
          { label: 'site', length: 5, new: 'new' },
          { label: 'site + 1', length: 1, new: 'new' },
        ],
      },
      /^site site and site site \+ 1 overlap/,
    ],
    ['a site in data', { sites: [{ label: 'x', length: 4, new: 'new' }] }, /^section \.data: site x lies in it/],
    ['an alias of nothing', { aliases: [{ name: 'a', of: '.txt', at: 0x1000 }] }, /^aliases\.0\.of: there is no section "\.txt"/],
    [
      'an alias over something else',
      { aliases: [{ name: 'a', of: '.text', at: 'x' }] },
      /^(section \.data and alias a|alias a and section \.data) overlap at 0xffffffff82000000/,
    ],
    ['an alias that is no address', { aliases: [{ name: 'a', of: '.text', at: '1 << 60' }] }, /^alias a: 0x1000000000000000 is no canonical address/],
    ['a watched word that is not there', { watch: [{ label: 'gone', size: 4 }] }, /^watch\.0\.label: "gone"/],
    ['an outcome of a CPU that is not there', { outcome: ['1:rax'] }, /^outcome\.0: there is no CPU 1/],
    ['an outcome of nothing', { outcome: ['0:raxx'] }, /^outcome\.0: "raxx" is no register/],
    [
      'a property at no label',
      { properties: [{ kind: 'never', id: 'a', title: 'a', at: ['start', 'gone'] }] },
      /^properties\.0\.at\.1: there is no label "gone"/,
    ],
    [
      'a property of no role',
      { properties: [{ kind: 'assert', id: 'a', title: 'a', at: 'start', holds: '1', roles: ['boss'] }] },
      /^properties\.0\.roles: there is no role "boss"/,
    ],
  ])('with %s', (_, fields, message) => {
    expect(mistakes(fields).join('\n')).toMatch(message)
  })

  test.each([
    ['shared code', 'section .stub at 0x5000 shared exec\nnop', /^section \.stub: code that several CPUs write has to be a site/],
    ['a stack that everybody has', 'section .s at 0x5000 shared stack\nresb 8', /^section \.s: only a private section can be a stack/],
    ['code on a stack', 'section .s at 0x5000 private=0 stack exec\nresb 8', /^section \.s: a stack cannot hold code/],
    ['memory of nobody', 'section .s at 0x5000 private\nresb 8', /^section \.s: private=N expects a CPU number/],
    ['memory of CPU 9', 'section .s at 0x5000 private=9\nresb 8', /^section \.s: private=N expects a CPU number from 0 to 7, not "9"/],
    ['an attribute that nobody knows', 'section .s at 0x5000 writable\nresb 8', /^section \.s: unknown attribute "writable"/],
    ['sections that overlap', 'section .s at 0xffffffff81000004\nresb 8', /section .\.s. .*overlaps section .\.text./],
    ['a section across 4 GiB', 'section .s at 0xfffffffc\nresb 8', /^section \.s crosses a 4 GiB boundary/],
    ['too much to keep in a state', 'section .s at 0x5000 shared\nresb 0x200000', /^sections: more than 1048576 bytes of writable memory/],
    ['an instruction that is none', 'section .s at 0x5000 exec\nfoo', /^own\.asm:\d+:1: .*foo/],
  ])('with %s', (_, text, message) => {
    expect(mistakes({}, {}, `${TEXT}\n${text}`).join('\n')).toMatch(message)
  })

  test('in 32-bit mode registers have 32 bits and 32-bit names', () => {
    const text = 'section .text at 0xc1000000 exec\nstart: hlt'
    const fields = { bits: 32, cpus: [{ role: 'only', entry: 'start', registers: { eax: -4, esp: 0x1000 } }] }
    const m = mustBuild(scenarioOf(data(fields, text)), {}, decode).machine()
    m.select(0)
    expect([...m.w.slice(m.c, m.c + 2), ...m.w.slice(m.c + 8, m.c + 10)]).toEqual([-4, 0, 0x1000, 0])
    expect(mistakes({ ...fields, cpus: [{ role: 'only', entry: 'start', registers: { rax: 1 } }] }, {}, text)[0]).toMatch(/no register "rax"/)
    expect(mistakes({ ...fields, cpus: [{ role: 'only', entry: 'start', registers: { r8: 1 } }] }, {}, text)[0]).toMatch(/no register "r8"/)
  })

  test('memory of a CPU that is not present with these parameters is not there', () => {
    const cpus = [
      { role: 'a', entry: 'start' },
      { role: 'b', entry: 'start', when: 'more == on' },
    ]
    const scenario = scenarioOf(data({ cpus, params: [onOff('more')] }, `${TEXT}\nsection .own1 at 0x5000 private=1\nresb 8`))
    const regions = (more: string) =>
      mustBuild(scenario, { more }, decode)
        .machine()
        .map.pieces.map((piece) => piece.region)
    expect(regions('on')).toContain('.own1')
    expect(regions('off')).not.toContain('.own1')
  })
})

test('a parameter may choose the fetch model, who tears and what a split lock does', () => {
  const choice = (name: string, values: string[]) => ({ name, title: name, values, default: values[0] })
  const params = [choice('fetch', ['worst', 'amd']), choice('tearing', ['intel', 'amd']), choice('locks', ['allowed', 'fault'])]
  const scenario = scenarioOf(data({ params, machine: { fetch: 'fetch', tearing: 'tearing', splitLock: 'locks' } }))
  const configOf = (chosen: Readonly<Record<string, string>>) => {
    const { fetch, tearing, splitLock } = mustBuild(scenario, chosen, decode).machine().config
    return [fetch.name, tearing, splitLock]
  }
  expect(configOf({})).toEqual(['worst', 'intel', 'allowed'])
  expect(configOf({ fetch: 'amd', tearing: 'amd', locks: 'fault' })).toEqual(['amd', 'amd', 'fault'])
})

test('on which CPUs something may arrive can depend on a parameter', () => {
  const params = [{ name: 'nmi', title: 'NMI', values: ['none', 'first', 'any'], default: 'none' }]
  const cpus = ['a', 'b'].map((role) => ({ role, entry: 'start' }))
  const nmi = { most: 1, cpus: [{ cpu: 0, when: 'nmi != none' }, { cpu: 1, when: 'nmi == any' }, 7] }
  const scenario = scenarioOf(data({ params, cpus, machine: { environment: { nmi } } }))
  const where = (chosen: string) => mustBuild(scenario, { nmi: chosen }, decode).machine().config.environment?.nmi?.cpus
  expect(['none', 'first', 'any'].map(where)).toEqual([[], [0], [0, 1]])
})
