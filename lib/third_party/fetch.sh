#!/bin/bash
# Fetches the outside sources named in lib/third_party/manifest, verifies them and puts
#   the C sources            into lib/third_party/src/      (with TAKEN: what was taken),
#   the files for browsers   into static/vendor/,
#   the test packages        into test/browser/node_modules/ (only with --tests).
# All three folders are ignored by git. Only the ordinary package clients are used: npm, and apt
# with a private source list made from the machine's own mirror setting, so that no host name
# stands anywhere and the machine's apt stays as it is. Called by cmd/setup; needs no root.
#
# Usage: lib/third_party/fetch.sh [--tests] [--check]
#   --check  changes nothing: exit 0 if all is there already, 1 if something has to be fetched
set -euo pipefail
cd "$(dirname "$0")/../.."
here=lib/third_party
level=build
check=no
for arg in "$@"; do
    case $arg in
    --tests) level=test ;;
    --check) check=yes ;;
    *) echo "usage: $0 [--tests] [--check]" >&2; exit 2 ;;
    esac
done

# ---- is it all there already? ------------------------------------------------------------------
# Three groups, each with its folder; a stamp in it holds the hash of everything that decides the
# result. A new folder takes the place of the old one only when it is complete.
declare -A FOLDER=([c]=$here/src [ui]=static/vendor [test]=test/browser/node_modules)
C_PACKAGES='better-sqlite3'
wanted() { # group
    {
        cat $here/fetch.sh
        case $1 in
        c) grep -E "^(src|orig|npm build ($C_PACKAGES)) " $here/manifest ;;
        ui) grep -E '^npm build ' $here/manifest | grep -vE "^npm build ($C_PACKAGES) "
            cat $here/subset.mjs static/icons.txt ;;
        test) grep -E '^npm test ' $here/manifest ;;
        esac
    } | sha256sum | cut -d' ' -f1
}
needed=
for group in c ui $([ $level = test ] && echo test); do
    stamp=${FOLDER[$group]}/.stamp
    if ! [ -f "$stamp" ] || [ "$(cat "$stamp")" != "$(wanted "$group")" ]; then
        needed="$needed $group"
    fi
done
if [ -z "$needed" ]; then exit 0; fi
if [ $check = yes ]; then exit 1; fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
quiet() { # runs a package client; its words are shown only when it fails, without addresses
    if ! "$@" >"$tmp/log" 2>&1; then
        tail -n 20 "$tmp/log" | sed -E 's#[a-z+]+://[^ ]+#(address)#g; s/\[IP: [^]]*\]//g' >&2
        return 1
    fi
}

# ---- npm ---------------------------------------------------------------------------------------
# node trusts its own list of certificates; a machine may have more (a firm's own proxy).
if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -f /etc/ssl/certs/ca-certificates.crt ]; then
    export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
