// Preloaded into every process that is measured: it tells its parent what it uses, and ends with it.
process.on('message', () => process.send({ rss: process.memoryUsage.rss(), cpu: process.cpuUsage() }))
process.on('disconnect', () => process.exit())
