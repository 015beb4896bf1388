#!/usr/bin/env bash
# Passes the tests, at two speeds.
#
#   ./test.sh           everything: what CI runs, in a quarter of an hour on two
#                       idle cores. On Debian (as root) it installs first what
#                       the tests need: a Samba directory, LibreOffice, peers,
#                       the compiler of the race detector, and Wine, which runs
#                       the program for Windows.
#   ./test.sh quick     what one runs before each commit: under two minutes when
#                       warm; installs nothing, starts no Samba, no LibreOffice.
set -euo pipefail
cd "$(dirname "$0")"
export GOFLAGS="${GOFLAGS:--trimpath}" # the compiled tests of two checkouts are the same

packages=(samba samba-common-bin samba-ad-dc samba-ad-provision ldb-tools ldap-utils openssl
	chromium libreoffice-calc-nogui poppler-utils fonts-crosextra-carlito
	libevtx-utils python3 python3-aiosmtpd postgresql mariadb-server gcc libc6-dev
	wine64 gcc-mingw-w64-x86-64-win32)

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

began=$SECONDS
step() { printf '\n== %s (after %d:%02d)\n' "$*" $(((SECONDS - began) / 60)) $(((SECONDS - began) % 60)); }

quick=
[ "${1:-}" = quick ] && quick=1

if [ -z "$quick" ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
	step "what the tests need from Debian"
	install
fi

step "gofmt, go mod tidy, go vet"
bad=$(git ls-files '*.go' | xargs -r gofmt -l)
[ -z "$bad" ] || { echo "not formatted: $bad"; exit 1; }
go mod tidy -diff
go vet ./...

if [ -n "$quick" ]; then
	step "tests"
	go test -short -timeout 10m ./...
	step "done"
	exit 0
fi

step "staticcheck"
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

step "the same program for Windows"
GOOS=windows CGO_ENABLED=0 go vet ./...

step "every package, with the race detector"
CGO_ENABLED=1 go test -race -short -timeout 20m ./...

# The tests that ask whether they may take long: each runs once, without the
# race detector. Where a helper asks for them, the package runs as a whole.
step "tests that need a directory, LibreOffice or many months"
for dir in $(grep -rl --include='*_test.go' 'testing\.Short()' . | xargs -n1 dirname | sort -u); do
	asking=$(awk 'FNR==1 {fn = ""} /^func /{fn = $2; sub(/\(.*/, "", fn)} /testing\.Short\(\)/ {print fn == "" ? "helper" : fn}' "$dir"/*_test.go | sort -u)
	case " $(echo $asking) " in
	*" helper "*) go test -timeout 20m "$dir" ;;
	*) go test -timeout 20m -run "^($(echo $asking | tr ' ' '|'))\$" "$dir" ;;
	esac
done

# Compiled once a package, with the instruments of fuzzing in it.
step "every fuzz target, ${FUZZTIME:-1s} each"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for dir in $(grep -rlE --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do
	go test -c -fuzz=. -o "$work/fuzz.test" "$dir"
	for target in $(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go | sed 's/^func //'); do
		(cd "$dir" && "$work/fuzz.test" -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime "${FUZZTIME:-1s}" \
			-test.fuzzminimizetime 1x -test.fuzzcachedir "$work/cache") >"$work/log" 2>&1 ||
			# Go may call the end of the time itself a failure; a real one names its input.
			{ grep -q '^ *context deadline exceeded$' "$work/log" && ! grep -q 'Failing input' "$work/log"; } ||
			{ cat "$work/log"; exit 1; }
		tried=$(grep -oE 'execs: [0-9]+' "$work/log" | tail -n 1) || tried="its seeds only"
		echo "$dir $target: $tried"
	done
done

if [ -x /usr/lib/wine/wine64 ]; then
	step "the program for Windows, run under Wine"
	./internal/wine/run.sh
fi

step "done"
