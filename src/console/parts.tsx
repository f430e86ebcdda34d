import { Button, makeStyles, mergeClasses, Spinner, tokens } from '@fluentui/react-components'
import type { ReactNode, Ref } from 'react'
import type { ShownRecord } from '../contract/admin.ts'
import type { Problem } from '../contract/problems.ts'
import { when } from './language.ts'
import { addressOf } from './place.ts'
import { texts } from './texts.ts'
import type { useAnswer } from './use-answer.ts'

const narrow = '@media (max-width: 479px)'
const mostColumns = 6
/** What says the column of a cell. The table has the texts: a style sheet can set none of its own. */
const labels = Object.fromEntries(
  Array.from({ length: mostColumns }, (_, index) => [
    `& td:nth-child(${index + 1})::before`,
    { content: `var(--column-${index + 1})` },
  ]),
)

const useStyles = makeStyles({
  failure: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'start',
    gap: tokens.spacingVerticalS,
    padding: tokens.spacingHorizontalM,
    border: `1px solid ${tokens.colorStatusDangerBorder1}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorStatusDangerBackground1,
    color: tokens.colorStatusDangerForeground1,
    overflowWrap: 'anywhere',
  },
  status: {
    margin: 0,
    borderRadius: tokens.borderRadiusMedium,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '4px' },
  },
  scrolling: {
    overflowX: 'auto',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '1px' },
  },
  table: {
    width: '100%',
    borderCollapse: 'collapse',
    '& th, & td': {
      padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
      textAlign: 'start',
      verticalAlign: 'top',
      borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    },
    '& tbody tr:last-child td': { borderBottom: 'none' },
    '& th': {
      color: tokens.colorNeutralForeground3,
      fontWeight: tokens.fontWeightSemibold,
      whiteSpace: 'nowrap',
    },
  },
  id: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: 'break-word',
  },
  /** Where the window is narrow, each row is a block, and each cell says its column. */
  stacking: {
    [narrow]: {
      '& th': { display: 'none' },
      '& thead, & tbody, & tr': { display: 'block' },
      '& tbody tr': {
        borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
        padding: `${tokens.spacingVerticalS} 0`,
      },
      '& tbody tr:last-child': { borderBottom: 'none' },
      '& td': {
        display: 'flow-root',
        borderBottom: 'none',
        padding: `${tokens.spacingVerticalXXS} ${tokens.spacingHorizontalM}`,
        paddingInlineStart: `calc(${tokens.spacingHorizontalM} + 5rem)`,
        minWidth: 0,
        overflowWrap: 'anywhere',
      },
      '& td:empty': { display: 'none' },
      '& td::before': {
        float: 'inline-start',
        width: '4.5rem',
        marginInlineStart: '-5rem',
        color: tokens.colorNeutralForeground3,
        fontSize: tokens.fontSizeBase200,
        lineHeight: tokens.lineHeightBase300,
      },
      ...labels,
    },
  },
  /** The first column is of check boxes. */
  choosing: {
    '& thead td': { width: '1%' },
    [narrow]: {
      '& thead td': { width: 'auto' },
      '& td:first-child': { paddingInlineStart: tokens.spacingHorizontalM },
    },
  },
  // A target has 24 pixels at least (WCAG 2.2, 2.5.8).
  link: { display: 'inline-block', paddingBlock: '4px', color: tokens.colorBrandForegroundLink },
  card: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'start',
    gap: tokens.spacingVerticalS,
    padding: tokens.spacingHorizontalM,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  list: { margin: 0, paddingLeft: tokens.spacingHorizontalL, overflowWrap: 'anywhere' },
  facts: {
    margin: 0,
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(20rem, 100%), 1fr))',
    gap: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalXL}`,
  },
  term: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  value: { margin: 0, overflowWrap: 'anywhere' },
})

interface FailureProps {
  /** Gets the focus when the button of an act is gone. */
  ref?: Ref<HTMLDivElement>
  problem: Problem
  /** Missing: the problem's own sentence. */
  sentence?: string | undefined
  again?: (() => void) | undefined
}

