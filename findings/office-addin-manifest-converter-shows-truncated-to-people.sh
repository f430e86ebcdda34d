#!/usr/bin/env bash
# office-addin-manifest-converter 0.4.1 writes the word <TRUNCATED> into the description that people read.
#
# Behaviour: an XML manifest allows 250 characters of description, the JSON manifest 80 for the short one. Microsoft's
#   converter shortens a longer one and begins it with "<TRUNCATED>". It prints nothing and ends with 0. The result has
#   80 characters, so it passes the schema. A translated description gets the same word.
# Output: short: <TRUNCATED>Adds an online meeting to an appointment and keeps it up to date w...
#         fr-fr: <TRUNCATED>Ajoute une réunion en ligne à un rendez-vous et la tient à jour qu...
# A good engineer would have guessed: a warning, an error, or a text cut short; not a marker in the text itself.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts office-addin-manifest-converter@0.4.1 >npm.log
cat >manifest.xml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<OfficeApp xmlns="http://schemas.microsoft.com/office/appforoffice/1.1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="MailApp">
  <Id>11111111-2222-4333-8444-555555555555</Id>
  <Version>1.0.0.0</Version>
  <ProviderName>Example</ProviderName>
  <DefaultLocale>en-US</DefaultLocale>
  <DisplayName DefaultValue="Meetings"/>
  <Description DefaultValue="Adds an online meeting to an appointment and keeps it up to date when the appointment changes.">
    <Override Locale="fr-FR" Value="Ajoute une réunion en ligne à un rendez-vous et la tient à jour quand le rendez-vous change."/>
  </Description>
  <IconUrl DefaultValue="https://addin.example/icon-64.png"/>
  <HighResolutionIconUrl DefaultValue="https://addin.example/icon-128.png"/>
  <SupportUrl DefaultValue="https://addin.example/"/>
  <Hosts><Host Name="Mailbox"/></Hosts>
  <Requirements><Sets><Set Name="Mailbox" MinVersion="1.5"/></Sets></Requirements>
  <FormSettings>
    <Form xsi:type="ItemEdit">
      <DesktopSettings><SourceLocation DefaultValue="https://addin.example/index.html"/></DesktopSettings>
    </Form>
  </FormSettings>
  <Permissions>ReadWriteItem</Permissions>
  <Rule xsi:type="ItemIs" ItemType="Appointment" FormType="Edit"/>
  <VersionOverrides xmlns="http://schemas.microsoft.com/office/mailappversionoverrides" xsi:type="VersionOverridesV1_0">
    <Hosts>
      <Host xsi:type="MailHost">
        <DesktopFormFactor><FunctionFile resid="page"/></DesktopFormFactor>
      </Host>
    </Hosts>
    <Resources>
      <bt:Urls xmlns:bt="http://schemas.microsoft.com/office/officeappbasictypes/1.0">
        <bt:Url id="page" DefaultValue="https://addin.example/index.html"/>
      </bt:Urls>
    </Resources>
  </VersionOverrides>
</OfficeApp>
XML
node node_modules/office-addin-manifest-converter/cli.js convert manifest.xml >converter.log 2>&1
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const read = file => JSON.parse(readFileSync(`manifest/${file}`, 'utf8'))
const short = read('manifest.json').description.short
const said = [`short: ${short}`, `fr-fr: ${read('fr-fr.json')['description.short']}`]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'short: <TRUNCATED>Adds an online meeting to an appointment and keeps it up to date w...',
  'fr-fr: <TRUNCATED>Ajoute une réunion en ligne à un rendez-vous et la tient à jour qu...',
])
assert.equal(short.length, 80)
assert.equal(readFileSync('converter.log', 'utf8'), '')
JS
node probe.mjs
