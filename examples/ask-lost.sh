#!/bin/sh
# Which PSAP serves a point (LoST findService, RFC 5222)? examples/ask-lost.sh [latitude longitude]
set -eu
cd "$(dirname "$0")/.."
. examples/platform.sh

LATITUDE=${1:-18.4655}
LONGITUDE=${2:--66.1165}
LOST=$(first_run lostUrl)

step "Who answers emergency calls from $LATITUDE $LONGITUDE?"
ANSWER=$(curl -sS --fail-with-body --max-time 10 "$LOST" -H 'Content-Type: application/lost+xml' --data-binary @- <<XML
<?xml version="1.0" encoding="UTF-8"?>
<findService xmlns="urn:ietf:params:xml:ns:lost1" serviceBoundary="reference" recursive="true">
  <location id="here" profile="geodetic-2d">
    <Point xmlns="http://www.opengis.net/gml" srsName="urn:ogc:def:crs:EPSG::4326"><pos>$LATITUDE $LONGITUDE</pos></Point>
  </location>
  <service>urn:service:sos</service>
</findService>
XML
) || fail "LoST refused: $ANSWER"
say "$ANSWER"

NAME=$(printf '%s' "$ANSWER" | sed -n 's/.*<displayName[^>]*>\([^<]*\)<.*/\1/p')
[ -n "$NAME" ] || fail 'no boundary serves this point: a call from there goes to the relay centre'
step "$NAME"
say "at $(printf '%s' "$ANSWER" | sed -n 's/.*<uri>\([^<]*\)<.*/\1/p')"
