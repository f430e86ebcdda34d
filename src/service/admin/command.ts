import { auditCommand, auditHelp } from '../audit/command.ts'
import { UsageError } from '../command-line.ts'
import { doctorCommand, doctorHelp } from '../doctor/command.ts'
import { invitationCommand, invitationHelp } from './invitation-command.ts'
import { keyCommand, keyHelp } from './key-command.ts'
import { mailboxCommand, mailboxHelp } from './mailbox-command.ts'
import { peopleCommands, peopleHelp } from './people-command.ts'
import { policyCommand, policyHelp } from './policy-command.ts'

/** What an administrator does by command: `zoom-for-outlook doctor` and `zoom-for-outlook admin …`. Standard output has the result and nothing else. */
async function run(words: string[]): Promise<number> {
  const [system, area, ...args] = words
  if (!system || words.some((word) => word === '--help' || word === '-h')) {
    console.log(
      `${peopleHelp}\n\n${policyHelp}\n\n${invitationHelp}\n\n${mailboxHelp}\n\n${keyHelp}\n\n${auditHelp}\n\n${doctorHelp}`,
    )
    return 0
  }
  if (system === 'doctor') return doctorCommand(words.slice(1))
  const command = Object.hasOwn(peopleCommands, area ?? '') ? peopleCommands[area ?? ''] : undefined
  if (system === 'admin' && command) return command(args)
  if (system === 'admin' && area === 'policy') return policyCommand(args)
  if (system === 'admin' && area === 'invitation') return invitationCommand(args)
  if (system === 'admin' && area === 'mailbox') return mailboxCommand(args)
  if (system === 'admin' && area === 'key') return keyCommand(args)
  if (system !== 'admin' || area !== 'audit')
    throw new UsageError(`There is no command "${[system, area].filter(Boolean).join(' ')}"`)
  return auditCommand(args)
}

// A reader of the output that has enough, such as `head`, is no failure.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 2))

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  console.error(sentenceOf(error))
  if (error instanceof UsageError) console.error('zoom-for-outlook --help lists the commands.')
  process.exitCode = 2
}

/** An error that a connection makes may have a code and no message. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name)
}
