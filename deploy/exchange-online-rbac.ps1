<#
.SYNOPSIS
Lets the application open the calendars of one group's members, and of nobody else. docs/exchange-online.md explains it.
.DESCRIPTION
Run it in a session of Connect-ExchangeOnline, as a member of Organization Management. Run it again at any time: what is
there already stays. It removes nothing.
.EXAMPLE
./exchange-online-rbac.ps1 -ClientId $client -ObjectId $object -Group zoom-calendars@contoso.example -Inside ada@contoso.example -Outside alan@contoso.example
#>
[CmdletBinding()]
param(
  # Application (client) id.
  [Parameter(Mandatory)] [guid] $ClientId,
  # Object id under Enterprise applications. It is not the one under App registrations.
  [Parameter(Mandatory)] [guid] $ObjectId,
  # A mail-enabled security group. Only its direct members count.
  [Parameter(Mandatory)] [string] $Group,
  # A mailbox in the group, and one outside it: the self-test.
  [Parameter(Mandatory)] [string] $Inside,
  [Parameter(Mandatory)] [string] $Outside,
  [ValidateSet('Read', 'ReadWrite')] [string] $Permission = 'Read',
  [string] $Name = 'Zoom for Outlook'
)
$ErrorActionPreference = 'Stop'
$role = "Application Calendars.$Permission"
$assignment = "$Name Calendars.$Permission"
$distinguishedName = (Get-Group -Identity $Group).DistinguishedName.Replace("'", "''")
$filter = "MemberOfGroup -eq '$distinguishedName'"

# Exchange may write a filter in parentheses, or with other spaces, than it was given.
function Format-Filter([string] $text) { ($text -replace '\s+', ' ').Trim(' ()'.ToCharArray()) }

if (-not (Get-ServicePrincipal | Where-Object { $_.AppId -eq $ClientId })) {
  New-ServicePrincipal -AppId $ClientId -ObjectId $ObjectId -DisplayName $Name | Out-Null
}
$scope = Get-ManagementScope | Where-Object { $_.Name -eq $Name }
if (-not $scope) {
  New-ManagementScope -Name $Name -RecipientRestrictionFilter $filter | Out-Null
} elseif ((Format-Filter $scope.RecipientFilter) -ne (Format-Filter $filter)) {
  throw "The scope '$Name' has the filter $($scope.RecipientFilter) and not $filter. Remove it, or choose another -Name."
}
if (-not (Get-ManagementRoleAssignment | Where-Object { $_.Name -eq $assignment })) {
  New-ManagementRoleAssignment -Name $assignment -App $ObjectId -Role $role -CustomResourceScope $Name | Out-Null
}

# The self-test. It does not wait for the caches of Exchange, which take up to two hours.
foreach ($mailbox in $Inside, $Outside) {
  $rows = @(Test-ServicePrincipalAuthorization -Identity $ObjectId -Resource $mailbox)
  $rows | Format-Table
  $opens = @($rows | Where-Object { $_.RoleName -like '*Calendars*' -and "$($_.InScope)" -eq 'True' }).Count -gt 0
  if ($opens -ne ($mailbox -eq $Inside)) {
    throw "The application $(if ($opens) { 'may' } else { 'may not' }) open the calendar of $mailbox."
  }
}
Write-Output 'The scope is as it should be. Permissions that were granted in Entra ID add to it: see docs/exchange-online.md.'
