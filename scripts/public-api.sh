#!/usr/bin/env bash
# Writes PublicAPI.Unshipped.txt of the packages anew, from what the analyzer misses in it. With a version that was published, move its
# lines to PublicAPI.Shipped.txt. Run it after a change of a public type that you want, and read the difference.
set -euo pipefail
cd "$(dirname "$0")/.."
for project in Rtc Audio Rehearsal Bridge; do
  list=src/$project/PublicAPI.Unshipped.txt
  printf '#nullable enable\n' >"$list"
  log=$(dotnet build "src/$project" --no-incremental -v quiet --nologo -p:RunAnalyzers=true -p:TreatWarningsAsErrors=false) || { echo "$log"; exit 1; }
  grep -oP "warning RS0016: Symbol '\K.*(?=' is not part of the declared public API)" <<<"$log" | LC_ALL=C sort -u >>"$list" || true
  echo "$list: $(($(wc -l <"$list") - 1)) lines"
done
