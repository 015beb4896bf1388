#!/usr/bin/env bash
# Runs the benchmarks and prints their tables. It installs the peers where it
# may: from Debian's packages, and DuckDB from npm's into the user's cache. A
# peer that cannot be had is named in its row. Options are those of
# go run ./internal/bench -help
#
#	./internal/bench/run.sh -readme README.md    # and puts the tables there
set -euo pipefail
cd "$(dirname "$0")/../.."

peers=(libevtx-utils jq mawk miller python3 tzdata python3-openpyxl libxlsxwriter-dev gcc libc6-dev)
command -v npm >/dev/null || peers+=(nodejs npm)
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
	missing=()
	for p in "${peers[@]}"; do
		dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
	done
	if [ ${#missing[@]} -gt 0 ]; then
		apt-get update -q >/dev/null || echo "run.sh: apt-get update failed" >&2
	fi
	for p in "${missing[@]}"; do
		DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$p" >/dev/null || echo "run.sh: $p cannot be installed" >&2
	done
fi

duckdb=@duckdb/node-api@1.5.6-r.1
folder=${XDG_CACHE_HOME:-$HOME/.cache}/splameter-bench
if command -v npm >/dev/null; then
	if [ -d "$folder/node_modules/@duckdb/node-api" ] ||
		{ mkdir -p "$folder" && npm install --silent --no-save --no-audit --no-fund --prefix "$folder" "$duckdb" >/dev/null; }; then
		export BENCH_DUCKDB=$folder
	else
		echo "run.sh: $duckdb cannot be installed" >&2
	fi
fi
exec go run ./internal/bench "$@"
