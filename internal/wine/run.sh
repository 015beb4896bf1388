#!/usr/bin/env bash
# Runs the program for Windows under Wine: the example's month from collect to
# tenant-export, beside the same steps on this system, with every file that a
# month has held byte for byte; then the life of a month within one process, as
# the agent lives it. Needs wine64 and gcc-mingw-w64-x86-64-win32 (Debian).
#
# What is run is the program with the clock of its own tests, so that both
# systems live on the same day. Wine has no service manager worth the name and
# no Windows event log: installing the service is left to a real Windows.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
for tool in /usr/lib/wine/wine64 x86_64-w64-mingw32-gcc; do
	command -v $tool >/dev/null || { echo "$tool is not here: install wine64 and gcc-mingw-w64-x86-64-win32"; exit 1; }
done
work=$(mktemp -d)
export WINEPREFIX=$work/prefix WINEDEBUG=-all GOFLAGS=-trimpath
stop() { WINEPREFIX=$work/prefix /usr/lib/wine/wineserver64 -k >/dev/null 2>&1 || true; rm -rf "$work"; }
trap stop EXIT
wine() { /usr/lib/wine/wine64 "$@"; }

echo "-- a Windows with random bytes"
wine wineboot -i >/dev/null 2>&1
x86_64-w64-mingw32-gcc -O2 -shared -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" \
	internal/wine/prng.c internal/wine/prng.def -ladvapi32

mkdir "$work/linux" "$work/windows"
go test -c -o "$work/splameter" ./cmd/splameter
GOOS=windows CGO_ENABLED=0 go test -c -o "$work/splameter.exe" ./cmd/splameter
for side in linux windows; do
	cp -r config.yaml testdata "$work/$side/"
	printf 'part_number,quantity\n' >"$work/$side/typed.csv"
	find "$work/$side" -type f -exec touch -d 2026-11-01T05:00:00Z {} + # a log's own time is a fact, and is sealed
done

# said is a command's text without what differs by nature: the log's real
# time, how a path is spelt, who is signed in (it stands in the seal).
said() { sed -E "s/^time=[^ ]+ //; s/\\\\/\\//g; s/\r\$//; s,(Z:)?$work/(linux|windows)/,,g; s/[0-9a-f]{64}/DIGEST/g" "$1"; }

# on runs splameter with the same arguments on both systems: both must end
# with the code that is expected, and say the same.
on() {
	local want=$1 got
	shift
	(cd "$work/linux" && "$work/splameter" "$@") >"$work/linux.out" 2>&1 && got=0 || got=$?
	[ $got = "$want" ] || { echo "splameter $*: on this system it ended with $got, not $want:"; cat "$work/linux.out"; exit 1; }
	(cd "$work/windows" && wine "$work/splameter.exe" "$@") >"$work/windows.out" 2>&1 && got=0 || got=$?
	[ $got = "$want" ] || { echo "splameter $*: on Windows it ended with $got, not $want:"; cat "$work/windows.out"; exit 1; }
	diff <(said "$work/linux.out") <(said "$work/windows.out") || { echo "splameter $*: Windows (>) says something else"; exit 1; }
	echo "splameter $*"
}

# unsigned says whether two workbooks differ in nothing but how the systems call
# the account that is signed in: a review tells it of each act without a name.
unsigned() {
	python3 - "$1" "$2" "$(id -un)" <<-'END'
		import re, sys, zipfile
		one, other = (zipfile.ZipFile(name) for name in sys.argv[1:3])
		user = sys.argv[3].encode()
		plain = lambda z, n: re.sub(rb"[A-Za-z0-9._-]+\\" + re.escape(user) + rb"\b", user, z.read(n))
		sys.exit(one.namelist() != other.namelist() or any(plain(one, n) != plain(other, n) for n in one.namelist()))
	END
}

# same holds every file of the months against the other system's.
same() {
	local bad=0 n=0 f
	diff <(cd "$work/linux/out" && find . -type f ! -name '.splameter*' | sort) \
		<(cd "$work/windows/out" && find . -type f ! -name '.splameter*' | sort) || { echo "the folders hold other files"; exit 1; }
	while read -r f; do
		n=$((n + 1))
		cmp -s "$work/linux/out/$f" "$work/windows/out/$f" || unsigned "$work/linux/out/$f" "$work/windows/out/$f" || { echo "$f differs"; bad=1; }
	done < <(cd "$work/linux/out" && find . -type f \( -name '*.json' -o -name '*.xlsx' -o -name '*.csv' \) ! -name '.splameter*' | sort)
	[ $bad = 0 ] && [ $n -gt 5 ] || { echo "of $n files not all are the same"; exit 1; }
	echo "$n files are the same but for who is signed in"
}

echo "-- the example's month on both systems"
export TEST_NOW=2026-11-01T06:00:00Z TZ=UTC
on 0 collect
on 0 report --month 2026-09
on 0 report --month 2026-10
on 0 close --month 2026-09
on 0 close --month 2026-10
on 0 close --month 2026-10
same
on 0 approve --month 2026-10 --by "C. de Vries"
on 0 submit --month 2026-10 --by "J. Smit" --reference R-1
on 0 amend --month 2026-10 --by "C. de Vries" --reason "a customer disputes one"
on 0 close --month 2026-10
on 0 verify --recompute out/2026-09/evidence-2026-09.zip out/2026-10/evidence-2026-10.zip
on 0 verify out/2026-10/evidence-2026-10-r1.zip
on 0 deliver --month 2026-10
on 0 tenant-export --tenant tuinderij
same

