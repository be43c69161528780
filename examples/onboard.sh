#!/bin/sh
# Onboards an empty organization over the Webex-compatible API, stage by stage. May be run again: what is done stays.
set -eu
cd "$(dirname "$0")/.."
. examples/platform.sh

TOKEN=$(first_run fresh.tokens.fullAdmin)
V1=/v1/telephony/config
SITE='Denver Office'
ERL='Denver floor 4 room 410'
NUMBER=+13035550101
ADMIN=e911.admin@fresh.example.com

# complete <stage>: the organization completes a stage, and its locations with it.
complete() {
  ask GET /api/compliance
  expect 200
  next=$(printf '%s' "$ANSWER" | json organization.next)
  if [ "$next" = "$1" ]; then
    ask PUT "$V1/redSky/status" "{\"complianceStatus\":\"$1\"}"
    expect 200
    say "  $1 is completed now"
  else
    say "  $1 was completed before"
  fi
  ask GET "$V1/redSky/status"
  expect 200
  say "  $ANSWER"
}

step 'Where the organization stands'
ask GET "$V1/redSky/status"
expect 200
say "  $ANSWER"

step 'A location with its street address'
ask GET /v1/locations
expect 200
LOCATION=$(printf '%s' "$ANSWER" | named items "$SITE")
if [ -z "$LOCATION" ]; then
  ask POST /v1/locations '{
    "name": "Denver Office", "timeZone": "America/Denver", "preferredLanguage": "en_us", "announcementLanguage": "en_us",
    "address": {"address1": "1437 Bannock St", "city": "Denver", "state": "CO", "postalCode": "80202", "country": "US"},
    "latitude": "39.7392", "longitude": "-104.9907"
  }'
  expect 201
  LOCATION=$(printf '%s' "$ANSWER" | json id)
else
  say "  $SITE was there before"
fi
say "  $LOCATION"

step 'The E911 account and its administrator (who gets an invitation by e-mail)'
ask POST "$V1/redSky" "{\"email\":\"$ADMIN\",\"orgPrefix\":\"wxc\"}"
expect 201 409
[ "$STATUS" = 201 ] || say '  there was an account before: an organization has one'
ask GET "$V1/redSky"
expect 200
say "  $ANSWER"
COMPANY=$(printf '%s' "$ANSWER" | json companyId)

step 'The building of the location, and who is told of calls'
ask POST "$V1/locations/$LOCATION/redSky/building" '{
  "alertingEmail": "security.denver@example.com",
  "address": {"addressLine1": "1437 Bannock St", "city": "Denver", "stateOrProvince": "CO", "zipOrPostalCode": "80202", "country": "US"}
}'
expect 201 409
[ "$STATUS" = 201 ] || say '  there was a building before'
complete LOCATION_SETUP

step 'Notification settings of the organization and of the location'
ask PUT "$V1/emergencyCallNotification" \
  '{"emergencyCallNotificationEnabled":true,"allowEmailNotificationAllLocationEnabled":true,"emailAddress":"security.desk@fresh.example.com"}'
expect 204
ask PUT "$V1/locations/$LOCATION/emergencyCallNotification" \
  '{"emergencyCallNotificationEnabled":true,"emailAddress":"front.desk.denver@fresh.example.com"}'
expect 204
complete ALERTS

step 'Floor and room, and the switch port that leads there'
ask GET /api/compliance
expect 200
SITE_ID=$(printf '%s' "$ANSWER" | named locations "$SITE")
ask GET "/api/response-locations?locationId=$SITE_ID"
expect 200
ERL_ID=$(printf '%s' "$ANSWER" | named items "$ERL")
if [ -z "$ERL_ID" ]; then
  ask POST /api/response-locations \
    "{\"locationId\":\"$SITE_ID\",\"name\":\"$ERL\",\"detail\":{\"FLR\":\"4\",\"ROOM\":\"410\"}}"
  expect 201
else
  say "  $ERL was there before"
fi
ask POST /api/wire-map/import "kind,value,port,erl,description
switch-port,02:00:5e:00:53:d0,GigabitEthernet1/0/7,$ERL,wall socket in room 410
ip-range,10.60.4.0/24,,$ERL,fourth floor
" text/csv
expect 200
say "  $(printf '%s' "$ANSWER" | json counts)"
complete NETWORK_ELEMENTS
say '  from now on the location is ready for 933 test calls'

step 'A person and a number to call from'
ask POST /api/members \
  "{\"kind\":\"PEOPLE\",\"locationId\":\"$SITE_ID\",\"firstName\":\"Front\",\"lastName\":\"Desk\",\"phoneNumber\":\"$NUMBER\",\"extension\":\"4101\"}"
expect 201 409
[ "$STATUS" = 201 ] || say '  the number was taken before'
complete ROUTING_ENABLED
say '  from now on 911 calls go directly to the PSAP that serves the place'

step 'Done'
ask GET "$V1/locations/$LOCATION/redSky"
expect 200
say "  $ANSWER"
SIP=$(first_run sipUri)
say "Phones ask for their location at $BASE/held/c/$COMPANY"
say "Try: npx waymark call 933 --from $NUMBER --to ${SIP#sip:}"
