/** Drafts of edited scenarios, kept in the browser. Every write reads first, so that two windows do not take each other's drafts away. */
import type { ScenarioParts } from '../worker/protocol.ts'
import type { Memory } from './ports.ts'

export interface Draft {
  readonly id: string
  /** As its author calls it. */
  readonly name: string
  /** Id of the bundled scenario where it started, or of its own where it came as a file. */
  readonly origin: string
  readonly parts: ScenarioParts
  /** The name that its text had when it was last run (edited.ts); null where it never was. */
  readonly ran: string | null
  /** When it was last kept, in milliseconds since 1970; drafts of older versions do not say. */
  readonly at?: number
}

/** The draft with which editing this scenario goes on: the one that it is, else the last one that was copied from it. */
export function draftOver(drafts: readonly Draft[], scenario: string): Draft | undefined {
  return drafts.find(({ ran }) => ran === scenario) ?? drafts.find(({ origin }) => origin === scenario)
}

const KEY = 'drafts'

/** The latest first. */
export function readDrafts(memory: Memory): readonly Draft[] {
  try {
    const found: unknown = JSON.parse(memory.get(KEY) ?? '[]')
    return Array.isArray(found) ? found.filter(isDraft) : []
  } catch {
    return []
  }
}

/** False where the browser has not kept it: its storage is full, or forbidden. */
export function keepDraft(memory: Memory, draft: Draft): boolean {
  return write(memory, [draft, ...readDrafts(memory).filter(({ id }) => id !== draft.id)])
}

export function dropDraft(memory: Memory, id: string): boolean {
  return write(
    memory,
    readDrafts(memory).filter((draft) => draft.id !== id),
  )
}

function write(memory: Memory, drafts: readonly Draft[]): boolean {
  const text = JSON.stringify(drafts)
  memory.set(KEY, text)
  return memory.get(KEY) === text
}

/** A name that no draft has yet: "text-poke", "text-poke 2", … */
export function freeName(drafts: readonly Draft[], wanted: string): string {
  const taken = new Set(drafts.map(({ name }) => name))
  let name = wanted
  for (let number = 2; taken.has(name); number++) name = `${wanted} ${number}`
  return name
}

/** As `freeName`, for ids. */
export function freeId(drafts: readonly Draft[]): string {
  return String(drafts.reduce((most, { id }) => Math.max(most, Number(id) || 0), 0) + 1)
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null) return false
  const { id, name, origin, parts, ran } = value as Partial<Record<keyof Draft, unknown>>
  return (
    typeof id === 'string' && typeof name === 'string' && typeof origin === 'string' && isParts(parts) && (ran === null || typeof ran === 'string')
  )
}

function isParts(value: unknown): value is ScenarioParts {
  if (typeof value !== 'object' || value === null) return false
  const { json, files } = value as Partial<Record<keyof ScenarioParts, unknown>>
  const isFile = (file: unknown) =>
    typeof file === 'object' && file !== null && 'name' in file && 'text' in file && typeof file.name === 'string' && typeof file.text === 'string'
  return typeof json === 'string' && Array.isArray(files) && files.every(isFile)
}
