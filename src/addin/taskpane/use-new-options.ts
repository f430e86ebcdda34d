import { useCallback, useEffect, useState } from 'react'
import { asProblem } from '../../browser/as-problem.ts'
import type { MeetingOptions, Options } from '../../contract/meeting-options.ts'
import type { Problem } from '../../contract/problems.ts'
import type { Saved, Template, ZoomTemplates } from '../../contract/templates.ts'
import type { AddIn } from '../compose.ts'

/** What can be chosen for a meeting that there is not yet, and what the person has saved. */
export function useNewOptions(addIn: AddIn) {
  const [found, setFound] = useState<MeetingOptions>()
  const [saved, setSaved] = useState<Saved>()
  const [zoomTemplates, setZoomTemplates] = useState<ZoomTemplates>({})
  /** The options are there without the templates, which could not be read. */
  const [isPartial, setPartial] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const [news, setNews] = useState<'kept' | 'saving'>()

  const read = useCallback(async () => {
    setProblem(undefined)
    try {
      const options = await addIn.meetingOptions()
      const [found, saved, templates] = await Promise.allSettled([
        options.readNew(),
        options.saved(),
        options.zoomTemplates(),
      ])
      if (found.status === 'rejected') throw found.reason
      if (templates.status === 'fulfilled') setZoomTemplates(templates.value)
      if (saved.status === 'fulfilled') setSaved(saved.value)
      setFound(found.value)
      setPartial([saved, templates].some(({ status }) => status === 'rejected'))
    } catch (error) {
      setProblem(asProblem(error))
    }
  }, [addIn])
  useEffect(() => {
    read()
  }, [read])

  type Acts = Awaited<ReturnType<AddIn['meetingOptions']>>
  async function save(act: (options: Acts) => Promise<unknown>) {
    setNews('saving')
    setProblem(undefined)
    try {
      await act(await addIn.meetingOptions())
      await read()
      setNews('kept')
    } catch (error) {
      setNews(undefined)
      setProblem(asProblem(error))
    }
  }

  return {
    found,
    saved,
    zoomTemplates,
    isPartial,
    problem,
    news,
    read,
    /** Adds to the defaults as they are now: another pane may have saved some since. */
    saveDefaults: (options: Options) =>
      save(async (acts) => acts.saveDefaults({ ...(await acts.saved()).defaults, ...options })),
    forgetDefaults: () => save((acts) => acts.saveDefaults({})),
    saveTemplate: (template: Template) => save((acts) => acts.saveTemplate(template)),
    deleteTemplate: (id: string) => save((acts) => acts.deleteTemplate(id)),
  }
}
