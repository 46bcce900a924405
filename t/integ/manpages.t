#!/bin/bash
# The manual pages are well-formed, and every subcommand of tandem stands in tandem(8).
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=${TANDEM_BIN:-$root/build/release/bin}
n=0
ok() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi; }

for page in "$root"/doc/man/*.[1-8]; do
	if command -v mandoc >/dev/null; then
		out=$(mandoc -Tlint -W warning "$page" 2>&1)
		ok $? "$(basename "$page") is clean"
		[ -z "$out" ] || sed 's/^/# /' <<<"$out"
	else
		n=$((n + 1))
		echo "ok $n # SKIP mandoc is not installed (try: scripts/bootstrap --test)"
	fi
done
listed=$("$bin/tandem" --help | sed -n 's/^  \([a-z]*\( [a-z]*\)\{0,1\}\)  .*/\1/p' | sed 's/ *$//' | sort)
written=$(sed -n 's/^\.It Cm //p' "$root/doc/man/tandem.8" | sort)
[ -n "$listed" ] && [ "$listed" = "$written" ]
ok $? "tandem(8) has exactly the commands of tandem --help"
diff <(echo "$listed") <(echo "$written") | sed 's/^/# /'
for command in status decide "person show" "consent out" jobs send number segments postfix; do
	"$bin/tandem" $command --help | grep -q '^example:$'
	ok $? "tandem $command --help has an example"
done
"$bin/tandem" nonesuch 2>/dev/null
[ $? = 2 ]
ok $? "an unknown command is exit 2"
"$bin/tandem" person 2>&1 | grep -q 'which of show, link'
ok $? "half a command says what could follow"
"$bin/tandem" why 2>/dev/null
[ $? = 2 ]
ok $? "a missing argument is exit 2"
"$bin/tandem" jobs --colour blue 2>&1 | grep -q -- '--colour: no such option'
ok $? "an unknown option is named"
echo "1..$n"
