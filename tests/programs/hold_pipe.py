"""Write nothing and wait for ever, holding the descriptors it was given."""

import threading

forever = threading.Event()
while True:
    forever.wait(3600)
