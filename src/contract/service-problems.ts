import { pageProblems, type Rows } from './page-problems.ts'

/**
 * Everything that can go wrong, one row each: the HTTP status (RFC 9457) and the sentence people read. It says what
 * is wrong and what to do next. The rows of this file are apart from the others to keep them out of the add-in's pages,
 * which show the sentence as the service sent it.
 */
export const problems = /* @__PURE__ */ Object.assign({}, pageProblems, {
  sign_in_misconfigured: {
    status: 502,
    says: "Your mail server's sign-in certificate has expired. Tell your administrator.",
  },
  link_required: { status: 409, says: 'Connect your Zoom account to continue.' },
  link_expired: { status: 409, says: 'Connecting Zoom took too long. Connect Zoom again.' },
  zoom_other_account: {
    status: 409,
    says: "This Zoom account is not your organisation's. Connect Zoom again with your work account.",
  },
  too_many_requests: { status: 429, says: 'Too many requests. Try again in a minute.' },
  zoom_not_connected: {
    status: 409,
    says: 'Your Zoom account is not connected. Connect it in Zoom settings in Outlook.',
  },
  zoom_connected: {
    status: 409,
    says: 'You have connected your own Zoom account. Disconnect it first.',
  },
  no_zoom_account: {
    status: 409,
    says: 'You have no Zoom account in your organisation. Ask your administrator for one.',
  },
  zoom_not_allowed: {
    status: 409,
    says: 'Your Zoom account is not allowed to schedule meetings. Ask your Zoom administrator.',
  },
  zoom_misconfigured: {
    status: 502,
    says: 'The connection to Zoom is not set up correctly. Tell your administrator.',
  },
  zoom_refused: {
    status: 502,
    says: 'Zoom did not accept this meeting. Change the appointment, or tell your administrator.',
  },
  option_locked: { status: 409, says: 'Your organisation decides this option. It was not changed.' },
  option_not_allowed: {
    status: 409,
    says: 'Your Zoom account does not allow this option. It was not changed.',
  },
  alternative_hosts_not_allowed: {
    status: 409,
    says: 'Zoom did not accept these alternative hosts. Choose people with a licence in your Zoom account.',
  },
  authentication_profile_not_allowed: {
    status: 409,
    says: 'Zoom did not accept this way of signing in. Your Zoom account may not have it any more. Choose another one.',
  },
  interpreters_not_allowed: {
    status: 409,
    says: 'Zoom did not accept these interpreters. Check their addresses and languages. Nothing was changed.',
  },
  alternative_host_is_host: {
    status: 409,
    says: 'The host is one of the alternative hosts. Name other people only. Nothing was changed.',
  },
  alternative_host_twice: {
    status: 409,
    says: 'An alternative host is named twice. Name each person once. Nothing was changed.',
  },
  too_many_templates: { status: 409, says: 'You have 40 templates. Delete one to save another one.' },
  zoom_busy: { status: 503, says: 'Zoom is busy. Try again in a minute.' },
  zoom_unreachable: {
    status: 503,
    says: 'Zoom did not answer. Your appointment is unchanged. Try again in a minute.',
  },
  invalid_request: { status: 400, says: 'The request is not valid. Reload the add-in and try again.' },
  signature_refused: {
    status: 401,
    says: 'The signature of this request is missing, wrong or too old. Check the secret token of the Zoom app, and the clock.',
  },
  too_large: { status: 413, says: 'The request is too large. Shorten it and try again.' },
  meeting_gone: {
    status: 410,
    says: 'This Zoom meeting was removed. Choose Add Zoom meeting to create a new one.',
  },
  not_found: { status: 404, says: 'There is nothing at this address. Check the address.' },
  owner_has_no_zoom_account: {
    status: 409,
    says: 'The owner of this calendar has no Zoom account in your organisation. Ask your administrator for one.',
  },
  owner_does_not_allow: {
    status: 409,
    says: 'The owner of this calendar has not given you scheduling privilege in Zoom. Ask them for it.',
  },
  owner_not_allowed: {
    status: 409,
    says: 'The Zoom account of the owner of this calendar is not allowed to schedule meetings. Ask your Zoom administrator.',
  },
  not_the_host: {
    status: 409,
    says: 'This Zoom meeting now belongs to somebody else in Zoom. Ask them, or your Zoom administrator.',
  },
  calendar_unreachable: {
    status: 503,
    says: 'Your calendar provider did not answer. Nothing was changed. Try again in a minute.',
  },
  calendar_misconfigured: {
    status: 502,
    says: 'The connection to your calendar provider is not set up correctly. Tell your administrator.',
  },
  exchange_misconfigured: {
    status: 502,
    says: 'Your mail server does not offer the way of signing in that this service is set up for. Your password was not tried. Tell your administrator.',
  },
  too_many_passwords: {
    status: 429,
    says: 'Your mail server refused three passwords. Try again in an hour.',
  },
  calendar_busy: {
    status: 503,
    says: 'Your calendar is busy right now. Try again in a minute.',
  },
  calendar_not_connected: {
    status: 409,
    says: 'Your calendar is not connected. Connect it in Zoom settings in Outlook.',
  },
  calendar_refuses: {
    status: 503,
    says: 'Your calendar provider refuses access right now. Try again in a minute.',
  },
  not_an_administrator: {
    status: 403,
    says: 'You have no role in this service. Ask an administrator of your directory for the role Admin or Auditor.',
  },
  role_too_low: {
    status: 403,
    says: 'An auditor can look at everything and change nothing. Ask an administrator of your directory for the role Admin.',
  },
  second_factor_required: {
    status: 401,
    says: 'Administrators need a second factor. Sign in again with it.',
  },
  only_by_command: {
    status: 409,
    says: 'This service is for several organisations, so only its operator can do that, by command.',
  },
  no_such_person: {
    status: 404,
    says: 'The service stores nothing about such a person of your organisation.',
  },
  calendar_not_allowed: {
    status: 403,
    says: 'Your organisation does not allow calendars to be connected. Ask your administrator.',
  },
  exchange_sign_in_not_allowed: {
    status: 403,
    says: 'Your organisation does not allow this mailbox to sign in. Ask your administrator.',
  },
  zoom_sign_in_not_allowed: {
    status: 403,
    says: 'Your organisation does not allow you to sign in to Zoom. Ask your administrator.',
  },
  apps_not_allowed: {
    status: 403,
    says: 'Your organisation gives apps no access to calendars. Ask your administrator.',
  },
  contacts_not_allowed: {
    status: 403,
    says: 'Microsoft 365 gives apps no access to your calendar without your contacts, which your organisation does not allow. Ask your administrator.',
  },
  policies_changed: {
    status: 409,
    says: 'Another administrator has changed the policies meanwhile. Read them again.',
  },
  invitation_changed: {
    status: 409,
    says: 'Another administrator has changed the invitation meanwhile. Read it again.',
  },
  invalid_invitation: { status: 400, says: 'The invitation cannot be saved like this.' },
  mailbox_not_reached: {
    status: 409,
    says: 'The application may not open this mailbox’s calendar. In Entra ID, grant it the application permission Calendars.Read or Calendars.ReadWrite. Or add the mailbox to its scope in Exchange Online. Then try again.',
  },
  no_such_mailbox: {
    status: 404,
    says: 'Your directory has no calendar in Exchange Online for this object id. Check the id, and whether the mailbox is online.',
  },
  mailbox_not_connected: {
    status: 404,
    says: 'This mailbox is not connected. Read the mailboxes again.',
  },
  mailbox_not_allowed: {
    status: 403,
    says: 'A policy of your organisation allows less for this mailbox. Choose less, or change the policy.',
  },
  access_revoked: {
    status: 409,
    says: 'The access of this person was revoked. Allow it again on the page of the person, then connect the mailbox.',
  },
  application_missing: {
    status: 409,
    says: 'Your directory does not have the application of this service, or does not let it in. Add it in Entra ID and grant consent, then try again.',
  },
  application_misconfigured: {
    status: 502,
    says: 'Entra does not accept the secret of this service’s application, or none is set. The operator of the service must renew ENTRA_CLIENT_SECRET.',
  },
  graph_unreachable: {
    status: 503,
    says: 'Entra or Microsoft Graph did not answer. Nothing was changed. Try again in a minute.',
  },
  places_not_permitted: {
    status: 409,
    says: 'The application may not read the rooms of your directory. In Entra ID, grant it the application permissions Place.Read.All and User.ReadBasic.All. Then try again.',
  },
  no_such_room: {
    status: 404,
    says: 'Your directory has no room with this address. Check the address.',
  },
  room_not_added: { status: 404, says: 'This room is not added. Read the rooms again.' },
  room_systems_off: {
    status: 409,
    says: 'This service books no room systems. Name their networks in the setting ROOM_SYSTEM_NETWORKS.',
  },
  no_room_system: { status: 404, says: 'This room has no room system. Read the rooms again.' },
  no_such_screen: { status: 404, says: 'There is no such screen any more. Read the rooms again.' },
  no_such_code: {
    status: 404,
    says: 'No screen shows this code now. Read it from the screen again: it changes every 10 minutes.',
  },
  screen_not_paired: { status: 401, says: 'This screen is not paired with a room. Pair it again.' },
  mailbox_not_opened: {
    status: 409,
    says: 'Your mail server does not let this service open this mailbox. Check that it is your own main address. If it is, tell your administrator.',
  },
  code_wrong: {
    status: 409,
    says: 'This code is not right, or it is older than ten minutes. Check it, or send another code.',
  },
  too_many_codes: {
    status: 429,
    says: 'Ten codes were sent for you or for this mailbox within a day. Try again tomorrow.',
  },
  service_account_missing: {
    status: 409,
    says: 'This service has no access to calendars on your mail server at the moment. Tell your administrator.',
  },
  calendar_way_changed: {
    status: 409,
    says: 'Your organisation has changed how calendars are connected. Reload the add-in and try again.',
  },
  service_account_refused: {
    status: 409,
    says: 'The Exchange server did not accept this user name and password, or refused this password within the last hour. Nothing was saved.',
  },
  no_such_server: {
    status: 404,
    says: 'The service knows no Exchange server with an address for EWS by this name. Read the page again.',
  },
  no_such_key: { status: 404, says: 'The service has never had a key with this name.' },
  key_in_use: {
    status: 409,
    says: 'This key is active, or stored credentials still need it. Nothing was changed.',
  },
  key_removal_asked: {
    status: 409,
    says: 'An administrator has asked for the removal of this key already, or it is retired. Read the keys again.',
  },
  key_removal_not_asked: {
    status: 409,
    says: 'Nobody has asked for the removal of this key in the last day. Read the keys again.',
  },
  second_administrator_required: {
    status: 409,
    says: 'You asked for the removal of this key yourself. Another administrator must confirm it.',
  },
  zoom_daily_limit: {
    status: 503,
    says: 'Zoom allows no more changes to your meetings today. Try again tomorrow.',
  },
} as const satisfies Rows)
