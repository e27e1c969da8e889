/** Entry point of the Web Worker. */
import { serve } from './host.ts'

serve(globalThis as unknown as Parameters<typeof serve>[0])
