#!/usr/bin/env bash
# Runs the benchmarks, with the peers from Debian's packages where this is
# Debian and may install them. Options are those of: go run ./internal/bench -help
set -euo pipefail
cd "$(dirname "$0")/../.."

peers=(libevtx-utils jq mawk miller python3-openpyxl libxlsxwriter-dev gcc libc6-dev)
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
	missing=()
	for p in "${peers[@]}"; do
		dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
	done
	if [ ${#missing[@]} -gt 0 ]; then
		apt-get update -q >/dev/null
		DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null
	fi
fi
exec go run ./internal/bench "$@"
