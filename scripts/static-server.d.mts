import type { Server } from 'node:http'

export function serve(
  folder: string,
  at: { readonly port: number; readonly host: string },
): Promise<{ readonly server: Server; readonly address: string }>
