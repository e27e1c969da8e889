/** What Vite does to imports that are no TypeScript, for both type-checking programs (vite/client itself would pull in the DOM). */
/// <reference types="vite/types/importMeta.d.ts" />

declare module '*?raw' {
  const text: string
  export default text
}

declare module '*?url' {
  const url: string
  export default url
}

declare module '*.module.css' {
  const classes: { readonly [name: string]: string }
  export default classes
}

declare module '*.css' {}