fi
fetch_npm() { # name: unpacked into $tmp/npm/<name>
    local kind lvl name version sum rest tgz
    read -r kind lvl name version sum rest < <(grep -E "^npm [a-z]+ $1 " $here/manifest)
    mkdir -p "$tmp/tgz" "$tmp/npm/$name"
    (cd "$tmp/tgz" && quiet npm pack --prefer-offline --loglevel=error "$name@$version") || {
        echo "setup: npm could not fetch $name $version" >&2; exit 1; }
    tgz=$(ls "$tmp"/tgz/*.tgz)
    echo "$sum  $tgz" | sha256sum --quiet -c - >&2 || {
        echo "setup: $name $version is not the file whose hash is in the manifest" >&2; exit 1; }
    tar xzf "$tgz" -C "$tmp/npm/$name" --strip-components=1
    rm "$tgz"
    echo "  $name $version"
}

# ---- Debian source packages --------------------------------------------------------------------
mirror() { # the address where this machine gets its own release from
    . /etc/os-release
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
        awk -v r="${VERSION_CODENAME:-}" '$2 == r { print $1; exit }'
}
apt_private() { # apt client and arguments, on the private list
    local client=$1
    shift
    "$client" -q -o Dir::Etc::sourcelist="$tmp/apt/list" -o Dir::Etc::sourceparts=- \
        -o Dir::State::lists="$tmp/apt/lists" -o Dir::Cache="$tmp/apt/cache" \
        -o Acquire::Languages=none -o APT::Sandbox::User="$(id -un)" "$@"
}
take_source() { # name, suite: unpacked with Debian's patches into $tmp/src/<name>, else 1
    local name=$1 suite=$2 key=/usr/share/keyrings/debian-archive-keyring.gpg base version orig
    local sum patch dsc
    base=$(mirror)
    [ -n "$base" ] || { echo "setup: apt knows no mirror for this release" >&2; return 1; }
    if [ "$(cat "$tmp/apt/suite" 2>/dev/null)" != "$suite" ]; then
        rm -rf "$tmp/apt"
        mkdir -p "$tmp"/apt/lists/partial "$tmp"/apt/cache/archives/partial
        echo "deb-src [signed-by=$key] $base $suite main" >"$tmp/apt/list"
        quiet apt_private apt-get update || return 1
        echo "$suite" >"$tmp/apt/suite"
    fi
    for version in $(apt_private apt-cache showsrc "$name" 2>/dev/null |
        awk -v n="$name" '$1 == "Package:" { p = $2 } $1 == "Version:" && p == n { print $2 }'); do
        orig=${name}_${version%-*}.orig.
        grep -qF "orig $orig" $here/manifest || continue
        rm -rf "$tmp/dl"
        mkdir -p "$tmp/dl"
        (cd "$tmp/dl" && quiet apt_private apt-get source --download-only "$name=$version") ||
            continue
        orig=$(cd "$tmp/dl" && ls ./*.orig.tar.* | sed 's#^./##' | head -n 1)
        read -r sum patch < <(awk -v f="$orig" '$1 == "orig" && $2 == f { print $3, $4 }' \
            $here/manifest)
        echo "$sum  $tmp/dl/$orig" | sha256sum --quiet -c - >&2 || continue
        dsc=$(ls "$tmp"/dl/*.dsc)
        rm -rf "$tmp/src/$name"
        mkdir -p "$tmp/src"
        quiet dpkg-source --no-check -x "$dsc" "$tmp/src/$name" || continue
        if [ -n "$patch" ] && ! grep -q "$patch" "$tmp/src/$name/debian/patches/series"; then
            echo "setup: $name $version from $suite lacks the patch for $patch" >&2
            continue
        fi
        echo "$version" >"$tmp/src/$name.version"
        echo "  $name $version (Debian source, $suite)"
        return 0
    done
    return 1
}
fetch_source() { # name
    local suites suite
    suites=$(awk -v n="$1" '$1 == "src" && $2 == n { print $3 }' $here/manifest)
    for suite in ${suites//,/ }; do
        if take_source "$1" "$suite"; then return 0; fi
        echo "  $1: nothing usable in $suite, trying the next suite"
    done
    echo "setup: no suite serves a $1 whose upstream tarball is in the manifest" >&2
    exit 1
}

# ---- C sources ---------------------------------------------------------------------------------
fetch_c() {
    mkdir -p "$out/sqlite" "$out/cjson/cjson"
    fetch_npm better-sqlite3
    cp "$tmp"/npm/better-sqlite3/deps/sqlite3/sqlite3.[ch] "$out/sqlite/"
    fetch_source civetweb
    mkdir -p "$out/civetweb"
    cp -r "$tmp"/src/civetweb/src "$tmp"/src/civetweb/include "$tmp"/src/civetweb/LICENSE.md \
        "$out/civetweb/"
    fetch_source cjson
    cp "$tmp"/src/cjson/cJSON.[ch] "$tmp"/src/cjson/LICENSE "$out/cjson/cjson/"
    {
        echo "SQLite $(sed -n 's/^#define SQLITE_VERSION  *"\(.*\)"/\1/p' "$out/sqlite/sqlite3.h")"
        echo "civetweb $(cat "$tmp/src/civetweb.version")"
        echo "cJSON $(cat "$tmp/src/cjson.version")"
    } >"$out/TAKEN"
}

# ---- files for browsers ------------------------------------------------------------------------
# The only edits to upstream files: bare imports become relative ones, so that no import map is
# needed, source-map comments go, and the typeface is cut (subset.mjs): the letters beyond Latin-1
# to those of European languages and the signs of currencies, as static/css/base.css has them.
EUROPE=U+0100-017F,U+018F,U+0192,U+01E4-01EF,U+0218-021B,U+0259,U+1E80-1E85,U+1E9E,U+1EF2-1EF3
EUROPE=$EUROPE,U+20A0-20AB,U+20AD-20C0,U+2113
put() { # file in a package, target
    sed -e 's|//# sourceMappingURL=.*$||' -e 's|/\*# sourceMappingURL=.*\*/||' \
        -e 's|from"preact/hooks"|from"./hooks.js"|g' \
        -e 's|from"preact"|from"./preact.js"|g' \
        -e 's|from"@preact/signals-core"|from"./signals-core.js"|g' "$tmp/npm/$1" >"$out/$2"
}
sprite() { # one SVG with a symbol for each icon named in static/icons.txt
    local icon
    echo '<svg xmlns="http://www.w3.org/2000/svg">'
    while read -r icon; do
        [ -n "$icon" ] || continue
        [ -f "$tmp/npm/lucide-static/icons/$icon.svg" ] || {
            echo "setup: lucide has no icon '$icon' (static/icons.txt)" >&2; return 1; }
        awk -v id="$icon" '
            /<svg/ { skip = 1 }
            skip && /^>/ { skip = 0; printf "<symbol id=\"%s\" viewBox=\"0 0 24 24\">", id; next }
            /<\/svg>/ { print "</symbol>"; next }
            !skip && !/^<!--/ { gsub(/^ +| +$/, ""); printf "%s", $0 }
        ' "$tmp/npm/lucide-static/icons/$icon.svg"
    done <static/icons.txt
    echo '</svg>'
}
fetch_ui() {
    local name set letters
    mkdir -p "$out/preact" "$out/htm" "$out/event-calendar" "$out/lucide" "$out/inter"
    for name in preact @preact/signals-core @preact/signals htm @event-calendar/build lucide-static \
        @fontsource-variable/inter harfbuzzjs wawoff2; do
        fetch_npm $name
    done
    put preact/dist/preact.mjs preact/preact.js
    put preact/hooks/dist/hooks.mjs preact/hooks.js
    put @preact/signals-core/dist/signals-core.module.js preact/signals-core.js
    put @preact/signals/dist/signals.module.js preact/signals.js
    put htm/dist/htm.module.js htm/htm.js
    put @event-calendar/build/dist/event-calendar.min.js event-calendar/event-calendar.js
    put @event-calendar/build/dist/event-calendar.min.css event-calendar/event-calendar.css
    if grep -rnE "from ?[\"'][^.\"'/]" "$out/preact" "$out/htm" >&2; then
        echo "setup: a bare import is left in a vendored module" >&2
        exit 1
    fi
    cp "$tmp/npm/preact/LICENSE" "$out/preact/LICENSE"
    cp "$tmp/npm/@preact/signals/LICENSE" "$out/preact/LICENSE-signals"
    cp "$tmp/npm/htm/LICENSE" "$out/htm/"
    cp "$tmp/npm/lucide-static/LICENSE" "$out/lucide/"
    cp "$tmp/npm/@fontsource-variable/inter/LICENSE" "$out/inter/"
    sprite >"$out/lucide/icons.svg"
    for set in latin latin-ext cyrillic greek; do
        letters=
        if [ $set = latin-ext ]; then letters=$EUROPE; fi
        node $here/subset.mjs "$tmp/npm" \
            "$tmp/npm/@fontsource-variable/inter/files/inter-$set-wght-normal.woff2" \
            "$out/inter/inter-$set-wght-normal.woff2" $letters
    done
}
fetch_test() {
    local name
    for name in playwright-core axe-core; do
        fetch_npm $name
        mv "$tmp/npm/$name" "$out/"
    done
}

# ---- one group after the other -----------------------------------------------------------------
# Unchanged files keep their times, so that nothing is compiled again for nothing.
put_in_place() { # group: $out becomes its folder
    local folder=${FOLDER[$1]} file
    (cd "$out" && find . -type f) | while read -r file; do
        if cmp -s "$out/$file" "$folder/$file"; then
            touch -r "$folder/$file" "$out/$file"
        fi
    done
    rm -rf "$folder.new" "$folder.old"
    cp -a "$out" "$folder.new"
    if [ -e "$folder" ]; then mv "$folder" "$folder.old"; fi
    mv "$folder.new" "$folder"
    rm -rf "$folder.old"
}
echo "Fetching sources:"
for group in $needed; do
    out=$tmp/out/$group
    mkdir -p "$out"
    "fetch_$group"
    wanted "$group" >"$out/.stamp"
    put_in_place "$group"
done
