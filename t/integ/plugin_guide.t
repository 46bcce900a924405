#!/bin/sh
#
# plugin_guide - the template of doc/plugin-guide compiles against installed files alone, and tandem-smsd's loader takes it
#
cd "${TANDEM_SRC:-$(dirname "$0")/../..}" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL
build=${TANDEM_BUILD:-build/release}
case $build in /*) ;; *) build=$PWD/$build ;; esac
root=$(mktemp -d /tmp/tandem-guide.XXXXXX)
trap 'rm -rf "$root"' EXIT
n=0

check() # name, command...
{
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$root/log" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$root/log" >&2
	fi
}

install_it() { make V="$(basename "$build")" install DESTDIR="$root/root"; }
# Away from the sources, so that nothing of them can be found.
compile()
{
	mkdir "$root/try" && cp doc/plugin-guide/example.c doc/plugin-guide/Makefile "$root/try" &&
		PKG_CONFIG_SYSROOT_DIR=$root/root PKG_CONFIG_PATH=$root/root/usr/lib/pkgconfig \
			make -C "$root/try" CFLAGS="-O2 -Wall -Wextra -Werror -I$root/root/usr/include"
}
one_symbol() { [ "$(nm -D --defined-only "$root/try/example.so" | awk '{ print $3 }')" = tandem_provider_describe ]; }
needs_libc() { [ "$(objdump -p "$root/try/example.so" | awk '$1 == "NEEDED" { print $2 }' | grep -cv '^libc\.')" = 0 ]; }
loads() { [ "$("$build/t/unit/smsd_plugin.t" "$root/try" example)" = "example 1.0" ]; }

check 'make install' install_it
check 'the template compiles against what is installed' compile
check 'it exports one symbol' one_symbol
check 'it needs no library but libc' needs_libc
check 'the loader takes it' loads
echo "1..$n"
