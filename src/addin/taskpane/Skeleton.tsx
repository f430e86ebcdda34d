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
  action: {
    display: 'block',
    height: '32px',
    borderRadius: bar.borderRadius,
    backgroundColor: bar.backgroundColor,
    '@media (forced-colors: active)': { border: '1px solid GrayText' },
  },
})

/** The card of a meeting while the appointment is read: the main button will be where its place is. */
export function Skeleton({ label }: { label: string }) {
  const styles = useStyles()
  return (
    <div className={useCardStyles().card}>
      <span role="status" className={styles.label}>
        {label}
      </span>
      <span className={styles.state} />
      <span className={styles.action} />
    </div>
  )
}
