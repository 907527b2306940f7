#!/bin/sh
# Builds the project tools/consumer against the artefacts as they would be published, and explains an image with it.
# usage: tools/consumer.sh [--built] [--offline]
#   --built    takes the jars and POMs that `mvn package` has left, instead of building them first
#   --offline  takes what Maven needs from this machine's repository alone
# The artefacts go to a local repository of their own, below target/consumer. Everything else is copied there from this
# machine's repository (MAVEN_REPOSITORY, else ~/.m2/repository), and only what is missing there is downloaded.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/target/consumer
repository=$work/repository
export MAVEN_REPOSITORY="${MAVEN_REPOSITORY:-$HOME/.m2/repository}"
built= offline=
for argument in "$@"; do
  case $argument in
    --built) built=yes ;;
    --offline) offline='-o -Daether.offline.protocols=file' ;;
    *) echo "consumer.sh: unknown argument $argument; it takes --built and --offline" >&2; exit 2 ;;
  esac
done

version=$(sed -n 's|^  <version>\(.*\)</version>|\1|p' "$root/pom.xml")
[ -n "$built" ] || mvn -B -q -f "$root/pom.xml" -DskipTests -Djacoco.skip -Dspotless.check.skip package

# Installs a module: its flattened POM, and its jar if it has one.
install() {
  folder=$repository/org/aucmedi/$1/$version
  mkdir -p "$folder"
  for module in "$root/$1" "$root"/aucmedi-xai-engines/"$1" "$root"/aucmedi-xai-importers/"$1"; do
    [ -d "$module" ] || continue
    cp "$module/target/.flattened-pom.xml" "$folder/$1-$version.pom"
    [ ! -f "$module/target/$1-$version.jar" ] || cp "$module/target/$1-$version.jar" "$folder"
  done
}

# Exactly what the BOM lists, so that nothing else can be needed.
rm -rf "$repository/org/aucmedi" "$work/project"
install aucmedi-xai-bom
for artifact in $(sed -n 's|.*<artifactId>\(aucmedi-xai-.*\)</artifactId>.*|\1|p' \
  "$repository/org/aucmedi/aucmedi-xai-bom/$version/aucmedi-xai-bom-$version.pom" | grep -v bom); do
  install "$artifact"
done

case $(uname -s)-$(uname -m) in
  Linux-x86_64) classifier=linux-x86_64 ;;
  Linux-aarch64) classifier=linux-aarch64 ;;
  Darwin-arm64) classifier=osx-aarch64 ;;
  *) echo "consumer.sh: no native library of PyTorch for $(uname -s) on $(uname -m)" >&2; exit 2 ;;
esac

cp -R "$root/tools/consumer" "$work/project"
# Maven looks there for settings, and in no folder further out.
mkdir "$work/project/.mvn"
cd "$work/project"
# $offline is two words, or none.
# shellcheck disable=SC2086
mvn -B -q -ntp $offline -s settings.xml -Dmaven.repo.local="$repository" -Daucmedi-xai.version="$version" \
  -Dnative.classifier="$classifier" -Dmdep.outputFile="$work/classpath" compile dependency:build-classpath
natives=$(tr ':' '\n' <"$work/classpath" | sed 's|.*/||' | grep -e native -e '-jni-' | sort | tr '\n' ' ')
case $natives in
  pytorch-jni-*.jar\ pytorch-native-cpu-*-"$classifier".jar\ ) ;;
  *) echo "consumer.sh: other native libraries than those asked for: $natives" >&2; exit 1 ;;
esac
if [ -n "${JAVA_HOME:-}" ]; then java=$JAVA_HOME/bin/java; else java=java; fi
exec "$java" -Dai.djl.offline=true -cp "target/classes:$(cat "$work/classpath")" example.Consumer \
  "$root/aucmedi-xai-testkit/src/main/resources/org/aucmedi/xai/testkit/golden/models/resmini_scripted.pt"
