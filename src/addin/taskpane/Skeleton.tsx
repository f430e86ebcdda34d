import { makeStyles, tokens } from '@fluentui/react-components'
import { useCardStyles } from './card.ts'

const bar = {
  content: '""',
  borderRadius: tokens.borderRadiusMedium,
  backgroundColor: tokens.colorNeutralStencil1,
  '@media (forced-colors: active)': { border: '1px solid GrayText' },
} as const

const useStyles = makeStyles({
  /** What a screen reader says instead. */
  label: { position: 'absolute', clipPath: 'inset(50%)', width: '1px', height: '1px', overflow: 'hidden' },
  state: {
    display: 'flex',
    alignItems: 'center',
    height: `calc(2 * ${tokens.lineHeightBase300})`,
    '::before': { ...bar, width: '60%', height: '16px' },
  },
  options: {
    height: '40px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  action: {
    display: 'block',
    boxSizing: 'border-box',
    height: '32px',
    borderRadius: bar.borderRadius,
    backgroundColor: bar.backgroundColor,
    '@media (forced-colors: active)': { border: '1px solid GrayText' },
  },
})

/** What there is of an appointment without a meeting, while it is read: everything will be where its place is. */
export function Skeleton({ label }: { label: string }) {
  const styles = useStyles()
  return (
    <>
      <div className={useCardStyles().card}>
        <span role="status" className={styles.label}>
          {label}
        </span>
        <span className={styles.state} />
        <span className={styles.action} />
        <span className={styles.state} />
      </div>
      <div className={styles.options} />
    </>
  )
}
