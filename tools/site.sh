#!/bin/sh
# Writes the documentation as a static site, with the Javadoc of all modules below it, to target/site.
#
#     tools/site.sh [OUTPUT]
#
# To publish several versions, put the site of each into a folder of its name, and beside these folders a
# file versions.js: const VERSIONS = ["0.2.0", "0.1.0"];
set -eu
cd "$(dirname "$0")/.."
output=${1:-target/site}
mvn -q -B -DskipTests -Dspotless.check.skip -pl aucmedi-xai-site -am package
java -cp "aucmedi-xai-site/target/classes:$(cat aucmedi-xai-site/target/site.classpath)" \
  org.aucmedi.xai.site.SiteGenerator . "$output"
mvn -q -B -DskipTests -Dspotless.check.skip -Psite package
rm -rf "$output/api"
cp -R target/reports/apidocs "$output/api"
echo "$output/index.html"
