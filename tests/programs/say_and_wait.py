"""say_and_wait OUT [ERR]: write the texts and wait for ever; ends by any signal."""

import sys
import threading

out, err = [*sys.argv[1:], ""][:2]
sys.stdout.write(out)
sys.stderr.write(err)
sys.stdout.flush()
sys.stderr.flush()
forever = threading.Event()
while True:
    forever.wait(3600)
