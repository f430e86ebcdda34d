/** A failure with a number of Office.js, which adds name and message. */
export class OfficeError extends Error {
  constructor(readonly code: number) {
    super(`Office error ${code}`)
  }
}

/** The error numbers of this host, by their names in Office.js. */
export const officeErrors = {
  internalFormatError: 9002,
  invalidEndTime: 9010,
  accessRestricted: 9017,
  genericTokenError: 9018,
  genericResponseError: 9020,
  saveError: 9021,
  duplicateNotificationKey: 9023,
  notificationKeyNotFound: 9024,
  tooManyNotifications: 9025,
  invalidParameterValue: 9031,
  recurrenceOnOccurrence: 9033,
  itemNotSaved: 9046,
  keyNotFound: 9050,
  sessionDataTooLong: 9051,
  notSupportedForSharedFolders: 9055,
  operationNotSupported: 5000,
  popupBlocked: 12011,
} as const

export function refuse(reason: keyof typeof officeErrors): never {
  throw new OfficeError(officeErrors[reason])
}
