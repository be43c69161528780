# Read by the other examples, not run by itself: where the platform is, its tokens, and how to ask it.
# Needs curl and the project's Node; the platform must be running (npm start).

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

command -v curl >/dev/null 2>&1 || fail 'curl is needed'
NODE=node_modules/.bin/node
[ -x "$NODE" ] || NODE=$(command -v node) || fail 'Node is needed: run npm ci first'

FIRST_RUN="${WAYMARK_DATA_DIR:-./data}/first-run.json"
[ -r "$FIRST_RUN" ] || fail "$FIRST_RUN cannot be read: start the platform first (npm start)"

# json <path>: a value of the JSON on standard input, e.g. json items.0.id; empty when it is not there.
json() {
  "$NODE" -e '
    const text = require("node:fs").readFileSync(0, "utf8");
    const path = process.argv[1].split(".");
    const value = path.reduce((at, name) => (at === null || at === undefined ? at : at[name]), JSON.parse(text));
    if (value !== undefined && value !== null) console.log(typeof value === "object" ? JSON.stringify(value) : value);
  ' "$1"
}

# named <list> <name>: the id of the entry with exactly this name in a list of the JSON on standard input.
named() {
  "$NODE" -e '
    const answer = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    const found = (answer[process.argv[1]] ?? []).find((item) => item.name === process.argv[2]);
    if (found) console.log(found.id);
  ' "$1" "$2"
}

# first_run <path>: a value of first-run.json; fails with a message when it is not there.
first_run() {
  value=$(json "$1" <"$FIRST_RUN") || fail "$FIRST_RUN is not JSON"
  [ -n "$value" ] || fail "$FIRST_RUN has no $1: it is written on the first start with WAYMARK_DEMO=1"
  say "$value"
}

BASE=$(first_run baseUrl)
curl -s -o /dev/null --max-time 10 "$BASE/health/live" || fail "nothing answers at $BASE: start the platform first (npm start)"

# ask <method> <path> [<body> [<media type>]]: one request with $TOKEN; sets STATUS and ANSWER.
ask() {
  if [ "$#" -ge 3 ]; then
    ANSWER=$(curl -sS --max-time 30 -w '\n%{http_code}' -X "$1" "$BASE$2" -H "Authorization: Bearer $TOKEN" \
      -H "Content-Type: ${4:-application/json}" --data-binary "$3") || fail "$1 $2 got no answer"
  else
    ANSWER=$(curl -sS --max-time 30 -w '\n%{http_code}' -X "$1" "$BASE$2" -H "Authorization: Bearer $TOKEN") ||
      fail "$1 $2 got no answer"
  fi
  STATUS=$(printf '%s' "$ANSWER" | tail -n 1)
  ANSWER=$(printf '%s' "$ANSWER" | sed '$d')
  say "$1 $2 -> $STATUS"
}

# expect <status>...: goes on when the last answer had one of these.
expect() {
  for wanted in "$@"; do
    [ "$STATUS" = "$wanted" ] && return 0
  done
  fail "expected $*, got $STATUS: $ANSWER"
}
