#!/usr/bin/env bash
# Registers the service at Entra ID, or completes its registration, by the Azure CLI: docs/entra.md has the same by hand.
# It adds what is missing, changes nothing that is right, removes nothing, and prints the settings of the service.
set -euo pipefail

usage='deploy/entra.sh https://addin.contoso.example [options]
  --calendars read|read-write|none   what people can let the service do with their calendars; read by default
  --secret FILE                      also makes a client secret, unless FILE has one. Calendars need it
  --name NAME                        of the application; "Zoom for Outlook (addin.contoso.example)" by default
  --client-id ID                     completes this application, whatever its name is'

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

address='' calendars=read secret='' name='' client=''
while [ $# -gt 0 ]; do
  case $1 in
    --help) printf '%s\n' "$usage" && exit 0 ;;
    --calendars | --secret | --name | --client-id)
      [ -n "${2-}" ] || fail "$1 needs a value."
      case $1 in
        --calendars) calendars=$2 ;;
        --secret) secret=$2 ;;
        --name) name=$2 ;;
        --client-id) client=$2 ;;
      esac
      shift 2
      ;;
    -*) fail "There is no option $1.
$usage" ;;
    *) [ -z "$address" ] || fail "Give one address."
      address=${1%/} && shift ;;
  esac
done
[[ $address =~ ^https://[a-z0-9.-]+(:[0-9]+)?$ ]] ||
  fail "Give the address of the service, PUBLIC_URL, in small letters: deploy/entra.sh https://addin.contoso.example"
host=${address#https://}
name=${name:-Zoom for Outlook ($host)}
[[ $name =~ ^[A-Za-z0-9\ ().:_-]+$ ]] || fail "--name can have letters, digits, blanks and ( ) . : _ - only."
case $calendars in
  read) scopes='Calendars.Read offline_access' ;;
  read-write) scopes='Calendars.ReadWrite offline_access' ;;
  none) scopes='' ;;
  *) fail "--calendars must be read, read-write or none." ;;
esac
# A secret that Entra shows once must have its place.
[ -z "$secret" ] || (umask 077 && : >>"$secret") 2>/dev/null || fail "$secret cannot be written: make its folder first."

command -v az >/dev/null ||
  fail "The Azure CLI is missing. Install it (https://aka.ms/azure-cli), or use https://shell.azure.com/, which has it."
tenant=$(az account show --query tenantId --output tsv 2>/dev/null | tr -d '\r') || tenant=''
[ -n "$tenant" ] || fail "Nobody is signed in to the Azure CLI. Run: az login --allow-no-subscriptions"

errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
# What Entra has just stored is not everywhere at once: then it is looked for again.
again=0

# graph ACT METHOD PATH QUERY FORMAT [BODY]: one request to Microsoft Graph, in the name of who is signed in. It prints
# what the query (JMESPath) finds, as tsv or json. Status 4: there is no such thing.
graph() {
  local act=$1 method=$2 url="https://graph.microsoft.com/v1.0/$3" query=$4 format=$5 body=${6-} tries=$again
  set -- rest --only-show-errors --method "$method" --url "$url" --output "$format"
  [ -z "$query" ] || set -- "$@" --query "$query"
  [ -z "$body" ] || set -- "$@" --headers Content-Type=application/json --body "$body"
  while ! az "$@" 2>"$errors" | tr -d '\r'; do
    case $(<"$errors") in
      *Authorization_RequestDenied* | *Forbidden*)
        say "Entra does not let you $act. Ask for the role Cloud Application Administrator, or let somebody who has it run this."
        exit 3 ;;
      *Request_ResourceNotFound* | *'Not Found'*)
        [ "$tries" -gt 0 ] || return 4
        tries=$((tries - 1))
        sleep 2 ;;
      *)
        say "Entra did not $act: $(head -c 600 "$errors")"
        exit 1 ;;
    esac
  done
}

