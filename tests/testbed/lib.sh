# Shared by the *-up and *-down scripts.  Source it; it starts nothing.
# Parameters (environment):
#   TB_CACHE  debs and unpacked programs, kept between runs   [/var/cache/testbed as root, else ~/.cache/testbed]
#   TB_USER   plain user the daemons run as when we are root  [tbpilot; created if missing]
set -eu
umask 022
unset PIP_CONSTRAINT PIP_BUILD_CONSTRAINT   # of who tests: what a service is installed with is its own matter
if [ "$(id -u)" = 0 ]; then : "${TB_CACHE:=/var/cache/testbed}" "${TB_USER:=tbpilot}"
else : "${TB_CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/testbed}"; TB_USER=$(id -un); fi
# TB_MIRROR: the Debian mirror that this machine's apt uses, whichever it is
: "${TB_MIRROR:=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
  grep -v '^#' | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -1 | sed 's,/* *$,,')}"
export DEBIAN_FRONTEND=noninteractive
mkdir -p "$TB_CACHE"

say() { printf '%s\n' "$*" >&2; }
die() { say "$0: $*"; exit 1; }

tb_user() {    # make sure TB_USER exists (root only); two useradd at once leave a home that is somebody else's
  [ "$(id -u)" != 0 ] || (flock 9; id "$TB_USER" >/dev/null 2>&1 || useradd -m -s /bin/bash "$TB_USER") 9>"$TB_CACHE/.user.lock"
}

as_user_exec() {  # become TB_USER with a clean environment and exec a command; VAR=value words first
  if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid="$TB_USER" --regid="$(id -g "$TB_USER")" --init-groups \
      env -i PATH="$PATH" LANG=C.UTF-8 USER="$TB_USER" LOGNAME="$TB_USER" \
      HOME="$(getent passwd "$TB_USER" | cut -d: -f6)" "$@"
  else exec env "$@"; fi
}
as_user() { (as_user_exec "$@"); }
spawn() {      # spawn PIDFILE LOGFILE VAR=value... COMMAND: as_user in the background, with its pid in PIDFILE
  local file=$1 log=$2; shift 2
  as_user_exec "$@" >>"$log" 2>&1 </dev/null & echo $! >"$file"
}

host_pkgs() {  # bookworm packages installed in the host; PROGRAM:PACKAGE or FILE:PACKAGE ... (installs what is missing)
  local need="" x
  for x in "$@"; do command -v "${x%%:*}" >/dev/null 2>&1 || compgen -G "${x%%:*}" >/dev/null || need="$need ${x#*:}"; done
  [ -n "$need" ] || return 0
  [ "$(id -u)" = 0 ] || die "please install (as root):$need"
  (flock 9
   # their services are not ours to start: we run their programs with files of our own
   [ -e /usr/sbin/policy-rc.d ] || {
     printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
     trap 'rm -f /usr/sbin/policy-rc.d' EXIT; }
   apt-get install -qq -y --no-install-recommends $need >/dev/null 2>&1 ||
     { apt-get update -qq; apt-get install -qq -y --no-install-recommends $need >/dev/null; }
  ) 9>"$TB_CACHE/.apt.lock"
}

apt_in() {     # apt_in SUITE COMMAND...: apt-get with a private state for another Debian suite; host untouched
  local s=$1 a=$TB_CACHE/apt-$1; shift
  mkdir -p "$a/lists/partial" "$a/archives/partial"; [ -e "$a/status" ] || : >"$a/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $TB_MIRROR $s main" >"$a/sources.list"
  apt-get -q -o Dir::Etc::sourcelist="$a/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::Lists="$a/lists" -o Dir::State::status="$a/status" -o Dir::Cache="$a" \
    -o Dir::Cache::archives="$a/archives" -o APT::Sandbox::User="" -o Acquire::Languages=none \
    -o Acquire::Check-Valid-Until=false -o APT::Install-Recommends=false -o APT::Default-Release="" -o Debug::NoLocking=1 "$@"
}

