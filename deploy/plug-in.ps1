<#
.SYNOPSIS
    Gives the appointment that is open in classic Outlook its Zoom meeting, by the desktop companion.

.DESCRIPTION
    A reference plug-in. docs/plug-in-bridge.md is the protocol. It reads five facts of the appointment: subject, start,
    length, time zone, and whether it repeats. The key of the meeting is in a property of the appointment.

.PARAMETER Method
    schedule: creates the meeting, or updates it, and writes the invitation above the text of a new one.
    update: updates the meeting, and creates none.
    state: shows the meeting as Zoom has it.
    remove: removes the meeting at Zoom. The invitation stays in the text.

.EXAMPLE
    powershell.exe -NoProfile -File plug-in.ps1 schedule
#>
param(
    [Parameter(Mandatory)]
    [ValidateSet('schedule', 'update', 'state', 'remove')]
    [string] $Method
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3
# Properties of the appointment: the key of its meeting, and the join link whose invitation is in its text.
$keyProperty = 'ZoomMeetingKey'
$writtenProperty = 'ZoomInvitation'
$answerSeconds = 60

function New-RandomBytes([int] $Count) {
    $bytes = New-Object byte[] $Count
    $generator = [Security.Cryptography.RandomNumberGenerator]::Create()
    try { $generator.GetBytes($bytes) } finally { $generator.Dispose() }
    return , $bytes
}

function ConvertTo-Hex([byte[]] $Bytes) {
    return [BitConverter]::ToString($Bytes).Replace('-', '').ToLowerInvariant()
}

function ConvertFrom-Hex([string] $Text) {
    if ($Text -notmatch '^([0-9a-f]{2})+$') { throw 'This is not hexadecimal.' }
    $bytes = New-Object byte[] ($Text.Length / 2)
    for ($at = 0; $at -lt $bytes.Length; $at++) { $bytes[$at] = [Convert]::ToByte($Text.Substring(2 * $at, 2), 16) }
    return , $bytes
}

function Get-Proof($Note, [string] $Role, [string] $PlugInNonce, [string] $CompanionNonce) {
    $said = ('zoom-for-outlook bridge 1', $Role, $Note.address, $PlugInNonce, $CompanionNonce) -join "`n"
    $hmac = New-Object Security.Cryptography.HMACSHA256 (, (ConvertFrom-Hex $Note.secret))
    try { return ConvertTo-Hex $hmac.ComputeHash([Text.Encoding]::UTF8.GetBytes($said)) } finally { $hmac.Dispose() }
}

# Compares every character, so that the time does not tell where two texts differ.
function Test-Same([string] $One, [string] $Other) {
    if ($One.Length -ne $Other.Length) { return $false }
    $difference = 0
    for ($at = 0; $at -lt $One.Length; $at++) { $difference = $difference -bor ([int] $One[$at] -bxor [int] $Other[$at]) }
    return $difference -eq 0
}

function Read-Note {
    $path = Join-Path $env:LOCALAPPDATA 'zoom-for-outlook\plug-in-bridge.json'
    if (-not (Test-Path -LiteralPath $path)) { throw 'The desktop companion does not run. Start it, then try again.' }
    return Get-Content -LiteralPath $path -Raw -Encoding UTF8 | ConvertFrom-Json
}

# Sends one request, and returns the result. Throws the sentence for the person.
function Send-Request($Connection, [int] $Id, [string] $Name, $Parameters) {
    $request = [ordered] @{ jsonrpc = '2.0'; id = $Id; method = $Name; params = $Parameters }
    $Connection.Writer.WriteLine((ConvertTo-Json $request -Compress -Depth 4))
    $reading = $Connection.Reader.ReadLineAsync()
    if (-not $reading.Wait(1000 * $answerSeconds)) { throw 'The desktop companion does not answer. Try again.' }
    if ($null -eq $reading.Result) { throw 'The desktop companion has ended the connection. Try again.' }
    $answer = $reading.Result | ConvertFrom-Json
    if ($answer.PSObject.Properties['error']) { throw $answer.error.message }
    return $answer.result
}

# One request over a new connection, after both sides have proved that they know the secret.
function Invoke-Companion([string] $Name, $Parameters) {
    $note = Read-Note
    $pipeName = $note.address -replace '^\\\\\.\\pipe\\', ''
    # Anonymous: who listens there cannot act as this person.
    $pipe = New-Object IO.Pipes.NamedPipeClientStream ('.', $pipeName, [IO.Pipes.PipeDirection]::InOut,
        [IO.Pipes.PipeOptions]::Asynchronous, [Security.Principal.TokenImpersonationLevel]::Anonymous)
    try {
        $pipe.Connect(5000)
        $utf8 = New-Object Text.UTF8Encoding $false
        $writer = New-Object IO.StreamWriter ($pipe, $utf8)
        $writer.NewLine = "`n"
        $writer.AutoFlush = $true
        $connection = @{ Writer = $writer; Reader = New-Object IO.StreamReader ($pipe, $utf8) }
        $nonce = ConvertTo-Hex (New-RandomBytes 32)
        $hello = Send-Request $connection 1 'hello' @{ version = 1; nonce = $nonce }
        if (-not (Test-Same $hello.proof (Get-Proof $note 'companion' $nonce $hello.nonce))) {
            throw 'Another program has taken the place of the desktop companion.'
        }
        $proof = Get-Proof $note 'plug-in' $nonce $hello.nonce
        $null = Send-Request $connection 2 'prove' @{ proof = $proof }
        return Send-Request $connection 3 $Name $Parameters
    } finally { $pipe.Dispose() }
}

# The appointment that is open: olAppointment is 26.
$outlook = New-Object -ComObject Outlook.Application
$window = $outlook.ActiveInspector()
if ($null -eq $window -or $window.CurrentItem.Class -ne 26) { throw 'Open an appointment in Outlook first.' }
$appointment = $window.CurrentItem
$property = $appointment.UserProperties.Find($keyProperty)
if ($null -eq $property) {
    if ($Method -ne 'schedule') { throw 'This appointment has no Zoom meeting.' }
    # olText is 1. The key is saved before the first request, so that a repeat names the same meeting.
    $property = $appointment.UserProperties.Add($keyProperty, 1)
    $property.Value = [Convert]::ToBase64String((New-RandomBytes 16)).TrimEnd('=').Replace('+', '-').Replace('/', '_')
    $appointment.Save()
}
$parameters = [ordered] @{ key = $property.Value }
if ($Method -in 'schedule', 'update') {
    $utc = "yyyy-MM-dd'T'HH:mm:ss'Z'"
    $parameters.appointment = [ordered] @{
        subject = [string] $appointment.Subject
        start = $appointment.StartUTC.ToString($utc, [Globalization.CultureInfo]::InvariantCulture)
        minutes = [int] $appointment.Duration
        timeZone = [string] $appointment.StartTimeZone.ID
        recurring = [bool] $appointment.IsRecurring
    }
}
$written = $appointment.UserProperties.Find($writtenProperty)
$result = Invoke-Companion $Method $parameters
if ($Method -eq 'remove') {
    $property.Delete()
    if ($null -ne $written) { $written.Delete() }
    $appointment.Save()
}
# The invitation is written where the text begins. The text is not read.
if ($Method -eq 'schedule' -and ($null -eq $written -or $written.Value -ne $result.joinUrl)) {
    $window.WordEditor.Range(0, 0).InsertBefore($result.invitation.Replace("`n", "`r") + "`r`r")
    if ($null -eq $written) { $written = $appointment.UserProperties.Add($writtenProperty, 1) }
    $written.Value = $result.joinUrl
    $appointment.Save()
}
$result
