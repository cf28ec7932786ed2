"""exit_with CODE [STDOUT [STDERR]]: write the texts and end with the code; `-N` ends by signal N."""

import os
import sys

code, out, err = [*sys.argv[1:], "", ""][:3]
sys.stdout.write(out)
sys.stderr.write(err)
sys.stdout.flush()
sys.stderr.flush()
if code.startswith("-"):
    import signal

    if -int(code) != 9:
        signal.signal(-int(code), signal.SIG_DFL)
    os.kill(os.getpid(), -int(code))
# Codes above 255 exist on Windows only; sys.exit passes all of them on.
sys.exit(int(code))
