#!/usr/bin/env bash
# Passes all tests, installing first what they need: on Debian (as root) a
# Samba directory, LibreOffice and some peers, and the compiler that the race
# detector wants. Elsewhere the tests that need those are skipped, and say so.
#
#   ./test.sh           everything
#   ./test.sh quick     only go vet and the tests, without installing
set -euo pipefail
cd "$(dirname "$0")"

packages=(samba-ad-dc samba-ad-provision ldb-tools ldap-utils openssl
	libreoffice-calc-nogui poppler-utils fonts-crosextra-carlito
	libevtx-utils python3 python3-aiosmtpd gcc libc6-dev)

install() {
	local missing=()
	for p in "${packages[@]}"; do
		dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
	done
	[ ${#missing[@]} -eq 0 ] && return
	echo "installing: ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q >/dev/null
	apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null
}

step() { printf '\n== %s\n' "$*"; }

if [ "${1:-}" != quick ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
	step "what the tests need from Debian"
	install
fi

step "gofmt"
bad=$(git ls-files '*.go' | xargs -r gofmt -l)
[ -z "$bad" ] || { echo "not formatted: $bad"; exit 1; }

step "go vet"
go vet ./...

if [ "${1:-}" = quick ]; then
	step "tests"
	exec go test ./...
fi

step "staticcheck"
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

step "the same program for Windows"
GOOS=windows CGO_ENABLED=0 go build ./...
GOOS=windows CGO_ENABLED=0 go vet ./...

step "tests, with the race detector"
CGO_ENABLED=1 go test -race -short -timeout 20m ./...

step "tests that need a directory, LibreOffice or many months, without it"
go test -timeout 20m $(grep -rl --include='*_test.go' 'testing.Short()' . | xargs -n1 dirname | sort -u)

step "every fuzz target, ${FUZZTIME:-2s} each"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for dir in $(grep -rlE --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do
	for target in $(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go | sed 's/^func //'); do
		(cd "$dir" && go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-2s}" -fuzzminimizetime 1x .) >"$log" 2>&1 ||
			# Go may call the end of the time itself a failure; a real one names its input.
			{ grep -q '^ *context deadline exceeded$' "$log" && ! grep -q 'Failing input' "$log"; } ||
			{ cat "$log"; exit 1; }
		tried=$(grep -oE 'execs: [0-9]+' "$log" | tail -n 1) || tried="its seeds only"
		echo "$dir $target: $tried"
	done
done

step "done"
