#!/bin/sh
# A phone asks where it is (HELD, RFC 5985) by the switch port it hears over LLDP, and follows the location URI it gets.
set -eu
cd "$(dirname "$0")/.."
. examples/platform.sh

COMPANY=$(first_run companyId)
CHASSIS=$(first_run examples.switchChassis)
PORT=$(first_run examples.switchPort)

step "The switch says: chassis $CHASSIS, port $PORT"
# RFC 7105 §5.1: chassis subtype 4 is a MAC address in hexadecimal, port subtype 5 an interface name.
ANSWER=$(curl -sS --fail-with-body --max-time 10 "$BASE/held/c/$COMPANY" -H 'Content-Type: application/held+xml' --data-binary @- <<XML
<?xml version="1.0" encoding="UTF-8"?>
<locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held" responseTime="emergencyRouting">
  <locationType exact="false">civic geodetic locationURI</locationType>
  <measurements xmlns="urn:ietf:params:xml:ns:geopriv:lm">
    <lldp xmlns="urn:ietf:params:xml:ns:geopriv:lm:lldp">
      <chassis type="4">$(printf '%s' "$CHASSIS" | tr -d ':')</chassis>
      <port type="5">$PORT</port>
    </lldp>
  </measurements>
</locationRequest>
XML
) || fail "HELD refused: $ANSWER"
say "$ANSWER"

element() { printf '%s' "$ANSWER" | sed -n "s/.*<$1[^>]*>\([^<]*\)<\/$1>.*/\1/p"; }
URI=$(element locationURI)
[ -n "$URI" ] || fail 'the answer holds no location URI'
step 'The phone stands here'
say "$(element HNO) $(element PRD) $(element RD) $(element STS), $(element A3), $(element A1) $(element PC): floor $(element FLR), room $(element ROOM)"

step 'Whoever gets the location URI, such as a PSAP, follows it (RFC 6753)'
say "GET $URI"
curl -sS --fail-with-body --max-time 10 "$URI" -H 'Accept: application/pidf+xml' || fail 'the location URI does not resolve'
say ''
