#!/usr/bin/env bash
# Installs what the tests need, builds with warnings as errors, runs every test, and closes with
# the line "N passed, N failed, N skipped". Arguments: names of test projects to run (default: all), for instance
# ./test.sh Rtc Browser. --fast leaves out browsers, other people's programs and long walks; --filter WORD runs the tests whose full
# name holds the word. BRIDGE_LONG=1 runs the long explorations, fuzz and soak too. tests/README.md has the rest.
set -uo pipefail
cd "$(dirname "$0")"
. scripts/common.sh

results=$(mktemp -d)
trap 'kill $(jobs -rp) 2>/dev/null; rm -rf "$results"' EXIT
passed=0; failed=0; skipped=0

fast=; filter=; args=()
while [ $# -gt 0 ]; do
  case "$1" in
    --fast) fast=1 ;;
    --filter) [ $# -gt 1 ] || die "--filter needs a word."; filter="FullyQualifiedName~$2"; shift ;;
    -*) die "Unknown switch $1; there are --fast and --filter WORD." ;;
    *) args+=("$1") ;;
  esac
  shift
done

# Left out by --fast: whole projects, and classes that walk far, start programs or wait for the machine.
slow_projects="Browser Interop Fuzz Benchmarks"
slow_classes="Packages. Explorer WireWalk WalkTests Mutation LossyPath RecordScale KillTests Postgres Redis ClusterFault TwoNodes StopTests FullDisk NpmClient
  StoreTrouble RecordingTrouble OutcomeRecovery MovedCall StrictBudget HostDoor ExportTests NarrowPath ResamplerQuality OpusOracle LevelGuard
  PeakGuard LongCall WithoutIntrinsics ProfileCall RehearsalCall LiveNpm ServerEventSchema
  OpenAiClient Stranger MemoryTests AllocationBudget RoleCommand CommandLine LiveGolden EmbeddedLive RecordApi RecordDelay SignalingTests
  Operation.Operator Access.Ticket NativeLibrary"
if [ -n "$fast" ]; then
  for class in $slow_classes; do filter="${filter:+$filter&}FullyQualifiedName!~$class"; done
fi

need_toolchain
need_natives all
if [ -z "$fast" ] && command -v apt-get >/dev/null; then
  apt_install chromium firefox-esr espeak-ng python3-aiortc nginx redis-server fonts-noto-color-emoji tzdata || say "Some test peers could not be installed; their tests will be skipped by name."
  apt_install golang-go golang-github-pion-webrtc.v3-dev || say "Go's pion could not be installed; its test will be skipped by name."
fi

fail_hard() { say "$1"; echo "$passed passed, $((failed + 1)) failed, $skipped skipped"; exit 1; }

build_client || fail_hard "The browser client does not build."
dotnet build Bridge.sln -c Release -v quiet --nologo >"$results/build.log" 2>&1 || { cat "$results/build.log"; fail_hard "The solution does not build."; }
for peers in $([ -n "$fast" ] || echo tests/*/peers examples/react); do
  [ -e "$peers/package.json" ] || continue
  (cd "$peers" && { cmp -s package-lock.json node_modules/.lock-stamp || { npm ci --no-audit --no-fund --loglevel=error >&2 && cp package-lock.json node_modules/.lock-stamp; }; }) \
    || say "$peers could not be installed; its tests will be skipped by name."
done

# lint: eslint and prettier over the client; the tools are at the root (docs/decisions/0059).
lint() {
  cmp -s package-lock.json node_modules/.lock-stamp || { npm ci --no-audit --no-fund --loglevel=error >&2 && cp package-lock.json node_modules/.lock-stamp; } \
    || { say "The tools for eslint could not be installed; the client is not linted."; return 0; }
  npm run --silent lint
}

# wanted NAME: true when NAME was asked for, or nothing was.
wanted() {
  [ ${#args[@]} -eq 0 ] && return 0
  local a; for a in "${args[@]}"; do [[ "$1" == *"$a"* ]] && return 0; done; return 1
}

if wanted Client && [ -z "$filter" -o -n "$fast" ]; then
  echo "== Client"
  [ -n "$fast" ] || lint || failed_client=1
  (cd src/Client && npx vitest run --reporter=default --reporter=json --outputFile="$results/client.json") || failed_client=1
  if [ -s "$results/client.json" ]; then
    read -r p f s < <(node -e 'const r=JSON.parse(require("fs").readFileSync(process.argv[1]));console.log(r.numPassedTests,r.numFailedTests,r.numPendingTests+r.numTodoTests)' "$results/client.json")
    passed=$((passed + p)); failed=$((failed + f)); skipped=$((skipped + s))
    [ "${failed_client:-0}" = 1 ] && [ "$f" = 0 ] && failed=$((failed + 1))
  else
    failed=$((failed + 1))
  fi
fi

# run PROJECT NAME: leaves NAME.trx and, in NAME.code, how it ended.
run() {
  echo "== $2"
  dotnet test "$1" -c Release --no-build --nologo ${filter:+--filter "$filter"} --logger "trx;LogFileName=$results/$2.trx" \
    -- RunConfiguration.TestSessionTimeout=900000
  echo $? >"$results/$2.code"
}

# count NAME: adds its results to the sums.
count() {
  local name=$1 code p f s
  code=$(cat "$results/$name.code" 2>/dev/null || echo 1)
  if [ -s "$results/$name.trx" ]; then
    read -r p f s < <(node -e '
      const t=require("fs").readFileSync(process.argv[1],"utf8").match(/<Counters [^>]*>/)[0];
      const n=k=>Number((t.match(new RegExp(" "+k+"=\"(\\d+)\""))||[0,0])[1]);
      const bad=n("failed")+n("error")+n("timeout")+n("aborted");
      console.log(n("passed"),bad,n("total")-n("passed")-bad)' "$results/$name.trx")
    passed=$((passed + p)); failed=$((failed + f)); skipped=$((skipped + s))
    [ "$code" != 0 ] && [ "$f" = 0 ] && failed=$((failed + 1))
  elif [ -n "$filter" ] && [ "$code" = 0 ]; then
    : # none of its tests has that name
  else
    say "$name left no results."
    failed=$((failed + 1))
  fi
}

# These two start hosts and browsers that judge times, and run alone; the others two at a time, because each is busy with one processor.
alone=$([ -n "$fast" ] || echo "Bridge.Tests Bridge.Browser.Tests")
declare -A project_of=()
first=(); last=()
for project in tests/*/*.Tests.csproj; do
  name=$(basename "$project" .csproj)
  wanted "$name" || continue
  [ -z "$fast" ] || [[ " $slow_projects " != *" $(basename "$(dirname "$project")" .Tests) "* ]] || continue
  compgen -G "$(dirname "$project")/*.cs" >/dev/null || compgen -G "$(dirname "$project")/*/*.cs" >/dev/null || continue
  project_of[$name]=$project
  if [[ " $alone " == *" $name "* ]]; then last+=("$name"); else first+=("$name"); fi
done
for name in ${first[@]+"${first[@]}"}; do
  while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
  run "${project_of[$name]}" "$name" >"$results/$name.log" 2>&1 &
done
wait
for name in ${first[@]+"${first[@]}"}; do cat "$results/$name.log"; count "$name"; done
for name in ${last[@]+"${last[@]}"}; do run "${project_of[$name]}" "$name"; count "$name"; done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
