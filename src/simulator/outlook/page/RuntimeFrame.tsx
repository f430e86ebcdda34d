import { useLayoutEffect, useRef } from 'react'
import type { Runtime } from '../host/runtime.ts'

/** Shows a runtime of the add-in. Its page loads when the frame is attached. */
export function RuntimeFrame({ runtime, title }: { runtime: Runtime; title: string }) {
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    runtime.frame.title = title
    place.current?.append(runtime.frame)
  }, [runtime, title])
  return <div ref={place} style={{ flexGrow: 1, minHeight: 0 }} />
}
