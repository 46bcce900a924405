#!/bin/sh
#
# units - the systemd units: hardened, complete, and understood by systemd
#
cd "${TANDEM_SRC:-$(dirname "$0")/../..}" || exit 1
command -v systemd-analyze >/dev/null 2>&1 || { echo '1..0 # SKIP systemd-analyze is not installed'; exit 0; }
dir=$(mktemp -d /tmp/tandem-units.XXXXXX)
trap 'rm -rf "$dir"' EXIT
n=0

check() # name, command…
{
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$dir/log" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$dir/log" >&2
	fi
}

exposure() # at most 2.0, in tenths
{
	systemd-analyze security --offline=true --threshold=20 "$dir/$1"
}
# What it complains of, but for man pages and groups that are not on this machine.
verified() { ! systemd-analyze verify --man=no "$dir/$1" 2>&1 | grep -E "^($dir/)?$1:" | grep -v 'not executable'; }
has() { grep -qx "$2" "$dir/$1"; }
users() { command -v systemd-sysusers >/dev/null && mkdir -p "$dir/root/etc" && systemd-sysusers --root="$dir/root" "$PWD/conf/sysusers.d/tandem.conf"; }

for unit in conf/systemd/*; do
	sed 's|@SBINDIR@|/usr/sbin|' "$unit" >"$dir/${unit##*/}"
done
for program in stored smsd milter; do
	unit=tandem-$program.service
	check "$unit: exposure at most 2.0" exposure "$unit"
	check "$unit: understood" verified "$unit"
	check "$unit: tells when it is ready" has "$unit" Type=notify
	check "$unit: a user of its own" has "$unit" "User=tandem-$program"
	check "$unit: no new privileges" has "$unit" NoNewPrivileges=yes
	check "$unit: no secrets in core files" has "$unit" LimitCORE=0
	check "$unit: not started again with a bad configuration" has "$unit" RestartPreventExitStatus=78
done
for program in stored milter; do
	check "tandem-$program.service: no network" has "tandem-$program.service" PrivateNetwork=yes
done
check 'tandem.target wants them all' has tandem.target 'Wants=tandem-stored.service tandem-smsd.service tandem-milter.service'
check 'the users can be made' users
for user in stored smsd milter web pipe; do
	check "user tandem-$user" grep -q "^tandem-$user:" "$dir/root/etc/passwd"
done
for group in tandem tandem-daemon; do
	check "group $group" grep -q "^$group:" "$dir/root/etc/group"
done
groups=$(sed -n 's/^SupplementaryGroups=//p' "$dir"/tandem-*.service | tr ' ' '\n' | grep '^tandem')
for group in $(printf '%s\n' "$groups" | sort -u); do
	check "group $group of a unit exists" grep -q "^$group:" "$dir/root/etc/group"
done
echo "1..$n"
