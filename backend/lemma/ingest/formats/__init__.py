"""One module for each kind of file: bytes in, draft pages out. They run in the limited child only."""
