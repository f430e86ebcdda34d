// Another program of the person, by an EWS client that is not ours: does one act in their calendar, and writes what it saw as
// JSON. A process of its own, because that client ends its process when a server fails.
import util from 'node:util'
import ews from 'ews-javascript-api'

// It calls this, which Node 23 took away, for an extended property.
util.isNullOrUndefined ??= (value) => value == null

const [url, user, password, act, owner, id, time, text] = process.argv.slice(2)
const service = new ews.ExchangeService(ews.ExchangeVersion.Exchange2013)
service.Credentials = new ews.WebCredentials(user, password)
service.Url = new ews.Uri(url)

const calendar = new ews.FolderId(ews.WellKnownFolderName.Calendar, new ews.Mailbox(owner))
const quietly = ews.SendInvitationsOrCancellationsMode.SendToNone
const note = new ews.ExtendedPropertyDefinition(
  new ews.Guid('00020329-0000-0000-C000-000000000046'),
  `cecp-${process.env.ADDIN_ID}`,
  ews.MapiPropertyType.String,
)
const shown = (item) => ({
  id: item.Id.UniqueId,
  subject: item.Subject,
  start: item.Start.ToISOString(),
  note: item.ExtendedProperties.Items?.[0]?.Value ?? null,
})

const acts = {
  async list() {
    const view = new ews.CalendarView(ews.DateTime.Now, ews.DateTime.Now.AddYears(1))
    view.PropertySet = new ews.PropertySet(ews.BasePropertySet.FirstClassProperties, [note])
    return (await service.FindAppointments(calendar, view)).Items.map(shown)
  },
  async changes() {
    const shape = new ews.PropertySet(ews.BasePropertySet.FirstClassProperties, [note])
    const scope = ews.SyncFolderItemsScope.NormalItems
    const changes = await service.SyncFolderItems(calendar, shape, [], 512, scope, null)
    return changes.GetEnumerator().map(({ Item }) => shown(Item))
  },
  async create() {
    const appointment = new ews.Appointment(service)
    appointment.Subject = id
    appointment.Start = ews.DateTime.Parse(time)
    appointment.End = ews.DateTime.Parse(time).AddMinutes(30)
    appointment.SetExtendedProperty(note, text)
    await appointment.Save(calendar, quietly)
  },
  async move() {
    const appointment = await ews.Appointment.Bind(service, new ews.ItemId(id))
    appointment.Subject = 'Moved elsewhere'
    appointment.Start = ews.DateTime.Parse(time)
    appointment.End = ews.DateTime.Parse(time).AddMinutes(30)
    await appointment.Update(ews.ConflictResolutionMode.AlwaysOverwrite, quietly)
  },
  async remove() {
    const appointment = await ews.Appointment.Bind(service, new ews.ItemId(id))
    await appointment.Delete(ews.DeleteMode.MoveToDeletedItems, ews.SendCancellationsMode.SendToNone)
  },
}
try {
  console.log(JSON.stringify((await acts[act]()) ?? null))
} catch (error) {
  console.error(ews.ServiceError[error.ErrorCode] ?? error)
  process.exit(1)
}
