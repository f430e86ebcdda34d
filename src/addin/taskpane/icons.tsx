import {
  ArrowUndoRegular,
  CheckmarkCircleFilled,
  CheckmarkRegular,
  ChevronDownRegular,
  ChevronUpRegular,
  CopyRegular,
  DeleteRegular,
  MailCopyRegular,
  OpenRegular,
  OptionsRegular,
  PlugConnectedRegular,
  VideoRegular,
  WarningFilled,
} from '@fluentui/react-icons'
import type { ReactNode } from 'react'

const icons = {
  good: CheckmarkCircleFilled,
  attention: WarningFilled,
  meeting: VideoRegular,
  copy: CopyRegular,
  copyInvitation: MailCopyRegular,
  copied: CheckmarkRegular,
  open: OpenRegular,
  remove: DeleteRegular,
  options: OptionsRegular,
  connections: PlugConnectedRegular,
  undo: ArrowUndoRegular,
  more: ChevronDownRegular,
  less: ChevronUpRegular,
}

export type IconName = keyof typeof icons

export default function Drawn({ name }: { name: IconName }): ReactNode {
  const Drawing = icons[name]
  return <Drawing />
}
