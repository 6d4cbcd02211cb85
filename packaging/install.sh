#!/bin/sh
# Installs linkedin-tui from its GitHub release, for the current user. Needs no root.
#
#   curl -fsSL https://github.com/linkedin-tui/linkedin-tui/releases/latest/download/install.sh | sh
#   curl -fsSL … | sh -s -- --version 0.1.0 --prefix ~/opt
#
# It downloads the archive of this system and SHA256SUMS, compares the checksum, and only then writes
# PREFIX/bin/linkedin-tui, its manual page and its completions (PREFIX: ~/.local).
set -eu

REPOSITORY=https://github.com/linkedin-tui/linkedin-tui

usage() {
  cat <<'USAGE'
Usage: install.sh [--version VERSION] [--prefix DIR] [--target TARGET] [--uninstall]

  --version VERSION   version to install, such as 0.1.0 (default: the latest)
  --prefix DIR        where bin/ and share/ are (default: ~/.local)
  --target TARGET     build to install, such as x86_64-unknown-linux-musl (default: the one for this system)
  --uninstall         remove what an installation into DIR wrote; profiles stay

LINKEDIN_TUI_DOWNLOAD_URL names a mirror: the directory with the archives and SHA256SUMS.
USAGE
}

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# The build for this system.
detect_target() {
  system=$(uname -s) machine=$(uname -m)
  case $machine in
    x86_64 | amd64) machine=x86_64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) fail "there is no build for the processor $machine. Build it: cargo install --locked linkedin-tui" ;;
  esac
  case $system in
    Linux)
      # The glibc build needs 2.28; the static one runs anywhere.
      glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null || true)
      glibc=${glibc#glibc }
      major=${glibc%%.*} minor=${glibc#*.}
      minor=${minor%%.*}
      case $major$minor in
        '' | *[!0-9]*) libc=musl ;;
        *) if [ "$major" -gt 2 ] || [ "$minor" -ge 28 ]; then libc=gnu; else libc=musl; fi ;;
      esac
      echo "$machine-unknown-linux-$libc"
      ;;
    Darwin) echo universal-apple-darwin ;;
    *) fail "there is no build for $system. On Windows use winget or Scoop; elsewhere: cargo install --locked linkedin-tui" ;;
  esac
}

# download URL FILE: https only, but for a mirror on this machine.
download() {
  case $1 in
    https://*) protocol='=https' ;;
    http://127.0.0.1[:/]* | http://localhost[:/]*) protocol='=http' ;;
    *) fail "$1 is not https." ;;
  esac
  if have curl; then
    curl --proto "$protocol" --fail --silent --show-error --location --retry 3 --output "$2" "$1"
  elif have wget; then
    wget --quiet --output-document "$2" "$1"
  else
    fail "curl or wget is required."
  fi || fail "could not download $1"
}

sha256() {
  if have sha256sum; then
    sha256sum "$1"
  elif have shasum; then
    shasum -a 256 "$1"
  elif have openssl; then
    openssl dgst -sha256 -r "$1"
  else
    fail "sha256sum, shasum or openssl is required."
  fi | cut -d ' ' -f 1
}

# put FILE MODE DESTINATION: a rename, so that a running program or a reader never sees half a file.
put() {
  mkdir -p "$(dirname "$3")"
  cp "$1" "$3.new.$$"
  chmod "$2" "$3.new.$$"
  mv -f "$3.new.$$" "$3"
}

# The files that an installation writes: in the archive, mode, below the prefix.
files() {
  cat <<'FILES'
linkedin-tui 755 bin/linkedin-tui
linkedin-tui.1 644 share/man/man1/linkedin-tui.1
completions/linkedin-tui.bash 644 share/bash-completion/completions/linkedin-tui
completions/_linkedin-tui 644 share/zsh/site-functions/_linkedin-tui
completions/linkedin-tui.fish 644 share/fish/vendor_completions.d/linkedin-tui.fish
THIRD-PARTY-LICENSES.txt 644 share/doc/linkedin-tui/THIRD-PARTY-LICENSES.txt
LICENSE-MIT 644 share/doc/linkedin-tui/LICENSE-MIT
LICENSE-APACHE 644 share/doc/linkedin-tui/LICENSE-APACHE
FILES
}

main() {
  version='' target='' prefix=${HOME:-}/.local uninstall=''
  while [ $# -gt 0 ]; do
    case $1 in
      --version | --prefix | --target)
        [ $# -ge 2 ] || fail "$1 needs a value."
        case $1 in
          --version) version=${2#v} ;;
          --prefix) prefix=$2 ;;
          --target) target=$2 ;;
        esac
        shift 2
        ;;
      --uninstall) uninstall=yes && shift ;;
      -h | --help) usage && exit 0 ;;
      *) usage >&2 && fail "unknown option: $1" ;;
    esac
  done
  case $prefix in
    /.local) fail "HOME is not set. Name a directory: --prefix DIR" ;;
    /*) ;;
    *) prefix=$PWD/$prefix ;;
  esac

  if [ -n "$uninstall" ]; then
    files | while read -r _ _ name; do rm -f "$prefix/$name"; done
    rmdir "$prefix/share/doc/linkedin-tui" 2>/dev/null || true
    echo "Removed linkedin-tui from $prefix. Profiles and settings stay."
    exit 0
  fi

  [ -n "$target" ] || target=$(detect_target)
  archive=linkedin-tui-$target.tar.gz
  if [ -n "${LINKEDIN_TUI_DOWNLOAD_URL:-}" ]; then
    from=${LINKEDIN_TUI_DOWNLOAD_URL%/}
  elif [ -n "$version" ]; then
    from=$REPOSITORY/releases/download/v$version
  else
    from=$REPOSITORY/releases/latest/download
  fi

  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM
  download "$from/SHA256SUMS" "$work/SHA256SUMS"
  expected=$(while read -r sum name; do
    if [ "${name#\*}" = "$archive" ]; then echo "$sum"; fi
  done <"$work/SHA256SUMS")
  [ -n "$expected" ] || fail "the release has no $archive."
  download "$from/$archive" "$work/$archive"
  actual=$(sha256 "$work/$archive")
  [ "$actual" = "$expected" ] ||
    fail "the checksum of $archive is $actual, not $expected. Nothing was installed."

  tar -xzf "$work/$archive" -C "$work"
  found=$work/linkedin-tui-$target
  installed=$("$found/linkedin-tui" --version) ||
    fail "the program does not run here. Try the static build: --target x86_64-unknown-linux-musl"
  if [ -n "$version" ] && [ "$installed" != "linkedin-tui $version" ]; then
    fail "the archive holds $installed, not $version. Nothing was installed."
  fi
  files | while read -r file mode name; do put "$found/$file" "$mode" "$prefix/$name"; done

  echo "Installed $installed: $prefix/bin/linkedin-tui"
  case :${PATH:-}: in
    *":$prefix/bin:"*) ;;
    *) echo "Add it to your PATH: export PATH=\"$prefix/bin:\$PATH\"" ;;
  esac
}

# Last line: a download that breaks off runs nothing.
main "$@"
