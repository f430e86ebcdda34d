import { connect, createServer, type Socket } from 'node:net'

/** The network between the app and the service, which can be cut. */
export async function relayTo(origin: string) {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((socket) => {
    if (isCut) return void socket.destroy()
    const { hostname, port } = new URL(origin)
    const other = connect(Number(port), hostname)
    for (const one of [socket, other]) {
      sockets.add(one)
      one
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(one)
          socket.destroy()
          other.destroy()
        })
    }
    socket.pipe(other).pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const cut = (is: boolean) => {
    isCut = is
    if (is) for (const socket of sockets) socket.destroy()
  }
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    cut,
    close: () => {
      cut(true)
      server.close()
    },
  }
}
