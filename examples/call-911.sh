#!/bin/sh
# A phone learns its location (HELD), calls 911 with it, and the people on site get an e-mail. Nobody real is called.
set -eu
cd "$(dirname "$0")/.."
. examples/platform.sh

TOKEN=$(first_run tokens.operator)
CALLER=$(first_run examples.callerNumber)
SIP=$(first_run sipUri)

step 'The phone gets a location URI from HELD'
URI=$(sh examples/ask-held.sh | sed -n 's/^GET //p') || fail 'HELD gave no location URI'
[ -n "$URI" ] || fail 'HELD gave no location URI'
say "$URI"

step "$CALLER calls 911 and conveys it"
CALL=$(npx --no-install waymark call 911 --from "$CALLER" --geolocation "$URI" --to "${SIP#sip:}") || fail "the call failed: $CALL"
say "$CALL"
CALL_ID=$(printf '%s\n' "$CALL" | sed -n 's/^call //p')

step 'The mail that tells the people on site'
ask GET '/api/calls?max=100&all=true'
expect 200
ID=$(printf '%s' "$ANSWER" | "$NODE" -e '
  const { items } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  console.log(items.find((item) => item.callId === process.argv[1])?.id ?? "");
' "$CALL_ID")
[ -n "$ID" ] || fail 'the call is not in the list of calls'

# Mail leaves beside the call, not before it: its receipts tell when a mail server, or the folder of captured mail, took it.
ORGANIZATION=$(first_run organizationId)
TRIES=0
while :; do
  ask GET "/api/calls/$ID?orgId=$ORGANIZATION"
  expect 200
  RECEIPTS=$(printf '%s' "$ANSWER" | "$NODE" -e '
    const { receipts } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    if (receipts.length > 0 && receipts.every((receipt) => receipt.state === "accepted")) {
      for (const { recipient, acceptedAt, reasons } of receipts) console.log(`${recipient} at ${acceptedAt}: ${reasons.join(", ")}`);
    }
  ')
  [ -z "$RECEIPTS" ] || break
  TRIES=$((TRIES + 1))
  [ "$TRIES" -lt 60 ] || fail "no mail was accepted within a minute: $(printf '%s' "$ANSWER" | json receipts)"
  sleep 1
done
say "$RECEIPTS"
MESSAGE_ID=$(printf '%s' "$ANSWER" | json receipts.0.messageId)

ask GET '/api/mail?max=50'
expect 200
FILE=$(printf '%s' "$ANSWER" | "$NODE" -e '
  const { items } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  console.log(items.find((mail) => mail.messageId === process.argv[1])?.file ?? "");
' "$MESSAGE_ID")
if [ -n "$FILE" ]; then
  ask GET "/api/mail/$FILE"
  expect 200
  # Its headers and its plain text; the same as HTML follows in the file.
  printf '%s' "$ANSWER" | "$NODE" -e '
    const mail = require("node:fs").readFileSync(0, "utf8").replaceAll("\r\n", "\n");
    const [, head, boundary] = /^([^]*?boundary="([^"]+)")/.exec(mail);
    const [, text] = mail.slice(head.length).split(`--${boundary}\n`)[1].split(/\n\n([^]*)/);
    const bytes = text.replaceAll("=\n", "").replace(/=([0-9A-F]{2})/g, (all, hex) => String.fromCharCode(`0x${hex}`));
    console.log(`${head}\n\n${Buffer.from(bytes, "latin1").toString("utf8")}`);
  '
else
  say 'It is not captured here: a mail server is configured and has it.'
fi