# Its arguments, addresses, as a JSON list.
json_list() {
  local list='' one
  for one in "$@"; do list="$list${list:+,}\"$one\""; done
  printf '[%s]' "$list"
}
has() { grep -qxF -- "$1" <<<"$facts"; }
has_one() { grep -q -- "^$1" <<<"$facts"; }

# Which application.
if [ -n "$client" ]; then
  id=$(graph "read the application $client" get "applications(appId='$client')?\$select=id" id tsv) || {
    [ $? -ne 4 ] || fail "This directory has no application with the client id $client."
    exit 1
  }
else
  filter="\$filter=displayName%20eq%20'${name// /%20}'"
  id=$(graph 'read applications' get "applications?$filter&\$select=id" 'value[].id' tsv)
  [ "$(wc -w <<<"$id")" -le 1 ] ||
    fail "There are several applications with the name $name. Choose one by --client-id."
fi
if [ -z "$id" ]; then
  say "Registering the application $name …"
  body="{\"displayName\":\"$name\",\"signInAudience\":\"AzureADMyOrg\"}"
  id=$(graph 'register an application' post applications id tsv "$body")
  again=15
fi

# What it has already, a line each.
facts=$(graph 'read the application' get "applications/$id" "[
  [join(' ', ['client', appId])],
  [join(' ', ['version', to_string(api.requestedAccessTokenVersion)])],
  identifierUris[].join(' ', ['uri', @]),
  [join(' ', ['first', spa.redirectUris[0] || 'none'])],
  spa.redirectUris[].join(' ', ['spa', @]),
  web.redirectUris[].join(' ', ['other', @]),
  web.redirectUris[].join(' ', ['web', @]),
  publicClient.redirectUris[].join(' ', ['other', @]),
  api.oauth2PermissionScopes[].join(' ', ['scope', value || 'none', id]),
  api.oauth2PermissionScopes[?isEnabled==\`false\`].join(' ', ['disabled', value || 'none']),
  api.preAuthorizedApplications[].join(' ', ['known', appId]),
  appRoles[].join(' ', ['role', value || 'none']),
  [join(' ', ['groups', groupMembershipClaims || 'none'])],
  optionalClaims.accessToken[].join(' ', ['claim', name]),
  requiredResourceAccess[].resourceAccess[].join(' ', ['asks', id])
][]" tsv)
client=$(sed -n 's/^client //p' <<<"$facts")

# The pages that people come back to after a sign-in, an https address first: an administrator's consent can fail
# otherwise. The last one is for the sign-in within Outlook.
pages="$address/addin/redirect/index.html $address/addin/dialog/index.html $address/console/"
broker="brk-multihub://$host"
# Where the service itself takes a code, when a person signs in to an app.
callback="$address/apps/sign-in/callback"

# What "removes nothing" forbids to put right.
for page in $pages $broker; do
  ! has "other $page" ||
    fail "$page is registered for another platform. Remove it there, and run this again: it has to be of the single-page platform."
done
! has "spa $callback" ||
  fail "$callback is registered for another platform. Remove it there, and run this again: it has to be of the platform Web."
for scope in access_as_user admin; do
  ! has "disabled $scope" || fail "The scope $scope is disabled. Enable it under \"Expose an API\", and run this again."
done
if ! has 'version 2' && grep -v -e ' access_as_user ' -e ' admin ' <<<"$facts" | grep -q '^scope '; then
  fail "The application gives tokens of version 1 for an API of its own, which other programs may use. Choose another application by --name or --client-id, or set requestedAccessTokenVersion to 2 yourself."
fi

# Ids are an application's own, so they can be the same in every directory.
user_scope=5c09e000-a11d-4000-8000-000000000001
admin_scope=5c09e000-a11d-4000-8000-000000000002
new_pages='' new_broker='' new_web='' new_scopes='' new_roles='' new_claims='' changes=''
for page in $pages; do has "spa $page" || new_pages="$new_pages $page"; done
has "spa $broker" || new_broker=$broker
has "web $callback" || new_web=$callback
add_scope() { # ID VALUE TYPE NAME DESCRIPTION
  has_one "scope $2 " || new_scopes="$new_scopes${new_scopes:+,}{\"id\":\"$1\",\"value\":\"$2\",\"type\":\"$3\",\"isEnabled\":true,\
\"adminConsentDisplayName\":\"$4\",\"adminConsentDescription\":\"$5\",\"userConsentDisplayName\":\"$4\",\"userConsentDescription\":\"$5\"}"
}
add_scope $user_scope access_as_user User 'Zoom meetings' 'Add Zoom meetings to appointments, in your name.'
add_scope $admin_scope admin Admin 'Zoom administration' 'Use the console of the service, with a role in it.'
add_role() { # ID VALUE DESCRIPTION
  has "role $2" || new_roles="$new_roles${new_roles:+,}{\"id\":\"$1\",\"value\":\"$2\",\"displayName\":\"$2\",\
\"description\":\"$3\",\"allowedMemberTypes\":[\"User\"],\"isEnabled\":true}"
}
add_role 5c09e000-a11d-4000-8000-000000000003 Admin 'Sees and changes everything in the console.'
add_role 5c09e000-a11d-4000-8000-000000000004 Auditor 'Sees everything in the console.'
for claim in acrs groups; do
  has "claim $claim" || new_claims="$new_claims${new_claims:+,}{\"name\":\"$claim\",\"essential\":false,\"additionalProperties\":[]}"
done
uri="api://$client"
new_uri=''
has "uri $uri" || new_uri=$uri

# The permissions of Microsoft Graph that people's calendars need, by the ids that Graph itself says.
graph_api=00000003-0000-0000-c000-000000000000
graph_facts=$(graph 'read the permissions of Microsoft Graph' get \
  "servicePrincipals(appId='$graph_api')?\$select=id,oauth2PermissionScopes" \
  "[[join(' ', ['id', id])], oauth2PermissionScopes[].join(' ', [value, id])][]" tsv)
graph_principal=$(sed -n 's/^id //p' <<<"$graph_facts")
new_asked=''
for scope in $scopes; do
  scope_id=$(sed -n "s/^$scope //p" <<<"$graph_facts")
  [ -n "$scope_id" ] || fail "Microsoft Graph has no permission $scope in this directory."
  has "asks $scope_id" || new_asked="$new_asked${new_asked:+,}{\"id\":\"$scope_id\",\"type\":\"Scope\"}"
done

grep -q '^first brk-' <<<"$facts" && changes=order
has 'version 2' || changes=version
has 'groups none' && changes=groups
if [ -n "$new_uri$new_pages$new_broker$new_web$new_scopes$new_roles$new_claims$new_asked$changes" ]; then
  say 'Adding what the application lacks …'
  # shellcheck disable=SC2086 # addresses have no blanks
  wanted="{
    identifierUris: [identifierUris, \`$(json_list $new_uri)\`][],
    spa: {redirectUris: [
      spa.redirectUris[?!starts_with(@, 'brk-')], \`$(json_list $new_pages)\`,
      spa.redirectUris[?starts_with(@, 'brk-')], \`$(json_list $new_broker)\`][]},
    api: {requestedAccessTokenVersion: \`2\`,
      oauth2PermissionScopes: [api.oauth2PermissionScopes, \`[$new_scopes]\`][]},
    appRoles: [appRoles, \`[$new_roles]\`][],
    groupMembershipClaims: groupMembershipClaims || 'SecurityGroup',
    optionalClaims: {
      idToken: optionalClaims.idToken || \`[]\`,
      saml2Token: optionalClaims.saml2Token || \`[]\`,
      accessToken: [optionalClaims.accessToken || \`[]\`, \`[$new_claims]\`][]}"
  [ -z "$new_asked" ] || wanted="$wanted,
    requiredResourceAccess: [
      requiredResourceAccess[?resourceAppId!='$graph_api'],
      [{resourceAppId: '$graph_api', resourceAccess: [
        requiredResourceAccess[?resourceAppId=='$graph_api'].resourceAccess[], \`[$new_asked]\`][]}]][]"
  [ -z "$new_web" ] || wanted="$wanted,
    web: {redirectUris: [web.redirectUris, \`$(json_list "$new_web")\`][]}"
  body=$(graph 'read the application' get "applications/$id" "$wanted}" json)
  graph 'change the application' patch "applications/$id" '' none "$body"
fi

# The application may use its own API, so nobody is asked whether it may.
if ! has "known $client"; then
  user_scope=$(graph 'read the application' get "applications/$id" \
    "api.oauth2PermissionScopes[?value=='access_as_user'].id | [0]" tsv)
  body=$(graph 'read the application' get "applications/$id" "{api: {preAuthorizedApplications: [
    api.preAuthorizedApplications,
    \`[{\"appId\":\"$client\",\"delegatedPermissionIds\":[\"$user_scope\"]}]\`][]}}" json)
  graph 'change the application' patch "applications/$id" '' none "$body"
fi

# Its place in this directory, to which the consent belongs.
principal=$(again=0 graph 'read the enterprise application' get "servicePrincipals(appId='$client')?\$select=id" id tsv) || {
  [ $? -eq 4 ] || exit 1
  principal=$(graph 'add the application to the directory' post servicePrincipals id tsv \
    "{\"appId\":\"$client\",\"tags\":[\"WindowsAzureActiveDirectoryIntegratedApp\"]}")
  again=15
}
grants=$(graph 'read consents' get "servicePrincipals(appId='$client')/oauth2PermissionGrants" \
  "value[?consentType=='AllPrincipals'].join(' ', [resourceId || 'none', id || 'none', scope])" tsv)
consent() { # RESOURCE SCOPE…
  local resource=$1 line given='' missing='' scope
  shift
  line=$(grep -m 1 -- "^$resource " <<<"$grants") || line=''
  [ -z "$line" ] || given=$(cut -d ' ' -f 3- <<<"$line")
  for scope in "$@"; do
    case " $given " in *" $scope "*) ;; *) missing="$missing $scope" ;; esac
  done
  [ -n "$missing" ] || return 0
  say "Granting admin consent for$missing …"
  if [ -n "$line" ]; then
    graph 'grant consent' patch "oauth2PermissionGrants/$(cut -d ' ' -f 2 <<<"$line")" '' none "{\"scope\":\"$given$missing\"}"
  else
    graph 'grant consent' post oauth2PermissionGrants '' none \
      "{\"clientId\":\"$principal\",\"consentType\":\"AllPrincipals\",\"resourceId\":\"$resource\",\"scope\":\"${missing# }\"}"
  fi
}
consent "$principal" access_as_user admin
# shellcheck disable=SC2086 # one scope a word
[ -z "$scopes" ] || consent "$graph_principal" $scopes

if [ -n "$secret" ]; then
  if [ -s "$secret" ]; then
    say "$secret has a secret, and stays as it is."
  else
    value=$(graph 'make a client secret' post "applications/$id/addPassword" secretText tsv \
      '{"passwordCredential":{"displayName":"zoom-for-outlook"}}')
    (umask 077 && printf '%s' "$value" >"$secret")
    say "The client secret is in $secret. It ends in two years: run this with another file before."
  fi
fi

say 'The registration is complete. These are settings of the service:'
printf 'ENTRA_CLIENT_ID=%s\nENTRA_TENANTS=%s\n' "$client" "$tenant"
case $calendars in read | read-write) printf 'CALENDAR_PERMISSION=%s\n' "$calendars" ;; esac
