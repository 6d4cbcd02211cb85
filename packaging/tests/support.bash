# For the tests beside it. Each gets a directory of its own in $work, and all that it started ends with it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # For the tests.
packaging=$(dirname "$here")
work=$(mktemp -d)
started=()
finish() {
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect CODE COMMAND...: the command ends with this exit code.
expect() {
  local expected=$1 code=0
  shift
  "$@" || code=$?
  [ "$code" = "$expected" ] || fail "exit code $code instead of $expected: $*"
}

# wait_for FILE PATTERN: prints the first line of a growing file that matches.
wait_for() {
  local line
  for _ in $(seq 100); do
    line=$(grep -m 1 -e "$2" "$1" 2>/dev/null || true)
    if [ -n "$line" ]; then
      printf '%s\n' "$line"
      return
    fi
    sleep 0.1
  done
  cat "$1" >&2
  fail "$1 has no line with $2"
}

# start_sandbox BINARY [OPTION...]: sets $sandbox to its address, and writes a config.toml for it to $work/config.toml.
start_sandbox() {
  local binary=$1
  shift
  LINKEDIN_TUI_CONFIG_DIR=$work/sandbox "$binary" sandbox "$@" >"$work/sandbox.out" 2>"$work/sandbox.err" &
  started+=($!)
  sandbox=$(wait_for "$work/sandbox.out" '^http://127')
  printf '[linkedin]\nwww = "%s"\napi = "%s"\n' "$sandbox" "$sandbox" >"$work/config.toml"
  client_id=$(sed -n 's/^ *client ID  *//p' "$work/sandbox.out" "$work/sandbox.err")
  client_secret=$(sed -n 's/^ *client secret  *//p' "$work/sandbox.out" "$work/sandbox.err")
  if [ -z "$client_id" ] || [ -z "$client_secret" ]; then fail "the sandbox did not print its client ID and secret"; fi
}

# sign_in PORT COMMAND...: the command is `linkedin-tui`, with all that it needs in front. It signs in as a person without a
# browser on that machine does: opens the link elsewhere, and pastes the URL that the browser ends on.
sign_in() {
  local port=$1 url login
  shift
  printf '%s\n' "$client_secret" |
    "$@" apps add app --client-id "$client_id" --client-secret-stdin --redirect-url "http://localhost:$port/callback" >/dev/null
  mkfifo "$work/pasted"
  "$@" login work --app app --no-browser --manual <"$work/pasted" >"$work/login" 2>&1 &
  login=$!
  started+=("$login")
  exec 9>"$work/pasted"
  url=$(wait_for "$work/login" '^full URL:' | sed 's/^full URL: *//')
  python3 "$here/sign_in.py" "$url" >&9
  exec 9>&-
  wait "$login" || { cat "$work/login" >&2 && fail "login"; }
  rm "$work/pasted"
  grep -q 'work is signed in as Ada Lovelace' "$work/login" || fail "login printed: $(cat "$work/login")"
}

# use COMMAND...: what a script does with a program that is signed in.
use() {
  local token
  token=$("$@" token work)
  [ "${#token}" -gt 100 ] || fail "token printed: $token"
  # shellcheck disable=SC2016 # Expanded by the inner shell.
  [ "$("$@" exec work -- sh -c 'echo "$LINKEDIN_ACCESS_TOKEN $LINKEDIN_MEMBER_ID"')" = "$token -Xq7Lm2PdZ" ] ||
    fail "exec did not set the variables"
  expect 0 "$@" status --within 7d >/dev/null
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
