/**
 * Would more bytes make an instruction of these? Asked where readable memory ends within an instruction: a CPU raises #PF if it needs
 * the next byte, and #UD if the bytes so far are no instruction whatever follows.
 */
import { Decoder, DecoderError, DecoderOptions, Instruction as IcedInstruction } from 'iced-x86'

const LONGEST = 15

/** What may follow the next byte: zeros complete any legacy instruction and most VEX ones, 0x10 is an opcode of the first VEX map. */
const FILLERS = [0x00, 0x10]

/** An EVEX instruction's prefix bytes, opcode and ModRM after the 62: its fixed bits are reached by no constant filler. */
const EVEX_TAIL = [0xf1, 0x7c, 0x48, 0x10, 0x10]

/** Tries every value of the next byte. Slow (hundreds of decodes), but asked only at the edge of mapped memory. */
export function canBecomeValid(bytes: Uint8Array, bits: 32 | 64): boolean {
  const instruction = new IcedInstruction()
  const isValid = (tail: readonly number[], filler: number) => {
    const whole = new Uint8Array(LONGEST).fill(filler)
    whole.set(bytes)
    whole.set(tail.slice(0, LONGEST - bytes.length), bytes.length)
    const decoder = new Decoder(bits, whole, DecoderOptions.None)
    decoder.decodeOut(instruction)
    const ok = decoder.lastError === DecoderError.None && instruction.length > bytes.length
    decoder.free()
    return ok
  }
  const answer =
    FILLERS.some((filler) => Array.from({ length: 256 }, (_, next) => next).some((next) => isValid([next], filler))) ||
    EVEX_TAIL.some((_, start) => isValid(EVEX_TAIL.slice(start), 0))
  instruction.free()
  return answer
}
