import { readdirSync, readFileSync } from 'node:fs'

/** Bytes of all processes that descend from this one, shared pages divided among their users; null where the system does not tell. */
export function memoryBelow(pid) {
  const children = new Map()
  try {
    for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
      const parent = parentOf(name)
      if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), name])
    }
  } catch {
    return null
  }
  const sum = (id) => (children.get(String(id)) ?? []).reduce((bytes, child) => bytes + shareOf(child) + sum(child), 0)
  return sum(pid)
}

function parentOf(pid) {
  const text = readOrNull(`/proc/${pid}/stat`)
  // The name of the program, in parentheses, may hold anything.
  return text === null ? null : (text.slice(text.lastIndexOf(')') + 2).split(' ')[1] ?? null)
}

function shareOf(pid) {
  const kilobytes = /^Pss:\s+(\d+)/m.exec(readOrNull(`/proc/${pid}/smaps_rollup`) ?? '')
  return kilobytes === null ? 0 : Number(kilobytes[1]) * 1024
}

/** A process may be gone before it is asked. */
function readOrNull(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