# unpack_suite SUITE DEST PACKAGE...: download the packages and everything they need (empty dpkg status),
# unpack (no maintainer script runs, nothing is installed), skipping packages that match $TB_SKIP.
unpack_suite() {
  local s=$1 dest=$2 f; shift 2
  mkdir -p "$dest" "$TB_CACHE/apt-$s/none/partial"
  (flock 8
   apt_in "$s" install -y -d "$@" >/dev/null 2>&1 ||
     { apt_in "$s" update >/dev/null; apt_in "$s" install -y -d "$@" >/dev/null; }
   # --print-uris leaves out what is in the archive folder already, hence an empty one
   apt_in "$s" -o Dir::Cache::archives="$TB_CACHE/apt-$s/none" install -y --print-uris "$@" | grep "^'" >"$dest/.debs"
  ) 8>"$TB_CACHE/.apt-$s.lock"
  while read -r _ f _; do
    printf '%s\n' "$f" | grep -Eq "${TB_SKIP:-^$}" || dpkg-deb -x "$TB_CACHE/apt-$s/archives/$f" "$dest"
  done <"$dest/.debs"
}

# graft DEST DIR...: make every ELF program under DEST/DIR run with DEST's own ld.so and libraries.
graft() {
  local dest=$1 ld lp f d; shift
  ld=$(ls "$dest"/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$dest"/lib/x86_64-linux-gnu/ld-*.so* 2>/dev/null | head -1)
  lp=$dest/usr/lib/x86_64-linux-gnu:$dest/lib/x86_64-linux-gnu:$dest/usr/lib
  for d in "$@"; do find "$dest/$d" -type f; done | while read -r f; do
    [ "$(head -c4 "$f" | tail -c3 | tr -d '\0')" = ELF ] || continue
    patchelf --force-rpath --set-rpath "$lp" "$f" 2>/dev/null || continue     # static ones are left alone
    patchelf --set-interpreter "$ld" "$f" 2>/dev/null || true                 # plugins (.so) have none
  done
}

gone() { ! kill -0 "$1" 2>/dev/null; }   # gone PID

stop_tree() {  # stop_tree PIDFILE SIGNAL SECONDS: end that process and its children, by pid, and wait for them
  local file=$1 pid child children
  [ -s "$file" ] || return 0
  pid=$(cat "$file")
  children=$(grep -lsE "^PPid:[[:space:]]+$pid\$" /proc/[0-9]*/status | cut -d/ -f3 || true)
  for child in $children; do kill -CONT "$child" 2>/dev/null || true; done   # one that was stopped cannot end
  gone "$pid" || kill -"$2" "$pid"
  wait_for "$3" gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
  for child in $children; do wait_for 2 gone "$child" || kill -KILL "$child" 2>/dev/null || true; done
  rm -f "$file"
}

in_use() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }   # in_use PORT: something listens there

any_port() {   # any_port [COUNT]: print the first of COUNT free ports in a row, below those that the kernel hands out
  (flock 7    # what was handed out a moment ago may not listen yet: the list keeps scripts that run together apart
   local first port list=$TB_CACHE/.ports
   touch "$list"
   for _ in $(seq 20); do
     first=$((20000 + RANDOM % 12000))
     for port in $(seq "$first" $((first + ${1:-1} - 1))); do
       ! in_use "$port" && ! grep -qx "$port" "$list" || continue 2
     done
     { cat "$list"; seq "$first" $((first + ${1:-1} - 1)); } | tail -n 400 >"$list.new"; mv "$list.new" "$list"
     echo "$first"; return
   done
   die "no free ports found between 20000 and 32000") 7>"$TB_CACHE/.port.lock"
}

running() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }   # running PIDFILE

wait_for() {   # wait_for SECONDS COMMAND...: until it succeeds
  local i=0 n=$(( $1 * 10 )); shift
  until "$@" >/dev/null 2>&1; do i=$((i+1)); [ $i -lt $n ] || return 1; sleep .1; done
}
