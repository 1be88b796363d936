#!/usr/bin/env bash
# Measures the Bridge on this machine in about ten minutes and writes one HTML page with charts.
#   ./bench.sh                    every figure
#   ./bench.sh NAME...            only these: ratios srtp data clock call connect aiortc pion load cores
#   ./bench.sh 'load=8 5 full'    one figure with arguments of its own (docs/benchmarks.md has them)
#   ./bench.sh --keep [NAME...]   and puts the chart that README shows into docs/images
#   OUT=FOLDER ./bench.sh         where the page, the charts and the texts go (default artifacts/bench)
set -uo pipefail
cd "$(dirname "$0")"
. scripts/common.sh

names=(ratios srtp data clock call connect aiortc pion load cores)
keep=; [ "${1:-}" = --keep ] && { keep=1; shift; }
wanted=("$@"); [ $# -gt 0 ] || wanted=("${names[@]}")
for name in "${wanted[@]}"; do
  [[ " ${names[*]} " == *" ${name%%=*} "* ]] || die "There is no figure '${name%%=*}'; there are: ${names[*]}"
done

out=$(realpath -m "${OUT:-artifacts/bench}")
mkdir -p "$out"
need_toolchain
need_natives all
for project in src/Bridge benchmarks; do
  dotnet build "$project" -c Release -v quiet --nologo >"$out/build.log" 2>&1 \
    || { tail -20 "$out/build.log"; die "$project does not build."; }
done
pion=; command -v go >/dev/null && [ -d /usr/share/gocode/src/github.com/pion/webrtc ] && pion=1
bench() { dotnet benchmarks/bin/Release/net10.0/Bridge.Benchmarks.dll "$@"; }

# with_host COMMAND...: a client that nobody here wrote calls the host's echo and prints one line of JSON.
with_host() {
  local data host address= result
  data=$(mktemp -d)
  dotnet src/Bridge/bin/Release/net10.0/Bridge.dll --lab --loopback --port 0 --udp-port 0 --data "$data" >"$data/host.log" 2>&1 &
  host=$!
  for _ in $(seq 300); do
    address=$(sed -n 's/^Bridge is listening on //p' "$data/host.log"); [ -n "$address" ] && break; sleep 0.1
  done
  if [ -n "$address" ]; then
    "$@" "http://127.0.0.1:$(sed 's/.*:\([0-9]*\).*/\1/' <<<"$address")"; result=$?
  else
    cat "$data/host.log"; result=1
  fi
  kill "$host"; wait "$host"; rm -rf "$data"
  return "$result"
}

# figure NAME [ARGUMENT...]: prints one group of figures. A peer that is not installed is named and is no failure.
figure() {
  local name=$1; shift
  case $name in
    ratios | srtp) bench "$name" ;;
    data) bench data "$@" ;;
    clock) if [ $# -gt 0 ]; then bench clock "$@"; else bench clock 100 10; fi ;;
    call) if [ $# -gt 0 ]; then bench call "$@"; else bench call 1 15 && bench call 8 15; fi ;;
    connect) if [ $# -gt 0 ]; then bench connect "$@"; else bench connect 30 2; fi ;;
    load)
      if [ -n "$pion" ]; then
        GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$out/go-cache" go build -o "$out/pion_server" tests/Interop/peers/pion_server.go \
          && export BRIDGE_PION="$out/pion_server"
      fi
      if [ $# -gt 0 ]; then bench load "$@"; else bench load 1,8,32,64 5 floor,pion,rtp,call,full; fi ;;
    cores) if [ $# -gt 0 ]; then bench load "$@"; else bench load rise 5 full pin; fi ;;
    aiortc)
      # Another Python that comes first in PATH does not know Debian's packages.
      local python
      for python in python3 /usr/bin/python3; do "$python" -c 'import aiortc' 2>/dev/null && break; python=; done
      if [ -n "$python" ]; then with_host "$python" tests/Interop/peers/aiortc_echo.py
      else echo "skipped, not installed: python3-aiortc"; fi ;;
    pion)
      if [ -n "$pion" ]; then
        with_host env GO111MODULE=off GOPATH=/usr/share/gocode go run tests/Interop/peers/pion_echo.go
      else echo "skipped, not installed: golang-go golang-github-pion-webrtc.v3-dev"; fi ;;
  esac
}

failed=0
for name in "${wanted[@]}"; do
  arguments=(); [[ $name == *=* ]] && read -ra arguments <<<"${name#*=}"
  name=${name%%=*}
  echo "== $name"
  began=$SECONDS
  figure "$name" "${arguments[@]}" 2>&1 | tee "$out/$name.txt"
  [ "${PIPESTATUS[0]}" = 0 ] || { say "$name failed."; failed=1; }
  say "$name took $((SECONDS - began)) s"
done
bench page "$out" || failed=1
if [ -n "$keep" ] && [ -f "$out/load.svg" ]; then cp "$out/load.svg" docs/images/bench-load.svg; fi
exit "$failed"
