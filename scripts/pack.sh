#!/usr/bin/env bash
# pack.sh FOLDER: writes the NuGet packages with their symbols, and the npm package, into FOLDER.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh
[ $# -eq 1 ] || die "Usage: scripts/pack.sh FOLDER"
mkdir -p "$1"
target=$(cd "$1" && pwd)

need_toolchain
build_client
dotnet pack Bridge.sln -c Release -o "$target" -v quiet --nologo
(cd src/Client && npm pack ./dist --silent --pack-destination "$target" >/dev/null)
say "Packed into $target."
