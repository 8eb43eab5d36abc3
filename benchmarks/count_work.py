"""A command for the source `command`: as many jobs wait for every work as its argument says."""

import json
import sys

asked = json.load(sys.stdin)["works"]
json.dump({"demand": {key: {"ready": int(sys.argv[1])} for key in asked}}, sys.stdout)
