/** What the kind of a decisive moment means, to somebody who sees a race for the first time. */
export const MOMENT_WORDS = {
  missed: 'Memory changes under a CPU that may still hold the old bytes',
  act: 'That CPU goes on',
  cause: 'Somebody changes what it will look at',
  violation: 'Now it breaks',
} as const
