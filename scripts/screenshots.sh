#!/usr/bin/env bash
# screenshots.sh [FOLDER]: takes the pictures of docs/images (or of FOLDER) from a host that it starts for them, with the rehearsal model, a
# role with mistakes, and a month of made-up calls for the operator's charts. ONLY=operator takes those of the operator's page alone.
# Needs Chromium (CHROMIUM names another one than /usr/bin/chromium) and the ports 5580 and 5581 (PORT chooses others).
set -euo pipefail
folder=${1:+$(mkdir -p "$1" && cd "$1" && pwd)}
cd "$(dirname "$0")/.."
. scripts/common.sh

need_toolchain
need_natives
build_client
dotnet build src/Bridge -c Release -v quiet --nologo
bridge() { dotnet src/Bridge/bin/Release/net10.0/Bridge.dll "$@"; }

port=${PORT:-5580}
work=$(mktemp -d)
host=
finish() {
  if [ -n "$host" ]; then kill "$host" 2>/dev/null || true; wait "$host" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap finish EXIT

cp -r roles "$work/roles"
mkdir "$work/roles/hotel-desk"
printf 'name: Hotel desk\nlanguage: en\nvoise: cedar\n' >"$work/roles/hotel-desk/role.yaml"
printf 'Use {{recipes}} only.\n' >"$work/roles/hotel-desk/agent.instruct"
node src/Client/scripts/sample-calls.mjs >"$work/calls.jsonl"
bridge records import "$work/calls.jsonl" --data "$work/data" >&2

# Prices, so that the page has costs to show.
OPENAI_API_KEY='' Bridge__Prices__rehearsal__TextInput=4 Bridge__Prices__rehearsal__TextOutput=16 Bridge__Prices__rehearsal__AudioInput=32 \
  Bridge__Prices__rehearsal__AudioOutput=64 dotnet src/Bridge/bin/Release/net10.0/Bridge.dll \
  --port "$port" --udp-port $((port + 1)) --data "$work/data" --roles "$work/roles" >"$work/host.log" 2>&1 &
host=$!
until curl -fs "http://localhost:$port/healthz/ready" >/dev/null; do
  kill -0 "$host" 2>/dev/null || { cat "$work/host.log" >&2; die "The host has ended."; }
  sleep 0.2
done

BRIDGE_URL="http://localhost:$port" BRIDGE_OPERATOR_KEY="$(cat "$work/data/operator.key")" \
  node src/Client/scripts/screenshots.mjs ${folder:+"$folder"}
