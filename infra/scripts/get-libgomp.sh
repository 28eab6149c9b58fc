#!/bin/sh
# The embedded engine needs GNU's OpenMP runtime, which most machines have and slim containers lack.
set -eu
[ "$(uname -s)" = Linux ] || exit 0
if ldconfig -p 2>/dev/null | grep -q 'libgomp\.so\.1' || ls /usr/lib/*/libgomp.so.1 /usr/lib*/libgomp.so.1 >/dev/null 2>&1; then
    exit 0
fi
if command -v apt-get >/dev/null 2>&1; then
    as_root=
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq libgomp1; } >&2 && exit 0
fi
echo "The library libgomp.so.1 is missing. Install it (Debian: apt-get install libgomp1, Fedora: dnf install libgomp)" >&2
echo "and run make again." >&2
exit 1
