// Unpacks the Chromium of npm, and the libraries it brings, into TMPDIR. A process of its own: the package changes the environment.
import chromium from '@sparticuz/chromium'

chromium.setGraphicsMode = false
await chromium.executablePath()
