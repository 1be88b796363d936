# Shared by run.sh and test.sh; sourced, never run.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# need_toolchain: the two things these scripts do not install.
need_toolchain() {
  command -v dotnet >/dev/null || die "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download"
  dotnet --list-sdks | grep -q '^10\.' || die "This needs the .NET 10 SDK; found: $(dotnet --list-sdks | tr '\n' ' ')"
  command -v node >/dev/null || die "Node.js 20 or newer is missing: https://nodejs.org"
  [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || die "This needs Node.js 20 or newer; found $(node --version)"
  command -v npm >/dev/null || die "npm is missing; it comes with Node.js: https://nodejs.org"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi
}

# apt_install PACKAGE...: installs Debian or Ubuntu packages that are not there yet.
apt_install() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  say "Installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 && return 0
  # A fresh machine has no package lists yet.
  as_root apt-get update -qq >/dev/null && \
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

have_library() { ldconfig -p 2>/dev/null | grep -q "$1"; }

# need_natives: libopus and OpenSSL 3, which the host loads at start.
need_natives() {
  if command -v apt-get >/dev/null; then
    have_library 'libopus\.so\.0' && have_library 'libssl\.so\.3' && return 0
    local ssl=libssl3
    apt-cache show libssl3 >/dev/null 2>&1 || { apt-cache show libssl3t64 >/dev/null 2>&1 && ssl=libssl3t64; }
    apt_install libopus0 "$ssl" || die "Could not install libopus0 and $ssl; run: apt-get install libopus0 $ssl"
  elif [ "$(uname)" = Darwin ]; then
    [ -e /opt/homebrew/lib/libopus.dylib ] || [ -e /usr/local/lib/libopus.dylib ] || die "Install libopus and OpenSSL first: brew install opus openssl@3"
  elif command -v apk >/dev/null; then
    apk info -e opus >/dev/null 2>&1 || die "Install libopus and OpenSSL first: apk add opus libssl3"
  else
    have_library 'libopus' || die "Install libopus and OpenSSL 3 with your package manager first (Fedora: dnf install opus openssl-libs)."
  fi
}

# build_client [TARGET]: npm packages when the lock file changed, then the bundle when a source is newer.
build_client() {
  local dir=src/Client stamp=src/Client/node_modules/.lock-stamp
  if ! cmp -s "$dir/package-lock.json" "$stamp"; then
    (cd "$dir" && npm ci --no-audit --no-fund --loglevel=error >&2)
    cp "$dir/package-lock.json" "$stamp"
  fi
  if [ ! -e wwwroot/index.html ] || [ -n "$(find "$dir" -path "$dir/node_modules" -prune -o -type f -newer wwwroot/index.html -print -quit)" ]; then
    (cd "$dir" && npm run --silent build >&2)
  fi
}
