#!/usr/bin/env bash
# publish.sh FOLDER [OPTION...]: writes what a server needs into FOLDER: app/ (the host; OPTIONs go to `dotnet publish`), wwwroot/
# (the page), roles/, and sbom/ with one CycloneDX bill of materials for the NuGet packages and one for the npm packages.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh
[ $# -ge 1 ] || die "Usage: scripts/publish.sh FOLDER [options of dotnet publish]"
target=$1; shift

need_toolchain
build_client
mkdir -p "$target/sbom"
# Compiled ahead for this kind of machine, or for the one that -r names: what a start has to compile takes half of it.
[[ " $* " =~ \ (-r|--runtime|--use-current-runtime)\  ]] || set -- --use-current-runtime "$@"
dotnet publish src/Bridge --self-contained false -p:PublishReadyToRun=true -c Release -o "$target/app" -v quiet --nologo "$@"
cp -r wwwroot roles "$target/"
dotnet tool restore -v quiet >/dev/null
dotnet tool run dotnet-CycloneDX -- src/Bridge/Bridge.csproj --disable-package-restore --output "$target/sbom" --filename host.cdx.json \
  --output-format Json >/dev/null
(cd src/Client && npm sbom --sbom-format cyclonedx --package-lock-only --omit dev) >"$target/sbom/page.cdx.json"
say "Published to $target; its packages are listed in $target/sbom."
