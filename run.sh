#!/usr/bin/env bash
# Builds the browser client and the host, and starts the host. ./run.sh --help lists the switches.
set -euo pipefail
cd "$(dirname "$0")"
. scripts/common.sh

need_toolchain
need_natives
want_voice
build_client

# --engine sipsorcery is the same host in a program of its own (docs/engines.md).
program=Bridge previous=
for word in "$@"; do
  case "$previous $word" in
    "--engine sipsorcery" | *" --engine=sipsorcery") program=Bridge.SipSorcery ;;
  esac
  previous=$word
done

say "Building the host"
build_log=$(mktemp)
if ! dotnet build "src/$program" -c Release -v quiet --nologo >"$build_log" 2>&1; then
  if grep -qE 'NU110[123].*SIPSorcery' "$build_log"; then
    say "The engine sipsorcery needs the NuGet packages SIPSorcery and SIPSorceryMedia.Abstractions, which no source of this machine serves."
    rm -f "$build_log"; exit 2
  fi
  cat "$build_log" >&2; rm -f "$build_log"; exit 1
fi
rm -f "$build_log"
exec dotnet "src/$program/bin/Release/net10.0/$program.dll" "$@"
