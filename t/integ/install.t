#!/bin/sh
#
# install - make install and uninstall: one manifest, configuration kept, plugins build against what is installed
#
cd "${TANDEM_SRC:-$(dirname "$0")/../..}" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL
V=$(basename "${TANDEM_BUILD:-build/release}")
root=$(mktemp -d /tmp/tandem-install.XXXXXX)
trap 'rm -rf "$root" "$root".*' EXIT
n=0

check() # name, command…
{
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$root.log" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$root.log" >&2
	fi
	rm -f "$root.log"
}

install_it() { make V="$V" install DESTDIR="$root"; }
same_lists() { [ "$(make V="$V" manifest | awk '{ print $3 }' | sort)" = "$(cd "$root" && find . -type f ! -name secret | sed 's/^\.//' | sort)" ]; }
keeps_conf() { echo '# mine' >>"$root/etc/tandem/tandem.conf" && install_it && grep -q '^# mine' "$root/etc/tandem/tandem.conf"; }
keeps_secret() { before=$(cat "$root/etc/tandem/secret") && install_it && [ "$before" = "$(cat "$root/etc/tandem/secret")" ]; }
uninstalled() { make V="$V" uninstall DESTDIR="$root" && [ -z "$(find "$root" -type f ! -path "$root/etc/tandem/*")" ]; }

modes()
{
	make V="$V" manifest | while read -r mode from to; do
		[ "$(stat -c %a "$root$to")" = "$mode" ] || { echo "$to: $(stat -c %a "$root$to"), not $mode"; exit 1; }
	done
}
elsewhere()
{
	other=$root/other
	make V="$V" install DESTDIR="$other" PREFIX=/usr/local SYSCONFDIR=/etc/else &&
		[ -x "$other/usr/local/bin/tandem" ] && [ -f "$other/etc/else/tandem/tandem.conf" ] &&
		grep -qx 'ExecStart=/usr/local/sbin/tandem-smsd' "$other/usr/local/lib/systemd/system/tandem-smsd.service"
	status=$?
	rm -rf "$other"
	# the next ones want the usual place again
	install_it && return $status
}
outside() { ! make V="$V" -n install DESTDIR="$root" | grep -q '\[ -z "" \]'; }

plugin()
{
	cat >"$root/mine.c" <<'C'
#include <tandem/provider.h>
int uses_header(void);
int uses_header(void) { return TANDEM_PROVIDER_MAGIC != 0; }
C
	flags=$(PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_PATH=$root/usr/lib/pkgconfig pkg-config --cflags tandem-provider) &&
		cc -std=c11 -Wall -Wextra -Werror -fPIC -shared -I"$root/usr/include" $flags -o "$root/mine.so" "$root/mine.c" &&
		rm "$root/mine.c" "$root/mine.so"
}

# What make install does on the system itself, in a mount namespace that has copies of what it changes; twice, for it is idempotent.
system_in() # folder, command that comes before
{
	mkdir "$root.$1" && unshare --mount sh -ec '
		root=$1 copy=$2
		mount --make-rprivate /
		cp -a /etc/. "$copy"
		mount --bind "$copy" /etc
		for d in /run /var/lib /var/spool; do mount -t tmpfs none $d; done
		mkdir -p /etc/tandem /var/spool/postfix
		cp "$root/etc/tandem/secret" /etc/tandem
		eval "$3"
		for i in 1 2; do scripts/install-system /etc "$root/usr/lib"; done
		[ "$(stat -c "%a %U %G" /run/tandem)" = "1775 root tandem-daemon" ]
		[ "$(stat -c "%a %U %G" /var/spool/postfix/tandem)" = "1771 root tandem-daemon" ]
		[ "$(stat -c "%a %U %G" /var/lib/tandem)" = "750 tandem-stored tandem-stored" ]
		[ "$(stat -c "%a %U %G" /var/lib/tandem-smsd)" = "750 tandem-smsd tandem-smsd" ]
		[ "$(stat -c "%a %U %G" /etc/tandem/secret)" = "640 root tandem-stored" ]
		for u in stored smsd milter web pipe; do
			id tandem-$u
			getent passwd tandem-$u | grep nologin
		done
		getent group tandem
	' sh "$root" "$root.$1" "$2"
}
by_systemd() { system_in a :; }
by_useradd() { system_in b 'if s=$(command -v systemd-sysusers); then mount --bind /dev/null "$s"; fi'; }

check 'make install' install_it
check 'the files are those of the manifest' same_lists
for program in sbin/tandem-milter sbin/tandem-pipe sbin/tandem-smsd sbin/tandem-stored bin/tandem; do
	check "/usr/$program is a program" test -x "$root/usr/$program"
done
check 'it runs' "$root/usr/bin/tandem" --help
check 'the file plugin is there' test -f "$root/usr/lib/tandem/plugins/file.so"
for unit in tandem-stored.service tandem-smsd.service tandem-milter.service tandem.target; do
	check "$unit is a unit" test -f "$root/usr/lib/systemd/system/$unit"
done
check 'a unit starts the program where it is' grep -qx 'ExecStart=/usr/sbin/tandem-stored' "$root/usr/lib/systemd/system/tandem-stored.service"
check 'users and folders for systemd' test -f "$root/usr/lib/sysusers.d/tandem.conf" -a -f "$root/usr/lib/tmpfiles.d/tandem.conf"
check 'bash completion' bash -n "$root/usr/share/bash-completion/completions/tandem"
check 'man pages of all programs' test -f "$root/usr/share/man/man8/tandem.8" -a -f "$root/usr/share/man/man5/tandem.conf.5"
check 'modes are those of the manifest' modes
check 'elsewhere: PREFIX is heeded' elsewhere
check 'with DESTDIR no user is made, and nothing outside it' outside
if unshare --mount true 2>/dev/null; then
	check 'on the system itself: users, folders, owners' by_systemd
	check 'the same without systemd' by_useradd
	check 'and nothing of it is left here' test -z "$(find /run/tandem /var/lib/tandem -newer "$root/usr/bin/tandem" 2>/dev/null)"
else
	echo '# not root, or no mount namespaces: users and folders are not tried'
fi
check 'nobody else can read the secret' test "$(stat -c %a "$root/etc/tandem/secret")" = 600
check 'a second install keeps a changed configuration' keeps_conf
check 'and the secret' keeps_secret
check 'a plugin compiles against the installed header alone' plugin
check 'uninstall leaves the configuration and nothing else' uninstalled
check 'a second uninstall is no error' uninstalled
echo "1..$n"
