/** Numbers as people read them. */

/** "0xffffffff8100103e" → "…103e": within one picture only the last digits differ. */
export function shortAddress(address: string): string {
  const digits = address.replace(/^0x/, '')
  return digits.length <= 4 ? digits : `…${digits.slice(-4)}`
}

/** The same for all long addresses in a text. */
export function shortAddresses(text: string): string {
  return text.replace(/0x[0-9a-f]{8,}/g, shortAddress)
}

/** "0xffffc90000cffff0" → "ffffc900_00cffff0"; small numbers stay short. */
export function groupedValue(value: string): string {
  const digits = value.replace(/^0x/, '')
  return digits.length <= 8 ? digits : `${digits.slice(0, -8)}_${digits.slice(-8)}`
}

/** As `groupedValue`, without the zeros in front: registers mostly hold small numbers. */
export function trimmedValue(value: string): string {
  return groupedValue(`0x${value.replace(/^0x/, '').replace(/^0+(?=.)/, '')}`)
}

/** "e81b020000" → ["e8", "1b", "02", "00", "00"] */
export function bytePairs(hex: string): readonly string[] {
  return hex.match(/../g) ?? []
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${grouped(n)} ${n === 1 ? one : many}`
}

/** 14208 → "14,208" */
export function grouped(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** 532000 → "532 k" */
export function compact(n: number): string {
  if (n >= 1e6) return `${(n / 1e6).toFixed(n >= 1e7 || n % 1e6 === 0 ? 0 : 1)} M`
  return n >= 1e4 ? `${Math.round(n / 1e3)} k` : grouped(n)
}

export function bytes(n: number): string {
  return n >= 2 ** 20 ? `${grouped(n / 2 ** 20)} MB` : `${grouped(n / 2 ** 10)} kB`
}

export function seconds(s: number): string {
  if (s < 1) return `${Math.round(s * 1000)} ms`
  return s < 100 ? `${s.toFixed(1)} s` : `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`
}

/** "a, b and c" */
export function listed(items: readonly string[], word = 'and'): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`
}
