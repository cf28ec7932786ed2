"""Print the arguments as one line of JSON; the first line of defence against wrong quoting."""

import json
import sys

sys.stdout.write(json.dumps(sys.argv[1:]) + "\n")
