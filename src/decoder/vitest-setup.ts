/** Runs before each test file: the decoder is there, as it is on the page. */
import { loadIcedNode } from './iced-node.ts'

loadIcedNode()
