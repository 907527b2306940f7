#!/bin/sh
# Makes the pictures of docs/report.md: screenshots of report pages in headless Chromium.
# usage: tools/report_screenshots.sh GOLDEN (a folder with aucmedi/cells_vanilla, bccd and models)
set -eu
cd "$(dirname "$0")/.."
golden=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
./aucmedi-xai explain --model "$golden/aucmedi/cells_vanilla" --images "$golden/bccd" \
  --method gradcam,saliency,occlusionsensitivity --class all --format npy --output "$work/images" --report
# A made-up network has nothing to say about a brain; its maps only show what the page can do.
./aucmedi-xai explain --model "$golden/models/vanilla3d_scripted.pt" \
  --images "$(find "$golden/medical/nifti" -name 'anatomical.nii*' | head -n 1)" \
  --method gradcam,saliency --standardize minmax --resize 32x32x32 --format nii.gz --window percentile \
  --output "$work/volume" --report --viewer niivue
mvn -q -B -pl aucmedi-xai-report -am -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
  -Dit.test=ReportScreenshotsIT -Dfailsafe.failIfNoSpecifiedTests=false -Djacoco.skip \
  -Dscreenshots="$PWD/docs/report" -Dimages="$work/images/report.html" \
  -Dvolume="$work/volume/report.html" -Dniivue="$work/volume/report-niivue.html" verify
