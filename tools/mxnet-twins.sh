#!/bin/sh
# Writes the golden networks as MXNet symbols, with the weights of the golden files.
# Usage: tools/mxnet-twins.sh FOLDER [GOLDEN], where GOLDEN is the folder of the golden files.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
mkdir -p "${1:?give the folder to write to}"
out=$(CDPATH= cd -- "$1" && pwd)
golden=$(CDPATH= cd -- "${2:-$root/../shared/golden}" && pwd)
classpath=$(mktemp)
trap 'rm -f "$classpath"' EXIT
module=aucmedi-xai-testkit
mvn -B -q -f "$root/pom.xml" -pl "$module" -am compile dependency:build-classpath \
  -Dmdep.outputFile="$classpath" -Dmdep.includeScope=runtime
java -Dgolden.dir="$golden" \
  -cp "$root/$module/target/classes:$(cat "$classpath")" \
  org.aucmedi.xai.testkit.SymbolTwins "$out"
