#!/bin/sh
# SPDX-License-Identifier: MPL-2.0

# Compares the sandbox tenant's real answers with the types that Qlik publishes in the npm package @qlik/api. Prints one line per answer and
# ends with 1 if an answer disagrees. Needs go, npm and the npm registry; installs into a temporary folder only.
set -eu

qlik_api=2.19.0
typescript=5.9.3

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

(cd "$work" && npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" \
	"@qlik/api@$qlik_api" "typescript@$typescript" >"$work/npm.log" 2>&1) || {
	cat "$work/npm.log"
	echo "npm could not install @qlik/api and typescript" >&2
	exit 2
}
(cd "$here" && QLIK_API_ANSWERS="$work" go test -count 1 . >"$work/test.log") || {
	cat "$work/test.log"
	exit 2
}
cp "$here/can-fail.ts" "$work/"

status=0
(cd "$work" && node_modules/.bin/tsc --strict --noEmit --skipLibCheck --target es2022 --lib es2022,dom,dom.iterable \
	--module esnext --moduleResolution bundler ./*.ts) >"$work/tsc.log" 2>&1 || status=1

tab=$(printf '\t')
total=0
wrong=0
while IFS="$tab" read -r file what; do
	total=$((total + 1))
	if grep -q "^$file(" "$work/tsc.log"; then
		wrong=$((wrong + 1))
		echo "WRONG  $what"
	else
		echo "ok     $what"
	fi
done <"$work/answers.txt"
if [ "$status" -ne 0 ]; then
	cat "$work/tsc.log"
fi
echo "$((total - wrong)) of $total answers agree with @qlik/api $qlik_api"
exit "$status"
