import { deflateSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { formatSchedule, packChoice } from '../machine/choice.ts'
import { bytesToBase64url } from './base64url.ts'
import { decodeLink, encodeLink, type Replay } from './link.ts'
import { VERSION } from './link-fields.ts'
import { startOf, unfinished, withWords } from './link-write.ts'

const SAMPLE: Replay = {
  version: 1,
  scenario: 'text-poke',
  params: { sync1: 'off', site: 'across' },
  schedule: '0s*12 1s 1s.2 0d 2i 0s*9',
  cursor: 21,
  digest: '0123456789abcdef',
  title: 'The first sync, left out',
  note: 'CPU 1 reads “call” and half a tail: 50 % of both.',
}

/** Links of released versions, never changed: links live for ever. */
const FROZEN: Readonly<Record<string, readonly [fragment: string, replay: Replay]>> = {
  'version 1, every field readable': [
    'v=1&k=_uNl&s=text-poke&p=sync1:off,site:across&t=0s12.1s.1s_2.0d.2i.0s9&c=21&d=0123456789abcdef&n=The%20first%20sync%2C%20left%20out&m=CPU%201%20reads%20%E2%80%9Ccall%E2%80%9D%20and%20half%20a%20tail%3A%2050%20%25%20of%20both.',
    SAMPLE,
  ],
  'version 1, packed with repeats, an edited scenario': [
    'v=1&k=5NkQ&s=just-write&t=BSxbgbBVWCJ0n90N7gNTNu&c=7&x=y0yxUqjgAgA',
    {
      version: 1,
      scenario: 'just-write',
      params: {},
      schedule: '0s*4 1s*3 2s 0d 1s.2 2s*2 0s 1i 0s*4 1s*3 2s 0d 1s.2 2s*2 0s 1i 0s*4 1s*3 2s 0d 1s.2 2s*2 0s 1i',
      cursor: 7,
      digest: null,
      source: 'id: x\n',
    },
  ],
  'version 1, packed without repeats': [
    'v=1&k=Ag-n&s=just-write&t=ATkeKsvZ6jNxVoZLvXSCAxSRn62a',
    {
      version: 1,
      scenario: 'just-write',
      params: {},
      schedule: '2s*2 0s*2 2d 2s*3 1s*3 1d 1s 0s 1s 1d 1s 2s 2d*2 2s 1d 0s 1s 0s 1d 2s*3 1s 2d 0s 1s 0s*3 2s.2 2s 1d 0s',
      cursor: 40,
      digest: null,
    },
  ],
  'version 1, packed with many repeats': [
    'v=1&k=HjTP&s=just-write&t=BGPFuBsIY6VQrwY5f4XS2bqAAAAQK&c=7',
    {
      version: 1,
      scenario: 'just-write',
      params: {},
      schedule: Array(12).fill('0s*4 1s*3 2s 0d 1s.2 2s*2 0s 1i').join(' '),
      cursor: 7,
      digest: null,
    },
  ],
}

function randomText(random: Random): string {
  return Array.from({ length: random.below(30) }, () => random.pick([...'ab Z09&=#%:,.+/?"\'()!*~_-\u0000\n§“漢😀'])).join('')
}

function randomReplay(random: Random): Replay {
  const steps = random.below(random.pick([1, 20, 300]))
  const schedule = Array.from({ length: steps }, () =>
    packChoice(random.below(3), random.below(5) > 0 ? 0 : random.below(7), random.below(9) > 0 ? 0 : random.below(3)),
  )
  const params = Array.from(
    { length: random.below(4) },
    (_, i) => [random.pick(['__proto__', 'a:b', `p${i}`, '', randomText(random)]), randomText(random)] as const,
  )
  return {
    version: 1,
    scenario: `x${randomText(random)}`,
    params: Object.fromEntries(params),
    schedule: formatSchedule(schedule),
    cursor: random.below(2) === 0 ? steps : random.below(steps + 1),
    digest: random.below(2) === 0 ? null : Array.from({ length: 16 }, () => random.below(16).toString(16)).join(''),
    ...(random.below(2) === 0 ? {} : { title: randomText(random) }),
    ...(random.below(2) === 0 ? {} : { note: randomText(random) }),
    ...(random.below(2) === 0 ? {} : { source: randomText(random).repeat(random.below(50)) }),
  }
}

test.each([1, 2, 3, 4, 5])('what goes into a link comes out of it (seed %i)', (seed) => {
  const random = new Random(seed)
  for (let i = 0; i < 300; i++) {
    const replay = randomReplay(random)
    const fragment = encodeLink(replay)
    expect(fragment).toMatch(/^[A-Za-z0-9._~&=:,%-]+$/)
    expect(decodeLink(fragment), fragment).toEqual({ link: replay, problems: [] })
    expect(decodeLink(`#${fragment}`).link).toEqual(replay)
    expect(decodeLink(`https://example.org/a/#${fragment}`).link).toEqual(replay)
  }
})

test.each(Object.entries(FROZEN))('a frozen link still says what it said: %s', (_, [fragment, replay]) => {
  expect(decodeLink(fragment)).toEqual({ link: replay, problems: [] })
})

test('every version that there has been has a frozen link here', () => {
  for (let version = 1; version <= VERSION; version++)
    expect(Object.values(FROZEN).map(([fragment]) => fragment.startsWith(`v=${version}&`))).toContain(true)
})

test('a link of a version that does not exist yet is read as far as it goes, and is known to be newer', () => {
  for (const [fragment, replay] of Object.values(FROZEN)) {
    const { link, problems, newer } = decodeLink(fragment.replace('v=1&', `v=${VERSION + 1}&z=new&`))
    const { version: _, ...kept } = replay
    expect({ link, newer }).toEqual({ link: kept, newer: VERSION + 1 })
    expect(problems.map(({ part }) => part)).toEqual(['version', 'z'])
  }
})

test('words are put into a link, changed and taken out again, and its start is found, as if it had been written so', () => {
  for (const [, replay] of Object.values(FROZEN)) {
    const { title: _, note: __, ...silent } = replay
    const spoken = withWords(encodeLink(replay), { title: 'a & b', note: '“=”' })
    expect(spoken).toBe(encodeLink({ ...replay, title: 'a & b', note: '“=”' }))
    expect(withWords(spoken, { title: '', note: '' })).toBe(encodeLink(silent))
    expect(startOf(spoken)).toBe(encodeLink({ ...silent, schedule: '', cursor: 0, digest: null }))
  }
})

test('a bundled scenario at its start takes at most 120 characters', () => {
  const fragment = encodeLink({ scenario: 'static-call-two-stubs-shadow', params: { sync1: 'off', site: 'across' }, digest: 'fedcba9876543210' })
  expect(fragment.length).toBeLessThanOrEqual(120)
})

test('what is left out stays out', () => {
  expect(encodeLink({ scenario: 'text-poke' })).toMatch(/^v=1&k=....&s=text-poke$/)
  expect(decodeLink(encodeLink({ scenario: 'text-poke' })).link).toEqual({
    version: 1,
    scenario: 'text-poke',
    params: {},
    schedule: '',
    cursor: 0,
    digest: null,
  })
  expect(decodeLink('')).toEqual({ link: {}, problems: [] })
  expect(decodeLink('#')).toEqual({ link: {}, problems: [] })
})

test('a link that was written by hand needs no check', () => {
  expect(decodeLink('v=1&s=text-poke&t=0s3')).toEqual({
    link: { version: 1, scenario: 'text-poke', params: {}, schedule: '0s*3', cursor: 3, digest: null },
    problems: [],
  })
})

describe('damage', () => {
  const problemsOf = (fragment: string) => decodeLink(fragment).problems.map(({ part, message }) => `${part}: ${message}`)

  test('each damaged part is named, and the others are kept', () => {
    const { link, problems } = decodeLink('v=1&s=text-poke&p=sync1:off,oops,n:%e2&t=0s4.1?.2s&c=x&d=12&n=%&m=ok&x=!&q=1&nonsense&s=other')
    expect(link).toEqual({ version: 1, scenario: 'text-poke', params: { sync1: 'off' }, schedule: '0s*4', note: 'ok' })
    expect(problems.map(({ part, message }) => `${part}: ${message}`)).toEqual([
      'link: "nonsense" is no key=value; ignored',
      's: the field s is there twice; the first one counts',
      'params: the parameter (p) "oops" is no name:value; left out',
      'params: the parameter (p) "n:%e2" is no name:value; left out',
      'schedule: the schedule (t) is damaged at character 5: "1?" is no run of choices (like 0s12); kept 4 of 6 steps',
      'cursor: the position (c) is "x", which is no number of steps',
      'digest: the digest (d) is not 16 hexadecimal digits: the state cannot be verified',
      'title: the title (n) has a damaged %-sequence',
      'source: the edited scenario (x) is damaged at character 1',
      'q: "q" is no field of a link; ignored',
    ])
  })

  test('a position behind the end moves to the end', () => {
    const { link, problems } = decodeLink('v=1&s=a&t=0s4&c=9')
    expect(link.cursor).toBe(4)
    expect(problems).toEqual([{ part: 'cursor', message: 'the position (c) 9 lies behind the last of 4 steps; moved there' }])
  })

  test('a version that is newer, missing or no version is said', () => {
    expect(problemsOf('v=7&s=a&z=1&k=xxxx')).toEqual([
      'version: the link has version 7, which is newer than this program (it knows 1); read as far as it goes',
      'z: "z" is no field of a link; ignored',
    ])
    expect(decodeLink('v=7&s=a').link.scenario).toBe('a')
    expect(problemsOf('s=a')).toEqual(['version: the version (v) is missing; read as version 1'])
    expect(problemsOf('v=one&s=a')).toEqual(['version: the version (v) is "one", which is no number; read as version 1'])
    expect(problemsOf('v=1')).toEqual(['scenario: the scenario (s) is missing'])
  })

  test('programs that escape more than they need to do no harm', () => {
    const fragment = encodeLink(SAMPLE)
    expect(decodeLink(fragment.replace('p=sync1:off,site:across', 'p=sync1%3Aoff%2Csite%3Aacross'))).toEqual({ link: SAMPLE, problems: [] })
    expect(decodeLink(encodeURIComponent(encodeLink({ scenario: 'a', schedule: '0s*5' }))).problems).toEqual([])
  })

  test('any one character changed, missing or added: the same link, or a problem that is named', () => {
    for (const [sample] of Object.values(FROZEN)) {
      const whole = JSON.stringify(decodeLink(sample).link)
      for (let at = 0; at < sample.length; at++) {
        for (const char of [...'09azAZ.,:_-~%&=#+ é\u0000', '']) {
          for (const skip of [0, 1]) {
            const broken = sample.slice(0, at) + char + sample.slice(at + skip)
            const { link, problems } = decodeLink(broken)
            if (JSON.stringify(link) !== whole) expect(problems, broken).not.toEqual([])
            for (const { part, message } of problems) expect(`${part}: ${message}`).toMatch(/^.+: .+/s)
          }
        }
      }
    }
  })

  test('a link that was cut off is noticed, wherever that happened', () => {
    for (const [fragment] of Object.values(FROZEN)) {
      for (let length = 1; length < fragment.length; length++)
        expect(decodeLink(fragment.slice(0, length)).problems, fragment.slice(0, length)).not.toEqual([])
    }
  })

  test.each([1, 2, 3])('noise gives problems, never an exception (seed %i)', (seed) => {
    const random = new Random(seed)
    for (let i = 0; i < 3000; i++) {
      const noise = Array.from({ length: random.below(100) }, () => random.pick([...'vsptcdnmxk=&=&=:,.%0123abAB_#\ud800é'])).join('')
      decodeLink(noise)
    }
  })
})

describe('absurd sizes are refused', () => {
  const ofSource = (text: Uint8Array) => decodeLink(`v=1&s=a&x=${bytesToBase64url(text)}`)

  test('an edited scenario that unpacks to more than a megabyte', () => {
    const bomb = deflateSync(new Uint8Array(300_000_000), { level: 9 })
    expect(ofSource(bomb).problems).toEqual([{ part: 'source', message: 'the edited scenario (x) is longer than 1048576 bytes; refused' }])
    expect(ofSource(deflateSync(new Uint8Array(1 << 20))).problems).toEqual([])
  })

  test('an edited scenario that was cut off', () => {
    const whole = deflateSync(Uint8Array.from({ length: 5000 }, (_, i) => (i * i) & 0xff))
    expect(ofSource(whole.subarray(0, 50)).problems).toEqual([
      { part: 'source', message: 'the edited scenario (x) is damaged: it cannot be unpacked' },
    ])
    expect(decodeLink('v=1&s=a&x=').problems).toEqual([{ part: 'source', message: 'the edited scenario (x) is damaged: it cannot be unpacked' }])
  })

  test('a link of megabytes', () => {
    expect(decodeLink(`v=1&s=${'a'.repeat(5_000_000)}`)).toEqual({
      link: {},
      problems: [{ part: 'length', message: 'the link has 5000006 characters, and 4000000 are read at most' }],
    })
  })
})

test('an address that was still being written says how much of the run it holds; the mark is replaced, not gathered, and goes with the steps', () => {
  const whole = encodeLink(SAMPLE)
  const marked = unfinished(unfinished(whole, 90), 12_345)
  expect(decodeLink(marked)).toEqual({
    link: SAMPLE,
    problems: [{ part: 'unfinished', message: 'this address was still being written: it holds the first 25 of 12,345 steps or more', remark: true }],
  })
  expect(decodeLink(unfinished(whole, 25)).problems[0]?.message).toBe('this address was still being written: the page may have stood at another step')
  expect(startOf(marked)).toBe(startOf(whole))
  expect(unfinished('notes', 5)).toBe('notes')
})
