#!/bin/sh
# SPDX-License-Identifier: ISC
# Albatross' own vectors must survive our structs; a spoilt one must not.
dir=${top_srcdir:-.}/tests/wire
vectors=${top_builddir:-.}/tests/vectors
spoilt=$(mktemp)
trap 'rm -f "$spoilt"' EXIT
echo 1..3

if "$vectors" "$dir/albatross-vectors.txt" >&2; then
	echo "ok 1 - albatross' vectors come back byte for byte"
else
	echo "not ok 1 - albatross' vectors come back byte for byte"
fi

# a BOOLEAN of 01 decodes, and is encoded as ff
echo 'EXT one 12 300a020105a505a703010101' >"$spoilt"
if "$vectors" "$spoilt" 2>&1 | grep -q 'one: byte 11 differs'; then
	echo "ok 2 - the first byte that differs is named"
else
	echo "not ok 2 - the first byte that differs is named"
fi

echo 'EXT short 12 300a020105a505a7030101' >"$spoilt"
if "$vectors" "$spoilt" 2>/dev/null; then
	echo "not ok 3 - a length that is not the entry's is refused"
else
	echo "ok 3 - a length that is not the entry's is refused"
fi