echo "-- a host hands in by itself, on Windows, and is collected here"
logs=$WINEPREFIX/drive_c/windows/system32/winevt/Logs
mkdir -p "$logs" "$work/drops"
cp testdata/sessions/RDSH-K01.evtx "$logs/Microsoft-Windows-TerminalServices-LocalSessionManager%4Operational.evtx"
wine reg add 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Office' /v DisplayName /d 'Microsoft Office Standard 2021' /f >/dev/null 2>&1
wine "$work/splameter.exe" gather --to "Z:${work//\//\\}\\drops" | tr -d '\r' | tee "$work/gathered"
grep -q 'LocalSessionManager/Operational: records 1 to 62$' "$work/gathered"
printf '\ndrops:\n  - name: handed-in\n    files: ["%s/drops/*.zip"]\n' "$work" >>"$work/linux/config.yaml"
(cd "$work/linux" && "$work/splameter" collect --source handed-in) 2>/dev/null | grep '^handed-in: 1 new, 0 known'

echo "-- from nothing to a complete month over what the host hands in"
computer=$(wine cmd /c 'echo %COMPUTERNAME%' | tr -d '\r')
mkdir -p "$work/newcomer/drops"
go run ./internal/wine/newcomer "$computer" "$work/newcomer"
reg() { wine reg add "$1" /v "$2" /d "$3" /f >/dev/null 2>&1; }
reg 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Office' Publisher 'Microsoft Corporation'
reg 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' ProductName 'Windows Server 2022 Standard'
reg 'HKLM\HARDWARE\DESCRIPTION\System\BIOS' SystemManufacturer 'Dell Inc.'
hand_in() { TEST_NOW=$1 wine "$work/splameter.exe" gather --whole --to "Z:${work//\//\\}\\newcomer\\drops" >/dev/null; }
rm "$logs"/*.evtx
hand_in 2026-10-15T05:00:00Z # its programs, in the month
cp "$work/newcomer/LocalSessionManager.evtx" "$logs/Microsoft-Windows-TerminalServices-LocalSessionManager%4Operational.evtx"
hand_in 2026-11-01T06:00:00Z # and its log, after the month
(
	cd "$work/newcomer"
	"$work/splameter" init --directory "directory/*.ldif" --base OU=Klanten,DC=kust,DC=example --drops drops --provider "Kust Hosting" --time-zone Europe/Amsterdam
	grep -q 'catalog: office-std  # Microsoft Office Standard 2021' rules.draft.yaml
	grep -q '# 2 names were seen in sessions on them, 2 of them accounts of this directory' pools.draft.yaml
	mv tenants.draft.csv tenants.csv
	sed 's/part_number: ""/part_number: O-1/' rules.draft.yaml >rules.yaml
	sed -i '/^pools: \[\]$/d' config.yaml
	sed 's/users: \[\]/users: [RDS-Users]/' pools.draft.yaml >>config.yaml
	printf 'part_number,currency,unit_price,alias,from,until\n6WC-00002,EUR,4.10,,2026-01-01,\nO-1,EUR,15.00,,2026-01-01,\n9EM-00562,EUR,6.00,,2026-01-01,\n' >prices.csv
	"$work/splameter" check
	"$work/splameter" collect
	"$work/splameter" close --month 2026-10
) | tee "$work/newcomer.out"
# By hand: three may log on to the host, two did; what it says of its processors
# is this machine's, and no less than the least that is owed.
grep -q '^2026-10, complete' "$work/newcomer.out"
grep -qE '^rds +6WC-00002 +3 +2 ' "$work/newcomer.out"
grep -qE '^office-std +O-1 +3 ' "$work/newcomer.out"
grep -qE '^win-std +9EM-00562 +[0-9]+ ' "$work/newcomer.out"

echo "-- whom files let read them"
GOOS=windows CGO_ENABLED=0 go test -c -o "$work/access.exe" ./internal/access
wine "$work/access.exe" -test.v -test.run TestAllowed | tr -d '\r' >"$work/access.out" || true
grep -q '^--- PASS: TestAllowed' "$work/access.out" || { cat "$work/access.out"; exit 1; }

echo "-- the life of a month within one process, on Windows"
GOOS=windows CGO_ENABLED=0 go test -c -o "$work/closing.exe" ./internal/closing
(cd internal/closing && wine "$work/closing.exe" -test.v -test.short -test.run 'TestLife|TestCorrect' -test.timeout 5m) >"$work/closing.out" 2>&1 || true
# Wine 8 does not know how Go removes the folder of a test when that is over
# (FileDispositionInformationEx): that alone is no failure.
wrong=$(tr -d '\r' <"$work/closing.out" | grep -vE '^(=== |--- (PASS|FAIL): |FAIL$|PASS$|exit status| +--- PASS: )|TempDir RemoveAll cleanup: .*Invalid function\.$' || true)
lived=$(grep -cE '^--- (PASS|FAIL): Test(Life|Correct)' "$work/closing.out" || true)
[ -z "$wrong" ] && [ "$lived" -ge 2 ] || { cat "$work/closing.out"; exit 1; }
echo "$lived lives of a month"
