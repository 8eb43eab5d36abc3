# Shared by the panda-* scripts.  Source it; it starts nothing.
#   TB_PANDA  version of panda-server on the Python package index   [1.0.4]
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib.sh"
: "${TB_PANDA:=1.0.4}"
HERE=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
VENV=$TB_CACHE/panda-$TB_PANDA
PURELIB=$VENV/lib/python$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')/site-packages
sql() { as_user psql -h "$D/db" -U panda -d panda_db -v ON_ERROR_STOP=1 -qAt "$@"; }
