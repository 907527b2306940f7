#!/bin/sh
# Builds the source tree twice, in two folders, and compares the SHA-256 of every jar and published POM.
# usage: tools/reproducible.sh [MAVEN ARGUMENT...], for instance -o, or -Prelease -Drelease.url=https://...
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for build in first another/second; do
  mkdir -p "$work/$build"
  # Files as they are here, committed or not, without what a build has left.
  (cd "$root" && git ls-files -z -co --exclude-standard | tar -cf - --null -T -) | tar -xf - -C "$work/$build"
  (cd "$work/$build" && mvn -B -q -ntp -DskipTests -Djacoco.skip -Dspotless.check.skip "$@" package)
  (cd "$work/$build" && find . -path '*/target/*' \( -name 'aucmedi-xai-*.jar' -o -name 'aucmedi-xai-*.zip' \
    -o -name .flattened-pom.xml -o -name '*-cyclonedx.json' \) | sort | xargs sha256sum) >"$work/${build##*/}.sums"
done

if ! diff "$work/first.sums" "$work/second.sums"; then
  echo "reproducible.sh: these files differ between two builds of the same sources" >&2
  exit 1
fi
echo "$(wc -l <"$work/first.sums") files, the same in both builds"
