import type { Plugin } from 'vite'

export function icedToEsm(source: string): string
export function icedX86(): Plugin
