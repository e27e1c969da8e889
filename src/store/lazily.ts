/** Actions whose code is loaded when one of them is first wanted, so that the first view stays small. */

/** Answers a way to act: at once where the code is there, else when it has come. `failed`: it could not be had; the next wish tries again. */
export function lazily<Actions>(load: () => Promise<Actions>, failed: (error: unknown) => void): (act: (actions: Actions) => void) => void {
  let loading: Promise<Actions> | null = null
  let loaded: Actions | null = null
  return (act) => {
    if (loaded !== null) {
      act(loaded)
      return
    }
    loading ??= load()
    loading.then(
      (actions) => {
        loaded = actions
        act(actions)
      },
      (error: unknown) => {
        loading = null
        failed(error)
      },
    )
  }
}
