<#
.SYNOPSIS
Shows whether room mailboxes keep what a join link needs, and with -Apply sets it. docs/rooms.md explains it.
.DESCRIPTION
Run it in a session of Connect-ExchangeOnline, or in the Exchange Management Shell of a server.
.EXAMPLE
Get-Mailbox -RecipientTypeDetails RoomMailbox -ResultSize Unlimited | ForEach-Object { ./room-mailboxes.ps1 -Room $_.PrimarySmtpAddress }
.EXAMPLE
./room-mailboxes.ps1 -Room turing@contoso.example -Apply
#>
[CmdletBinding()]
param(
  [Parameter(Mandatory)] [string[]] $Room,
  # Also takes invitations from outside the organisation.
  [switch] $External,
  [switch] $Apply
)
$ErrorActionPreference = 'Stop'
$wanted = @{ DeleteComments = $false; DeleteSubject = $false; AddOrganizerToSubject = $false; RemovePrivateProperty = $false }
if ($External) { $wanted.ProcessExternalMeetingMessages = $true }

foreach ($address in $Room) {
  $processing = Get-CalendarProcessing -Identity $address
  $differs = @($wanted.Keys | Where-Object { $processing.$_ -ne $wanted.$_ } | Sort-Object)
  if ($Apply -and $differs.Count -gt 0) {
    Set-CalendarProcessing -Identity $address @wanted
  }
  [pscustomobject] @{
    Room = $address
    AutomateProcessing = $processing.AutomateProcessing
    Differed = $differs -join ', '
    Applied = [bool] ($Apply -and $differs.Count -gt 0)
  }
}
