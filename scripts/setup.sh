# Shared by scripts/run and scripts/test: where builds go, and missing system packages.
# Sourced, not run. Needs only a POSIX-like bash and Rust.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HOME/.cache/prosector-target}"
prosector="$CARGO_TARGET_DIR/release/prosector"

# Install the named Debian packages that are not there yet, if this user may; else say what to do and go on.
need_packages() {
    command -v dpkg-query >/dev/null || return 0
    local missing=()
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            as_root=(sudo -n)
        elif command -v sudo >/dev/null && [ -t 0 ]; then
            as_root=(sudo)
        else
            echo "These packages are missing and this user may not install them: ${missing[*]}" >&2
            echo "Run once as an administrator: apt-get install ${missing[*]}" >&2
            return 0
        fi
    fi
    echo "Installing ${missing[*]} …" >&2
    "${as_root[@]}" apt-get update -qq || true
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 ||
        echo "The packages could not be installed; going on without: ${missing[*]}" >&2
}

command -v cargo >/dev/null || { [ -f "$HOME/.cargo/env" ] && . "$HOME/.cargo/env"; }
command -v cargo >/dev/null || { echo "Rust is not installed; see https://rustup.rs" >&2; exit 1; }
