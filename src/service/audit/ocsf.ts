import { type Act, acts, type Mapping } from './acts.ts'
import type { ExportedRecord } from './verify.ts'

/** The version of the Open Cybersecurity Schema Framework: https://schema.ocsf.io/1.2.0/ */
const version = '1.2.0'
const product = { name: 'Zoom for Outlook', vendor_name: 'Zoom for Outlook' }

const classes = {
  authentication: { class_uid: 3002, class_name: 'Authentication', category_uid: 3 },
  entity_management: { class_uid: 3004, class_name: 'Entity Management', category_uid: 3 },
  application_lifecycle: { class_uid: 6002, class_name: 'Application Lifecycle', category_uid: 6 },
} as const

/** A record as an OCSF event. What OCSF has no field for is in `unmapped`, so that no part of the record is lost. */
export function ocsfOf(record: ExportedRecord) {
  const { class: name, activity, failed }: Mapping = acts[record.act as Act].ocsf
  const { class_uid, ...named } = classes[name]
  const pairs = detailOf(record.detail)
  return {
    ...named,
    class_uid,
    activity_id: activity,
    type_uid: class_uid * 100 + activity,
    time: Date.parse(record.at),
    severity_id: failed ? 2 : 1,
    status_id: failed || pairs.result === 'broken' ? 2 : 1,
    ...(pairs.reason && { status_detail: pairs.reason }),
    ...(pairs.count && { count: Number(pairs.count) }),
    message: record.act,
    metadata: {
      version,
      product,
      log_name: 'audit',
      uid: String(record.seq),
      sequence: record.seq,
      ...(record.organisation && { tenant_uid: record.organisation }),
    },
    ...aboutOf[name](record),
    unmapped: {
      previous: record.previous,
      hash: record.hash,
      ...(record.detail && { detail: record.detail }),
    },
  }
}

/** What each class needs beside the fields of every event. */
const aboutOf: Record<Mapping['class'], (record: ExportedRecord) => object> = {
  authentication: ({ caller }) => ({
    user: { uid: caller ?? 'unknown' },
    service: { name: product.name },
  }),
  entity_management: (record) => ({
    actor: record.caller ? actorOf(record.caller) : { app_name: product.name },
    entity: entityOf(record),
  }),
  application_lifecycle: ({ subject }) => ({
    app: { ...product, ...(subject && { feature: { name: subject } }) },
  }),
}

const actorOf = (caller: string) =>
  /^(entra|exch):/.test(caller) ? { user: { uid: caller } } : { app_name: caller }

/** What acts are about that name no subject of their own: what their caller has. */
const ofCaller = [
  [/^(zoom linked|disconnected)$/, 'zoom link'],
  [/^zoom /, 'zoom connection'],
  [/^(calendar|mailbox) /, 'calendar connection'],
  [/^template /, 'template'],
] as const

function entityOf({ subject, caller, act }: ExportedRecord) {
  const [, own] = ofCaller.find(([acts]) => acts.test(act)) ?? []
  if (own) return { type: own, uid: subject ?? caller }
  if (act.startsWith('audit')) return { type: 'audit trail', name: 'audit' }
  const [type = '', ...id] = (subject ?? '').split(':')
  if (subject) return { type, uid: id.join(':') }
  // A list, or what counts for the whole organisation. It is not the caller who is read or changed.
  const [what = ''] = act.split(' ')
  return { type: what, name: what }
}

const detailOf = (detail: string | null): Record<string, string> =>
  Object.fromEntries((detail ?? '').split(' ').map((pair) => pair.split('=')))
