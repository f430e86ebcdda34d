import type { Faults } from '../kit/faults.ts'
import type { Situations } from '../vendor.ts'
import { type Directory, everything, everythingOwn } from './delegated.ts'

/** What people meet with the calendar that they have connected. */
export const situations = (directory: Directory, faults: Faults): Situations => ({
  'entra-sessions-revoked': {
    says: 'An administrator revokes every sign-in session',
    begin: () => directory.revokeSessions(Date.now()),
  },
  'entra-application-removed': {
    says: 'An administrator removes the enterprise application',
    begin: directory.removeApplication,
  },
  'entra-application-disabled': {
    says: 'An administrator disables the enterprise application',
    begin: directory.disableApplication,
  },
  'entra-consent-removed': {
    says: 'An administrator removes the consent for calendars',
    begin: () => directory.consent([]),
  },
  'entra-permission-lowered': {
    says: 'An administrator lowers the consent for calendars to reading',
    begin: () => directory.consent(['Calendars.Read']),
  },
  'entra-consent-granted': {
    says: 'An administrator adds the enterprise application again, with consent for calendars and contacts',
    begin() {
      directory.consent(everything)
      directory.giveOwn(everythingOwn)
    },
  },
  'entra-consent-without-contacts': {
    says: 'An administrator removes the consent for contacts',
    begin: () => directory.consent(['Calendars.Read', 'Calendars.ReadWrite']),
  },
  'entra-tokens-with-everything': {
    says: 'Entra puts every permission that was consented to into access tokens',
    begin: directory.giveAll,
  },
  'entra-application-permissions-removed': {
    says: 'An administrator removes the application permissions for calendars',
    begin: () => directory.giveOwn([]),
  },
  'entra-demands-more': {
    says: 'A Conditional Access policy demands another sign-in for calendars',
    begin: directory.demandMore,
  },
  'entra-tokens-down': {
    says: 'Entra’s token endpoint is down',
    begin: () =>
      faults.add({ vendor: 'entra', match: 'oauth2/v2.0/token', status: 503, body: '', times: 'always' }),
  },
})
