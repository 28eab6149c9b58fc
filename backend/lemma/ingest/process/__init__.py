"""The limited child processes in which files are opened: wire, sandbox, worker."""
