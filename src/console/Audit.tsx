import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { useCallback, useState } from 'react'
import { asProblem } from '../browser/as-problem.ts'
import type { ShownVerdict, SignedIn } from '../contract/admin.ts'
import type { Problem } from '../contract/problems.ts'
import { Failure, Pending, Records, Status } from './parts.tsx'
import { saveFile } from './save-file.ts'
import type { ExportFormat, Service } from './service.ts'
import { texts } from './texts.ts'
import { useAnswer } from './use-answer.ts'
import { Pager, usePages } from './use-pages.tsx'

const useStyles = makeStyles({
  text: { margin: 0, maxWidth: '48rem' },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
})

const { audit: says } = texts

interface Props {
  service: Service
  me: SignedIn
}

/** The audit trail, a page at a time. Where the service is for one organisation, it can be verified and exported. */
export function Audit({ service, me: { mailboxes: isWhole } }: Props) {
  const styles = useStyles()
  const pages = usePages<number>()
  const before = pages.beginning
  const { answer, problem, again } = useAnswer(
    useCallback(() => service.audit(before === undefined ? {} : { before }), [service, before]),
  )
  return (
    <>
      <h1 className={styles.text}>{says.heading}</h1>
      <p className={styles.text}>{isWhole ? says.all : says.own}</p>
      {isWhole && <WholeTrail service={service} />}
      <Pending answer={answer} problem={problem} again={again} />
      {answer && (
        <>
          <Records name={says.heading} records={answer.records} />
          <Pager pages={pages} next={answer.next} says={{ previous: says.newer, next: says.older }} />
        </>
      )}
    </>
  )
}

/** Verifies the whole trail, and downloads it. */
function WholeTrail({ service }: Pick<Props, 'service'>) {
  const styles = useStyles()
  const [news, setNews] = useState<{ doing?: string; done?: string; problem?: Problem }>({})
  async function run(act: () => Promise<string>) {
    if (news.doing) return
    setNews({ doing: says.verifying })
    try {
      setNews({ done: await act() })
    } catch (error) {
      setNews({ problem: asProblem(error) })
    }
  }
  const busy = news.doing !== undefined
  return (
    <>
      <div className={styles.buttons}>
        <Button
          disabledFocusable={busy}
          onClick={() => run(async () => inWords(await service.verifyAudit()))}
        >
          {says.verify}
        </Button>
        {(['jsonl', 'ocsf'] as const).map((format) => (
          <Button key={format} disabledFocusable={busy} onClick={() => run(() => download(service, format))}>
            {says.exports[format]}
          </Button>
        ))}
      </div>
      <Status>{news.doing ?? news.done}</Status>
      {news.problem && <Failure problem={news.problem} />}
    </>
  )
}

const inWords = ({ last, checkpoints, fault }: ShownVerdict) =>
  fault ? says.broken(fault, last) : says.intact(last, checkpoints)

/** The request needs the access token, so a plain link could not download it. */
async function download(service: Pick<Service, 'exportAudit'>, format: ExportFormat): Promise<string> {
  saveFile(await service.exportAudit(format), format === 'jsonl' ? 'audit.jsonl' : 'audit.ocsf.jsonl')
  return says.exported
}
