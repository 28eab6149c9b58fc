#!/bin/sh
# Makes sure that there is a Chromium for the browser tests and prints its path:
# the system's, else Playwright's own, else Debian's package.
set -eu
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then
        command -v "$name"
        exit 0
    fi
done
find_own() {
    find "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}" -type f \
        \( -name chrome -o -name headless_shell -o -name chrome-headless-shell \) -perm -u+x 2>/dev/null | head -n 1
}
own=$(find_own)
if [ -z "$own" ]; then
    .venv/bin/python -m playwright install chromium >/dev/null 2>&1 || true
    own=$(find_own)
fi
if [ -n "$own" ]; then
    echo "$own"
    exit 0
fi
if command -v apt-get >/dev/null 2>&1; then
    as_root=
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq chromium; } >&2 || true
    if command -v chromium >/dev/null 2>&1; then
        command -v chromium
        exit 0
    fi
fi
echo "No Chromium was found, and neither Playwright nor apt-get could install one." >&2
echo "Install Chromium, or run 'playwright install chromium', and run make test again." >&2
exit 1
