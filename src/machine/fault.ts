/** The ways in which an instruction does not complete: it raises an exception, it leaves what the model covers, or it lets others in between. */

/** An exception that the running instruction raises. Preallocated and reused: it carries no stack trace. */
export class Fault {
  vector = 0
  /** The error code, or -1 where the exception has none. */
  errorCode = -1
}

/** The run leaves what the model covers: this CPU stops, honestly. */
export class ModelStop {
  readonly reason: number
  readonly detail: string

  constructor(reason: number, detail: string) {
    this.reason = reason
    this.detail = detail
  }
}

/** The instruction has read shared memory and has to read more of it: what it has so far is in the state (progress.ts). */
export class Pause {}

export const VECTOR_DE = 0
export const VECTOR_DB = 1
export const VECTOR_NMI = 2
export const VECTOR_BP = 3
export const VECTOR_OF = 4
export const VECTOR_BR = 5
export const VECTOR_UD = 6
export const VECTOR_DF = 8
export const VECTOR_SS = 12
export const VECTOR_GP = 13
export const VECTOR_PF = 14
export const VECTOR_AC = 17
