# A bare Debian of its own for a test, with buildah: no container engine runs, and nothing on this machine changes.
# $machines keeps its storage and the image from one test to the next.
machines=${MACHINES:-$packaging/../target/machines}
mkdir -p "$machines"
machines=$(cd "$machines" && pwd)

buildah() {
  # It warns about networks that chroot does not use.
  command buildah --root "$machines/storage" --runroot "$machines/run" --log-level error "$@"
}

# Makes the image localhost/debian, once.
make_debian() {
  local made
  if buildah inspect --type image localhost/debian >/dev/null 2>&1; then return; fi
  [ -f "$machines/debian.tar" ] || mmdebstrap --quiet --variant=minbase --include=ca-certificates bookworm "$machines/debian.tar"
  made=$(buildah from scratch)
  buildah add --quiet "$made" "$machines/debian.tar" / >/dev/null
  buildah commit --quiet --rm "$made" localhost/debian >/dev/null
}

# start_machine IMAGE: sets $machine. It ends with the test.
start_machine() {
  machine=$(buildah from --pull-never "$1")
  # shellcheck disable=SC2154 # From support.bash.
  trap 'buildah rm "$machine" >/dev/null; finish' EXIT
}

# in_machine [OPTION...] -- COMMAND...: on the network of this machine, where the sandbox listens.
in_machine() {
  local options=()
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  shift
  buildah run --isolation chroot "${options[@]}" "$machine" -- "$@"
}
