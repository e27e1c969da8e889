/** `npm run check`: exactly what `npm test` and continuous integration check. */
import './test.mjs'
