/** Where there is no room for things side by side. */
export const narrow = '@media (max-width: 760px)'

export const isNarrow = () => matchMedia(narrow.replace('@media ', '')).matches
