#!/usr/bin/env bash
# Makes a release from a tag: ./release/make.sh v1.2.3 [FOLDER]
#
# Into FOLDER (default: dist) go, for Linux on amd64 and arm64 and for Windows on
# amd64, an archive of the program with its config, documents and example; .deb
# and .rpm with the systemd unit; the list of all that the program is made of
# (SBOM, CycloneDX); and SHA256SUMS. The same tag gives the same archives.
# Needs Go, git, tar, gzip, zip.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { echo "usage: $0 TAG [FOLDER]"; exit 80; }
tag=$1
out=$(mkdir -p "${2:-dist}" && cd "${2:-dist}" && pwd)
[[ $tag =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || { echo "$tag is no version: write it like v1.2.3"; exit 1; }
version=${tag#v}
[ -z "$(ls -A "$out")" ] || { echo "$out is not empty"; exit 1; }

nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.4
gomod=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

# A checkout of the tag and nothing else: what lies about here is no release.
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
git -c advice.detachedHead=false clone -q --branch "$tag" --depth 1 "file://$(git rev-parse --show-toplevel)" "$work/src" || { echo "there is no tag $tag"; exit 1; }
cd "$work/src"
when=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH=$when CGO_ENABLED=0 GOFLAGS="-trimpath -buildvcs=true"

# stage FOLDER lays out what every archive has.
stage() {
	mkdir -p "$1"
	cp -r README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md config.yaml docs "$1/"
	mkdir "$1/testdata"
	git archive HEAD testdata | tar -x -C "$1" --exclude='testdata/generate' --exclude='testdata/oracle' --exclude='testdata/provider' --exclude='.gitattributes'
	find "$1" -exec touch -h -d "@$when" {} +
}

for target in linux/amd64 linux/arm64 windows/amd64; do
	os=${target%/*} arch=${target#*/}
	name=splameter-$version-$os-$arch
	echo "-- $name"
	stage "$work/$name"
	exe=splameter
	[ "$os" = windows ] && exe=splameter.exe
	GOOS=$os GOARCH=$arch go build -ldflags "-s -w" -o "$work/$name/$exe" ./cmd/splameter
	[ "$os" = windows ] && sed 's/$/\r/' release/install.ps1 >"$work/$name/install.ps1"
	[ "$os" = linux ] && cp release/splameter.service "$work/$name/"
	chmod -R u=rwX,go=rX "$work/$name"
	find "$work/$name" -exec touch -h -d "@$when" {} +
	(
		cd "$work"
		if [ "$os" = windows ]; then
			find "$name" -type f | LC_ALL=C sort | TZ=UTC zip -q -X -@ "$out/$name.zip"
		else
			tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$when" -cf - "$name" | gzip -n -9 >"$out/$name.tar.gz"
		fi
	)
	if [ "$os" = linux ]; then
		sed "s/@VERSION@/$version/; s/@ARCH@/$arch/; s,@STAGE@,$work/$name,g" release/nfpm.yaml >"$work/nfpm-$arch.yaml"
		for form in deb rpm; do
			GOFLAGS= go run "$nfpm" package -f "$work/nfpm-$arch.yaml" -p $form -t "$out/" >/dev/null
		done
	fi
done

said=$("$work/splameter-$version-linux-$(go env GOHOSTARCH)/splameter" version)
[ "$said" = "splameter $version" ] || { echo "the program calls itself \"$said\""; exit 1; }

echo "-- what it is made of"
GOFLAGS= go run "$gomod" app -json -licenses -noserial -main cmd/splameter -output "$out/splameter-$version.cdx.json" . 2>"$work/log" || { cat "$work/log"; exit 1; }

(cd "$out" && sha256sum -- * >SHA256SUMS && cat SHA256SUMS)
