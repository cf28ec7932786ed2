"""print_env [NAME…]: the environment, or the named variables, as one line of JSON; null for an unset one."""

import json
import os
import sys

names = sys.argv[1:]
chosen = {name: os.environ.get(name) for name in names} if names else dict(os.environ)
sys.stdout.write(json.dumps(chosen) + "\n")
