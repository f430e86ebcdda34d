/** Too narrow for two columns. */
export const narrow = '@media (max-width: 760px)'

export const isNarrow = () => matchMedia(narrow.replace('@media ', '')).matches
