export const WORKER: string
export function writeOfflineWorker(folder: string): void
