#!/usr/bin/env bash
# Builds the browser client and the host, and starts the host. ./run.sh --help lists the switches.
set -euo pipefail
cd "$(dirname "$0")"
. scripts/common.sh

need_toolchain
need_natives
want_voice
build_client
say "Building the host"
build_log=$(mktemp)
dotnet build src/Bridge -c Release -v quiet --nologo >"$build_log" 2>&1 || { cat "$build_log" >&2; rm -f "$build_log"; exit 1; }
rm -f "$build_log"
exec dotnet src/Bridge/bin/Release/net10.0/Bridge.dll "$@"
