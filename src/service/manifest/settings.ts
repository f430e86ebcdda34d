import { z } from 'zod'
import { atRoot } from '../at-root.ts'
import { guid } from '../settings/forms.ts'
import { type SettingsOf, settingsPart, wrong } from '../settings/read.ts'
import { iconFaults } from './icons.ts'

/** How this deployment's add-in looks in Outlook. */
export const manifestSettings = settingsPart({
  shape: {
    ADDIN_ID: guid.optional(),
    ADDIN_NAME: z
      .string()
      .regex(/^[^\p{Cc}]{1,125}$/u, 'must have 1 to 125 characters')
      .optional(),
    ADDIN_ICONS: z.string().min(1, 'is empty').optional(),
  },
  rows: {
    ADDIN_ID: {
      says: 'id of the add-in in the manifest. Change it only for a second deployment in the same organisation: Outlook takes the same id for the same add-in, and what an add-in has noted in appointments belongs to its id',
      example: '7f1b2c3d-0000-4000-8000-000000000003',
      otherwise: 'none: the published id',
    },
    ADDIN_NAME: {
      says: 'name of the add-in in the manifest, in every language',
      example: 'Zoom (pilot)',
      otherwise: 'none: the published names',
    },
    ADDIN_ICONS: {
      says: 'a folder with [icons of your own](deploy-the-add-in.md#icons-of-your-own) for Outlook’s ribbon and its list of add-ins',
      example: '/etc/zoom-for-outlook/icons',
      otherwise: 'none: the published icons',
    },
  },
  faults: ({ ADDIN_ICONS }) =>
    ADDIN_ICONS ? iconFaults(ADDIN_ICONS, atRoot('manifest.xml')).map(wrong) : [],
})
export type ManifestSettings = SettingsOf<typeof manifestSettings>
