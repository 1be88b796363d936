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

# as_root COMMAND...: with NO_PASSWORD set, only where sudo asks for none.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo ${NO_PASSWORD:+-n} "$@"; else return 1; fi
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

# need_natives [all]: OpenSSL 3, and libopus where it can be installed without a password: the host does without it (Concentus, which it
# then says). With "all" both are needed, as the tests compare them.
need_natives() {
  if command -v apt-get >/dev/null; then
    local ssl=libssl3
    if ! have_library 'libssl\.so\.3'; then
      apt-cache show libssl3 >/dev/null 2>&1 || { apt-cache show libssl3t64 >/dev/null 2>&1 && ssl=libssl3t64; }
      apt_install "$ssl" || die "Could not install $ssl; run: apt-get install $ssl"
    fi
    have_library 'libopus\.so\.0' && return 0
    if [ "${1:-}" = all ]; then
      apt_install libopus0 || die "Could not install libopus0; run: apt-get install libopus0"
    elif [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; then
      NO_PASSWORD=1 apt_install libopus0 2>/dev/null || true
    fi
  elif [ "$(uname)" = Darwin ]; then
    [ -e /opt/homebrew/opt/openssl@3 ] || [ -e /usr/local/opt/openssl@3 ] || die "Install OpenSSL first: brew install openssl@3"
    [ "${1:-}" != all ] || [ -e /opt/homebrew/lib/libopus.dylib ] || [ -e /usr/local/lib/libopus.dylib ] || die "Install libopus first: brew install opus"
  elif command -v apk >/dev/null; then
    apk info -e libssl3 >/dev/null 2>&1 || die "Install OpenSSL first: apk add libssl3"
    [ "${1:-}" != all ] || apk info -e opus >/dev/null 2>&1 || die "Install libopus first: apk add opus"
  else
    have_library 'libssl\.so\.3' || die "Install OpenSSL 3 with your package manager first (Fedora: dnf install openssl-libs)."
    [ "${1:-}" != all ] || have_library 'libopus' || die "Install libopus with your package manager first (Fedora: dnf install opus)."
  fi
}

# want_voice: espeak-ng for the rehearsal model, where no key is set and it can be installed without a password. Else one line says
# what the first call will sound like.
want_voice() {
  [ -z "${OPENAI_API_KEY:-}${Bridge__OpenAi__ApiKey:-}" ] || return 0
  ! command -v espeak-ng >/dev/null || return 0
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
    NO_PASSWORD=1 apt_install espeak-ng 2>/dev/null && return 0
  fi
  say "There is no key and no voice: the agent will sound as tones. Install espeak-ng to hear words (apt-get install espeak-ng)."
}

# build_client [TARGET]: npm packages when the lock file changed, then the bundle when a source is newer.
build_client() {
  local dir=src/Client stamp=src/Client/node_modules/.lock-stamp
  if ! cmp -s "$dir/package-lock.json" "$stamp"; then
    (cd "$dir" && npm ci --no-audit --no-fund --loglevel=error >&2)
    cp "$dir/package-lock.json" "$stamp"
  fi
  if [ ! -e wwwroot/index.html ] || [ -n "$(find "$dir" \( -path "$dir/node_modules" -o -path "$dir/dist" \) -prune -o -type f -newer wwwroot/index.html -print -quit)" ]; then
    (cd "$dir" && npm run --silent build >&2)
  fi
}