/** Says what went wrong, and offers what may help. */
export function Failure({ ref, problem, sentence = texts.problem(problem), again }: FailureProps) {
  const styles = useStyles()
  return (
    <div ref={ref} tabIndex={-1} role="alert" className={styles.failure}>
      {sentence}
      {again && (
        <Button size="small" onClick={again}>
          {texts.tryAgain}
        </Button>
      )}
    </div>
  )
}

/** While there is no answer yet: that it is being read. When there is a problem: what it is. */
export function Pending({ answer, problem, again }: Omit<ReturnType<typeof useAnswer>, 'isAsking'>) {
  if (problem) return <Failure problem={problem} again={again} />
  return answer ? null : <Spinner label={texts.reading} />
}

interface StatusProps {
  /** Gets the focus when the button of an act is gone. */
  ref?: Ref<HTMLParagraphElement>
  id?: string
  children: ReactNode
}

/** What is done, or how far it is. A screen reader says it. */
export function Status(props: StatusProps) {
  return <p {...props} role="status" tabIndex={-1} className={useStyles().status} />
}

interface TableProps {
  /** What a screen reader calls it. */
  name: string
  columns: readonly string[]
  /** The heading of a column of check boxes before them. */
  choose?: ReactNode
  children: ReactNode
}

/** A table that scrolls in itself where the window is narrow. Where it is narrower still, the cells of a row are stacked. */
export function Table({ name, columns, choose, children }: TableProps) {
  const styles = useStyles()
  const first = choose ? 2 : 1
  const labels = columns.map((column, index) => [`--column-${index + first}`, JSON.stringify(column)])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section aria-label={name} className={styles.scrolling} tabIndex={0}>
      <table
        className={mergeClasses(styles.table, styles.stacking, Boolean(choose) && styles.choosing)}
        style={Object.fromEntries(labels)}
      >
        <thead>
          <tr>
            {choose && <td>{choose}</td>}
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}

/** A person's id, as a link to what is known of them. */
export function PersonLink({ subject }: { subject: string }) {
  const styles = useStyles()
  return (
    <a className={mergeClasses(styles.id, styles.link)} href={addressOf({ name: 'person', subject })}>
      {shortOf(subject)}
    </a>
  )
}

export function Id({ children }: { children: string }) {
  return <span className={useStyles().id}>{children}</span>
}

/** The directory is the same for all, so the object id is enough. */
export function shortOf(subject: string): string {
  const [kind, ...rest] = subject.split(':')
  return kind === 'exch' ? `${texts.people.mailbox} ${rest[0]?.slice(0, 12)}…` : (rest[1] ?? subject)
}

/** A part of a page about one act. */
export function Card({ name, children }: { name: string; children: ReactNode }) {
  return (
    <section aria-label={name} className={useStyles().card}>
      {children}
    </section>
  )
}

export function List({ children }: { children: ReactNode }) {
  return <ul className={useStyles().list}>{children}</ul>
}

export function Facts({ children }: { children: ReactNode }) {
  return <dl className={useStyles().facts}>{children}</dl>
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  const styles = useStyles()
  return (
    <div>
      <dt className={styles.term}>{name}</dt>
      <dd className={styles.value}>{children}</dd>
    </div>
  )
}

const { at, act, caller, subject, detail, name: nameOf } = texts.records

/** Records of the audit trail, the newest first. */
export function Records({ name, records }: { name: string; records: readonly ShownRecord[] }) {
  return (
    <Table name={name} columns={[at, act, caller, subject, detail]}>
      {records.map((record) => (
        <tr key={record.seq}>
          <td>
            <time dateTime={record.at}>{when(record.at)}</time>
          </td>
          <td>{nameOf(record.act)}</td>
          <td>{record.caller ? <Who id={record.caller} /> : texts.nobody}</td>
          <td>{record.subject && <Who id={record.subject.replace(/^person:/, '')} />}</td>
          <td>{record.detail}</td>
        </tr>
      ))}
    </Table>
  )
}

const Who = ({ id }: { id: string }) =>
  /^(entra|exch):/.test(id) ? <PersonLink subject={id} /> : <Id>{id}</Id>
